"""The quadratic polynomial in space through the ten nodal values of a cell.

On straight cells it is the finite element function; on curved ones it is not, and unlike that it
holds every quadratic field exactly. It is written in the straight cell through the four vertices,
as the linear function through their values and a bubble 4 l_a l_b on each edge, with barycentric
coordinates l.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Vector = tuple[float, float, float]

LEAST_PIVOT = 0.2
"""Pivot below which the equations of a cell's edges are put in another order."""


@nb.njit(cache=True)
def cross(a: Vector, b: Vector) -> Vector:
    """Cross product."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


@nb.njit(cache=True)
def affine_inverse(points: FloatArray, cell: IntArray, inverse: FloatArray) -> None:
    """Write the inverse of the map from reference to space through the four vertices (3, 3)."""
    j = np.empty((3, 3))
    for i in range(3):
        for d in range(3):
            j[i, d] = points[cell[d + 1], i] - points[cell[0], i]
    for d in range(3):
        e, f = (d + 1) % 3, (d + 2) % 3
        for i in range(3):
            k, m = (i + 1) % 3, (i + 2) % 3
            inverse[d, i] = j[k, e] * j[m, f] - j[m, e] * j[k, f]
    determinant = 0.0
    for i in range(3):
        determinant += j[i, 0] * inverse[0, i]
    for d in range(3):
        for i in range(3):
            inverse[d, i] /= determinant


@nb.njit(cache=True)
def affine_coordinates(
    x: FloatArray, first: FloatArray, inverse: FloatArray, xi: FloatArray
) -> None:
    """Write the affine coordinates of ``x`` in a cell with first vertex ``first`` into ``xi``."""
    for d in range(3):
        xi[d] = 0.0
        for i in range(3):
            xi[d] += inverse[d, i] * (x[i] - first[i])


@nb.njit(cache=True, error_model="numpy")
def space_coefficients(
    points: FloatArray,
    cell: IntArray,
    values: FloatArray,
    inverse: FloatArray,
    bubbles: FloatArray,
    coefficients: FloatArray,
) -> None:
    """Write the coefficients (10, 3) of the polynomial in space through the nodal values.

    The first four are the vertices' values, the others belong to the bubbles of the edges 01, 12,
    02, 03, 13, 23: six equations, one for each edge's node, made and solved in ``bubbles`` (6, 6).
    """
    for a in range(4):
        for i in range(3):
            coefficients[a, i] = values[cell[a], i]
    x, y, z = points[cell[0], 0], points[cell[0], 1], points[cell[0], 2]
    for e in range(6):
        node = cell[4 + e]
        u, v, w = points[node, 0] - x, points[node, 1] - y, points[node, 2] - z
        r = inverse[0, 0] * u + inverse[0, 1] * v + inverse[0, 2] * w
        s = inverse[1, 0] * u + inverse[1, 1] * v + inverse[1, 2] * w
        t = inverse[2, 0] * u + inverse[2, 1] * v + inverse[2, 2] * w
        o = 1.0 - r - s - t
        bubbles[e, 0], bubbles[e, 1], bubbles[e, 2] = 4.0 * o * r, 4.0 * r * s, 4.0 * o * s
        bubbles[e, 3], bubbles[e, 4], bubbles[e, 5] = 4.0 * o * t, 4.0 * r * t, 4.0 * s * t
        for i in range(3):
            linear = o * coefficients[0, i] + r * coefficients[1, i]
            linear += s * coefficients[2, i] + t * coefficients[3, i]
            coefficients[4 + e, i] = values[node, i] - linear
    _solve_edges(bubbles, coefficients)


@nb.njit(cache=True, error_model="numpy")
def _solve_edges(matrix: FloatArray, right: FloatArray) -> None:
    """Solve matrix @ x = right[4:] in place; the matrix (6, 6) goes too.

    Gauss in a twentieth of LAPACK's time. The matrix is the identity on a straight cell; rows are
    exchanged where a curved one has its vertices nearly in one plane.
    """
    for k in range(6):
        if abs(matrix[k, k]) < LEAST_PIVOT:
            _exchange_rows(matrix, right, k)
        pivot = 1.0 / matrix[k, k]
        matrix[k, k] = pivot
        for r in range(k + 1, 6):
            factor = matrix[r, k] * pivot
            for c in range(k + 1, 6):
                matrix[r, c] -= factor * matrix[k, c]
            for i in range(3):
                right[4 + r, i] -= factor * right[4 + k, i]
    for back in range(6):
        k = 5 - back
        for i in range(3):
            value = right[4 + k, i]
            for c in range(k + 1, 6):
                value -= matrix[k, c] * right[4 + c, i]
            right[4 + k, i] = value * matrix[k, k]


@nb.njit(cache=True)
def _exchange_rows(matrix: FloatArray, right: FloatArray, k: int) -> None:
    """Bring the row with the largest entry of column ``k`` to row ``k``, from there or below."""
    pivot = k
    for r in range(k + 1, 6):
        if abs(matrix[r, k]) > abs(matrix[pivot, k]):
            pivot = r
    for c in range(k, 6):
        matrix[k, c], matrix[pivot, c] = matrix[pivot, c], matrix[k, c]
    for i in range(3):
        right[4 + k, i], right[4 + pivot, i] = right[4 + pivot, i], right[4 + k, i]


@nb.njit(cache=True)
def _fill_shapes(r: float, s: float, t: float, shapes: FloatArray) -> None:
    """Write barycentric coordinates and bubbles at affine coordinates into ``shapes`` (10,)."""
    o = 1.0 - r - s - t
    shapes[0], shapes[1], shapes[2], shapes[3] = o, r, s, t
    shapes[4], shapes[5], shapes[6] = 4.0 * o * r, 4.0 * r * s, 4.0 * o * s
    shapes[7], shapes[8], shapes[9] = 4.0 * o * t, 4.0 * r * t, 4.0 * s * t


@nb.njit(cache=True)
def space_values(
    points: FloatArray,
    cells: IntArray,
    values: FloatArray,
    cell: IntArray,
    targets: FloatArray,
) -> FloatArray:
    """Values (k, 3) at targets (k, 3) of the polynomials in space of their cells (k,)."""
    result = np.zeros((targets.shape[0], 3))
    inverse, bubbles, coefficients = np.empty((3, 3)), np.empty((6, 6)), np.empty((10, 3))
    xi, shapes = np.empty(3), np.empty(10)
    for k in range(targets.shape[0]):
        nodes = cells[cell[k]]
        affine_inverse(points, nodes, inverse)
        space_coefficients(points, nodes, values, inverse, bubbles, coefficients)
        affine_coordinates(targets[k], points[nodes[0]], inverse, xi)
        _fill_shapes(xi[0], xi[1], xi[2], shapes)
        for a in range(10):
            for i in range(3):
                result[k, i] += shapes[a] * coefficients[a, i]
    return result
