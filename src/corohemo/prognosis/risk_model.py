"""Ischemia risk from stenosis, plaque, hemodynamics and perfusion: a penalised logistic model.

The model is a line on the logit scale: every coefficient can be read, it is kept as JSON, and it
refuses what it was not trained on. ``risk_fit`` fits it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import ConfigError, FileFormatError, InputError
from corohemo.prognosis.features import feature_values, features_named
from corohemo.prognosis.tables import PatientTable
from corohemo.report.files import write_json

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
KIND = "corohemo risk model"


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
        outside = self.is_outside(values)
        if outside.any():
            self._refuse(values, int(np.flatnonzero(outside.any(axis=1))[0]), table)
        return self.probability_of(values)

    def probability_of(self, values: FloatArray) -> FloatArray:
        """Probability of each row of values (n, k) without the check of their range."""
        missing = np.isnan(values)
        scaled = (np.where(missing, self.center, values) - self.center) / self.scale
        gaps = missing @ np.nan_to_num(np.array(self.missing_coefficients))
        logit = self.intercept + scaled @ np.array(self.coefficients) + gaps
        return np.asarray(1.0 / (1.0 + np.exp(-logit)), dtype=np.float64)

    def is_outside(self, values: FloatArray) -> BoolArray:
        """Which values (n, k) lie outside the training range, or lack where none did (n, k)."""
        never = np.isnan(np.array(self.missing_coefficients))
        beyond = (values < np.array(self.low)) | (values > np.array(self.high))
        return np.asarray(beyond | (np.isnan(values) & never), dtype=np.bool_)

    def _refuse(self, values: FloatArray, row: int, table: PatientTable) -> None:
        """Say what of a row (n, k) the model was not trained on."""
        k = int(np.flatnonzero(self.is_outside(values)[row])[0])
        name, value = self.features[k], values[row, k]
        said = (
            f"{name} is missing, which it never was in training."
            if np.isnan(value)
            else f"{name} is {value:g}, outside the training range {self.low[k]:g} to "
            f"{self.high[k]:g}; the model does not extrapolate."
        )
        raise InputError(f"Row {table.place(row)}: {said}", file=table.file, field=name)

    def write(self, path: Path | str) -> None:
        """Keep the model as JSON."""
        document = asdict(self) | {"kind": KIND, "schema_version": 1}
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
            if document["kind"] != KIND:
                raise ValueError(f"its kind is {document['kind']!r}")
            features = features_named([str(name) for name in document["features"]])
            return cls(**_fields(document, len(features)))
        except KeyError as error:
            raise FileFormatError(f"The risk model lacks {error}.", file=path) from error
        except (OSError, ValueError, TypeError, ConfigError) as error:
            raise FileFormatError(f"This is not a risk model: {error}.", file=path) from error


def _fields(document: Mapping[str, Any], n: int) -> dict[str, Any]:
    """Fields of a model of n features; every way in which they can be wrong is an error."""
    found: dict[str, Any] = {"features": tuple(document["features"])}
    for name in ("center", "scale", "coefficients", "missing_coefficients", "low", "high"):
        values = tuple(np.nan if item is None else float(item) for item in document[name])
        if len(values) != n:
            raise ValueError(f"{name} has {len(values)} values for {n} features")
        if name != "missing_coefficients" and not np.isfinite(values).all():
            raise ValueError(f"{name} holds a value that is no number")
        found[name] = values
    for name in ("intercept", "penalty"):
        found[name] = float(document[name])
    for name in ("n", "n_diseased"):
        found[name] = int(document[name])
    return found


def described(model: RiskModel) -> list[Mapping[str, Any]]:
    """One row per feature: meaning, unit, training range, odds ratios.

    They are per standard deviation, and of a missing value against the median (NaN if none was
    missing in training); both are shrunk by the penalty.
    """
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
                "odds_ratio_if_missing": float(np.exp(model.missing_coefficients[k])),
            }
        )
    return rows
