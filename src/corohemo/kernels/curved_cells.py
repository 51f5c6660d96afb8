"""Functions on curved cells, and their derivatives in space.

The map from the reference cell has the Jacobian J; K is its inverse.
"""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.space import Vector

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]


class Functions(NamedTuple):
    """Functions on the cells.

    Attributes:
        dofs: Number of each function of a cell among all (cells, n).
        table: Value, first and second derivatives (xx, xy, xz, yy, yz, zz) of each function in
            the reference cell's points (points, n, 10).
        varying: How many of these ten differ between the points: 4 up to quadratic functions.
    """

    dofs: IntArray
    table: FloatArray
    varying: int


@nb.njit
def sum_jets(nodal: FloatArray, functions: Functions, q: int, jets: FloatArray) -> None:
    """Value and derivatives in the reference cell of each component."""
    count = 10 if q == 0 else functions.varying
    for c in range(nodal.shape[1]):
        for d in range(count):
            total = 0.0
            for a in range(nodal.shape[0]):
                total += nodal[a, c] * functions.table[q, a, d]
            jets[c, d] = total


@nb.njit
def invert_map(
    image: FloatArray, inverse: FloatArray, bend: FloatArray, twice: FloatArray
) -> float:
    """Inverse K of the map's Jacobian, Laplacian of its inverse and K K^T; determinant."""
    j, k = image, inverse
    k[0, 0] = j[1, 2] * j[2, 3] - j[1, 3] * j[2, 2]
    k[0, 1] = j[0, 3] * j[2, 2] - j[0, 2] * j[2, 3]
    k[0, 2] = j[0, 2] * j[1, 3] - j[0, 3] * j[1, 2]
    k[1, 0] = j[1, 3] * j[2, 1] - j[1, 1] * j[2, 3]
    k[1, 1] = j[0, 1] * j[2, 3] - j[0, 3] * j[2, 1]
    k[1, 2] = j[0, 3] * j[1, 1] - j[0, 1] * j[1, 3]
    k[2, 0] = j[1, 1] * j[2, 2] - j[1, 2] * j[2, 1]
    k[2, 1] = j[0, 2] * j[2, 1] - j[0, 1] * j[2, 2]
    k[2, 2] = j[0, 1] * j[1, 2] - j[0, 2] * j[1, 1]
    determinant = j[0, 1] * k[0, 0] + j[0, 2] * k[1, 0] + j[0, 3] * k[2, 0]
    for r in range(3):
        for m in range(3):
            k[r, m] /= determinant
    d = 0
    for r in range(3):
        for s in range(r, 3):
            product = k[r, 0] * k[s, 0] + k[r, 1] * k[s, 1] + k[r, 2] * k[s, 2]
            twice[d] = product if r == s else 2.0 * product
            d += 1
    for m in range(3):
        total = 0.0
        for c in range(3):
            curved = 0.0
            for d in range(6):
                curved += image[c, 4 + d] * twice[d]
            total -= k[m, c] * curved
        bend[m] = total
    return abs(determinant)


@nb.njit
def gradient(jets: FloatArray, c: int, inverse: FloatArray) -> Vector:
    """Gradient in space of component c."""
    return pulled((jets[c, 1], jets[c, 2], jets[c, 3]), inverse)


@nb.njit
def pulled(slope: Vector, inverse: FloatArray) -> Vector:
    """K^T times a vector."""
    a, b, c = slope
    return (
        a * inverse[0, 0] + b * inverse[1, 0] + c * inverse[2, 0],
        a * inverse[0, 1] + b * inverse[1, 1] + c * inverse[2, 1],
        a * inverse[0, 2] + b * inverse[1, 2] + c * inverse[2, 2],
    )


@nb.njit
def laplacian(jets: FloatArray, c: int, bend: FloatArray, twice: FloatArray) -> float:
    """Laplacian in space of component c."""
    total = jets[c, 1] * bend[0] + jets[c, 2] * bend[1] + jets[c, 3] * bend[2]
    for d in range(6):
        total += jets[c, 4 + d] * twice[d]
    return total


@nb.njit
def dot(a: Vector, b: Vector) -> float:
    """Inner product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@nb.njit
def stretched(vector: Vector, inverse: FloatArray) -> Vector:
    """K times a vector."""
    x, y, z = vector
    return (
        inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2] * z,
        inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2] * z,
        inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2] * z,
    )
