r"""Surface divergence of the direction m = \tau / |\tau| of the wall shear, facet by facet.

By Gauss's theorem the mean of div_S m over a facet K is 1 / |K| \oint m \cdot \nu ds, \nu the
outward normal of its rim in the surface. What leaves through an edge is the mean of what its two
facets say of it, so that nothing gets lost between them; at the rim of the wall the one facet says
it alone. The shear itself stays that of the cell behind and is not brought to vertices.

From one facet alone the derivative of what is already a derivative is of first order and too small:
by 10 % in the mean over a bent tube on its default mesh. With the neighbours the means over sectors
converge with second order (2 % there).
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.quadratic import triangle_gradients, triangle_shapes
from corohemo.kernels.space import affine_coordinates
from corohemo.kernels.strain import fill_strain_along, fill_strain_law
from corohemo.kernels.wall import fill_normal, fill_place, remove_normal

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_FAR = 0.5 * np.sqrt(0.6)
EDGE_PLACES = np.array([0.5 - _FAR, 0.5, 0.5 + _FAR])
"""Gauss's three points on an edge of unit length (3,), exact to degree 5."""
EDGE_WEIGHTS = np.array([5.0, 8.0, 5.0]) / 18.0


@nb.njit(cache=True)
def _edge_tables() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Shapes (9, 6) and gradients (9, 6, 2) at the points of the edges 01, 12, 20.

    And the edges' courses in the reference triangle (3, 2).
    """
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    shapes, slopes, courses = np.empty((9, 6)), np.empty((9, 6, 2)), np.empty((3, 2))
    for e in range(3):
        courses[e] = corners[(e + 1) % 3] - corners[e]
        for i in range(3):
            r, s = corners[e] + EDGE_PLACES[i] * courses[e]
            shapes[3 * e + i] = triangle_shapes(r, s)
            slopes[3 * e + i] = triangle_gradients(r, s)
    return shapes, slopes, courses


@nb.njit(cache=True, error_model="numpy")
def _outflow(
    along: FloatArray, course: FloatArray, normal: FloatArray, vector: FloatArray
) -> float:
    """Part of ``vector`` along t x n, with the edge's tangent t of the length ds."""
    total = 0.0
    for d in range(3):
        e, f = (d + 1) % 3, (d + 2) % 3
        t_e = course[0] * along[0, e] + course[1] * along[1, e]
        t_f = course[0] * along[0, f] + course[1] * along[1, f]
        total += vector[d] * (t_e * normal[f] - t_f * normal[e])
    return total


@nb.njit(cache=True, error_model="numpy")
def edge_fluxes(
    points: FloatArray,
    cells: IntArray,
    facets: IntArray,
    facet_cell: IntArray,
    velocity: FloatArray,
    viscosity: float,
    least: float,
) -> FloatArray:
    """Integral of the shear's direction out of each facet, through each of its edges.

    Args:
        points: Nodes (n, 3) [m].
        cells: Quadratic tetrahedra (m, 10).
        facets: Quadratic triangles (k, 6), outward.
        facet_cell: Cell behind each facet (k,).
        velocity: At the nodes (n, 3) [m/s].
        viscosity: Dynamic viscosity [Pa s].
        least: A shear of this size or less has no direction, and no part in the flux [Pa].

    Returns:
        Through the edges 01, 12, 20 (k, 3) [m].
    """
    result = np.zeros((facets.shape[0], 3))
    shapes, slopes, courses = _edge_tables()
    inverse, coefficients, law = np.empty((3, 3)), np.empty((10, 3)), np.empty((4, 3, 3))
    nodes, along, normal = np.empty((6, 3)), np.empty((2, 3)), np.empty(3)
    x, xi, shear = np.empty(3), np.empty(3), np.empty(3)
    for k in range(facets.shape[0]):
        cell = cells[facet_cell[k]]
        fill_strain_law(points, cell, velocity, inverse, coefficients, law)
        for a in range(6):
            for d in range(3):
                nodes[a, d] = points[facets[k, a], d]
        for q in range(9):
            fill_place(nodes, shapes[q], slopes[q], x, along)
            fill_normal(along, normal)
            affine_coordinates(x, points[cell[0]], inverse, xi)
            fill_strain_along(law, xi, normal, -viscosity, shear)
            remove_normal(shear, normal)
            size = np.sqrt(shear[0] ** 2 + shear[1] ** 2 + shear[2] ** 2)
            if size > least:
                flux = _outflow(along, courses[q // 3], normal, shear)
                result[k, q // 3] += EDGE_WEIGHTS[q % 3] * flux / size
    return result


@nb.njit(cache=True)
def add_edge_fluxes(
    fluxes: FloatArray, edges: IntArray, signs: FloatArray, shares: FloatArray, total: FloatArray
) -> None:
    """Add each facet's share of the fluxes through the edges of the wall to ``total`` (e,).

    Args:
        fluxes: Out of each facet (k, 3) [m].
        edges: Edge of the wall behind each of a facet's (k, 3).
        signs: 1 where the facet lies before its edge, -1 where behind (k, 3).
        shares: 1 over the number of facets at each edge (e,).
        total: Fluxes through the edges (e,) [m].
    """
    for k in range(fluxes.shape[0]):
        for e in range(3):
            edge = edges[k, e]
            total[edge] += shares[edge] * signs[k, e] * fluxes[k, e]


@nb.njit(cache=True)
def flux_divergence(
    total: FloatArray, edges: IntArray, signs: FloatArray, areas: FloatArray
) -> FloatArray:
    """Mean surface divergence over each facet from the fluxes through the edges.

    Args:
        total: Fluxes through the edges of the wall (e,) [m].
        edges: Edge of the wall behind each of a facet's (k, 3).
        signs: 1 where the facet lies before its edge, -1 where behind (k, 3).
        areas: Areas of the facets (k,) [m2].

    Returns:
        Divergence (k,) [1/m]: positive where the shear pulls the wall apart.
    """
    result = np.zeros(edges.shape[0])
    for k in range(edges.shape[0]):
        for e in range(3):
            result[k] += signs[k, e] * total[edges[k, e]]
        result[k] /= areas[k]
    return result
