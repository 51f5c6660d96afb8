"""Correlation and intraclass correlation with confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, nan, sqrt, tanh

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from corohemo.agreement.intervals import Estimate, normal_quantile

FloatArray = NDArray[np.float64]


def pearson(x: FloatArray, y: FloatArray, *, level: float = 0.95) -> Estimate:
    """Pearson's r with Fisher's interval tanh(atanh r +- z / sqrt(n - 3))."""
    return fisher_interval(_correlation(x, y), len(x), level=level)


def fisher_interval(r: float, n: int, *, level: float = 0.95, factor: float = 1.0) -> Estimate:
    """Interval of a correlation by Fisher's z, its variance times ``factor``.

    Reference:
        Fisher, Metron 1921;1:3.
    """
    if n <= 3 or not abs(r) < 1.0:
        return Estimate(r, nan, nan, "fisher")
    reach = normal_quantile(level) * sqrt(factor / (n - 3))
    return Estimate(r, tanh(atanh(r) - reach), tanh(atanh(r) + reach), "fisher")


def spearman(x: FloatArray, y: FloatArray, *, level: float = 0.95) -> Estimate:
    """Spearman's rho; variance of its z is (1 + rho^2 / 2) / (n - 3).

    Reference:
        Bonett, Wright, Psychometrika 2000;65:23.
    """
    rho = _correlation(stats.rankdata(x), stats.rankdata(y))
    return fisher_interval(rho, len(x), level=level, factor=1.0 + 0.5 * rho**2)


def _correlation(x: FloatArray, y: FloatArray) -> float:
    if len(x) < 2 or np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return nan
    return float(np.corrcoef(x, y)[0, 1])


@dataclass(frozen=True)
class MeanSquares:
    """Two-way analysis of variance of n subjects measured by k methods.

    Attributes:
        n: Subjects.
        k: Methods.
        subjects: Mean square between subjects.
        methods: Mean square between methods.
        error: Residual mean square.
    """

    n: int
    k: int
    subjects: float
    methods: float
    error: float

    @classmethod
    def of(cls, values: FloatArray) -> MeanSquares:
        """From values (n, k)."""
        n, k = values.shape
        grand = values.mean()
        rows, columns = values.mean(axis=1), values.mean(axis=0)
        residual = values - rows[:, None] - columns + grand
        return cls(
            n=n,
            k=k,
            subjects=float(k * np.sum((rows - grand) ** 2) / (n - 1)),
            methods=float(n * np.sum((columns - grand) ** 2) / (k - 1)),
            error=float(np.sum(residual**2) / ((n - 1) * (k - 1))),
        )


def intraclass(values: FloatArray, *, kind: str = "agreement", level: float = 0.95) -> Estimate:
    """Intraclass correlation of single measurements by k methods on n subjects.

    Args:
        values: Measurements (n, k).
        kind: "agreement", ICC(2,1), in which a shift between methods counts; or "consistency",
            ICC(3,1), in which it does not.
        level: Confidence.

    Reference:
        Shrout, Fleiss, Psychol Bull 1979;86:420; McGraw, Wong, Psychol Methods 1996;1:30.
    """
    if len(values) < 3:
        return Estimate(nan, nan, nan, kind)
    squares = MeanSquares.of(values)
    tail = 0.5 + 0.5 * level
    return (_agreement if kind == "agreement" else _consistency)(squares, tail)


def _agreement(m: MeanSquares, tail: float) -> Estimate:
    n, k = m.n, m.k
    between = k * (m.methods - m.error) / n
    value = (m.subjects - m.error) / (m.subjects + (k - 1) * m.error + between)
    if m.error == 0.0:
        return Estimate(value, nan, nan, "ICC(2,1)")
    a = k * value / (n * (1.0 - value))
    b = 1.0 + k * value * (n - 1) / (n * (1.0 - value))
    freedom = (a * m.methods + b * m.error) ** 2 / (
        (a * m.methods) ** 2 / (k - 1) + (b * m.error) ** 2 / ((n - 1) * (k - 1))
    )
    upper = stats.f.ppf(tail, n - 1, freedom)
    lower = stats.f.ppf(tail, freedom, n - 1)
    rest = k * m.methods + (k * n - k - n) * m.error
    low = n * (m.subjects - upper * m.error) / (upper * rest + n * m.subjects)
    high = n * (lower * m.subjects - m.error) / (rest + n * lower * m.subjects)
    return Estimate(value, float(low), float(high), "ICC(2,1)")


def _consistency(m: MeanSquares, tail: float) -> Estimate:
    n, k = m.n, m.k
    value = (m.subjects - m.error) / (m.subjects + (k - 1) * m.error)
    if m.error == 0.0:
        return Estimate(value, nan, nan, "ICC(3,1)")
    ratio = m.subjects / m.error
    low = ratio / stats.f.ppf(tail, n - 1, (n - 1) * (k - 1))
    high = ratio * stats.f.ppf(tail, (n - 1) * (k - 1), n - 1)
    return Estimate(
        value,
        float((low - 1.0) / (low + k - 1.0)),
        float((high - 1.0) / (high + k - 1.0)),
        "ICC(3,1)",
    )
