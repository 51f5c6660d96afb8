"""The quadratic polynomial in space of a curved cell."""

import numpy as np
import pytest

from corohemo.kernels.cell_hash import EDGES
from corohemo.kernels.space import space_values


def curved_cell(rng, flatness, bend):
    """Ten nodes of a tetrahedron whose fourth vertex lies ``flatness`` above the others' plane."""
    vertices = np.array([[0, 0, 0], [1.0, 0, 0], [0, 1.0, 0], [0.3, 0.3, flatness]])
    middles = np.array([0.5 * (vertices[a] + vertices[b]) for a, b in EDGES])
    return np.concatenate([vertices, middles + bend * rng.normal(size=(6, 3))])


def quadratic(x, coefficients):
    terms = np.column_stack([np.ones(len(x)), x, x**2, x[:, [0, 1, 2]] * x[:, [1, 2, 0]]])
    return terms @ coefficients


@pytest.mark.parametrize(("flatness", "bend"), [(1.0, 0.0), (1.0, 0.1), (0.1, 0.04), (0.02, 0.02)])
def test_every_quadratic_is_held_however_the_cell_is_curved(flatness, bend):
    rng = np.random.default_rng(3)
    for _ in range(50):
        nodes = curved_cell(rng, flatness, bend)
        coefficients = rng.normal(size=(10, 3))
        values = quadratic(nodes, coefficients)
        targets = nodes.mean(axis=0) + 0.1 * rng.normal(size=(5, 3)) * [1, 1, flatness]
        found = space_values(nodes, np.arange(10)[None], values, np.zeros(5, np.int64), targets)
        condition = np.linalg.cond(bubbles_at_edges(nodes))
        exact = quadratic(targets, coefficients)
        assert np.abs(found - exact).max() < 1e-13 * max(condition, 1e2) * np.abs(values).max()


def bubbles_at_edges(nodes):
    """The equations that give a cell's polynomial (6, 6)."""
    inner = np.linalg.solve((nodes[1:4] - nodes[0]).T, (nodes[4:] - nodes[0]).T)
    parts = np.vstack([1.0 - inner.sum(axis=0), inner])
    return np.array([4.0 * parts[a] * parts[b] for a, b in EDGES]).T
