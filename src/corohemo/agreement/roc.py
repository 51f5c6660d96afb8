"""Receiver operating characteristic: area, DeLong's variance, paired test, thresholds.

A score is oriented so that more of it means disease: give ``-ffr``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from corohemo.agreement.intervals import Estimate, normal_quantile
from corohemo.errors import InputError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def auc(score: FloatArray, disease: BoolArray, *, level: float = 0.95) -> Estimate:
    """Area under the curve with DeLong's interval, cut at 0 and 1; NaN with one class only.

    Reference:
        DeLong, DeLong, Clarke-Pearson, Biometrics 1988;44:837.
    """
    areas, covariance = delong(score[None, :], disease)
    if np.isnan(areas[0]):
        return Estimate(nan, nan, nan, "delong")
    reach = normal_quantile(level) * sqrt(covariance[0, 0])
    value = float(areas[0])
    return Estimate(value, max(value - reach, 0.0), min(value + reach, 1.0), "delong")


def delong(scores: FloatArray, disease: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Areas (k,) of k scores (k, n) of the same subjects and their covariance (k, k).

    By the ranks of Sun and Xu, IEEE Signal Process Lett 2014;21:1389.
    """
    scores = np.asarray(scores, dtype=np.float64)
    positive, negative = scores[:, disease], scores[:, ~disease]
    n_positive, n_negative = positive.shape[1], negative.shape[1]
    kinds = len(scores)
    if min(n_positive, n_negative) == 0:
        return np.full(kinds, nan), np.full((kinds, kinds), nan)
    joint = stats.rankdata(np.hstack([positive, negative]), axis=1)
    own_positive, own_negative = stats.rankdata(positive, axis=1), stats.rankdata(negative, axis=1)
    above = (joint[:, :n_positive] - own_positive) / n_negative
    below = 1.0 - (joint[:, n_positive:] - own_negative) / n_positive
    areas = above.mean(axis=1)
    if min(n_positive, n_negative) == 1:
        return areas, np.full((kinds, kinds), nan)
    covariance = np.atleast_2d(np.cov(above)) / n_positive
    return areas, covariance + np.atleast_2d(np.cov(below)) / n_negative


@dataclass(frozen=True)
class AucDifference:
    """First minus second area of two scores of the same subjects, with DeLong's test."""

    difference: Estimate
    p_value: float


def compare_auc(
    first: FloatArray, second: FloatArray, disease: BoolArray, *, level: float = 0.95
) -> AucDifference:
    """DeLong's paired test of two scores (n,)."""
    areas, covariance = delong(np.stack([first, second]), disease)
    difference = float(areas[0] - areas[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2.0 * covariance[0, 1])
    if not variance > 0.0:
        p_value = nan if np.isnan(difference) else float(difference == 0.0)
        return AucDifference(Estimate(difference, nan, nan, "delong"), p_value)
    error = sqrt(variance)
    reach = normal_quantile(level) * error
    p_value = 2.0 * float(stats.norm.sf(abs(difference) / error))
    interval = Estimate(difference, difference - reach, difference + reach, "delong")
    return AucDifference(interval, p_value)


@dataclass(frozen=True)
class RocCurve:
    """Sensitivity and specificity at every threshold, the strictest first.

    Attributes:
        thresholds: Scores at or above which the test is positive (m,); infinity for none.
        sensitivity: Per threshold (m,).
        specificity: Per threshold (m,).
    """

    thresholds: FloatArray
    sensitivity: FloatArray
    specificity: FloatArray

    def youden(self) -> int:
        """Place of the largest sensitivity + specificity."""
        return int(np.argmax(self.sensitivity + self.specificity))

    def screening(self, wanted: float) -> int:
        """Place of the strictest threshold with at least the ``wanted`` sensitivity.

        Raises:
            InputError: If ``wanted`` is not in (0, 1].
        """
        if not 0.0 < wanted <= 1.0:
            raise InputError(f"The wanted sensitivity must lie in (0, 1], got {wanted!r}.")
        return int(np.argmax(self.sensitivity >= wanted))


def roc_curve(score: FloatArray, disease: BoolArray) -> RocCurve:
    """The curve of a score (n,) with both classes present.

    Raises:
        InputError: If all or none are diseased.
    """
    n_positive = int(disease.sum())
    n_negative = len(disease) - n_positive
    if min(n_positive, n_negative) == 0:
        raise InputError("A ROC curve needs diseased and healthy subjects.")
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    found = np.cumsum(disease[order])[last]
    false = last + 1 - found
    return RocCurve(
        thresholds=np.concatenate([[np.inf], ordered[last]]),
        sensitivity=np.concatenate([[0.0], found / n_positive]),
        specificity=np.concatenate([[1.0], 1.0 - false / n_negative]),
    )
