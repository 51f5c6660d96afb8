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
from corohemo.kernels.space import affine_coordinates
from corohemo.kernels.strain import fill_strain_along, fill_strain_law

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@nb.njit(cache=True, error_model="numpy")
def fill_normal(along: FloatArray, normal: FloatArray) -> float:
    """Write the unit normal of two tangents (2, 3) into ``normal``; return their area."""
    total = 0.0
    for d in range(3):
        e, f = (d + 1) % 3, (d + 2) % 3
        normal[d] = along[0, e] * along[1, f] - along[0, f] * along[1, e]
        total += normal[d] ** 2
    area: float = np.sqrt(total)
    for d in range(3):
        normal[d] /= area
    return area


@nb.njit(cache=True)
def fill_place(
    nodes: FloatArray, shapes: FloatArray, slopes: FloatArray, x: FloatArray, along: FloatArray
) -> None:
    """Write position (3,) and both tangents (2, 3) of a facet (6, 3) where its shapes are given."""
    for d in range(3):
        place, first, second = 0.0, 0.0, 0.0
        for a in range(6):
            place += shapes[a] * nodes[a, d]
            first += slopes[a, 0] * nodes[a, d]
            second += slopes[a, 1] * nodes[a, d]
        x[d], along[0, d], along[1, d] = place, first, second


@nb.njit(cache=True)
def remove_normal(vector: FloatArray, normal: FloatArray) -> None:
    """Leave the tangential part of ``vector`` (3,)."""
    outward = vector[0] * normal[0] + vector[1] * normal[1] + vector[2] * normal[2]
    for d in range(3):
        vector[d] -= outward * normal[d]


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
    wall_pressure = np.zeros((n_facets, n_rule))
    shapes, slopes = np.empty((n_rule, 6)), np.empty((n_rule, 6, 2))
    for q in range(n_rule):
        shapes[q] = triangle_shapes(rule_points[q, 0], rule_points[q, 1])
        slopes[q] = triangle_gradients(rule_points[q, 0], rule_points[q, 1])
    inverse, coefficients, law = np.empty((3, 3)), np.empty((10, 3)), np.empty((4, 3, 3))
    nodes, along, normal, xi = np.empty((6, 3)), np.empty((2, 3)), np.empty(3), np.empty(3)
    for k in range(n_facets):
        cell = cells[facet_cell[k]]
        fill_strain_law(points, cell, velocity, inverse, coefficients, law)
        for a in range(6):
            for d in range(3):
                nodes[a, d] = points[facets[k, a], d]
        for q in range(n_rule):
            fill_place(nodes, shapes[q], slopes[q], positions[k, q], along)
            jacobian = fill_normal(along, normal)
            for d in range(3):
                vectors[k, q, d] = rule_weights[q] * jacobian * normal[d]
            for a in range(6):
                wall_pressure[k, q] += shapes[q, a] * pressure[facets[k, a]]
            affine_coordinates(positions[k, q], points[cell[0]], inverse, xi)
            fill_strain_along(law, xi, normal, -viscosity, shear[k, q])
            remove_normal(shear[k, q], normal)
    return positions, vectors, shear, wall_pressure
