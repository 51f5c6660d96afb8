r"""Stress of the fluid on the wall, from the velocity gradient in the cell behind each facet.

Traction of the fluid on the wall: f = -\sigma n = p n - 2 \mu D(u) n, n out of the fluid.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.quadratic import (
    fill_tetrahedron_gradients,
    triangle_gradients,
    triangle_shapes,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@nb.njit(cache=True)
def _velocity_gradient(
    nodes: IntArray, points: FloatArray, velocity: FloatArray, slopes: FloatArray, grad: FloatArray
) -> float:
    """Write du_i/dx_j into ``grad`` (3, 3) for reference gradients ``slopes``; return det J."""
    jacobian = np.zeros((3, 3))
    reference = np.zeros((3, 3))
    for a in range(10):
        node = nodes[a]
        for i in range(3):
            for d in range(3):
                jacobian[i, d] += points[node, i] * slopes[a, d]
                reference[i, d] += velocity[node, i] * slopes[a, d]
    j = jacobian
    cofactors = np.empty((3, 3))
    for d in range(3):
        e, f = (d + 1) % 3, (d + 2) % 3
        for i in range(3):
            k, m = (i + 1) % 3, (i + 2) % 3
            cofactors[d, i] = j[k, e] * j[m, f] - j[m, e] * j[k, f]
    determinant: float = 0.0
    for i in range(3):
        determinant += j[i, 0] * cofactors[0, i]
    for i in range(3):
        for k in range(3):
            grad[i, k] = 0.0
            for d in range(3):
                grad[i, k] += reference[i, d] * cofactors[d, k] / determinant
    return determinant


@nb.njit(cache=True)
def _reference_in_cell(facet: IntArray, cell: IntArray, r: float, s: float, xi: FloatArray) -> None:
    """Write the cell's reference coordinates of a facet's point (r, s) into ``xi``."""
    xi[:] = 0.0
    weights = (1.0 - r - s, r, s)
    for v in range(3):
        for a in range(1, 4):
            if cell[a] == facet[v]:
                xi[a - 1] += weights[v]


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
    xi, slopes, grad = np.empty(3), np.empty((10, 3)), np.empty((3, 3))
    along, normal, viscous = np.empty((2, 3)), np.empty(3), np.empty(3)
    for q in range(n_rule):
        r, s = rule_points[q, 0], rule_points[q, 1]
        shapes = triangle_shapes(r, s)
        tangents = triangle_gradients(r, s)
        for k in range(n_facets):
            along[:] = 0.0
            for a in range(6):
                node = facets[k, a]
                wall_pressure[k, q] += shapes[a] * pressure[node]
                for d in range(3):
                    positions[k, q, d] += shapes[a] * points[node, d]
                    along[0, d] += tangents[a, 0] * points[node, d]
                    along[1, d] += tangents[a, 1] * points[node, d]
            for d in range(3):
                e, f = (d + 1) % 3, (d + 2) % 3
                normal[d] = along[0, e] * along[1, f] - along[0, f] * along[1, e]
            jacobian = np.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2)
            normal /= jacobian
            cell = cells[facet_cell[k]]
            _reference_in_cell(facets[k], cell, r, s, xi)
            fill_tetrahedron_gradients(xi[0], xi[1], xi[2], slopes)
            _velocity_gradient(cell, points, velocity, slopes, grad)
            along_normal = 0.0
            for i in range(3):
                viscous[i] = 0.0
                for j in range(3):
                    viscous[i] -= viscosity * (grad[i, j] + grad[j, i]) * normal[j]
                along_normal += viscous[i] * normal[i]
            for i in range(3):
                shear[k, q, i] = viscous[i] - along_normal * normal[i]
                vectors[k, q, i] = rule_weights[q] * jacobian * normal[i]
    return positions, vectors, shear, wall_pressure
