"""Honest performance of the risk model: nested folds, calibration, decision curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from corohemo.agreement.bootstrap import cluster_weights, weighted_auc
from corohemo.agreement.intervals import Estimate, proportion
from corohemo.agreement.roc import auc
from corohemo.prognosis.features import BLOCKS, features_named
from corohemo.prognosis.risk_model import fit
from corohemo.prognosis.tables import PatientTable, require
from corohemo.prognosis.training import TrainingSet

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
FOLDS = 5
CLASSES = 10
DRAWS = 1000


@dataclass(frozen=True)
class Calibration:
    """Whether probabilities are what they say.

    Attributes:
        intercept: Logit shift of the outcome against the predictions; 0 if right on the whole.
        slope: 1 if right; below, the predictions are too extreme.
        brier: Mean squared error.
        predicted: Mean prediction of each tenth of the rows (m,).
        observed: Part diseased in each, with Wilson's intervals.
    """

    intercept: float
    slope: float
    brier: float
    predicted: FloatArray
    observed: tuple[Estimate, ...]


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit: true positives less false ones at the odds of the threshold, per patient.

    Attributes:
        thresholds: Probabilities at which one would act (m,).
        model: Net benefit of acting on the model (m,).
        treat_all: Of acting on everybody (m,).
    """

    thresholds: FloatArray
    model: FloatArray
    treat_all: FloatArray


@dataclass(frozen=True)
class Validation:
    """Performance on patients that a model had not seen.

    Attributes:
        probability: Prediction for each row by a model without its patient (n,).
        auc: Area, with percentiles of a bootstrap of patients.
        auc_delong: The same with DeLong's interval, which takes rows as independent.
        calibration: Of these predictions.
        decision: Of these predictions.
        penalties: Chosen in each outer fold.
    """

    probability: FloatArray
    auc: Estimate
    auc_delong: Estimate
    calibration: Calibration
    decision: DecisionCurve
    penalties: tuple[float, ...]


def validate_risk(
    table: PatientTable,
    features: Sequence[str],
    *,
    outcome: str,
    patient: str = "case_id",
    seed: int = 20260101,
) -> Validation:
    """Nested cross-validation: outer folds judge, inner folds choose, patients stay whole.

    Raises:
        InputError: If the table does not hold what is needed.
        MissingDependencyError: If scikit-learn is not installed.

    Reference:
        Varma, Simon, BMC Bioinformatics 2006;7:91; Vickers, Elkin, Med Decis Making 2006;26:565.
    """
    selection = require("sklearn.model_selection", "Nested cross-validation")
    rows = TrainingSet.of(table, features, outcome=outcome, patient=patient)
    disease = rows.disease
    probability = np.full(len(disease), np.nan)
    penalties = []
    outer = selection.StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for train, test in outer.split(rows.values, disease, groups=rows.patients):
        model = fit(rows.part(train), seed=seed)
        probability[test] = model.probability_of(rows.values[test])
        penalties.append(model.penalty)
    weights = cluster_weights(list(rows.patients), DRAWS + 1, seed=seed)
    drawn = weighted_auc(weights, probability, disease)
    low, high = np.quantile(drawn[1:][np.isfinite(drawn[1:])], (0.025, 0.975))
    return Validation(
        probability=probability,
        auc=Estimate(float(drawn[0]), float(low), float(high), "patient bootstrap"),
        auc_delong=auc(probability, disease),
        calibration=calibration(probability, disease),
        decision=decision_curve(probability, disease),
        penalties=tuple(penalties),
    )


def validate_blocks(
    table: PatientTable,
    features: Sequence[str],
    *,
    outcome: str,
    patient: str = "case_id",
    seed: int = 20260101,
) -> Mapping[str, Validation]:
    """What each block adds: stenosis first, then plaque, hemodynamics, perfusion, person on top."""
    known = features_named(features)
    present = [block for block in BLOCKS if any(one.block == block for one in known)]
    found: dict[str, Validation] = {}
    for count in range(1, len(present) + 1):
        some = [one.name for one in known if one.block in present[:count]]
        name = " + ".join(present[:count])
        found[name] = validate_risk(table, some, outcome=outcome, patient=patient, seed=seed)
    return found


def calibration(probability: FloatArray, disease: BoolArray) -> Calibration:
    """Calibration of predictions (n,) in [0, 1]."""
    clipped = np.clip(probability, 1e-9, 1.0 - 1e-9)
    logit = np.log(clipped / (1.0 - clipped))
    slope = _maximum_likelihood(logit, disease, with_slope=True)
    shift = _maximum_likelihood(logit, disease, with_slope=False)
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, CLASSES) if len(part)]
    return Calibration(
        intercept=float(shift[0]),
        slope=float(slope[1]),
        brier=float(np.mean((probability - disease) ** 2)),
        predicted=np.array([probability[part].mean() for part in parts]),
        observed=tuple(
            proportion(int(disease[part].sum()), len(part), method="wilson") for part in parts
        ),
    )


def _maximum_likelihood(logit: FloatArray, disease: BoolArray, *, with_slope: bool) -> FloatArray:
    """Intercept and slope of the outcome on the predicted logit; the slope stays 1 if not asked."""

    def loss(parameters: FloatArray) -> float:
        slope = parameters[1] if with_slope else 1.0
        line = parameters[0] + slope * logit
        return float(np.mean(np.logaddexp(0.0, line) - disease * line))

    start = np.array([0.0, 1.0]) if with_slope else np.array([0.0])
    found = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-8})
    return np.asarray(found.x, dtype=np.float64)


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
