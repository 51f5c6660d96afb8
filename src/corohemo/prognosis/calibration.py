"""Whether predicted probabilities are what they say, and whether acting on them helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray

from corohemo.agreement.intervals import Estimate, normal_quantile, proportion

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
CLASSES = 10
MAX_STEPS = 100


@dataclass(frozen=True)
class Calibration:
    """Whether probabilities are what they say.

    Attributes:
        intercept: Logit shift of the outcome against the predictions, the slope kept at 1; 0 if
            they are right on the whole.
        slope: 1 if right; below, the predictions are too extreme.
        brier: Mean squared error.
        predicted: Mean prediction of each tenth of the rows (m,).
        observed: Part diseased in each, with Wilson's intervals.
    """

    intercept: Estimate
    slope: Estimate
    brier: float
    predicted: FloatArray
    observed: tuple[Estimate, ...]


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit: true positives less false ones at the odds of the threshold, per row.

    Acting on nobody has the net benefit 0. A row is a patient only in a table of patients.

    Attributes:
        thresholds: Probabilities at which one would act (m,).
        model: Net benefit of acting on the model (m,).
        treat_all: Of acting on everybody (m,).
    """

    thresholds: FloatArray
    model: FloatArray
    treat_all: FloatArray


def calibration(
    probability: FloatArray,
    disease: BoolArray,
    *,
    clusters: Sequence[str] | NDArray[np.str_] | None = None,
    level: float = 0.95,
) -> Calibration:
    """Calibration of predictions (n,) in [0, 1].

    Args:
        probability: Predictions (n,).
        disease: The outcome (n,).
        clusters: Patient of each row (n,), for intervals that allow for several; None for one each.
        level: Confidence.

    Reference:
        Cox, Biometrika 1958;45:562; Van Calster et al., BMC Med 2019;17:230.
    """
    clipped = np.clip(probability, 1e-9, 1.0 - 1e-9)
    logit = np.log(clipped / (1.0 - clipped))
    one = np.ones((len(logit), 1))
    owners = (
        np.arange(len(logit)) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    )
    line = _logistic(np.column_stack([one, logit]), np.zeros(len(logit)), disease, owners, level)
    shift = _logistic(one, logit, disease, owners, level)
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, CLASSES) if len(part)]
    return Calibration(
        intercept=shift[0],
        slope=line[1],
        brier=float(np.mean((probability - disease) ** 2)),
        predicted=np.array([probability[part].mean() for part in parts]),
        observed=tuple(
            proportion(int(disease[part].sum()), len(part), method="wilson", level=level)
            for part in parts
        ),
    )


def _logistic(
    design: FloatArray,
    offset: FloatArray,
    disease: BoolArray,
    owners: NDArray[np.intp],
    level: float,
) -> tuple[Estimate, ...]:
    """Coefficients of a logistic regression (k,) by Newton's method, intervals robust to clusters.

    NaN where there are none: the predictions separate ill from healthy, or do not differ.
    """
    count = design.shape[1]
    found = np.zeros(count)
    score, information = np.zeros_like(design), np.eye(count)
    for _ in range(MAX_STEPS):
        expected = 1.0 / (1.0 + np.exp(-np.clip(offset + design @ found, -500.0, 500.0)))
        score = design * (disease - expected)[:, None]
        information = (design * (expected * (1.0 - expected))[:, None]).T @ design
        if not np.linalg.cond(information) < 1e12:
            return (Estimate(nan, nan, nan, "robust"),) * count
        step = np.linalg.solve(information, score.sum(axis=0))
        found = found + step
        if np.abs(step).max() < 1e-10:
            break
    sums = np.zeros((int(owners.max()) + 1, count))
    np.add.at(sums, owners, score)
    bread = np.linalg.inv(information)
    variance = bread @ (sums.T @ sums) @ bread * len(sums) / max(len(sums) - 1, 1)
    reach = [normal_quantile(level) * sqrt(one) for one in np.diag(variance)]
    return tuple(
        Estimate(float(value), float(value - half), float(value + half), "robust")
        for value, half in zip(found, reach, strict=True)
    )


def decision_curve(
    probability: FloatArray, disease: BoolArray, thresholds: FloatArray | None = None
) -> DecisionCurve:
    """Net benefit TP / n - FP / n * t / (1 - t) of predictions (n,) at thresholds t (m,)."""
    at = np.linspace(0.01, 0.99, 99) if thresholds is None else thresholds
    odds = at / (1.0 - at)
    positive = probability[None, :] >= at[:, None]
    n = len(disease)
    model = (positive & disease).sum(axis=1) / n - odds * (positive & ~disease).sum(axis=1) / n
    return DecisionCurve(at, model, disease.mean() - odds * (1.0 - disease.mean()))
