"""Point location and interpolation in quadratic tetrahedra."""

import numpy as np
import pytest

from corohemo.kernels.cell_hash import CellGrid, cell_boxes, cell_planes, hash_cells
from corohemo.kernels.quadratic import tetrahedron_gradients, tetrahedron_shapes
from corohemo.kernels.tetrahedra import interpolate, locate_points

EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))
CORNERS = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)], dtype=np.float64)
SIX = ((0, 1, 3, 7), (0, 5, 1, 7), (0, 4, 5, 7), (0, 6, 4, 7), (0, 2, 6, 7), (0, 3, 2, 7))


def cube(bend):
    """The unit cube in six quadratic tetrahedra, its edges' middles moved by ``bend``."""
    points, cells, known = list(CORNERS), [], {}
    for tet in SIX:
        nodes = list(tet)
        for a, b in EDGES:
            key = tuple(sorted((tet[a], tet[b])))
            if key not in known:
                known[key] = len(points)
                points.append(bend(0.5 * (CORNERS[key[0]] + CORNERS[key[1]])))
            nodes.append(known[key])
        cells.append(nodes)
    return np.array(points), np.array(cells)


def bulge(x):
    """Move middles inside and on the surface of the cube."""
    return x + 0.06 * np.sin(np.pi * x[[1, 2, 0]])


def find(points, cells, targets, step=0.4):
    lower, upper = cell_boxes(points, cells)
    shape = np.floor(np.ptp(points, axis=0) / step).astype(np.int64) + 2
    origin = lower.min(axis=0)
    planes = cell_planes(points, cells)
    grid = CellGrid(lower, upper, planes, origin, step, shape)
    return locate_points(targets, points, cells, grid, *hash_cells(grid))


def places(points, cells, cell, reference):
    return interpolate(points, cells, cell, reference)


@pytest.mark.parametrize("bend", [lambda x: x, bulge], ids=["straight", "curved"])
def test_every_point_of_a_cell_is_found(bend):
    points, cells = cube(bend)
    rng = np.random.default_rng(3)
    reference = rng.dirichlet(np.ones(4), size=300)[:, 1:]
    targets = places(points, cells, rng.integers(0, 6, size=300), reference)
    cell, found, distance = find(points, cells, targets)
    assert np.all(distance == 0)
    assert np.allclose(places(points, cells, cell, found), targets, atol=1e-12)


def test_quadratic_fields_are_interpolated_exactly_on_straight_cells():
    points, cells = cube(lambda x: x)
    targets = np.random.default_rng(4).random((200, 3))

    def field(x):
        return np.column_stack([x[:, 0] * x[:, 1] - x[:, 2] ** 2, 1 + x[:, 0]])

    cell, reference, _ = find(points, cells, targets)
    assert np.allclose(interpolate(field(points), cells, cell, reference), field(targets))


def test_a_point_outside_gets_a_near_cell_and_the_distance_from_it():
    points, cells = cube(lambda x: x)
    targets = np.array([[1.02, 0.5, 0.4], [0.5, -0.3, 0.5], [9.0, 0.5, 0.5]])
    cell, reference, distance = find(points, cells, targets)
    assert distance == pytest.approx([0.02, 0.3, 8.0], rel=0.2)
    assert np.all(distance >= [0.02, 0.3, 8.0])
    found = places(points, cells, cell, reference)
    assert np.allclose(np.linalg.norm(found - targets, axis=1), distance)


def test_bins_do_not_change_the_answer():
    points, cells = cube(bulge)
    targets = np.random.default_rng(5).random((100, 3)) * 0.8 + 0.1
    fine, coarse = find(points, cells, targets, 0.1), find(points, cells, targets, 5.0)
    assert np.allclose(places(points, cells, *fine[:2]), places(points, cells, *coarse[:2]))


def test_shapes_are_one_at_their_node_and_sum_to_one():
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float64)
    nodes = np.concatenate([vertices, [0.5 * (vertices[a] + vertices[b]) for a, b in EDGES]])
    assert np.allclose([tetrahedron_shapes(*node) for node in nodes], np.eye(10))
    assert np.allclose(tetrahedron_gradients(0.1, 0.2, 0.3).sum(axis=0), 0)


def test_gradients_are_the_slopes_of_the_shapes():
    x, step = np.array([0.13, 0.27, 0.31]), 1e-6
    for d in range(3):
        shift = step * np.eye(3)[d]
        slope = (tetrahedron_shapes(*(x + shift)) - tetrahedron_shapes(*(x - shift))) / (2 * step)
        assert np.allclose(slope, tetrahedron_gradients(*x)[:, d], atol=1e-8)
