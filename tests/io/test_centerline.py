from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corohemo.errors import (
    ConfigError,
    CorohemoError,
    FileFormatError,
    GeometryError,
    InputError,
    MissingArrayError,
    UnitError,
)
from corohemo.io import read_centerline, write_centerline
from corohemo.tree import VesselTree

SWC = "1 0 0 0 0 2 -1\n2 0 0 0 5 1.8 1\n3 0 0 0 10 1.6 2\n"
CSV = "x,y,z,r\n0,0,0,2\n0,0,5,1.8\n0,0,10,1.6\n"


def read(path: Path, text: str | bytes, **options: object) -> VesselTree:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_centerline(path, **{"length_unit": "mm", **options})


def assert_tube(tree: VesselTree) -> None:
    (branch,) = tree.branches
    np.testing.assert_allclose(branch.points[:, 2], [0, 5e-3, 10e-3])
    np.testing.assert_allclose(branch.radii, [2e-3, 1.8e-3, 1.6e-3])


@pytest.mark.parametrize("extension", [".swc", ".csv", ".vtp"])
@pytest.mark.parametrize("unit", ["mm", "cm", "m", "um"])
def test_a_written_tree_reads_back_the_same(
    tree: VesselTree, tmp_path: Path, extension: str, unit: str
):
    path = tmp_path / f"tree{extension}"
    write_centerline(tree, path, length_unit=unit)
    again = read_centerline(path)
    assert again.source == str(path)
    assert [b.name for b in again.branches] == [b.name for b in tree.branches]
    assert [b.parent for b in again.branches] == [b.parent for b in tree.branches]
    for a, b in zip(again.branches, tree.branches, strict=True):
        np.testing.assert_allclose(a.points, b.points, rtol=1e-14, atol=0)
        np.testing.assert_allclose(a.radii, b.radii, rtol=1e-14, atol=0)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text",
    [
        SWC,
        SWC.replace("\n", "\r\n"),
        SWC.replace("\n", "\r"),
        "\ufeff" + SWC,
        SWC.replace(" ", "\t"),
        SWC.replace(" ", ","),
        "# a comment\n\n  " + SWC.replace("\n", "  # tail\n"),
        SWC.rstrip(),
        "0 0 0 0 0 2 -1\n1 0 0 0 5 1.8 0\n2 0 0 0 10 1.6 1\n",
        "30 0 0 0 10 1.6 20\n20 0 0 0 5 1.8 10\n10 0 0 0 0 2 -1\n",
        "1.0 0 0 0 0 2 -1.0\n2.0 0 0 0 5 1.8 1.0\n3.0 0 0 0 10 1.6 2.0\n",
        "1 0 0 0 0 2 -1 extra\n2 0 0 0 5 1.8e0 1\n3 0 0 0 1e1 1.6 2\n",
    ],
    ids=[
        "plain", "crlf", "cr", "bom", "tabs", "commas", "comments", "no last newline", "from 0",
        "parents after children", "float ids", "extra columns",
    ],
)  # fmt: skip
def test_swc_in_all_its_habits(tmp_path: Path, text: str):
    assert_tube(read(tmp_path / "tube.swc", text))


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        CSV.replace(",", ";"),
        CSV.replace(",", "\t"),
        CSV.replace(",", " "),
        CSV.replace("x,y,z,r\n", ""),
        "# made by hand\n" + CSV,
        CSV.replace("\n", "\r\n"),
        "\ufeff" + CSV,
        "radius,z,y,x\n2,0,0,0\n1.8,5,0,0\n1.6,10,0,0\n",
        "X,Y,Z,Diameter\n0,0,0,4\n0,0,5,3.6\n0,0,10,3.2\n",
        'x,y,z,r\n"0","0","0","2"\n0,0,5,1.8\n0,0,10,1.6\n',
        "x,y,z,r,parent\n0,0,0,2,-1\n0,0,5,1.8,0\n0,0,10,1.6,1\n",
        "id,x,y,z,r,parent\n7,0,0,10,1.6,5\n5,0,0,5,1.8,3\n3,0,0,0,2,-1\n",
        "x,y,z,r,note\n0,0,0,2,a\n0,0,5,1.8,b\n0,0,10,1.6,c\n",
        "0,0,0,2,\n0,0,5,1.8,\n0,0,10,1.6,\n",
    ],
)
def test_tables_in_all_their_habits(tmp_path: Path, text: str):
    assert_tube(read(tmp_path / "tube.csv", text))
    assert_tube(read(tmp_path / "tube.TXT", text))


@pytest.mark.parametrize(
    "header", ["x_mm,y_mm,z_mm,r_mm", "X [mm],Y [mm],Z [mm],Radius [mm]", "x(mm),y(mm),z(mm),r(mm)"]
)
def test_unit_in_the_header_is_the_unit_of_the_file(tmp_path: Path, header: str):
    assert_tube(read(tmp_path / "t.csv", CSV.replace("x,y,z,r", header), length_unit=None))


def test_branch_column_joins_vessels_where_they_start(tmp_path: Path):
    rows = ["x_mm,y_mm,z_mm,r_mm,branch"]
    rows += [f"0,0,{z},2,LM" for z in (0, 4, 8)]
    rows += [f"{x},0,{8 + x},1.5,LAD" for x in (0, 4, 8, 12)]
    rows += [f"{-x},0,{8 + x},1.4,LCx" for x in (0, 5, 10)]
    rows += [f"8,{y},16,1.1,D1" for y in (0, 3, 6)]
    tree = read(tmp_path / "t.csv", "\n".join(rows), length_unit=None)
    assert [b.name for b in tree.branches] == ["LM", "LAD", "LAD.2", "D1", "LCx"]
    assert [b.parent for b in tree.branches] == [-1, 0, 1, 1, 0]
    assert tree.branch("LAD").length == pytest.approx(8e-3 * np.sqrt(2))


def test_numbered_branches_get_a_name(tmp_path: Path):
    text = "0,0,0,2,0\n0,0,9,2,0\n0,0,9,1,1\n4,0,14,1,1\n0,0,9,1.5,2\n-4,0,14,1.5,2\n"
    assert [b.name for b in read(tmp_path / "t.csv", text).branches] == [
        "branch0", "branch2", "branch1",
    ]  # fmt: skip


BAD_SWC = {
    "letters": ("1 0 a 0 0 2 -1\n", FileFormatError, "Line 1: x is not a number: 'a'"),
    "too few": ("1 0 0 0 0 2\n", FileFormatError, "Line 1: expected id type x y z radius parent"),
    "only comments": ("# nothing\n", FileFormatError, "no points"),
    "blank": (" \n\n", FileFormatError, "no points"),
    "id twice": (SWC + "3 0 0 0 15 1 2\n", FileFormatError, "Line 4: point id 3 was used before"),
    "half id": (SWC.replace("2 0 0", "2.5 0 0"), FileFormatError, "id must be a whole number"),
    "nan id": (SWC.replace("3 0 0", "nan 0 0"), FileFormatError, "id is not a finite number"),
    "huge id": (SWC.replace("3 0 0", "1e300 0 0"), FileFormatError, "id must be a whole number"),
    "parent": (SWC.replace("1.6 2", "1.6 9"), FileFormatError, "names parent 9, which is not"),
    "cycle": (SWC.replace("1.8 1", "1.8 3"), GeometryError, "cycle"),
    "no root": (SWC.replace("2 -1", "2 3"), GeometryError, "cycle"),
    "two roots": (SWC.replace("1.6 2", "1.6 -1"), GeometryError, "2 trees"),
    "one point": ("1 0 0 0 0 2 -1\n", GeometryError, "at least two points"),
    "negative radius": (SWC.replace("1.8", "-1.8"), GeometryError, "point 2 is -1.8"),
    "zero radius": (SWC.replace("1.8", "0"), GeometryError, "point 2 is 0"),
    "nan radius": (SWC.replace("1.8", "nan"), InputError, "Line 2: radius is not a finite number"),
    "infinite point": (SWC.replace("0 5 ", "0 inf "), InputError, "z is not a finite number"),
    "all in one place": (
        SWC.replace("5 1.8", "0 2").replace("10 1.6", "0 2"), GeometryError, "one place",
    ),
    "bad unit stated": ("# length_unit: furlong\n" + SWC, UnitError, "'furlong' is not known"),
    "other unit stated": ("# length_unit: cm\n" + SWC, UnitError, "states the length unit cm"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_SWC)
def test_bad_swc_is_a_sentence(tmp_path: Path, case: str):
    text, error, message = BAD_SWC[case]
    with pytest.raises(error, match=message) as caught:
        read(tmp_path / "bad.swc", text)
    assert "bad.swc" in str(caught.value)


BAD_CSV = {
    "no radius": ("x,y,z\n0,0,0\n", MissingArrayError, "no column radius .* x, y, z"),
    "no radius, no header": ("0,0,0\n0,0,1\n", MissingArrayError, "no column radius"),
    "no z": ("x,y,r\n0,0,1\n", MissingArrayError, "no column z"),
    "short row": (CSV + "0,0,15\n", FileFormatError, "Line 5: expected 4 values, got 3"),
    "letters": (CSV + "0,0,15,wide\n", FileFormatError, "Line 5: radius is not a number"),
    "header only": ("x,y,z,r\n", FileFormatError, "header but no points"),
    "column twice": ("x,y,z,r,radius\n0,0,0,1,1\n", FileFormatError, "radius is there twice"),
    "two units": ("x_mm,y_mm,z_mm,r_cm\n0,0,0,1\n", UnitError, "radius in cm"),
    "half a unit": ("x_mm,y_mm,z_mm,r\n0,0,0,1\n", UnitError, "radius in no unit"),
    "parent": ("x,y,z,r,parent\n0,0,0,2,-1\n0,0,5,2,7\n", FileFormatError, "Line 3: parent 7"),
    "id twice": ("id,x,y,z,r,parent\n1,0,0,0,2,-1\n1,0,0,5,2,1\n", FileFormatError, "id 1 is"),
    "scattered branch": (
        "0,0,0,2,A\n0,0,5,2,B\n0,0,9,2,A\n", FileFormatError, "Line 3: the rows of branch A",
    ),
    "far branch": (
        "0,0,0,2,A\n0,0,5,2,A\n50,0,0,2,B\n50,0,5,2,B\n", GeometryError, "several trees",
    ),
    "jump": (
        "\n".join(f"0,0,{z},1" for z in [*range(20), *range(80, 90)]), GeometryError,
        "Lines 20 and 21 are 61 apart",
    ),
    "decimal commas": ("0,5;0,5;0,5;1,2\n", FileFormatError, "x is not a number: '0,5'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_CSV)
def test_bad_table_is_a_sentence(tmp_path: Path, case: str):
    text, error, message = BAD_CSV[case]
    with pytest.raises(error, match=message) as caught:
        read(tmp_path / "bad.csv", text)
    assert "bad.csv" in str(caught.value)


@pytest.mark.parametrize("extension", [".swc", ".csv", ".txt", ".vtp"])
@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"\x00\x01\x02\xff" * 50, "binary|not a VTK XML"), (b"\xff\xfe\xfd", "bad")],
)
def test_garbage_is_refused_in_every_format(
    tmp_path: Path, extension: str, content: bytes, message: str
):
    with pytest.raises(FileFormatError, match=message):
        read(tmp_path / f"bad{extension}", content)


@pytest.mark.parametrize("extension", [".swc", ".csv", ".vtp"])
def test_missing_file_and_directory_are_named(tmp_path: Path, extension: str):
    with pytest.raises(InputError, match="does not exist"):
        read_centerline(tmp_path / f"no{extension}", length_unit="mm")
    folder = tmp_path / f"folder{extension}"
    folder.mkdir()
    with pytest.raises(InputError, match="is a directory"):
        read_centerline(folder, length_unit="mm")
    with pytest.raises(InputError, match=r"does not exist|null byte"):
        read_centerline(f"\0{extension}", length_unit="mm")


def test_unknown_extension_lists_the_known_ones(tree: VesselTree, tmp_path: Path):
    with pytest.raises(FileFormatError, match=r"\.swc, \.csv, \.txt, \.vtp"):
        read_centerline(tmp_path / "tree.obj", length_unit="mm")
    with pytest.raises(FileFormatError, match=r"\.swc, \.csv, \.vtp"):
        write_centerline(tree, tmp_path / "tree.stl")


def test_missing_unit_is_asked_for_with_a_hint(tmp_path: Path):
    with pytest.raises(UnitError, match=r"does not state .* suggests mm"):
        read(tmp_path / "t.swc", SWC, length_unit=None)


def test_wrong_unit_names_the_likely_one(tmp_path: Path):
    with pytest.raises(UnitError, match="likely unit is mm"):
        read(tmp_path / "t.swc", SWC, length_unit="m")
    assert read(tmp_path / "t.swc", SWC, length_unit="cm", check_scale=False).length > 0.09


def test_writing_where_nothing_can_be_written_is_a_sentence(tree: VesselTree, tmp_path: Path):
    for extension in (".swc", ".csv", ".vtp"):
        with pytest.raises(InputError, match="cannot be written"):
            write_centerline(tree, tmp_path / "none" / f"tree{extension}")
    with pytest.raises(CorohemoError, match="not known"):
        write_centerline(tree, tmp_path / "tree.swc", length_unit="inch")


def test_unknown_radius_source_is_refused(tree: VesselTree, tmp_path: Path):
    write_centerline(tree, tmp_path / "tree.vtp")
    with pytest.raises(ConfigError, match="inscribed_sphere or section_area"):
        read_centerline(tmp_path / "tree.vtp", radius_from="guess")


def test_left_coronary_tree_is_read_whole(shared: Path):
    path = shared / "left_coronary_tree" / "left_coronary_tree.swc"
    tree = read_centerline(path, length_unit="mm")
    assert len(tree.outlets) == 6
    assert tree.length == pytest.approx(0.4125664, rel=1e-6)
    assert tree.branches[0].radii[0] == pytest.approx(2.62234e-3)


def test_points_that_run_the_wrong_way_raise_a_question(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    assert_tube(read(tmp_path / "right.csv", CSV))
    assert not caplog.records
    read(tmp_path / "wrong.csv", "0,0,0,1\n0,0,5,1.5\n0,0,10,2\n")
    assert "check that the points run from the ostium" in caplog.text
