"""The quadratic polynomial in space through the ten nodal values of a cell, eight cells at a time.

On straight cells it is the finite element function; on curved ones it is not, and unlike that it
holds every quadratic field exactly. It is written in the straight cell through the four vertices,
as the linear function through their values and a bubble 4 l_a l_b on each edge, with barycentric
coordinates l.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.octets import SIZE, Octet, Octets, load, store

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Vector = tuple[float, float, float]
Inverse = tuple[Octets, Octets, Octets]

LEAST_PIVOT = 0.2
"""Pivot below which the equations of a cell's edges are put in another order."""


@nb.njit(cache=True)
def cross(a: Vector, b: Vector) -> Vector:
    """Cross product, of octets too."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


@nb.njit(cache=True)
def dot(a: Vector, b: Vector) -> float:
    """Scalar product, of octets too."""
    product: float = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return product


@nb.njit(cache=True)
def minus(a: Vector, b: Vector) -> Vector:
    """Difference, of octets too."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


@nb.njit(cache=True)
def times(factor: float, a: Vector) -> Vector:
    """Multiple of a vector, of octets too."""
    return factor * a[0], factor * a[1], factor * a[2]


@nb.njit(cache=True)
def load_vector(array: FloatArray, place: int) -> Octets:
    """Eight vectors of an array (n, 3, 8)."""
    return load(array, 3 * place), load(array, 3 * place + 1), load(array, 3 * place + 2)


@nb.njit(cache=True)
def gather(values: FloatArray, nodes: IntArray, place: int, gathered: FloatArray) -> None:
    """Write vectors (n, 3) of ``nodes`` (a,) into column ``place`` of ``gathered`` (a, 3, 8)."""
    for a in range(nodes.size):
        for d in range(3):
            gathered[a, d, place] = values[nodes[a], d]


@nb.njit(cache=True, error_model="numpy")
def inverse_map(nodes: FloatArray) -> Inverse:
    """Inverse of the map from reference to space through the vertices of cells (10, 3, 8)."""
    first = load_vector(nodes, 0)
    a = minus(load_vector(nodes, 1), first)
    b = minus(load_vector(nodes, 2), first)
    c = minus(load_vector(nodes, 3), first)
    across = cross(b, c)
    shrink = 1.0 / dot(a, across)
    return times(shrink, across), times(shrink, cross(c, a)), times(shrink, cross(a, b))


@nb.njit(cache=True)
def affine_coordinates(inverse: Inverse, offset: Octets) -> Octets:
    """Coordinates r, s, t of places ``offset`` from the cells' first vertices."""
    return dot(inverse[0], offset), dot(inverse[1], offset), dot(inverse[2], offset)


@nb.njit(cache=True)
def _bubbles(xi: Octets) -> tuple[Octet, ...]:
    """The bubbles of the edges 01, 12, 02, 03, 13, 23 and 1 - r - s - t."""
    r, s, t = xi
    o = 1.0 - r - s - t
    return 4.0 * o * r, 4.0 * r * s, 4.0 * o * s, 4.0 * o * t, 4.0 * r * t, 4.0 * s * t, o


@nb.njit(cache=True, error_model="numpy")
def space_coefficients(
    nodes: FloatArray, inverse: Inverse, matrix: FloatArray, field: FloatArray
) -> None:
    """Turn nodal values into the coefficients of the polynomials in space.

    The first four are the vertices' values, the others belong to the bubbles of the edges: six
    equations, one for each edge's node, made and solved in ``matrix``.

    Args:
        nodes: Places of the nodes (10, 3, 8).
        inverse: From ``inverse_map``.
        matrix: Room (6, 6, 8).
        field: Nodal values (10, 3, 8), overwritten.
    """
    first = load_vector(nodes, 0)
    for e in range(6):
        xi = affine_coordinates(inverse, minus(load_vector(nodes, 4 + e), first))
        a, b, c, d, f, g, o = _bubbles(xi)
        store(a, matrix, 6 * e)
        store(b, matrix, 6 * e + 1)
        store(c, matrix, 6 * e + 2)
        store(d, matrix, 6 * e + 3)
        store(f, matrix, 6 * e + 4)
        store(g, matrix, 6 * e + 5)
        for i in range(3):
            corners = (load(field, 3 + i), load(field, 6 + i), load(field, 9 + i))
            linear = o * load(field, i) + dot(xi, corners)
            store(load(field, 12 + 3 * e + i) - linear, field, 12 + 3 * e + i)
    _solve_edges(matrix, field)


@nb.njit(cache=True, error_model="numpy")
def _solve_edges(matrix: FloatArray, right: FloatArray) -> None:
    """Solve matrix @ x = right[4:] in place by Gauss; the matrix (6, 6, 8) goes too.

    The matrix is the identity on a straight cell; rows are exchanged where a curved one has its
    vertices nearly in one plane.
    """
    for k in range(6):
        _exchange_rows(matrix, right, k)
        pivot = 1.0 / load(matrix, 7 * k)
        store(pivot, matrix, 7 * k)
        for r in range(k + 1, 6):
            factor = load(matrix, 6 * r + k) * pivot
            for c in range(6 * r + k + 1, 6 * r + 6):
                store(load(matrix, c) - factor * load(matrix, c - 6 * (r - k)), matrix, c)
            for i in range(12 + 3 * r, 15 + 3 * r):
                store(load(right, i) - factor * load(right, i - 3 * (r - k)), right, i)
    for back in range(6):
        k = 5 - back
        for i in range(3):
            value = load(right, 12 + 3 * k + i)
            for c in range(k + 1, 6):
                value = value - load(matrix, 6 * k + c) * load(right, 12 + 3 * c + i)
            store(value * load(matrix, 7 * k), right, 12 + 3 * k + i)


@nb.njit(cache=True)
def _exchange_rows(matrix: FloatArray, right: FloatArray, k: int) -> None:
    """Bring the row with the largest entry of column ``k`` to row ``k`` where its own is small."""
    for place in range(SIZE):
        if abs(matrix[k, k, place]) >= LEAST_PIVOT:
            continue
        pivot = k
        for r in range(k + 1, 6):
            if abs(matrix[r, k, place]) > abs(matrix[pivot, k, place]):
                pivot = r
        for c in range(6):
            entry = matrix[k, c, place]
            matrix[k, c, place] = matrix[pivot, c, place]
            matrix[pivot, c, place] = entry
        for i in range(3):
            entry = right[4 + k, i, place]
            right[4 + k, i, place] = right[4 + pivot, i, place]
            right[4 + pivot, i, place] = entry


@nb.njit(cache=True)
def space_values(
    points: FloatArray,
    cells: IntArray,
    values: FloatArray,
    cell: IntArray,
    targets: FloatArray,
) -> FloatArray:
    """Values (k, 3) at targets (k, 3) of the polynomials in space of their cells (k,)."""
    result = np.empty((targets.shape[0], 3))
    nodes, field, matrix = np.empty((10, 3, SIZE)), np.empty((10, 3, SIZE)), np.empty((6, 6, SIZE))
    at, found, last = np.empty((1, 3, SIZE)), np.empty((3, SIZE)), targets.shape[0] - 1
    for k in range(0, targets.shape[0], SIZE):
        for place in range(SIZE):
            target = min(k + place, last)
            gather(points, cells[cell[target]], place, nodes)
            gather(values, cells[cell[target]], place, field)
            for d in range(3):
                at[0, d, place] = targets[target, d]
        inverse = inverse_map(nodes)
        space_coefficients(nodes, inverse, matrix, field)
        xi = affine_coordinates(inverse, minus(load_vector(at, 0), load_vector(nodes, 0)))
        bubbles = _bubbles(xi)
        for i in range(3):
            value = bubbles[6] * load(field, i)
            value = value + dot(xi, (load(field, 3 + i), load(field, 6 + i), load(field, 9 + i)))
            for e in range(6):
                value = value + bubbles[e] * load(field, 12 + 3 * e + i)
            store(value, found, i)
        for target in range(k, min(k + SIZE, last + 1)):
            for i in range(3):
                result[target, i] = found[i, target - k]
    return result
