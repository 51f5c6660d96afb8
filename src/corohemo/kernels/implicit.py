"""The lumen as an implicit surface: distance to tubes foliated by section planes, a tube at a time.

A tube is a run of sections (center c, tangent t, radius r, shape). Between two sections all vary
linearly; a point belongs to the plane with (x - c(u)).t(u) = 0, and its value is |x - c(u)| - r(u)
rho(u, angle): negative in the lumen, zero on the wall; rho is 1 for a circle (``kernels.polar``).
Before a tube's first plane its value is that of a ball.
"""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.polar import polar_radius

FloatArray = NDArray[np.float64]

FAR = 1e30


class Sections(NamedTuple):
    """Sections of one or several tubes, one after the other.

    Attributes:
        centers: Section centers (n, 3).
        tangents: Unit tangents (n, 3).
        normals: Unit normals, where a section's angle is zero (n, 3).
        radii: Radius of the circle of equal area (n,).
        shapes: Polar coefficients of the sections that are not circles (n, 2 k); k = 0 if all are.
    """

    centers: FloatArray
    tangents: FloatArray
    normals: FloatArray
    radii: FloatArray
    shapes: FloatArray


@nb.njit(cache=True)
def _plane_parameter(
    x: FloatArray, c0: FloatArray, c1: FloatArray, t0: FloatArray, t1: FloatArray
) -> float:
    """Root u in [0, 1] of (x - c(u)).t(u) = 0 between two sections, or -1."""
    g0 = 0.0
    for d in range(3):
        g0 += (x[d] - c0[d]) * t0[d]
    if g0 < 0.0:
        return -1.0
    g1 = 0.0
    for d in range(3):
        g1 += (x[d] - c1[d]) * t1[d]
    if g1 > 0.0:
        return -1.0
    k = 0.0
    for d in range(3):
        k -= (c1[d] - c0[d]) * (t1[d] - t0[d])
    b = g1 - g0 - k
    if abs(k) < 1e-12 * abs(b):
        return min(max(-g0 / b, 0.0), 1.0)
    discriminant = b * b - 4.0 * k * g0
    if discriminant < 0.0:
        return -1.0
    root = np.sqrt(discriminant)
    q = -0.5 * (b + root) if b > 0 else -0.5 * (b - root)
    for u in (g0 / q if q != 0.0 else -1.0, q / k):
        if -1e-12 <= u <= 1.0 + 1e-12:
            return min(max(u, 0.0), 1.0)
    return -1.0


@nb.njit(cache=True)
def _between(rows: FloatArray, i: int, u: float, d: int) -> float:
    """Component d between rows i and i + 1."""
    value: float = (1.0 - u) * rows[i, d] + u * rows[i + 1, d]
    return value


@nb.njit(cache=True)
def _shape_at(x: FloatArray, sections: Sections, i: int, u: float) -> tuple[float, float]:
    """Relative radius of a section towards a point of its plane, and its derivative by the angle.

    The frame is the one of the swept sections: tangent and normal vary linearly, the normal is made
    orthogonal to the tangent.
    """
    across, around, length = 0.0, 0.0, 0.0
    for d in range(3):
        e, f = (d + 1) % 3, (d + 2) % 3
        away = x[d] - _between(sections.centers, i, u, d)
        te, tf = _between(sections.tangents, i, u, e), _between(sections.tangents, i, u, f)
        ne, nf = _between(sections.normals, i, u, e), _between(sections.normals, i, u, f)
        across += away * _between(sections.normals, i, u, d)
        around += away * (te * nf - tf * ne)
        length += te * te
    around /= np.sqrt(length)
    size = max(np.sqrt(across**2 + around**2), 1e-300)
    return polar_radius(sections.shapes, i, u, across / size, around / size)


@nb.njit(cache=True)
def _write_outward(
    x: FloatArray, sections: Sections, i: int, u: float, outward: FloatArray
) -> None:
    """Write the wall's normal, towards a point of a section's plane, into ``outward``."""
    distance, length, step = 0.0, 0.0, 0.0
    for d in range(3):
        outward[d] = x[d] - _between(sections.centers, i, u, d)
        distance += outward[d] ** 2
        length += _between(sections.tangents, i, u, d) ** 2
        step += (sections.centers[i + 1, d] - sections.centers[i, d]) ** 2
    outward /= max(np.sqrt(distance), 1e-300)
    if sections.shapes.shape[1] > 0:
        _turn_to_shape(x, sections, i, u, length, outward)
    widening = (sections.radii[i + 1] - sections.radii[i]) / np.sqrt(step * length)
    for d in range(3):
        outward[d] -= widening * _between(sections.tangents, i, u, d)
    outward /= np.sqrt(1.0 + widening * widening * length)


@nb.njit(cache=True)
def _turn_to_shape(
    x: FloatArray, sections: Sections, i: int, u: float, length: float, outward: FloatArray
) -> None:
    """Turn the direction from a section's center in its plane to the normal of its outline."""
    radius, slope = _shape_at(x, sections, i, u)
    tilt = slope / radius
    a, b, c = outward[0], outward[1], outward[2]
    r = tilt / np.sqrt(length)
    p, q = _between(sections.tangents, i, u, 0), _between(sections.tangents, i, u, 1)
    s = _between(sections.tangents, i, u, 2)
    outward[0] = a - r * (q * c - s * b)
    outward[1] = b - r * (s * a - p * c)
    outward[2] = c - r * (p * b - q * a)
    outward /= np.sqrt(1.0 + tilt * tilt)


@nb.njit(cache=True)
def tube_value(
    x: FloatArray, sections: Sections, first: int, last: int, ball: bool
) -> tuple[float, float, FloatArray]:
    """Value at one point of the tube of sections ``first..last`` inclusive.

    Args:
        x: Point (3,).
        sections: Sections of all tubes.
        first: Index of the first section.
        last: Index of the last section.
        ball: Whether the tube starts with a ball.

    Returns:
        Value, section coordinate (index plus fraction, -1 where no plane passes), outward
        direction (3,).
    """
    centers, tangents, radii = sections.centers, sections.tangents, sections.radii
    best = FAR
    where = -1.0
    outward = np.zeros(3)
    shaped = sections.shapes.shape[1] > 0
    segment, parameter = -1, 0.0
    if ball:
        distance = 0.0
        behind = 0.0
        for d in range(3):
            distance += (x[d] - centers[first, d]) ** 2
            behind += (x[d] - centers[first, d]) * tangents[first, d]
        if behind <= 0.0:
            distance = np.sqrt(distance)
            best = distance - radii[first]
            where = float(first)
            for d in range(3):
                outward[d] = (x[d] - centers[first, d]) / max(distance, 1e-300)
    for i in range(first, last):
        u = _plane_parameter(x, centers[i], centers[i + 1], tangents[i], tangents[i + 1])
        if u < 0.0:
            continue
        distance = 0.0
        for d in range(3):
            distance += (x[d] - (1 - u) * centers[i, d] - u * centers[i + 1, d]) ** 2
        distance = np.sqrt(distance)
        radius = (1 - u) * radii[i] + u * radii[i + 1]
        if shaped:
            radius *= _shape_at(x, sections, i, u)[0]
        if distance - radius < best:
            best = distance - radius
            segment, parameter = i, u
    if segment >= 0:
        where = segment + parameter
        _write_outward(x, sections, segment, parameter, outward)
    return best, where, outward


@nb.njit(cache=True)
def minimum_on_points(
    samples: FloatArray, sections: Sections, first: int, last: int, ball: bool
) -> float:
    """Smallest value of a tube over sample points (m, 3)."""
    smallest = FAR
    for k in range(samples.shape[0]):
        value, _, _ = tube_value(samples[k], sections, first, last, ball)
        smallest = min(smallest, value)
    return smallest
