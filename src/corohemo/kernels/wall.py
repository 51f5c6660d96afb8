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

from corohemo.kernels.quadratic import (
    fill_tetrahedron_gradients,
    triangle_gradients,
    triangle_shapes,
)
from corohemo.kernels.space import affine_coordinates, affine_inverse, space_coefficients

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@nb.njit(cache=True)
def _normal(along: FloatArray, normal: FloatArray) -> float:
    """Write the unit normal of two tangents (2, 3) into ``normal``; return their area."""
    total = 0.0
    for d in range(3):
        e, f = (d + 1) % 3, (d + 2) % 3
        normal[d] = along[0, e] * along[1, f] - along[0, f] * along[1, e]
        total += normal[d] ** 2
    area: float = np.sqrt(total)
    normal /= area
    return area


@nb.njit(cache=True)
def _shear(
    x: FloatArray,
    first: FloatArray,
    inverse: FloatArray,
    coefficients: FloatArray,
    viscosity: float,
    normal: FloatArray,
    shear: FloatArray,
) -> None:
    """Write the tangential part of -2 mu D(u) n at ``x`` into ``shear`` (3,)."""
    xi, slopes = np.empty(3), np.empty((10, 3))
    reference, gradient = np.zeros((3, 3)), np.zeros((3, 3))
    affine_coordinates(x, first, inverse, xi)
    fill_tetrahedron_gradients(xi[0], xi[1], xi[2], slopes)
    for a in range(10):
        for i in range(3):
            for d in range(3):
                reference[i, d] += coefficients[a, i] * slopes[a, d]
    for i in range(3):
        for j in range(3):
            for d in range(3):
                gradient[i, j] += reference[i, d] * inverse[d, j]
    outward = 0.0
    for i in range(3):
        shear[i] = 0.0
        for j in range(3):
            shear[i] -= viscosity * (gradient[i, j] + gradient[j, i]) * normal[j]
        outward += shear[i] * normal[i]
    for i in range(3):
        shear[i] -= outward * normal[i]


@nb.njit(cache=True)
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
    positions = np.zeros((n_facets, n_rule, 3))
    vectors = np.empty((n_facets, n_rule, 3))
    shear = np.empty((n_facets, n_rule, 3))
    wall_pressure = np.zeros((n_facets, n_rule))
    shapes, tangents = np.empty((n_rule, 6)), np.empty((n_rule, 6, 2))
    for q in range(n_rule):
        shapes[q] = triangle_shapes(rule_points[q, 0], rule_points[q, 1])
        tangents[q] = triangle_gradients(rule_points[q, 0], rule_points[q, 1])
    inverse, coefficients = np.empty((3, 3)), np.empty((10, 3))
    along, normal = np.empty((2, 3)), np.empty(3)
    for k in range(n_facets):
        cell = cells[facet_cell[k]]
        affine_inverse(points, cell, inverse)
        space_coefficients(points, cell, velocity, inverse, coefficients)
        for q in range(n_rule):
            along[:] = 0.0
            for a in range(6):
                node = facets[k, a]
                wall_pressure[k, q] += shapes[q, a] * pressure[node]
                for d in range(3):
                    positions[k, q, d] += shapes[q, a] * points[node, d]
                    along[0, d] += tangents[q, a, 0] * points[node, d]
                    along[1, d] += tangents[q, a, 1] * points[node, d]
            jacobian = _normal(along, normal)
            for d in range(3):
                vectors[k, q, d] = rule_weights[q] * jacobian * normal[d]
            _shear(
                positions[k, q], points[cell[0]], inverse, coefficients, viscosity, normal,
                shear[k, q],
            )  # fmt: skip
    return positions, vectors, shear, wall_pressure
