from pathlib import Path

import numpy as np
import pytest

import corohemo as ch
from corohemo.radius_law import law_radii

LAW = ch.RadiusLaw(ostium_diameter_mm=4.0, outlet_diameter_mm=1.5)


def line(*corners, step=0.25):
    """Points along corners, evenly spaced (n, 3) [mm]."""
    corners = np.array(corners, dtype=float)
    lengths = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
    along = np.linspace(0, lengths[-1], round(lengths[-1] / step) + 1)
    return np.column_stack([np.interp(along, lengths, column) for column in corners.T])


STEM = [(0, 0, 0), (12, 0, 0)]
LEFT = [line(*STEM, (40, 10, 0)), line(*STEM, (35, -15, 0))]
RIGHT = line((0, 60, 0), (30, 60, 0))


def save(path: Path, *lines):
    np.save(path, np.concatenate(lines))
    return path


def test_overlapping_paths_become_one_tree_and_apart_ones_two(tmp_path):
    trees = ch.read_polylines(save(tmp_path / "t.npy", *LEFT, RIGHT), LAW, length_unit="mm")
    assert [len(tree.outlets) for tree in trees] == [2, 1]
    assert trees[0].branches[0].length == pytest.approx(12e-3, abs=2e-3)
    assert trees[1].length == pytest.approx(30e-3)
    assert "no radii" in trees[0].notes[0]


def test_vessels_that_leave_the_ostium_apart_are_trees_of_their_own(tmp_path):
    lines = [line((0, 0, 0), (30, 12, 0)), line((0, 0, 0), (20, -15, 0))]
    trees = ch.read_polylines(save(tmp_path / "t.npy", *lines), LAW, length_unit="mm")
    assert [len(tree.branches) for tree in trees] == [1, 1]


def test_law_gives_the_diameters_stated_and_falls_downstream(tmp_path):
    tree = ch.read_polylines(save(tmp_path / "t.npy", *LEFT), LAW, length_unit="mm")[0]
    assert tree.branches[0].radii[0] == pytest.approx(2e-3)
    for index in tree.outlets:
        assert tree.branches[index].radii[-1] == pytest.approx(0.75e-3)
    for branch in tree.branches:
        assert (np.diff(branch.radii) <= 1e-12).all()


def test_law_divides_diameters_by_the_exponent_of_its_crown():
    points = 1e-3 * np.array(
        [[0, 0, 0], [10, 0, 0], [10.001, 0, 0], [10, 0.001, 0], [40, 0, 0], [10, 20, 0.0]]
    )
    radii = law_radii(points, np.array([-1, 0, 1, 1, 2, 3]), LAW)
    power = 7.0 / 3.0
    assert radii[1] ** power == pytest.approx(radii[2] ** power + radii[3] ** power, rel=1e-3)


def test_too_many_wide_outlets_are_refused(tmp_path):
    path = save(tmp_path / "t.npy", *LEFT)
    with pytest.raises(ch.GeometryError, match=r"2 outlets of 3.5 mm are too wide"):
        ch.read_polylines(path, ch.RadiusLaw(4.0, 3.5), length_unit="mm")
    with pytest.raises(ch.ConfigError, match="outlet_diameter_mm"):
        ch.RadiusLaw(2.0, 3.0)


def test_radii_are_never_invented(tmp_path):
    path = save(tmp_path / "t.npy", *LEFT)
    with pytest.raises(ch.MissingArrayError, match="ostium_diameter_mm"):
        ch.read_centerline(path, length_unit="mm")
    with pytest.raises(ch.UnitError, match="length_unit"):
        ch.read_centerline(path, radius_law=LAW)
    with pytest.raises(ch.InputError, match="no tree 2"):
        ch.read_centerline(path, radius_law=LAW, length_unit="mm", tree=2)


@pytest.mark.parametrize(
    "array", [np.zeros((4, 2)), np.array(["a"]), np.zeros((3, 3)), np.full((3, 3), np.nan)]
)
def test_other_arrays_are_refused(tmp_path, array):
    path = tmp_path / "t.npy"
    np.save(path, array)
    with pytest.raises(ch.InputError, match=r"points|line|finite"):
        ch.read_polylines(path, LAW, length_unit="mm")


def test_text_called_npy_is_refused(tmp_path):
    path = tmp_path / "t.npy"
    path.write_text("1 2 3\n")
    with pytest.raises(ch.FileFormatError, match="NumPy"):
        ch.read_polylines(path, LAW, length_unit="mm")


def test_real_centerlines_keep_every_outlet(shared: Path):
    path = shared / "real_centerlines" / "ORCA_centerlines.npy"
    trees = ch.read_polylines(path, ch.RadiusLaw(4.0, 1.2), length_unit="mm")
    assert [len(tree.outlets) for tree in trees] == [10, 8]
