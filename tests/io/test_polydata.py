from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from corohemo.errors import FileFormatError, GeometryError, MissingArrayError
from corohemo.io import read_centerline
from corohemo.io.vtk_files import polydata, write_polydata

VMTK = "vmtk_centerlines"
SIMVASCULAR = "simvascular_centerlines/centerlines.vtp"
VMTK_FILES = [
    "aorta-centerline.vtp",
    "aorta-centerline-branches.vtp",
    "aorta-centerline-attribute-branches.vtp",
    "test_vmtkcenterlineattributes_test_abscissas.vtp",
    "test_vmtkcenterlinegeometry_test_default_parameters.vtp",
]


def line(*ends: tuple[float, float, float], n: int = 11) -> np.ndarray:
    pieces = [np.linspace(a, b, n) for a, b in pairwise(ends)]
    return np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])])


def write(path: Path, paths: list[np.ndarray], radius_name: str = "Radius", **data: object) -> Path:
    points = np.vstack(paths)
    starts = np.cumsum([0, *(len(p) for p in paths)])
    lines = [np.arange(a, b) for a, b in pairwise(starts)]
    arrays = {radius_name: np.full(len(points), 1.5)}
    write_polydata(polydata(points, lines=lines, point_data=arrays, **data), path)
    return path


A = line((0, 0, 0), (0, 0, 20), (10, 0, 30))
B = line((0, 0, 0), (0, 0, 20), (-10, 0, 30))


@pytest.mark.parametrize("name", VMTK_FILES)
def test_vmtk_paths_become_a_stem_and_two_daughters(shared: Path, name: str):
    tree = read_centerline(shared / VMTK / name, length_unit="mm", check_scale=False)
    assert [b.parent for b in tree.branches] == [-1, 0, 0]
    lengths = sorted(
        sum(tree.branches[k].length for k in tree.path(outlet)) for outlet in tree.outlets
    )
    np.testing.assert_allclose(lengths, [76.15578819696563e-3, 77.81202642956467e-3], rtol=1e-2)


def test_simvascular_tree_takes_the_section_area(shared: Path):
    tree = read_centerline(shared / SIMVASCULAR, length_unit="cm", check_scale=False)
    sphere = read_centerline(
        shared / SIMVASCULAR,
        length_unit="cm",
        check_scale=False,
        radius_from="inscribed_sphere",
    )
    assert [b.parent for b in tree.branches] == [-1, 0, 0]
    assert tree.length == pytest.approx(sphere.length)
    for branch in tree.branches:
        other = min(sphere.branches, key=lambda b: abs(b.length - branch.length))
        ratio = branch.radii / other.radii
        assert np.all((ratio > 1.0) & (ratio < 1.2)), "bifurcation sections must not count"


@pytest.mark.parametrize("radius_name", ["MaximumInscribedSphereRadius", "Radius"])
def test_overlapping_paths_with_either_radius_name(tmp_path: Path, radius_name: str):
    path = write(tmp_path / "t.vtp", [A, B], radius_name)
    tree = read_centerline(path, length_unit="mm")
    assert [b.parent for b in tree.branches] == [-1, 0, 0]
    assert tree.branches[0].length == pytest.approx(20e-3)


def test_stated_unit_is_used(tmp_path: Path):
    path = write(tmp_path / "t.vtp", [A, B], texts={"LengthUnit": ("mm",)})
    assert read_centerline(path).branches[0].length == pytest.approx(20e-3)


def test_missing_radius_lists_the_arrays(tmp_path: Path):
    path = write(tmp_path / "t.vtp", [A], "Curvature")
    with pytest.raises(MissingArrayError, match="point arrays are: Curvature"):
        read_centerline(path, length_unit="mm")
    with pytest.raises(MissingArrayError, match="expected CenterlineSectionArea"):
        read_centerline(path, length_unit="mm", radius_from="section_area")


def test_paths_of_two_trees_are_refused(tmp_path: Path):
    path = write(tmp_path / "t.vtp", [A, B + 50.0])
    with pytest.raises(GeometryError, match="several trees"):
        read_centerline(path, length_unit="mm")


def segments(path: Path, edges: list[tuple[int, int]], points: np.ndarray) -> Path:
    lines = [np.array(edge) for edge in edges]
    arrays = {"Radius": np.full(len(points), 1.5)}
    write_polydata(polydata(points, lines=lines, point_data=arrays), path)
    return path


def test_segments_in_any_order_and_direction_are_one_tree(tmp_path: Path):
    points = np.array([[0.0, 0, 0], [0, 0, 5], [0, 0, 10], [4, 0, 14], [-4, 0, 14]])
    path = segments(tmp_path / "t.vtp", [(0, 1), (2, 1), (4, 2), (3, 2)], points)
    tree = read_centerline(path, length_unit="mm")
    assert [len(b.points) for b in tree.branches] == [3, 2, 2]
    np.testing.assert_array_equal(tree.branches[0].points[0], 0)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([(0, 1), (1, 2), (2, 3), (3, 1)], "cycle"),
        ([(0, 1), (1, 2), (3, 4), (2, 1)], "several trees|which end"),
        ([(1, 0), (1, 2), (1, 3), (4, 3)], "which end is the ostium"),
    ],
)
def test_segments_that_are_no_tree_are_refused(
    tmp_path: Path, edges: list[tuple[int, int]], message: str
):
    points = np.random.default_rng(1).uniform(0, 20, (5, 3))
    with pytest.raises(GeometryError, match=message):
        read_centerline(segments(tmp_path / "t.vtp", edges, points), length_unit="mm")


def test_polydata_without_lines_is_refused(shared: Path):
    with pytest.raises(FileFormatError, match="without lines"):
        read_centerline(shared / VMTK / "aorta-centerline-referencesystem.vtp", length_unit="mm")


def test_surface_without_planar_ends_is_refused(shared: Path):
    with pytest.raises(GeometryError, match="0 planar ends"):
        read_centerline(shared / VMTK / "aorta-surface.vtp", length_unit="mm")
