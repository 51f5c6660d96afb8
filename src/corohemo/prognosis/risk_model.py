"""Ischemia risk from stenosis, plaque, hemodynamics and perfusion: a penalised logistic model.

The model is a line on the logit scale: every coefficient can be read, it is kept as JSON, and it
refuses what it was not trained on. Fitting is scikit-learn's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError, InputError
from corohemo.prognosis.features import feature_values, features_named
from corohemo.prognosis.tables import PatientTable, require
from corohemo.prognosis.training import TrainingSet
from corohemo.report.files import write_json

FloatArray = NDArray[np.float64]
PENALTIES = tuple(float(c) for c in np.geomspace(1e-3, 1e2, 11))
"""Inverse strengths of the penalty among which the inner folds choose."""
INNER_FOLDS = 5


@dataclass(frozen=True)
class RiskModel:
    """A fitted model; all tuples run over the features.

    Attributes:
        features: Columns, as in the data dictionary.
        center: Median in training, which stands in for a missing value.
        scale: Standard deviation in training.
        coefficients: Logit per standard deviation.
        missing_coefficients: Logit added where the value is missing; NaN if none was in training.
        intercept: Logit at the centres.
        low: Least value in training.
        high: Greatest value in training.
        penalty: Inverse strength of the penalty.
        n: Rows in training.
        n_diseased: Diseased ones.
    """

    features: tuple[str, ...]
    center: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[float, ...]
    missing_coefficients: tuple[float, ...]
    intercept: float
    low: tuple[float, ...]
    high: tuple[float, ...]
    penalty: float
    n: int
    n_diseased: int

    def probability(self, table: PatientTable) -> FloatArray:
        """Probability of ischemia of each row (n,).

        Raises:
            InputError: If a value lies outside the training range, or is missing where none was.
        """
        values = feature_values(table, features_named(self.features))
        self._refuse_outside(values, table.file)
        return self.probability_of(values)

    def probability_of(self, values: FloatArray) -> FloatArray:
        """Probability of each row of values (n, k) without the check of their range."""
        missing = np.isnan(values)
        scaled = (np.where(missing, self.center, values) - self.center) / self.scale
        gaps = missing @ np.nan_to_num(np.array(self.missing_coefficients))
        logit = self.intercept + scaled @ np.array(self.coefficients) + gaps
        return np.asarray(1.0 / (1.0 + np.exp(-logit)), dtype=np.float64)

    def _refuse_outside(self, values: FloatArray, file: Path | None) -> None:
        for k, name in enumerate(self.features):
            column = values[:, k]
            outside = (column < self.low[k]) | (column > self.high[k])
            if outside.any():
                place = int(np.flatnonzero(outside)[0])
                raise InputError(
                    f"Row {place + 2}: {name} is {column[place]:g}, outside the training range "
                    f"{self.low[k]:g} to {self.high[k]:g}; the model does not extrapolate.",
                    file=file,
                    field=name,
                )
            if np.isnan(column).any() and np.isnan(self.missing_coefficients[k]):
                place = int(np.flatnonzero(np.isnan(column))[0])
                raise InputError(
                    f"Row {place + 2}: {name} is missing, which it never was in training.",
                    file=file,
                    field=name,
                )

    def write(self, path: Path | str) -> None:
        """Keep the model as JSON."""
        document = asdict(self) | {"kind": "corohemo risk model", "schema_version": 1}
        write_json(Path(path), document)

    @classmethod
    def read(cls, path: Path | str) -> RiskModel:
        """A model that was kept.

        Raises:
            FileFormatError: If the file is not such a model.
        """
        path = Path(path)
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{name: _frozen(document[name]) for name in cls.__dataclass_fields__})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FileFormatError(f"This is not a risk model: {error}.", file=path) from error


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(np.nan if item is None else item for item in value)
    return value


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
    linear = require("sklearn.linear_model", "A risk model")
    selection = require("sklearn.model_selection", "A risk model")
    values, features = rows.values, rows.features
    missing = np.isnan(values)
    if missing.all(axis=0).any():
        name = features[int(np.flatnonzero(missing.all(axis=0))[0])]
        raise InputError(f"{name} is missing in every row; leave it out.", field=name)
    center = np.nanmedian(values, axis=0)
    spread = np.nanstd(values, axis=0)
    scale = np.where(spread > 0.0, spread, 1.0)
    scaled = (np.where(missing, center, values) - center) / scale
    gaps = np.flatnonzero(missing.any(axis=0))
    design = np.column_stack([scaled, missing[:, gaps].astype(np.float64)])
    folds = selection.StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=seed)
    search = selection.GridSearchCV(
        linear.LogisticRegression(max_iter=2000),
        {"C": PENALTIES},
        scoring="neg_log_loss",
        cv=folds,
    )
    search.fit(design, rows.disease, groups=rows.patients)
    fitted = search.best_estimator_
    missing_coefficients = np.full(len(features), np.nan)
    missing_coefficients[gaps] = fitted.coef_[0, len(features) :]
    return RiskModel(
        features=features,
        center=_floats(center),
        scale=_floats(scale),
        coefficients=_floats(fitted.coef_[0, : len(features)]),
        missing_coefficients=_floats(missing_coefficients),
        intercept=float(fitted.intercept_[0]),
        low=_floats(np.nanmin(values, axis=0)),
        high=_floats(np.nanmax(values, axis=0)),
        penalty=float(search.best_params_["C"]),
        n=len(values),
        n_diseased=int(rows.disease.sum()),
    )


def _floats(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def described(model: RiskModel) -> list[Mapping[str, Any]]:
    """One row per feature: meaning, unit, training range, odds ratio per standard deviation."""
    rows: list[Mapping[str, Any]] = []
    for k, feature in enumerate(features_named(model.features)):
        rows.append(
            {
                "feature": feature.name,
                "block": feature.block,
                "unit": feature.unit,
                "meaning": feature.meaning,
                "trained_from": model.low[k],
                "trained_to": model.high[k],
                "odds_ratio_per_sd": float(np.exp(model.coefficients[k])),
                "sd": model.scale[k],
            }
        )
    return rows
