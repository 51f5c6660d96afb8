"""Time steps chosen by their error, short where a 0-D model of the cycle moves fast.

A step h of second-order backward differences leaves 2/9 h^3 u''' of u (Hairer and Wanner, Solving
Ordinary Differential Equations I, III.2; from memory). The third difference over three steps of
length h is its estimate, from a course of the cycle that is known beforehand: at each time the
longest h is taken whose estimate stays below the tolerance there and around. Neighbours may differ
by about a fifth, so that the formula on unequal steps keeps its order and its stability.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.solvers.options import LEAST_STEPS
from corohemo.solvers.time_grid import TimeGrid

FloatArray = NDArray[np.float64]

ERROR = 2.0 / 9.0
"""Error of a step over the third difference."""
SLOPE = 0.2
"""Largest change of the step by the time."""
SHORTEST = 1.0 / 8.0
"""Shortest step over the mean one if as many were taken as may be; a kink would ask for zero."""
HALVINGS = 60


def graded_grid(period: float, course: FloatArray, tolerance: float, most: int) -> TimeGrid:
    """Steps whose errors are about ``tolerance``, or alike and larger if that takes too many.

    Args:
        period: Length of the cycle [s].
        course: Quantities (k, c) at k equal steps of the periodic cycle, many more than ``most``.
        tolerance: Error of a step over the range of the quantity in the cycle.
        most: Largest number of steps.
    """
    fine = period / len(course)
    strides, errors = _estimates(course)
    shortest = SHORTEST * period / most

    def lengths(allowed: float) -> FloatArray:
        longest = fine * _strides_within(strides, errors, allowed)
        return _smoothed(np.maximum(longest, shortest), SLOPE * fine)

    found = lengths(tolerance)
    count = _count(found, fine)
    if count > most:
        low, high = np.log(tolerance), np.log(max(float(errors.max()), tolerance))
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            if _count(lengths(np.exp(middle)), fine) > most:
                low = middle
            else:
                high = middle
        found, count = lengths(np.exp(high)), most
    return _placed(found, fine, period, count)


def _estimates(course: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Strides (s,) and the largest error that a step of each leaves around each time (s, k)."""
    from scipy.ndimage import maximum_filter1d

    span = np.ptp(course, axis=0)
    values = course[:, span > 0.0] / span[span > 0.0]
    longest = len(course) // LEAST_STEPS
    strides = np.unique(np.geomspace(1.0, longest, 40).astype(np.int64))
    errors = np.zeros((len(strides), len(course)))
    for row, stride in zip(errors, strides, strict=True):
        if values.shape[1] == 0:
            continue
        one, two, three = (np.roll(values, back * stride, axis=0) for back in (1, 2, 3))
        difference = np.abs(values - 3.0 * one + 3.0 * two - three).max(axis=1)
        row[:] = ERROR * maximum_filter1d(difference, size=4 * stride + 1, mode="wrap")
    return strides.astype(np.float64), np.maximum.accumulate(errors)


def _strides_within(strides: FloatArray, errors: FloatArray, allowed: float) -> FloatArray:
    """Longest stride (k,) whose error is allowed, between the strides by a power law."""
    fits = (errors <= allowed).sum(axis=0)
    columns = np.arange(errors.shape[1])
    below, above = np.maximum(fits - 1, 0), np.minimum(fits, len(strides) - 1)
    low, high = errors[below, columns], errors[above, columns]
    small = np.maximum(low, 1e-30)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.log(allowed / small) / np.log(np.maximum(high, 1e-30) / small)
    share = np.where((high > low) & (fits > 0), np.clip(share, 0.0, 1.0), 0.0)
    between = strides[below] * (strides[above] / strides[below]) ** share
    return np.where(fits == 0, np.cbrt(allowed / np.maximum(errors[0], 1e-30)), between)


def _smoothed(lengths: FloatArray, most: float) -> FloatArray:
    """Steps (k,) that differ from their neighbours, around the cycle, by no more than ``most``."""
    ramp = most * np.arange(2.0 * len(lengths))
    twice = np.tile(lengths, 2)
    forward = np.minimum.accumulate(twice - ramp) + ramp
    backward = (np.minimum.accumulate(twice[::-1] - ramp) + ramp)[::-1]
    n = len(lengths)
    return np.minimum(forward[n:], backward[:n])


def _count(lengths: FloatArray, fine: float) -> int:
    """Number of steps of these lengths in a cycle."""
    return max(int(np.ceil(fine * float((1.0 / lengths).sum()) - 1e-9)), LEAST_STEPS)


def _placed(lengths: FloatArray, fine: float, period: float, count: int) -> TimeGrid:
    """So many steps with equal shares of the integral of one over the length."""
    passed = np.concatenate([[0.0], np.cumsum(fine / lengths)])
    shares = np.arange(1, count + 1) / count * passed[-1]
    ends = np.interp(shares, passed, fine * np.arange(len(lengths) + 1.0))
    ends[-1] = period
    return TimeGrid(np.diff(ends, prepend=0.0))
