"""The map x(xi) of a curved quadratic tetrahedron as a polynomial, and its inverse by Newton."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.space import Vector, cross

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
def distance_from(x: Vector, terms: FloatArray, xi: FloatArray) -> float:
    """Length of x - x(xi)."""
    r, s, t = xi[0], xi[1], xi[2]
    total = 0.0
    for d in range(3):
        value = x[d] - terms[0, d]
        value -= r * (terms[1, d] + r * terms[4, d] + s * terms[7, d])
        value -= s * (terms[2, d] + s * terms[5, d] + t * terms[8, d])
        value -= t * (terms[3, d] + t * terms[6, d] + r * terms[9, d])
        total += value * value
    length: float = np.sqrt(total)
    return length


@nb.njit(cache=True)
def _slopes(terms: FloatArray, r: float, s: float, t: float, d: int) -> Vector:
    """Derivatives of component ``d`` of x(xi)."""
    return (
        terms[1, d] + 2.0 * r * terms[4, d] + s * terms[7, d] + t * terms[9, d],
        terms[2, d] + 2.0 * s * terms[5, d] + r * terms[7, d] + t * terms[8, d],
        terms[3, d] + 2.0 * t * terms[6, d] + s * terms[8, d] + r * terms[9, d],
    )


@nb.njit(cache=True)
def _gap(
    x: Vector, terms: FloatArray, slopes: Vector, r: float, s: float, t: float, d: int
) -> float:
    """Component ``d`` of x - x(xi); a quadratic's rise is half the slopes' sum at both ends."""
    rise = (slopes[0] + terms[1, d]) * r + (slopes[1] + terms[2, d]) * s
    return x[d] - terms[0, d] - 0.5 * (rise + (slopes[2] + terms[3, d]) * t)


@nb.njit(cache=True, error_model="numpy")
def _newton_step(x: Vector, terms: FloatArray, xi: FloatArray) -> float:
    """Move ``xi`` by Newton's step for x(xi) = x; return its largest part, infinite if singular."""
    r, s, t = xi[0], xi[1], xi[2]
    first = _slopes(terms, r, s, t, 0)
    second = _slopes(terms, r, s, t, 1)
    third = _slopes(terms, r, s, t, 2)
    f = _gap(x, terms, first, r, s, t, 0)
    g = _gap(x, terms, second, r, s, t, 1)
    h = _gap(x, terms, third, r, s, t, 2)
    u, v, w = cross(second, third), cross(third, first), cross(first, second)
    determinant = first[0] * u[0] + first[1] * u[1] + first[2] * u[2]
    if determinant == 0.0:
        return np.inf
    shrink = 1.0 / determinant
    by_r = shrink * (f * u[0] + g * v[0] + h * w[0])
    by_s = shrink * (f * u[1] + g * v[1] + h * w[1])
    by_t = shrink * (f * u[2] + g * v[2] + h * w[2])
    xi[0], xi[1], xi[2] = r + by_r, s + by_s, t + by_t
    return max(abs(by_r), max(abs(by_s), abs(by_t)))


@nb.njit(cache=True)
def invert(x: Vector, terms: FloatArray, xi: FloatArray, is_hasty: bool) -> bool:
    """Newton for x(xi) = x from where ``xi`` is; True if it ends inside.

    An outside ``xi`` is the last iterate, good enough to be clamped unless ``is_hasty``: then it is
    given up once the steps are too short to lead back.
    """
    for _ in range(NEWTON_STEPS):
        size = _newton_step(x, terms, xi)
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
