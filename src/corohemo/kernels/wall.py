r"""Stress of the fluid on the wall, from the velocity in the cell behind each facet.

Traction of the fluid on the wall: f = -\sigma n = p n - 2 \mu D(u) n, n out of the fluid.

The velocity is the quadratic polynomial *in space* through the ten nodal values of the cell, not
the image of one in reference coordinates. Both agree on straight cells; on curved ones only the
former holds every quadratic field: with 12 cells around a tube the gradient of the latter is up to
5 % off for Poiseuille's parabola, the former is exact.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.quadratic import triangle_gradients, triangle_shapes
from corohemo.kernels.space import Vector, cross
from corohemo.kernels.strain import fill_strain_law, shear_at, strain_workspace

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@nb.njit(cache=True)
def facet_sum(weights: FloatArray, nodes: FloatArray, d: int) -> float:
    """Sum of a facet's nodal values (6, c) in column ``d`` with ``weights`` (6,)."""
    total: float = (
        weights[0] * nodes[0, d]
        + weights[1] * nodes[1, d]
        + weights[2] * nodes[2, d]
        + weights[3] * nodes[3, d]
        + weights[4] * nodes[4, d]
        + weights[5] * nodes[5, d]
    )
    return total


@nb.njit(cache=True)
def facet_vector(weights: FloatArray, nodes: FloatArray) -> Vector:
    """The first three columns of ``facet_sum``."""
    return (
        facet_sum(weights, nodes, 0),
        facet_sum(weights, nodes, 1),
        facet_sum(weights, nodes, 2),
    )


@nb.njit(cache=True)
def rule_tables(rule_points: FloatArray) -> FloatArray:
    """Shapes and both gradients of a facet at the points of a rule (q, 3, 6)."""
    tables = np.empty((rule_points.shape[0], 3, 6))
    for q in range(rule_points.shape[0]):
        tables[q, 0] = triangle_shapes(rule_points[q, 0], rule_points[q, 1])
        tables[q, 1:] = triangle_gradients(rule_points[q, 0], rule_points[q, 1]).T
    return tables


@nb.njit(cache=True, error_model="numpy")
def wall_stress(
    points: FloatArray,
    cells: IntArray,
    facets: IntArray,
    facet_cell: IntArray,
    velocity: FloatArray,
    pressure: FloatArray,
    viscosity: float,
    rule_points: FloatArray,
    rule_weights: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Positions, area vectors, shear and pressure at the quadrature points of curved facets.

    The shear is the tangential part of -2 mu D(u) n, the force of the fluid on the wall per area;
    its normal part vanishes at a no-slip wall of an incompressible fluid.

    Args:
        points: Nodes (n, 3) [m].
        cells: Quadratic tetrahedra (m, 10).
        facets: Quadratic triangles (k, 6), outward.
        facet_cell: Cell behind each facet (k,).
        velocity: At the nodes (n, 3) [m/s].
        pressure: At the nodes (n,) [Pa].
        viscosity: Dynamic viscosity [Pa s].
        rule_points: Quadrature points on the reference triangle (q, 2).
        rule_weights: Weights that sum to 1/2 (q,).

    Returns:
        Positions (k, q, 3) [m], area vectors n dA (k, q, 3) [m2], shear (k, q, 3) [Pa],
        pressure (k, q) [Pa].
    """
    n_facets, n_rule = facets.shape[0], rule_points.shape[0]
    positions = np.empty((n_facets, n_rule, 3))
    vectors = np.empty((n_facets, n_rule, 3))
    shear = np.empty((n_facets, n_rule, 3))
    wall_pressure = np.empty((n_facets, n_rule))
    tables, nodes = rule_tables(rule_points), np.empty((6, 4))
    work, law = strain_workspace(), np.empty((4, 3, 3))
    for k in range(n_facets):
        cell = cells[facet_cell[k]]
        fill_strain_law(points, cell, velocity, work, law)
        a, b, c = points[cell[0], 0], points[cell[0], 1], points[cell[0], 2]
        for i in range(6):
            node = facets[k, i]
            nodes[i, 3] = pressure[node]
            for d in range(3):
                nodes[i, d] = points[node, d]
        for q in range(n_rule):
            x, y, z = facet_vector(tables[q, 0], nodes)
            u, v, w = cross(facet_vector(tables[q, 1], nodes), facet_vector(tables[q, 2], nodes))
            weight, shrink = rule_weights[q], 1.0 / np.sqrt(u * u + v * v + w * w)
            normal = (shrink * u, shrink * v, shrink * w)
            force = shear_at(law, work[0], (x - a, y - b, z - c), normal, viscosity)
            positions[k, q, 0], positions[k, q, 1], positions[k, q, 2] = x, y, z
            vectors[k, q, 0], vectors[k, q, 1], vectors[k, q, 2] = (
                weight * u,
                weight * v,
                weight * w,
            )
            shear[k, q, 0], shear[k, q, 1], shear[k, q, 2] = force
            wall_pressure[k, q] = facet_sum(tables[q, 0], nodes, 3)
    return positions, vectors, shear, wall_pressure
