"""Pressure drop along a branch of given radius: friction, and the momentum of a jet.

Friction is Poiseuille's. The momentum flux of the stream is rho Q^2 w, where 1 / w is the area it
flows through. In a contraction the stream fills the lumen, w = 1 / A. Where the lumen widens it
keeps its momentum as a jet and spreads by viscosity over a length proportional to its Reynolds
number,

    dw/ds = -(w - 1 / A) / l,   l = mixing * rho |Q| / mu,   A dp = -rho Q^2 dw.

Narrow l is Bernoulli's law, a sudden widening is Borda's and Carnot's, and the pressure recovers
downstream of a lesion over the length l, into the next lesion if that comes first.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@nb.njit(cache=True)
def viscous_resistance(abscissas: FloatArray, radii: FloatArray, viscosity: float) -> FloatArray:
    """Poiseuille resistance from the first section to each one, exact for cones (n,) [Pa s/m3].

    (8 mu / pi) int ds / r^4 with r linear between sections:
    L (r1^2 + r1 r2 + r2^2) / (3 r1^3 r2^3).
    """
    result = np.zeros(radii.size)
    for i in range(radii.size - 1):
        r1, r2 = radii[i], radii[i + 1]
        length = abscissas[i + 1] - abscissas[i]
        integral = length * (r1 * r1 + r1 * r2 + r2 * r2) / (3.0 * (r1 * r2) ** 3)
        result[i + 1] = result[i] + 8.0 * viscosity / np.pi * integral
    return result


@nb.njit(cache=True)
def jet_drop(
    abscissas: FloatArray,
    inverse_areas: FloatArray,
    flow: float,
    density: float,
    mixing_time: float,
    drops: FloatArray,
) -> float:
    """Momentum part of the static pressure drop from the first section to each one.

    Shapes: abscissas, inverse_areas, drops (n,). ``mixing_time`` times |Q| is the mixing length:
    mixing * rho / mu [s/m2]. A negative flow is followed from the last section to the first.

    Args:
        abscissas: Path length of the sections [m].
        inverse_areas: 1 / A [1/m2].
        flow: Q [m3/s].
        density: rho [kg/m3].
        mixing_time: Mixing length over flow [s/m2].
        drops: Filled with p_0 - p_i [Pa].

    Returns:
        Derivative of the last drop by the flow [Pa s/m3].
    """
    n = abscissas.size
    first, step = (0, 1) if flow >= 0.0 else (n - 1, -1)
    length = mixing_time * abs(flow)
    stream, stream_slope = inverse_areas[first], 0.0
    total, total_slope = 0.0, 0.0
    scale = density * flow * flow
    drops[first] = 0.0
    for k in range(n - 1):
        here = first + k * step
        there = here + step
        target = inverse_areas[there]
        mean = 0.5 * (inverse_areas[here] + target)
        after, after_slope = target, 0.0
        if stream > target and length > 0.0:
            path = abs(abscissas[there] - abscissas[here]) / length
            kept = np.exp(-path)
            after = target + (stream - target) * kept
            after_slope = kept * (stream_slope + (stream - target) * path / length)
        total += mean * (after - stream)
        total_slope += mean * (after_slope - stream_slope)
        stream, stream_slope = after, after_slope
        drops[there] = scale * total
    slope = 2.0 * density * abs(flow) * total + scale * mixing_time * total_slope
    if flow < 0.0:
        drops -= drops[0]
    return slope


@nb.njit(cache=True)
def young_tsai(
    reference_area: float, throat_area: float, length: float, density: float, viscosity: float
) -> tuple[float, float]:
    """Linear and quadratic coefficient of a stenosis, dp = linear Q + quadratic Q |Q|.

    linear = K_v mu / (A_0 D_0),  K_v = 32 (0.83 L + 1.64 D_s) / D_0 (A_0 / A_s)^2,
    quadratic = K_t rho / (2 A_0^2) (A_0 / A_s - 1)^2,  K_t = 1.52.

    Args:
        reference_area: A_0 of the healthy vessel [m2].
        throat_area: A_s [m2].
        length: L of the stenosis [m].
        density: rho [kg/m3].
        viscosity: mu [Pa s].

    Returns:
        [Pa s/m3] and [Pa s2/m6].

    Reference:
        Young and Tsai 1973, J. Biomech. 6:395-410 and 547-559.
    """
    reference, throat = np.sqrt(4.0 * reference_area / np.pi), np.sqrt(4.0 * throat_area / np.pi)
    ratio = reference_area / throat_area
    viscous = 32.0 * (0.83 * length + 1.64 * throat) / reference * ratio**2
    turbulent = 1.52 * density / (2.0 * reference_area**2) * (ratio - 1.0) ** 2
    return viscous * viscosity / (reference_area * reference), turbulent


@nb.njit(cache=True)
def inertance(abscissas: FloatArray, inverse_areas: FloatArray, density: float) -> float:
    """Rho int ds / A over a branch, exact for cones [Pa s2/m3]; arrays (n,) of its sections."""
    return section_inertances(abscissas, inverse_areas, density)[-1]


@nb.njit(cache=True)
def section_inertances(
    abscissas: FloatArray, inverse_areas: FloatArray, density: float
) -> FloatArray:
    """The same from the first section to each one (n,)."""
    result = np.zeros(abscissas.size)
    for i in range(abscissas.size - 1):
        length = abscissas[i + 1] - abscissas[i]
        part = density * length * np.sqrt(inverse_areas[i] * inverse_areas[i + 1])
        result[i + 1] = result[i] + part
    return result


@nb.njit(cache=True)
def section_drops(
    offsets: IntArray,
    abscissas: FloatArray,
    inverse_areas: FloatArray,
    flows: FloatArray,
    density: float,
    mixing_time: float,
) -> FloatArray:
    """``jet_drop`` at every section of every branch.

    Shapes: offsets (n_branches + 1,) into the flat section arrays (n_sections,).
    """
    drops = np.zeros(abscissas.size)
    for b in range(flows.size):
        run = slice(offsets[b], offsets[b + 1])
        jet_drop(
            abscissas[run], inverse_areas[run], flows[b], density, mixing_time, drops[run]
        )  # fmt: skip
    return drops


@nb.njit(cache=True)
def section_drop_series(
    offsets: IntArray,
    abscissas: FloatArray,
    inverse_areas: FloatArray,
    flows: FloatArray,
    density: float,
    mixing_time: float,
) -> FloatArray:
    """``section_drops`` for flows (n_times, n_branches) at several times (n_times, n_sections)."""
    drops = np.zeros((flows.shape[0], abscissas.size))
    for k in range(flows.shape[0]):
        drops[k] = section_drops(offsets, abscissas, inverse_areas, flows[k], density, mixing_time)
    return drops
