"""Fitting the risk model: what is prepared from the rows of a fold, and the choice of the penalty.

Medians, scales and the penalty come from the rows a model is fitted to, inside every fold. Fits and
folds are scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import InputError
from corohemo.prognosis.risk_model import RiskModel
from corohemo.prognosis.tables import PatientTable, require
from corohemo.prognosis.training import TrainingSet

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
PENALTIES = tuple(float(c) for c in np.geomspace(1e-3, 1e2, 11))
"""Inverse strengths of the penalty among which the inner folds choose."""
INNER_FOLDS = 5
MAX_STEPS = 2000


def fit_risk(
    table: PatientTable,
    features: Sequence[str],
    *,
    outcome: str,
    patient: str = "case_id",
    seed: int = 20260101,
) -> RiskModel:
    """Fit the model to all rows; the penalty is chosen by folds that keep patients together.

    Args:
        table: One row per vessel or patient.
        features: Columns of the data dictionary.
        outcome: Column that is 1 or yes for ischemia.
        patient: Column whose rows belong together.
        seed: Seed of the folds.

    Raises:
        InputError: If the outcome is not known in every row, or too few have it.
        MissingDependencyError: If scikit-learn is not installed.
    """
    return fit(TrainingSet.of(table, features, outcome=outcome, patient=patient), seed=seed)


def fit(rows: TrainingSet, *, seed: int) -> RiskModel:
    """The model of some rows."""
    penalty = _penalty(rows, seed)
    prepared = Preparation.of(rows)
    fitted = _logistic(prepared.design(rows.values), rows, penalty)
    count = len(rows.features)
    missing_coefficients = np.full(count, np.nan)
    missing_coefficients[prepared.gaps] = fitted.coef_[0, count:]
    return RiskModel(
        features=rows.features,
        center=_floats(prepared.center),
        scale=_floats(prepared.scale),
        coefficients=_floats(fitted.coef_[0, :count]),
        missing_coefficients=_floats(missing_coefficients),
        intercept=float(fitted.intercept_[0]),
        low=_floats(np.nanmin(rows.values, axis=0)),
        high=_floats(np.nanmax(rows.values, axis=0)),
        penalty=penalty,
        n=len(rows.values),
        n_diseased=int(rows.disease.sum()),
    )


@dataclass(frozen=True)
class Preparation:
    """What some rows say of missing values and scales.

    Attributes:
        center: Median of each feature (k,), which stands in for a missing value.
        scale: Standard deviation (k,), 1 for a constant.
        gaps: Features that are missing somewhere (m,); each has a coefficient of its own for that.
    """

    center: FloatArray
    scale: FloatArray
    gaps: IntArray

    @classmethod
    def of(cls, rows: TrainingSet) -> Preparation:
        """From the rows that a model is fitted to, and from no others.

        Raises:
            InputError: If a feature is missing in all of them.
        """
        missing = np.isnan(rows.values)
        if missing.all(axis=0).any():
            name = rows.features[int(np.flatnonzero(missing.all(axis=0))[0])]
            raise InputError(
                f"{name} is missing in all {len(missing)} rows of a fold; leave it out.", field=name
            )
        spread = np.nanstd(rows.values, axis=0)
        return cls(
            center=np.nanmedian(rows.values, axis=0),
            scale=np.where(spread > 0.0, spread, 1.0),
            gaps=np.flatnonzero(missing.any(axis=0)),
        )

    def design(self, values: FloatArray) -> FloatArray:
        """Columns (n, k + m) of the logistic regression for values (n, k)."""
        missing = np.isnan(values)
        scaled = (np.where(missing, self.center, values) - self.center) / self.scale
        return np.column_stack([scaled, missing[:, self.gaps].astype(np.float64)])


def _penalty(rows: TrainingSet, seed: int) -> float:
    """The penalty with the least log loss in rows that were not fitted to."""
    logits = held_out(rows, seed=seed)
    losses = np.logaddexp(0.0, logits) - rows.disease * logits
    return PENALTIES[int(np.argmin(losses.sum(axis=1)))]


def held_out(rows: TrainingSet, *, seed: int) -> FloatArray:
    """Logit of each row by a model without its patient, for each penalty (penalties, n)."""
    selection = require("sklearn.model_selection", "A risk model")
    folds = selection.StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=seed)
    logits = np.full((len(PENALTIES), len(rows.disease)), np.nan)
    for train, test in folds.split(rows.values, rows.disease, groups=rows.patients):
        known = rows.part(train)
        prepared = Preparation.of(known)
        design, other = prepared.design(known.values), prepared.design(rows.values[test])
        for k, penalty in enumerate(PENALTIES):
            logits[k, test] = _logistic(design, known, penalty).decision_function(other)
    return logits


def _logistic(design: FloatArray, rows: TrainingSet, penalty: float) -> Any:
    """scikit-learn's fit."""
    if rows.disease.all() or not rows.disease.any():
        raise InputError(
            "All rows of a fold have the same outcome; a model needs more patients of both."
        )
    linear = require("sklearn.linear_model", "A risk model")
    return linear.LogisticRegression(C=penalty, max_iter=MAX_STEPS).fit(design, rows.disease)


def _floats(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
