"""Smooth curves through centerline points.

Through the points goes a cubic Hermite curve whose tangent at each point is that of the circle
through it and its neighbours, and whose speed is that of the circle arc on each side. Lines and
circles are thus exact however uneven the points, and the speed at a short step's end is held to
that step, so that a long step beside it does not bulge.

The curve is then sampled evenly in local lumen radii and smoothed with a third-difference penalty
(Whittaker 1923), which leaves quadratics alone; where it turns more tightly than the lumen allows,
the penalty is raised locally until it does not, or until the curve has moved as far as it may.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.linalg import solveh_banded
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

FloatArray = NDArray[np.float64]

STEP = 0.1
"""Distance between samples [radii]."""
LONGEST_STEP = 3.0
"""The speed at a point is held to this many times its shorter neighbouring step."""
RADIUS_SMOOTHING = 0.5
"""The radius is smoothed over this part of the wavelength of the centerline."""
PINNED = 1e8
"""Weight of the end points, which stay where they are."""
GROWTH = 3.0
"""Greatest factor on the penalty in each round of the repair."""
LEAST_PACE = 0.1
"""The repair gives up where no greater factor than exp of this keeps the curve near enough."""
STIFFEST = 1e10
"""Greatest penalty: wiggles up to 30 radii long are gone then, and the equations still solvable."""
ROUNDS = 40


@dataclass(frozen=True)
class VesselCurve:
    """A smooth curve with radius, by a parameter that counts samples.

    Attributes:
        position: Cubic spline of the position [m].
        radius: Radius [m].
        nodes: Parameter of each given point (k,).
        last: Parameter of the end.
        tightest: Least radius of curvature over lumen radius [-].
        tightest_at: Parameter where that is.
        shift: Greatest distance the smoothing moved the curve, in local radii.
    """

    position: CubicSpline
    radius: PchipInterpolator
    nodes: FloatArray
    last: float
    tightest: float
    tightest_at: float
    shift: float

    def tangents(self, parameters: FloatArray) -> FloatArray:
        """Unit tangents (n, 3)."""
        slopes: FloatArray = self.position(parameters, 1)
        return np.asarray(slopes / np.linalg.norm(slopes, axis=1)[:, None], dtype=np.float64)


def fit_curve(
    points: FloatArray,
    radii: FloatArray,
    *,
    smoothing: float,
    least_curvature: float,
    largest_shift: float,
) -> VesselCurve:
    """Smooth curve through points with radii.

    Args:
        points: Points (k, 3) [m], neighbours apart.
        radii: Radii (k,) [m].
        smoothing: Wavelength below which wiggles are removed [radii].
        least_curvature: Radius of curvature to reach [radii].
        largest_shift: How far the curve may move to reach it [radii].

    Returns:
        The curve; ``tightest`` tells whether the curvature was reached.
    """
    path, path_radii, nodes = _sample(points, radii)
    n = len(path)
    base = np.full(max(n - 3, 0), (smoothing / (2.0 * np.pi * STEP)) ** 6)
    smooth = _repair(path, path_radii, base, least_curvature, largest_shift)
    widths = _whittaker(path_radii[:, None], RADIUS_SMOOTHING**6 * base)[:, 0]
    parameters = np.arange(n, dtype=np.float64)
    ratio = _curvature_ratio(smooth, path_radii)
    return VesselCurve(
        position=CubicSpline(parameters, smooth),
        radius=PchipInterpolator(parameters, np.clip(widths, radii.min(), radii.max())),
        nodes=nodes,
        last=float(n - 1),
        tightest=float(ratio.min()),
        tightest_at=float(np.argmin(ratio)),
        shift=float(_shift(path, smooth, path_radii).max()),
    )


def _sample(points: FloatArray, radii: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Positions and radii evenly spaced in local radii, and the parameters of the points."""
    chords = np.linalg.norm(np.diff(points, axis=0), axis=1)
    narrow = np.minimum(radii[:-1], radii[1:])
    counts = np.clip(np.ceil(4.0 * chords / (STEP * narrow)), 8, 4000).astype(np.int64)
    u = np.concatenate(
        [i + np.arange(c) / c for i, c in enumerate(counts)] + [[float(len(counts))]]
    )
    place = _HermitePath(points)
    fine = place(u)
    abscissas = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))])
    at_nodes = np.concatenate([[0], np.cumsum(counts)])
    radius = PchipInterpolator(abscissas[at_nodes], radii)
    rate = 1.0 / radius(abscissas)
    steps = 0.5 * (rate[1:] + rate[:-1]) * np.diff(abscissas)
    turns = np.concatenate([[0.0], np.cumsum(steps)])
    n = max(int(np.ceil(turns[-1] / STEP)) + 1, 8)
    even = np.linspace(0.0, turns[-1], n)
    where = np.interp(even, turns, u)
    nodes = turns[at_nodes] * (n - 1) / turns[-1]
    return place(where), radius(np.interp(even, turns, abscissas)), nodes


class _HermitePath:
    """The cubic Hermite curve through points, by a parameter that counts points."""

    def __init__(self, points: FloatArray) -> None:
        steps = np.diff(points, axis=0)
        chords = np.linalg.norm(steps, axis=1)
        units = steps / chords[:, None]
        tangents = _circle_tangents(units, chords)
        self.points = points
        around = np.minimum(np.append(chords, np.inf), np.concatenate([[np.inf], chords]))
        self.start = tangents[:-1] * _speed(units, tangents[:-1], chords, around[:-1])[:, None]
        self.end = tangents[1:] * _speed(units, tangents[1:], chords, around[1:])[:, None]

    def __call__(self, u: FloatArray) -> FloatArray:
        i = np.clip(np.floor(u).astype(np.int64), 0, len(self.points) - 2)
        t = (u - i)[:, None]
        v = 1.0 - t
        ends = v * v * (1 + 2 * t) * self.points[i] + t * t * (1 + 2 * v) * self.points[i + 1]
        return np.asarray(ends + t * v * (v * self.start[i] - t * self.end[i]), dtype=np.float64)


def _circle_tangents(units: FloatArray, chords: FloatArray) -> FloatArray:
    """Unit tangent at each point of the circle through it and its neighbours (k, 3)."""
    if len(units) == 1:
        return np.repeat(units, 2, axis=0)
    inner = units[:-1] * chords[1:, None] + units[1:] * chords[:-1, None]
    lengths = np.linalg.norm(inner, axis=1)
    inner = np.where(lengths[:, None] > 1e-9 * chords[1:, None], inner, units[1:])
    inner = inner / np.linalg.norm(inner, axis=1)[:, None]
    first = 2.0 * (inner[0] @ units[0]) * units[0] - inner[0]
    last = 2.0 * (inner[-1] @ units[-1]) * units[-1] - inner[-1]
    tangents: FloatArray = np.vstack([first, inner, last])
    return tangents


def _speed(
    units: FloatArray, tangents: FloatArray, chords: FloatArray, around: FloatArray
) -> FloatArray:
    """Speed of a circle arc at its end, held to the shorter neighbouring step (k - 1,)."""
    cosine = np.clip(np.einsum("ij,ij->i", units, tangents), -0.5, 1.0)
    arc: FloatArray = 2.0 * chords / (1.0 + cosine)
    return np.asarray(np.minimum(arc, LONGEST_STEP * around), dtype=np.float64)


def _whittaker(values: FloatArray, penalty: FloatArray) -> FloatArray:
    """Values (n, d) smoothed with a penalty (n - 3,) on third differences; the ends stay."""
    n = len(values)
    if n < 5 or not penalty.any():
        return values.copy()
    weights = np.ones(n)
    weights[[0, -1]] = PINNED
    difference = np.array([-1.0, 3.0, -3.0, 1.0])
    bands = np.zeros((4, n))
    bands[0] = weights
    for a in range(4):
        for b in range(a + 1):
            product = penalty * difference[a] * difference[b]
            bands[a - b, b : b + n - 3] += product
    offset = values[0]
    smooth = solveh_banded(bands, weights[:, None] * (values - offset), lower=True)
    return np.asarray(smooth + offset, dtype=np.float64)


def _curvature_ratio(points: FloatArray, radii: FloatArray) -> FloatArray:
    """Radius of curvature over lumen radius at each sample (n,)."""
    first = 0.5 * (points[2:] - points[:-2])
    second = points[2:] - 2.0 * points[1:-1] + points[:-2]
    turn = np.linalg.norm(np.cross(first, second), axis=1)
    speed = np.linalg.norm(first, axis=1)
    ratio = speed**3 / np.maximum(turn * radii[1:-1], 1e-12 * speed**3)
    return np.concatenate([ratio[:1], ratio, ratio[-1:]])


def _shift(before: FloatArray, after: FloatArray, radii: FloatArray) -> FloatArray:
    """Distance between two curves across their direction, in local radii (n,)."""
    moved = before - after
    along = np.gradient(after, axis=0)
    along = along / np.linalg.norm(along, axis=1)[:, None]
    across = moved - np.einsum("ij,ij->i", moved, along)[:, None] * along
    return np.asarray(np.linalg.norm(across, axis=1) / radii, dtype=np.float64)


def _repair(
    path: FloatArray,
    radii: FloatArray,
    base: FloatArray,
    least_curvature: float,
    largest_shift: float,
) -> FloatArray:
    """Smooth with the base penalty, then harder where the curve turns too tightly."""
    smooth = _whittaker(path, base)
    if len(base) < 5:
        return smooth
    log_penalty = np.log(np.maximum(base, 1.0))
    pace = np.full(len(base), np.log(GROWTH))
    for _ in range(ROUNDS):
        tight = _curvature_ratio(smooth, radii)[1:-2] < least_curvature
        reach = 2 * int(np.ceil(2.0 * np.exp(log_penalty.max() / 6.0))) + 1
        grow = maximum_filter1d(tight, reach) & (pace > LEAST_PACE)
        if not grow.any():
            break
        raised = log_penalty + gaussian_filter1d(np.where(grow, pace, 0.0), reach / 6.0)
        raised = np.minimum(raised, np.log(STIFFEST))
        if np.array_equal(raised, log_penalty):
            break
        trial = _whittaker(path, np.exp(raised))
        far = _shift(path, trial, radii)[1:-2] > largest_shift
        if far.any():
            pace = np.where(maximum_filter1d(far, 2 * reach + 1), 0.5 * pace, pace)
        else:
            log_penalty, smooth = raised, trial
    return smooth
