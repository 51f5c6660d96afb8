"""Bootstrap that draws patients with all their vessels, for every statistic at once.

A draw is a vector of weights, how often each pair is in it; every statistic below is a function of
weights (b, n), so that thousands of draws are a few passes over arrays. With one vessel per patient
it is the ordinary bootstrap. Intervals are percentiles.

Reference:
    Field, Welsh, J R Stat Soc B 2007;69:369 (bootstrapping clustered data).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

import numpy as np
from numpy.typing import NDArray

from corohemo.agreement.intervals import Estimate

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
BLOCK = 4_000_000
"""Weights held at a time."""
LEAST_USABLE = 0.9
"""Part of the draws that must give a number, else there is no interval."""


def cluster_weights(clusters: Sequence[str], draws: int, *, seed: int = 20260101) -> FloatArray:
    """Weights (draws, n) of resampled clusters; the first draw is the sample itself.

    Args:
        clusters: Patient of each pair (n,).
        draws: Number of draws, the sample included.
        seed: Seed of the generator.
    """
    _, member = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    n_clusters = int(member.max()) + 1
    generator = np.random.default_rng(seed)
    counts = generator.multinomial(
        n_clusters, np.full(n_clusters, 1.0 / n_clusters), size=draws
    ).astype(np.float64)
    counts[0] = 1.0
    return counts[:, member]


def resampled(
    computed: FloatArray,
    invasive: FloatArray,
    test: BoolArray,
    reference: BoolArray,
    score: FloatArray,
    clusters: Sequence[str],
    *,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 20260101,
) -> dict[str, Estimate]:
    """Clustered intervals of all statistics of a comparison.

    Args:
        computed: Computed values (n,).
        invasive: Measured values (n,).
        test: Verdict of the computed ones (n,).
        reference: Verdict of the measured ones (n,).
        score: Computed values oriented so that more is disease (n,).
        clusters: Patient of each pair (n,).
        draws: Bootstrap draws.
        level: Confidence.
        seed: Seed of the generator.

    Returns:
        pearson, spearman, icc, bias, sd, lower, upper, sensitivity, specificity, ppv, npv,
        accuracy, auc.
    """
    weights = cluster_weights(clusters, draws + 1, seed=seed)
    size = max(BLOCK // weights.shape[1], 1)
    parts = [
        _statistics(weights[i : i + size], computed, invasive, test, reference, score)
        for i in range(0, len(weights), size)
    ]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {
        name: drawn_estimate(float(values[0]), values[1:], level, "patient bootstrap")
        for name, values in found.items()
    }


def drawn_estimate(value: float, drawn: FloatArray, level: float, method: str) -> Estimate:
    """A value with the percentiles of its draws (n,); none if more than a tenth are no numbers."""
    usable = drawn[np.isfinite(drawn)]
    if len(usable) < LEAST_USABLE * len(drawn) or len(usable) == 0:
        return Estimate(value, nan, nan, method)
    low, high = np.quantile(usable, (0.5 - 0.5 * level, 0.5 + 0.5 * level))
    return Estimate(value, float(low), float(high), method)


def _statistics(
    weights: FloatArray,
    computed: FloatArray,
    invasive: FloatArray,
    test: BoolArray,
    reference: BoolArray,
    score: FloatArray,
) -> Mapping[str, FloatArray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        bias, sd = _mean_and_sd(weights, computed - invasive)
        right = (test == reference).astype(np.float64)
        return {
            "pearson": weighted_correlation(weights, computed, invasive),
            "spearman": weighted_correlation(
                weights, weighted_ranks(weights, computed), weighted_ranks(weights, invasive)
            ),
            "icc": weighted_icc(weights, computed, invasive),
            "bias": bias,
            "sd": sd,
            "lower": bias - 1.96 * sd,
            "upper": bias + 1.96 * sd,
            "sensitivity": _share(weights, test, reference),
            "specificity": _share(weights, ~test, ~reference),
            "ppv": _share(weights, reference, test),
            "npv": _share(weights, ~reference, ~test),
            "accuracy": (weights @ right) / weights.sum(axis=1),
            "auc": weighted_auc(weights, score, reference),
        }


def _share(weights: FloatArray, what: BoolArray, among: BoolArray) -> FloatArray:
    share: FloatArray = (weights @ (what & among)) / (weights @ among.astype(np.float64))
    return share


def _mean_and_sd(weights: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    total = weights.sum(axis=1)
    mean = weights @ values / total
    shifted = values - values.mean()
    square = weights @ shifted**2 - total * (mean - values.mean()) ** 2
    return mean, np.sqrt(square / (total - 1.0))


def weighted_correlation(weights: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Pearson's r (b,) of values (n,) or (b, n) under weights (b, n)."""
    total = weights.sum(axis=1, keepdims=True)
    x = x - np.sum(weights * x, axis=1, keepdims=True) / total
    y = y - np.sum(weights * y, axis=1, keepdims=True) / total
    covariance = np.sum(weights * x * y, axis=1)
    spread = np.sum(weights * x * x, axis=1) * np.sum(weights * y * y, axis=1)
    correlation: FloatArray = covariance / np.sqrt(spread)
    return correlation


def weighted_ranks(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Mid-ranks (b, n) of values (n,) in samples that hold each as often as its weight."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(values[order]) != 0.0))
    groups = np.add.reduceat(weights[:, order], starts, axis=1)
    middle = np.cumsum(groups, axis=1) - 0.5 * groups + 0.5
    sizes = np.diff(np.append(starts, len(values)))
    ranks = np.empty_like(weights)
    ranks[:, order] = np.repeat(middle, sizes, axis=1)
    return ranks


def weighted_auc(weights: FloatArray, score: FloatArray, disease: BoolArray) -> FloatArray:
    """Area under the curve (b,) of one score (n,) under weights (b, n)."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(score[order]) != 0.0))
    diseased = np.add.reduceat((weights * disease)[:, order], starts, axis=1)
    healthy = np.add.reduceat((weights * ~disease)[:, order], starts, axis=1)
    below = np.cumsum(healthy, axis=1) - 0.5 * healthy
    area: FloatArray = np.sum(diseased * below, axis=1) / (
        diseased.sum(axis=1) * healthy.sum(axis=1)
    )
    return area


def weighted_icc(weights: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """ICC(2,1) (b,) of two methods (n,) under weights (b, n)."""
    n = weights.sum(axis=1)
    mean, half = 0.5 * (x + y), 0.5 * (x - y)
    mean_mean, mean_half = weights @ mean / n, weights @ half / n
    subjects = 2.0 * (weights @ mean**2 - n * mean_mean**2) / (n - 1.0)
    error = 2.0 * (weights @ half**2 - n * mean_half**2) / (n - 1.0)
    methods = 2.0 * n * mean_half**2
    icc: FloatArray = (subjects - error) / (subjects + error + 2.0 * (methods - error) / n)
    return icc
