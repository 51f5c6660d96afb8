"""The quadratic polynomial in space through the ten nodal values of a cell.

On straight cells it is the finite element function; on curved ones it is not, and unlike that it
holds every quadratic field exactly. It is written in the shapes of the straight cell through the
four vertices.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.quadratic import fill_tetrahedron_shapes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


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


@nb.njit(cache=True)
def space_coefficients(
    points: FloatArray,
    cell: IntArray,
    values: FloatArray,
    inverse: FloatArray,
    coefficients: FloatArray,
) -> None:
    """Write the shape coefficients (10, 3) of the polynomial in space through the nodal values.

    The vertices keep their values; six equations give those of the straight edges' middles.
    """
    shapes, xi = np.empty(10), np.empty(3)
    matrix, right = np.empty((6, 6)), np.empty((6, 3))
    for a in range(4):
        coefficients[a] = values[cell[a]]
    for e in range(6):
        node = cell[4 + e]
        affine_coordinates(points[node], points[cell[0]], inverse, xi)
        fill_tetrahedron_shapes(xi[0], xi[1], xi[2], shapes)
        matrix[e] = shapes[4:]
        for i in range(3):
            right[e, i] = values[node, i]
            for a in range(4):
                right[e, i] -= shapes[a] * values[cell[a], i]
    coefficients[4:] = np.linalg.solve(matrix, right)


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
    inverse, coefficients = np.empty((3, 3)), np.empty((10, 3))
    xi, shapes = np.empty(3), np.empty(10)
    for k in range(targets.shape[0]):
        nodes = cells[cell[k]]
        affine_inverse(points, nodes, inverse)
        space_coefficients(points, nodes, values, inverse, coefficients)
        affine_coordinates(targets[k], points[nodes[0]], inverse, xi)
        fill_tetrahedron_shapes(xi[0], xi[1], xi[2], shapes)
        for a in range(10):
            for i in range(3):
                result[k, i] += shapes[a] * coefficients[a, i]
    return result
