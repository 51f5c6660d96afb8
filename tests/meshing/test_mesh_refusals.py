"""Geometry that cannot be meshed is refused with its place."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.gallery import labelled_tree


def tree_of(*runs):
    """Tree from (start node, points mm, radius mm) runs; node 0 is the ostium."""
    points, radii, parents = [[0.0, 0.0, 0.0]], [runs[0][2]], [-1]
    ends = []
    for start, path, radius in runs:
        parent = 0 if start is None else ends[start]
        for point in path:
            points.append(point)
            radii.append(radius)
            parents.append(parent)
            parent = len(points) - 1
        ends.append(parent)
    return ch.VesselTree.from_arrays(points, radii, parents, length_unit="mm")


def line(a, b, n=20):
    return [list(p) for p in np.linspace(a, b, n + 1)[1:]]


def test_kissing_branches_are_refused_with_both_names():
    far = line((10, 0, 0), (20, 10, 0)) + line((20, 10, 0), (30, 0.5, 0))
    tree = tree_of(
        (None, line((0, 0, 0), (10, 0, 0)), 1.5),
        (0, line((10, 0, 0), (40, 0, 0)), 1.4),
        (0, far, 1.0),
    )
    with pytest.raises(ch.GeometryError, match="touches") as refusal:
        ch.mesh_lumen(ch.build_lumen(tree))
    assert refusal.value.branch is not None
    assert refusal.value.abscissa is not None


def test_a_branch_inside_another_is_refused():
    tree = tree_of(
        (None, line((0, 0, 0), (10, 0, 0)), 2.0),
        (0, line((10, 0, 0), (30, 0, 0)), 2.0),
        (0, line((10, 0, 0), (30, 0.4, 0)), 0.5),
    )
    with pytest.raises(ch.GeometryError, match="clear") as refusal:
        ch.mesh_lumen(ch.build_lumen(tree))
    assert refusal.value.branch is not None


def test_a_short_daughter_is_drawn_out_and_noted():
    tree = tree_of(
        (None, line((0, 0, 0), (15, 0, 0)), 1.5),
        (0, line((15, 0, 0), (30, 0, 0)), 1.4),
        (0, line((15, 0, 0), (15, 2.0, 0), 4), 0.8),
    )
    mesh = ch.mesh_lumen(ch.build_lumen(tree))
    assert any("drawn out" in note for note in mesh.notes)


@pytest.mark.parametrize(
    ("name", "value"),
    [("sectors", 3), ("refinement", 0.01), ("axial_step_radii", -1.0), ("rings", (0.5, 0.4, 1.0))],
)
def test_impossible_options_are_refused(name, value):
    with pytest.raises(ch.ConfigError, match=name):
        ch.MeshOptions(**{name: value})


def test_a_vessel_that_runs_through_another_is_refused():
    lumen = ch.build_lumen(ch.gallery.random_tree(35, "crimped"))
    with pytest.raises(ch.GeometryError, match="runs through") as refusal:
        ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.6))
    assert refusal.value.branch is not None
    assert refusal.value.abscissa is not None


def test_daughters_side_by_side_are_not_bridged():
    """A tenth of a radius apart: beyond their parting no wall lies between them."""
    x = np.linspace(0.0, 12.0, 49)[1:]
    side = 2.1 * np.sin(0.5 * np.pi * np.minimum(x / 3.0, 1.0))
    tree = tree_of(
        (None, line((0, 0, 0), (8, 0, 0)), 1.2),
        (0, [[8 + s, 0.0, 0.0] for s in x], 1.0),
        (0, [[8 + s, d, 0.0] for s, d in zip(x, side, strict=True)], 1.0),
    )
    mesh = ch.mesh_lumen(ch.build_lumen(tree))
    wall = mesh.points[np.unique(mesh.facets[mesh.facet_face == len(mesh.faces) - 1])] * 1e3
    between = wall[(np.abs(wall[:, 1] - 1.05) < 0.04) & (np.abs(wall[:, 2]) < 0.15)]
    assert between[:, 0].max() < 8 + 5.5


def test_mesh_whose_facets_cross_is_made_finer_and_says_so():
    tree, kind = labelled_tree(437)
    mesh = ch.mesh_lumen(ch.build_lumen(tree), ch.MeshOptions(refinement=0.6))
    assert kind == "alongside"
    assert any("times finer" in note for note in mesh.notes)
