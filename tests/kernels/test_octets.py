"""Kernels that take eight cells at a time say of each what they say of it alone."""

import numpy as np
import pytest

from corohemo.kernels.cell_hash import EDGES
from corohemo.kernels.divergence import edge_fluxes
from corohemo.kernels.quadratic import TRIANGLE_POINTS, TRIANGLE_WEIGHTS
from corohemo.kernels.space import space_values
from corohemo.kernels.wall import wall_stress

LEAST = 1e-3


def separate_cells(n, rng):
    """Cells without common nodes, every other one flat and curved (its equations change order)."""
    points = []
    for k in range(n):
        vertices = np.array([[0, 0, 0], [1.0, 0, 0], [0, 1.0, 0], [0.3, 0.3, 0.02 if k % 2 else 1]])
        middles = np.array([0.5 * (vertices[a] + vertices[b]) for a, b in EDGES])
        bend = 0.02 * (k % 3) * rng.normal(size=(6, 3))
        points.append(np.concatenate([vertices, middles + bend]) + rng.normal(size=3))
    cells = np.arange(10 * n).reshape(n, 10)
    return np.concatenate(points), cells, cells[:, [0, 2, 1, 6, 5, 4]].copy()


def everything(points, cells, facets, behind, velocity):
    """Shear, pressure, fluxes and values of some facets and the cells behind."""
    wall = (points, cells, facets, behind, velocity)
    stress = wall_stress(*wall, points[:, 0].copy(), 0.1, TRIANGLE_POINTS, TRIANGLE_WEIGHTS)
    inside = points[cells[behind]].mean(axis=1)
    values = space_values(points, cells, velocity, behind, inside)
    return *stress, edge_fluxes(*wall, 0.1, LEAST), values


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 23])
def test_a_facet_does_not_depend_on_those_it_is_taken_with(n):
    rng = np.random.default_rng(4)
    points, cells, facets = separate_cells(24, rng)
    velocity = rng.normal(size=points.shape)
    behind = rng.permutation(24)[:n]
    together = everything(points, cells, facets[behind], behind, velocity)
    for k in range(n):
        only = slice(k, k + 1)
        alone = everything(points, cells, facets[behind[only]], behind[only], velocity)
        for one, all_of_them in zip(alone, together, strict=True):
            assert np.array_equal(one[0], all_of_them[k])
    assert [len(values) for values in together] == [n] * 6


def test_a_cell_at_rest_beside_moving_ones_has_no_flux():
    rng = np.random.default_rng(5)
    points, cells, facets = separate_cells(5, rng)
    velocity = rng.normal(size=points.shape)
    velocity[cells[2]] = 0.0
    fluxes = edge_fluxes(points, cells, facets, np.arange(5), velocity, 0.1, LEAST)
    assert np.all(fluxes[2] == 0.0)
    assert np.all(fluxes[[0, 1, 3, 4]] != 0.0)


def test_values_at_nodes_are_those_given_in_cells_of_every_kind():
    rng = np.random.default_rng(6)
    points, cells, _ = separate_cells(19, rng)
    velocity = rng.normal(size=points.shape)
    found = space_values(points, cells, velocity, np.repeat(np.arange(19), 10), points)
    assert np.abs(found - velocity).max() < 1e-9
