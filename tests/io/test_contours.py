from pathlib import Path

import numpy as np
import pytest

import corohemo as ch
from corohemo.contours import contour_area, contour_centroid
from corohemo.kernels.centerline import place_on_centerline

ANGLES = 2 * np.pi * np.arange(24) / 24


def ring(center, radius, aspect=1.3, direction=(1.0, 0.0, 0.0)):
    """Elliptical contour (24, 3) across a direction in the plane z = 0."""
    along = np.array(direction) / np.linalg.norm(direction)
    side, up = np.array([-along[1], along[0], 0.0]), np.array([0.0, 0.0, 1.0])
    x, y = np.sqrt(aspect) * np.cos(ANGLES), np.sin(ANGLES) / np.sqrt(aspect)
    return np.array(center) + radius * (np.outer(x, side) + np.outer(y, up))


def tube_contours(n=31, length=15.0, radius=1.5):
    return [ring((x, 0.0, 0.0), radius) for x in np.linspace(0, length, n)]


def write_table(path: Path, stacks, header="branch,contour,x_mm,y_mm,z_mm"):
    lines = [header]
    for name, contours in stacks.items():
        for number, contour in enumerate(contours):
            lines += [f"{name},{number},{x},{y},{z}" for x, y, z in contour.tolist()]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_qangio(path: Path, contours):
    lines = ["# LkebCurveSet Data File version 1.0", f"Number of curves: {len(contours)}", ""]
    for contour in contours:
        lines += [f"Number of points: {len(contour)}", "Data:"]
        lines += [" ".join(map(repr, point)) for point in contour.tolist()]
        lines.append("")
    path.write_text("\n".join(lines))
    return path


def area_errors(tree, lumen):
    """Relative difference of the lumen's section areas from the contours', outside the parents."""
    errors = []
    for index, branch in enumerate(lumen.branches):
        outside = branch.abscissas[lumen.is_outside_parent(index)][0]
        for contour in tree.branches[index].contours:
            place, _ = place_on_centerline(
                contour_centroid(contour)[None], branch.points, branch.tangents, branch.abscissas
            )
            if place[0] >= outside:
                area = branch.section_at(float(place[0])).area
                errors.append(area / contour_area(contour) - 1.0)
    return np.abs(errors)


def test_table_gives_radii_of_equal_area_and_keeps_the_contours(tmp_path):
    tree = ch.read_contours(write_table(tmp_path / "tube.csv", {"LAD": tube_contours()}))
    (branch,) = tree.branches
    assert branch.name == "LAD"
    assert len(branch.contours) == 31
    polygon = 12 * np.sin(2 * np.pi / 24) / np.pi
    assert branch.radii == pytest.approx(1.5e-3 * np.sqrt(polygon), rel=1e-9)
    assert branch.points[:, 0] == pytest.approx(np.linspace(0, 15e-3, 31), abs=1e-12)


def test_centerline_reader_recognises_a_table_of_contours(tmp_path):
    path = write_table(tmp_path / "tube.csv", {"LAD": tube_contours()})
    assert len(ch.read_centerline(path).branches[0].contours) == 31


def test_side_branch_starts_on_its_parent(tmp_path):
    side = [
        ring((7.5 + 0.6 * s, 0.8 * s, 0.0), 1.0, 1.2, (0.6, 0.8)) for s in np.arange(0, 10, 0.5)
    ]
    path = write_table(tmp_path / "y.csv", {"LAD": tube_contours(), "D1": side})
    tree = ch.read_contours(path)
    assert [branch.parent for branch in tree.branches] == [-1, 0, 0]
    assert set(tree.outlet_names) == {"LAD.2", "D1"}
    lumen = ch.build_lumen(tree)
    errors = area_errors(tree, lumen)
    assert errors.mean() < 0.005
    assert errors.max() < 0.02


def test_stem_that_two_vessels_repeat_is_read_once(tmp_path):
    stem = tube_contours(21, 10.0)
    ahead = [ring((10 + s, 0.0, 0.0), 1.3) for s in np.arange(0.5, 10, 0.5)]
    aside = [ring((10 + 0.7 * s, 0.7 * s, 0), 1.0, 1.2, (1, 1)) for s in np.arange(0.5, 10, 0.5)]
    for name, rest in (("1", ahead), ("2", aside)):
        write_qangio(tmp_path / f"CrossSectionEllipseSet{name}.data", stem + rest)
    tree = ch.read_contours(tmp_path)
    assert len(tree.branches) == 3
    assert sum(len(branch.contours) for branch in tree.branches) < 2 * len(stem) + 40
    assert len(tree.branches[0].contours) == pytest.approx(len(stem), abs=2)


def test_last_point_may_repeat_the_first(tmp_path):
    closed = [np.vstack([c, c[:1]]) for c in tube_contours()]
    open_tree = ch.read_contours(write_table(tmp_path / "a.csv", {"A": tube_contours()}))
    tree = ch.read_contours(write_table(tmp_path / "b.csv", {"A": closed}))
    assert tree.branches[0].radii == pytest.approx(open_tree.branches[0].radii)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda c: c[:1], ch.GeometryError, "two contours"),
        (lambda c: [*c[:3], c[3][:5], *c[4:]], ch.GeometryError, "contour 4 has 5 points"),
        (lambda c: [*c[:3], c[3][[0, 12] * 6], *c[4:]], ch.GeometryError, "encloses no area"),
        (lambda c: c[:3] + c[20:], ch.GeometryError, "contours 3 and 4 are 9 apart"),
    ],
)
def test_stacks_that_are_no_vessel_are_refused(tmp_path, change, error, said):
    path = write_table(tmp_path / "bad.csv", {"LAD": change(tube_contours())})
    with pytest.raises(error, match=said) as refusal:
        ch.read_contours(path)
    assert refusal.value.branch == "LAD"


def test_a_contour_along_the_vessel_is_refused_with_its_place(tmp_path):
    contours = tube_contours()
    contours[10] = ring((5.0, 0.0, 0.0), 1.5, 1.0, (0.0, 1.0))
    tree = ch.read_contours(write_table(tmp_path / "bad.csv", {"LAD": contours}))
    with pytest.raises(ch.GeometryError, match="tilted by") as refusal:
        ch.build_lumen(tree)
    assert refusal.value.abscissa == pytest.approx(5e-3, abs=1e-4)


def test_scattered_contours_are_refused(tmp_path):
    path = write_table(tmp_path / "bad.csv", {"LAD": tube_contours()})
    first, *rows = path.read_text().splitlines()
    path.write_text("\n".join([first, *rows[::2], *rows[1::2]]))
    with pytest.raises(ch.FileFormatError, match="do not follow each other"):
        ch.read_contours(path)


def test_columns_and_units_are_asked_for(tmp_path):
    path = write_table(tmp_path / "a.csv", {"LAD": tube_contours()}, "branch,contour,x,y,z")
    with pytest.raises(ch.UnitError, match="length_unit"):
        ch.read_contours(path)
    assert ch.read_contours(path, length_unit="mm").length == pytest.approx(15e-3)
    path.write_text("contour,x,y,z\n1,0,0,0\n")
    with pytest.raises(ch.MissingArrayError, match="branch"):
        ch.read_contours(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing\n", "LkebCurveSet"),
        ("# LkebCurveSet\nNumber of points: 3\nData:\n1 2 3\n1 2\n", "point 2 of 3"),
        ("# LkebCurveSet\nNumber of points: 1\nData:\n1 2 x\n", "z is not a number"),
    ],
)
def test_damaged_qangio_files_are_refused(tmp_path, text, said):
    path = tmp_path / "CrossSectionEllipseSet1.data"
    path.write_text(text)
    with pytest.raises(ch.FileFormatError, match=said):
        ch.read_contours(path)


def test_a_folder_without_contours_is_refused(tmp_path):
    with pytest.raises(ch.FileFormatError, match="QAngio"):
        ch.read_centerline(tmp_path)


def test_qca_bifurcation_keeps_its_areas_and_is_meshed(shared):
    tree = ch.read_contours(shared / "qca_bifurcation")
    lumen = ch.build_lumen(tree)
    assert len(lumen.outlets) == 2
    errors = area_errors(tree, lumen)
    assert errors.mean() < 0.005
    assert errors.max() < 0.02
    mesh = ch.mesh_lumen(lumen)
    assert mesh.faces[0] == "inlet"
