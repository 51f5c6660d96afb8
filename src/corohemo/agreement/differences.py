"""Differences of two methods: Bland-Altman and Passing-Bablok."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from corohemo.agreement.intervals import Estimate, normal_quantile

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class BlandAltman:
    """Bias and limits of agreement of ``computed - invasive``.

    Attributes:
        n: Pairs.
        bias: Mean difference, interval by Student's t.
        sd: Standard deviation of the differences.
        lower: Lower limit, bias - 1.96 SD.
        upper: Upper limit, bias + 1.96 SD.
        slope: Slope of the difference on the mean of both: proportional bias if it is not zero.
        slope_p: Probability of such a slope without proportional bias.
    """

    n: int
    bias: Estimate
    sd: float
    lower: Estimate
    upper: Estimate
    slope: Estimate
    slope_p: float


def bland_altman(
    computed: FloatArray, invasive: FloatArray, *, level: float = 0.95, limits: float = 1.96
) -> BlandAltman:
    """Bias, limits of agreement and proportional bias of pairs (n,), n >= 3.

    The variance of a limit is s^2 (1 / n + z^2 / (2 (n - 1))), about 3 s^2 / n.

    Reference:
        Bland, Altman, Lancet 1986;1:307; Stat Methods Med Res 1999;8:135.
    """
    difference = computed - invasive
    n = len(difference)
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    t = float(stats.t.ppf(0.5 + 0.5 * level, n - 1))
    reach = t * sd / sqrt(n)
    limit_reach = t * sd * sqrt(1.0 / n + limits**2 / (2.0 * (n - 1)))
    ends = [bias - limits * sd, bias + limits * sd]
    lower, upper = (
        Estimate(end, end - limit_reach, end + limit_reach, "bland-altman") for end in ends
    )
    slope, p_value = _slope(0.5 * (computed + invasive), difference, level)
    interval = Estimate(bias, bias - reach, bias + reach, "student")
    return BlandAltman(n, interval, sd, lower, upper, slope, p_value)


def _slope(x: FloatArray, y: FloatArray, level: float) -> tuple[Estimate, float]:
    """Slope of y on x with its interval and probability."""
    if np.ptp(x) == 0.0:
        return Estimate(nan, nan, nan, "least squares"), nan
    fit = stats.linregress(x, y)
    reach = float(stats.t.ppf(0.5 + 0.5 * level, len(x) - 2)) * float(fit.stderr)
    slope = float(fit.slope)
    return Estimate(slope, slope - reach, slope + reach, "least squares"), float(fit.pvalue)


@dataclass(frozen=True)
class PassingBablok:
    """The line computed = intercept + slope * invasive, with error in both.

    Attributes:
        slope: 1 without proportional difference.
        intercept: 0 without constant difference.
        linearity_p: Probability of so uneven a scatter about the line (cusum test).
    """

    slope: Estimate
    intercept: Estimate
    linearity_p: float


def passing_bablok(
    computed: FloatArray, invasive: FloatArray, *, level: float = 0.95
) -> PassingBablok:
    """Shifted median of the slopes of all pairs of points.

    Reference:
        Passing, Bablok, J Clin Chem Clin Biochem 1983;21:709.
    """
    n = len(computed)
    first, second = np.triu_indices(n, 1)
    rise = computed[second] - computed[first]
    run = invasive[second] - invasive[first]
    distinct = (rise != 0.0) | (run != 0.0)
    rise, run = rise[distinct], run[distinct]
    with np.errstate(divide="ignore"):
        slopes = np.where(
            run != 0.0, rise / np.where(run != 0.0, run, 1.0), np.copysign(np.inf, rise)
        )
    slopes = np.sort(slopes[slopes != -1.0])
    if len(slopes) == 0:
        missing = Estimate(nan, nan, nan, "passing-bablok")
        return PassingBablok(missing, missing, nan)
    shift = int(np.sum(slopes < -1.0))
    slope = _shifted_median(slopes, shift)
    width = normal_quantile(level) * sqrt(n * (n - 1) * (2 * n + 5) / 18.0)
    low = round((len(slopes) - width) / 2.0)
    high = len(slopes) - low + 1
    low_slope, high_slope = (
        float(slopes[min(max(place + shift - 1, 0), len(slopes) - 1)]) for place in (low, high)
    )
    centers = [float(np.median(computed - b * invasive)) for b in (slope, high_slope, low_slope)]
    return PassingBablok(
        Estimate(slope, low_slope, high_slope, "passing-bablok"),
        Estimate(centers[0], centers[1], centers[2], "passing-bablok"),
        _cusum_p(computed, invasive, slope, centers[0]),
    )


def _shifted_median(slopes: FloatArray, shift: int) -> float:
    count = len(slopes)
    places = [(count - 1) // 2 + shift, count // 2 + shift]
    return float(np.mean(slopes[np.minimum(places, count - 1)]))


def _cusum_p(computed: FloatArray, invasive: FloatArray, slope: float, intercept: float) -> float:
    """Kolmogorov-Smirnov probability of the largest excursion along the line."""
    residual = computed - intercept - slope * invasive
    above, below = int(np.sum(residual > 0)), int(np.sum(residual < 0))
    if min(above, below) == 0:
        return nan
    score = np.where(residual > 0, sqrt(below / above), 0.0)
    score = np.where(residual < 0, -sqrt(above / below), score)
    along = (computed + invasive / slope - intercept) if slope != 0.0 else invasive
    excursion = np.max(np.abs(np.cumsum(score[np.argsort(along, kind="stable")])))
    return float(stats.kstwobign.sf(excursion / sqrt(below + 1)))
