"""Geometry that cannot be meshed is refused with its place."""

import numpy as np
import pytest

import corohemo as ch


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
