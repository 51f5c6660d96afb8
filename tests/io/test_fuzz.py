from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corohemo.errors import CorohemoError
from corohemo.io import read_centerline

SWC = "# length_unit: mm\n1 0 0 0 0 2 -1\n2 0 0 0 5 1.8 1\n3 0 3 0 9 1.6 2\n4 0 -3 0 9 1.5 2\n"
CSV = "x_mm,y_mm,z_mm,r_mm,branch\n0,0,0,2,A\n0,0,5,1.8,A\n0,0,5,1.6,B\n3,0,9,1.6,B\n"
VTP = """<VTKFile type="PolyData"><PolyData><Piece NumberOfPoints="3" NumberOfLines="1">
<PointData><DataArray type="Float64" Name="Radius" format="ascii">2 1.8 1.6</DataArray></PointData>
<Points><DataArray type="Float64" NumberOfComponents="3" format="ascii">0 0 0 0 0 5 0 1 9
</DataArray></Points>
<Lines><DataArray type="Int64" Name="connectivity" format="ascii">0 1 2</DataArray>
<DataArray type="Int64" Name="offsets" format="ascii">3</DataArray></Lines></Piece></PolyData>
</VTKFile>"""
GOOD = {".swc": SWC, ".csv": CSV, ".txt": CSV, ".vtp": VTP}
WORDS = st.sampled_from(
    ["nan", "inf", "-1", "0", "1e400", "1e300", "-0.0", "9" * 30, "", "#", '"', ",", "\t", "\0"]
)

fuzz = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def read_or_refuse(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        tree = read_centerline(path, length_unit="mm", check_scale=False)
    except CorohemoError:
        return
    assert all(branch.length > 0 for branch in tree.branches)


@pytest.mark.parametrize("extension", GOOD)
def test_the_unedited_files_are_good(tmp_path: Path, extension: str):
    path = tmp_path / f"good{extension}"
    path.write_text(GOOD[extension], encoding="utf-8")
    assert read_centerline(path, length_unit="mm").length > 0


@pytest.mark.parametrize("extension", GOOD)
@fuzz
@given(content=st.binary(max_size=300))
def test_random_bytes_are_refused_by_a_sentence(tmp_path: Path, extension: str, content: bytes):
    read_or_refuse(tmp_path / f"random{extension}", content)


@pytest.mark.parametrize("extension", GOOD)
@fuzz
@given(content=st.text("0123456789.-+e ,;\t\n\r#xyzr\"'nai", max_size=300))
def test_random_text_is_refused_by_a_sentence(tmp_path: Path, extension: str, content: str):
    read_or_refuse(tmp_path / f"text{extension}", content.encode())


@pytest.mark.parametrize("extension", GOOD)
@fuzz
@given(data=st.data())
def test_edited_files_are_read_or_refused(tmp_path: Path, extension: str, data: st.DataObject):
    content = GOOD[extension]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        stop = data.draw(st.integers(start, min(start + 6, len(content))))
        content = content[:start] + data.draw(WORDS) + content[stop:]
    read_or_refuse(tmp_path / f"edited{extension}", content.encode())
