"""The map x(xi) of a curved quadratic tetrahedron as a polynomial, and its inverse by Newton."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

INSIDE = -1e-8
"""Smallest barycentric coordinate of a point that counts as inside."""
NEWTON_STEPS = 20
CONVERGED = 1e-7
"""Newton step after which the next one would be rounding."""
ASTRAY = 4.0
"""Reference coordinate beyond which a Newton iterate is given up as outside."""


@nb.njit(cache=True)
def fill_polynomial(points: FloatArray, nodes: IntArray, terms: FloatArray) -> None:
    """Write x(xi) of a cell as 1, r, s, t, r^2, s^2, t^2, rs, st, rt times ``terms`` (10, 3)."""
    for d in range(3):
        o = points[nodes[0], d]
        r, s, t = points[nodes[4], d], points[nodes[6], d], points[nodes[7], d]
        first, second, third = points[nodes[1], d], points[nodes[2], d], points[nodes[3], d]
        terms[0, d] = o
        terms[1, d] = 4.0 * r - 3.0 * o - first
        terms[2, d] = 4.0 * s - 3.0 * o - second
        terms[3, d] = 4.0 * t - 3.0 * o - third
        terms[4, d] = 2.0 * (o + first) - 4.0 * r
        terms[5, d] = 2.0 * (o + second) - 4.0 * s
        terms[6, d] = 2.0 * (o + third) - 4.0 * t
        terms[7, d] = 4.0 * (o - r - s + points[nodes[5], d])
        terms[8, d] = 4.0 * (o - s - t + points[nodes[9], d])
        terms[9, d] = 4.0 * (o - r - t + points[nodes[8], d])


@nb.njit(cache=True)
def residual(x: FloatArray, terms: FloatArray, xi: FloatArray, gap: FloatArray) -> float:
    """Write x - x(xi) into ``gap`` (3,) and return its length."""
    r, s, t = xi[0], xi[1], xi[2]
    total = 0.0
    for d in range(3):
        value = x[d] - terms[0, d]
        value -= r * (terms[1, d] + r * terms[4, d] + s * terms[7, d])
        value -= s * (terms[2, d] + s * terms[5, d] + t * terms[8, d])
        value -= t * (terms[3, d] + t * terms[6, d] + r * terms[9, d])
        gap[d] = value
        total += value * value
    length: float = np.sqrt(total)
    return length


@nb.njit(cache=True, error_model="numpy")
def _newton_step(terms: FloatArray, xi: FloatArray, gap: FloatArray) -> float:
    """Move ``xi`` by the Newton step for ``gap``; return its largest part, infinite if singular."""
    r, s, t = xi[0], xi[1], xi[2]
    a0, a1, a2 = _column(terms, 1, 4, 7, 9, r, s, t)
    b0, b1, b2 = _column(terms, 2, 5, 7, 8, s, r, t)
    c0, c1, c2 = _column(terms, 3, 6, 8, 9, t, s, r)
    u0, u1, u2 = b1 * c2 - b2 * c1, b2 * c0 - b0 * c2, b0 * c1 - b1 * c0
    v0, v1, v2 = c1 * a2 - c2 * a1, c2 * a0 - c0 * a2, c0 * a1 - c1 * a0
    w0, w1, w2 = a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0
    determinant = a0 * u0 + a1 * u1 + a2 * u2
    if determinant == 0.0:
        return np.inf
    dr = (u0 * gap[0] + u1 * gap[1] + u2 * gap[2]) / determinant
    ds = (v0 * gap[0] + v1 * gap[1] + v2 * gap[2]) / determinant
    dt = (w0 * gap[0] + w1 * gap[1] + w2 * gap[2]) / determinant
    xi[0], xi[1], xi[2] = r + dr, s + ds, t + dt
    return max(abs(dr), max(abs(ds), abs(dt)))


@nb.njit(cache=True)
def _column(
    terms: FloatArray, own: int, square: int, one: int, other: int, x: float, y: float, z: float
) -> tuple[float, float, float]:
    """Derivative of x(xi) along the coordinate ``x``, whose mixed terms are those with y and z."""
    return (
        terms[own, 0] + 2.0 * x * terms[square, 0] + y * terms[one, 0] + z * terms[other, 0],
        terms[own, 1] + 2.0 * x * terms[square, 1] + y * terms[one, 1] + z * terms[other, 1],
        terms[own, 2] + 2.0 * x * terms[square, 2] + y * terms[one, 2] + z * terms[other, 2],
    )


@nb.njit(cache=True)
def invert(
    x: FloatArray, terms: FloatArray, xi: FloatArray, gap: FloatArray, is_hasty: bool
) -> bool:
    """Newton for x(xi) = x from where ``xi`` is; True if it ends inside.

    An outside ``xi`` is the last iterate, good enough to be clamped unless ``is_hasty``: then it is
    given up once the steps are too short to lead back.
    """
    for _ in range(NEWTON_STEPS):
        residual(x, terms, xi, gap)
        size = _newton_step(terms, xi, gap)
        if size > ASTRAY or max(abs(xi[0]), max(abs(xi[1]), abs(xi[2]))) > ASTRAY:
            return False
        least = min(min(xi[0], xi[1]), min(xi[2], 1.0 - xi[0] - xi[1] - xi[2]))
        if size < CONVERGED:
            return least >= INSIDE
        if is_hasty and size < 0.3 and least < -1.5 * size:
            return False
    return False


@nb.njit(cache=True)
def clamp(xi: FloatArray) -> None:
    """Move ``xi`` into the reference tetrahedron: negative barycentrics to zero, rescaled."""
    first = max(1.0 - xi[0] - xi[1] - xi[2], 0.0)
    for d in range(3):
        xi[d] = max(xi[d], 0.0)
    xi /= first + xi[0] + xi[1] + xi[2]
