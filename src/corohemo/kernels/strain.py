"""Twice the rate of strain in a cell, from the quadratic polynomial in space of its velocity.

The gradient of a quadratic is linear: nine numbers and their slopes say all of it, so that a point
costs a few multiplications.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.space import Vector, affine_inverse, space_coefficients

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Workspace = tuple[FloatArray, FloatArray, FloatArray]


@nb.njit(cache=True)
def strain_workspace() -> Workspace:
    """What ``fill_strain_law`` fills on its way: inverse map, bubbles, coefficients."""
    return np.empty((3, 3)), np.empty((6, 6)), np.empty((10, 3))


@nb.njit(cache=True)
def fill_strain_law(
    points: FloatArray, cell: IntArray, velocity: FloatArray, work: Workspace, law: FloatArray
) -> None:
    """Write grad u + (grad u)^T of a cell into ``law`` (4, 3, 3).

    At the affine coordinates xi of the cell it is law[0] + sum_d xi_d law[d + 1].

    Args:
        points: Nodes (n, 3) [m].
        cell: Nodes of the quadratic tetrahedron (10,).
        velocity: At the nodes (n, 3) [m/s].
        work: Filled; the inverse of the map through the vertices (3, 3) [1/m] comes first.
        law: Filled (4, 3, 3) [1/s].
    """
    inverse, bubbles, c = work
    affine_inverse(points, cell, inverse)
    space_coefficients(points, cell, velocity, inverse, bubbles, c)
    for i in range(3):
        rs = 4.0 * (c[5, i] - c[4, i] - c[6, i])
        st = 4.0 * (c[9, i] - c[6, i] - c[7, i])
        rt = 4.0 * (c[8, i] - c[4, i] - c[7, i])
        r = c[1, i] - c[0, i] + 4.0 * c[4, i]
        s = c[2, i] - c[0, i] + 4.0 * c[6, i]
        t = c[3, i] - c[0, i] + 4.0 * c[7, i]
        for j in range(3):
            by_r, by_s, by_t = inverse[0, j], inverse[1, j], inverse[2, j]
            law[0, i, j] = r * by_r + s * by_s + t * by_t
            law[1, i, j] = -8.0 * c[4, i] * by_r + rs * by_s + rt * by_t
            law[2, i, j] = rs * by_r - 8.0 * c[6, i] * by_s + st * by_t
            law[3, i, j] = rt * by_r + st * by_s - 8.0 * c[7, i] * by_t
    for e in range(4):
        for i in range(3):
            law[e, i, i] *= 2.0
            for j in range(i):
                law[e, i, j] += law[e, j, i]
                law[e, j, i] = law[e, i, j]


@nb.njit(cache=True)
def shear_at(
    law: FloatArray, inverse: FloatArray, offset: Vector, normal: Vector, viscosity: float
) -> Vector:
    """Tangential part of -viscosity (grad u + (grad u)^T) n.

    Args:
        law: The cell's strain (4, 3, 3).
        inverse: Inverse of the map through its vertices (3, 3).
        offset: Place, from the first vertex.
        normal: Unit normal.
        viscosity: Dynamic viscosity.
    """
    x, y, z = offset
    r = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2] * z
    s = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2] * z
    t = inverse[2, 0] * x + inverse[2, 1] * y + inverse[2, 2] * z
    xx = law[0, 0, 0] + r * law[1, 0, 0] + s * law[2, 0, 0] + t * law[3, 0, 0]
    yy = law[0, 1, 1] + r * law[1, 1, 1] + s * law[2, 1, 1] + t * law[3, 1, 1]
    zz = law[0, 2, 2] + r * law[1, 2, 2] + s * law[2, 2, 2] + t * law[3, 2, 2]
    xy = law[0, 0, 1] + r * law[1, 0, 1] + s * law[2, 0, 1] + t * law[3, 0, 1]
    xz = law[0, 0, 2] + r * law[1, 0, 2] + s * law[2, 0, 2] + t * law[3, 0, 2]
    yz = law[0, 1, 2] + r * law[1, 1, 2] + s * law[2, 1, 2] + t * law[3, 1, 2]
    u, v, w = normal
    first = -viscosity * (xx * u + xy * v + xz * w)
    second = -viscosity * (xy * u + yy * v + yz * w)
    third = -viscosity * (xz * u + yz * v + zz * w)
    outward = first * u + second * v + third * w
    return first - outward * u, second - outward * v, third - outward * w
