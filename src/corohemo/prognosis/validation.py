"""Honest performance of the risk model: nested folds, and what each block of features adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corohemo.agreement.bootstrap import cluster_weights, weighted_auc
from corohemo.agreement.intervals import Estimate
from corohemo.agreement.roc import auc
from corohemo.prognosis.calibration import (
    Calibration,
    DecisionCurve,
    calibration,
    decision_curve,
)
from corohemo.prognosis.features import BLOCKS, features_named
from corohemo.prognosis.risk_fit import fit
from corohemo.prognosis.tables import PatientTable, require
from corohemo.prognosis.training import TrainingSet

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
FOLDS = 5
DRAWS = 1000


@dataclass(frozen=True)
class Validation:
    """Performance on patients that a model had not seen.

    Attributes:
        probability: Prediction for each row by a model without its patient (n,).
        outside: Rows outside of that model's training range (n,), which it would refuse in use;
            they are judged here all the same.
        auc: Area of the predictions of all folds together, with percentiles of a bootstrap of
            patients. The models stay: what refitting adds to the interval is not in it.
        auc_delong: The same with DeLong's interval, which takes rows as independent.
        gain: Area beyond the model with one block less, the same patients drawn for both; None
            where there is no such model.
        calibration: Of these predictions, patients as clusters.
        decision: Of these predictions.
        penalties: Chosen in each outer fold.
    """

    probability: FloatArray
    outside: BoolArray
    auc: Estimate
    auc_delong: Estimate
    calibration: Calibration
    decision: DecisionCurve
    penalties: tuple[float, ...]
    gain: Estimate | None = None


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
    probability, outside = np.full(len(disease), np.nan), np.zeros(len(disease), dtype=bool)
    penalties = []
    outer = selection.StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for train, test in outer.split(rows.values, disease, groups=rows.patients):
        model = fit(rows.part(train), seed=seed)
        probability[test] = model.probability_of(rows.values[test])
        outside[test] = model.is_outside(rows.values[test]).any(axis=1)
        penalties.append(model.penalty)
    return Validation(
        probability=probability,
        outside=outside,
        auc=_bootstrapped(_drawn_areas(rows, probability, seed)),
        auc_delong=auc(probability, disease),
        calibration=calibration(probability, disease, clusters=rows.patients),
        decision=decision_curve(probability, disease),
        penalties=tuple(penalties),
    )


def _drawn_areas(rows: TrainingSet, probability: FloatArray, seed: int) -> FloatArray:
    """Area in the rows themselves and in draws of their patients (DRAWS + 1,)."""
    weights = cluster_weights(list(rows.patients), DRAWS + 1, seed=seed)
    with np.errstate(invalid="ignore"):
        return weighted_auc(weights, probability, rows.disease)


def _bootstrapped(drawn: FloatArray) -> Estimate:
    low, high = np.nanquantile(drawn[1:], (0.025, 0.975))
    return Estimate(float(drawn[0]), float(low), float(high), "patient bootstrap")


def validate_blocks(
    table: PatientTable,
    features: Sequence[str],
    *,
    outcome: str,
    patient: str = "case_id",
    seed: int = 20260101,
) -> Mapping[str, Validation]:
    """What each block adds: stenosis first, then plaque, hemodynamics, perfusion, person on top.

    Returns:
        Validation by the blocks of its model; ``gain`` is what the last of them adds.
    """
    known = features_named(features)
    present = [block for block in BLOCKS if any(one.block == block for one in known)]
    rows = TrainingSet.of(table, features, outcome=outcome, patient=patient)
    found: dict[str, Validation] = {}
    before: FloatArray | None = None
    for count in range(1, len(present) + 1):
        some = [one.name for one in known if one.block in present[:count]]
        judged = validate_risk(table, some, outcome=outcome, patient=patient, seed=seed)
        drawn = _drawn_areas(rows, judged.probability, seed)
        gain = None if before is None else _bootstrapped(drawn - before)
        found[" + ".join(present[:count])] = replace(judged, gain=gain)
        before = drawn
    return found
