"""Twice the rate of strain in a cell, from the quadratic polynomial in space of its velocity.

The gradient of a quadratic is linear: nine numbers and their slopes say all of it, so that a point
costs a few multiplications.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.space import affine_inverse, space_coefficients

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@nb.njit(cache=True)
def fill_strain_law(
    points: FloatArray,
    cell: IntArray,
    velocity: FloatArray,
    inverse: FloatArray,
    coefficients: FloatArray,
    law: FloatArray,
) -> None:
    """Write grad u + (grad u)^T of a cell into ``law`` (4, 3, 3).

    At the affine coordinates xi of the cell it is law[0] + sum_d xi_d law[d + 1].

    Args:
        points: Nodes (n, 3) [m].
        cell: Nodes of the quadratic tetrahedron (10,).
        velocity: At the nodes (n, 3) [m/s].
        inverse: Filled with the inverse of the map through the vertices (3, 3) [1/m].
        coefficients: Filled with the polynomial's coefficients (10, 3) [m/s].
        law: Filled (4, 3, 3) [1/s].
    """
    affine_inverse(points, cell, inverse)
    space_coefficients(points, cell, velocity, inverse, coefficients)
    slopes = np.empty((4, 3))
    for i in range(3):
        _fill_slopes(coefficients, i, slopes)
        for e in range(4):
            for j in range(3):
                law[e, i, j] = 0.0
                for d in range(3):
                    law[e, i, j] += slopes[e, d] * inverse[d, j]
    for e in range(4):
        for i in range(3):
            law[e, i, i] *= 2.0
            for j in range(i):
                law[e, i, j] += law[e, j, i]
                law[e, j, i] = law[e, i, j]


@nb.njit(cache=True)
def fill_strain_along(
    law: FloatArray, xi: FloatArray, direction: FloatArray, factor: float, result: FloatArray
) -> None:
    """Write factor (grad u + (grad u)^T) direction at affine coordinates ``xi`` into ``result``."""
    r, s, t = xi[0], xi[1], xi[2]
    xx = law[0, 0, 0] + r * law[1, 0, 0] + s * law[2, 0, 0] + t * law[3, 0, 0]
    yy = law[0, 1, 1] + r * law[1, 1, 1] + s * law[2, 1, 1] + t * law[3, 1, 1]
    zz = law[0, 2, 2] + r * law[1, 2, 2] + s * law[2, 2, 2] + t * law[3, 2, 2]
    xy = law[0, 0, 1] + r * law[1, 0, 1] + s * law[2, 0, 1] + t * law[3, 0, 1]
    xz = law[0, 0, 2] + r * law[1, 0, 2] + s * law[2, 0, 2] + t * law[3, 0, 2]
    yz = law[0, 1, 2] + r * law[1, 1, 2] + s * law[2, 1, 2] + t * law[3, 1, 2]
    x, y, z = direction[0], direction[1], direction[2]
    result[0] = factor * (xx * x + xy * y + xz * z)
    result[1] = factor * (xy * x + yy * y + yz * z)
    result[2] = factor * (xz * x + yz * y + zz * z)


@nb.njit(cache=True)
def _fill_slopes(coefficients: FloatArray, i: int, slopes: FloatArray) -> None:
    """Write the reference gradient of component ``i``, constant part and slopes, (4, 3)."""
    c = coefficients[:, i]
    slopes[0, 0] = c[1] - c[0] + 4.0 * c[4]
    slopes[0, 1] = c[2] - c[0] + 4.0 * c[6]
    slopes[0, 2] = c[3] - c[0] + 4.0 * c[7]
    slopes[1, 0], slopes[2, 1], slopes[3, 2] = -8.0 * c[4], -8.0 * c[6], -8.0 * c[7]
    slopes[1, 1] = slopes[2, 0] = 4.0 * (c[5] - c[4] - c[6])
    slopes[2, 2] = slopes[3, 1] = 4.0 * (c[9] - c[6] - c[7])
    slopes[1, 2] = slopes[3, 0] = 4.0 * (c[8] - c[4] - c[7])
