"""Rows that a risk model is fitted to: features, the outcome, and whose rows they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import InputError
from corohemo.prognosis.features import feature_values, features_named
from corohemo.prognosis.tables import PatientTable

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
LEAST_CASES = 20
LEAST_PATIENTS = 10
"""Patients with and without the outcome, so that every fold within a fold has some of both."""


@dataclass(frozen=True)
class TrainingSet:
    """Rows with a known outcome.

    Attributes:
        features: Columns, as in the data dictionary.
        values: The features, NaN where missing (n, k).
        disease: The outcome (n,).
        patients: Patient of each row (n,).
    """

    features: tuple[str, ...]
    values: FloatArray
    disease: BoolArray
    patients: NDArray[np.str_]

    @classmethod
    def of(
        cls, table: PatientTable, features: Sequence[str], *, outcome: str, patient: str
    ) -> TrainingSet:
        """All rows of a table.

        Raises:
            InputError: If a feature is unknown or has impossible values, the outcome is missing,
                neither 0 nor 1, or too rare on one side, or a row belongs to nobody.
        """
        disease, patients = _known_outcome(table, outcome), table.owners(patient)
        for chosen, having in ((disease, "with"), (~disease, "without")):
            people = len(np.unique(patients[chosen]))
            if people < LEAST_PATIENTS:
                raise InputError(
                    f"The rows {having} the outcome are of {people} patients; folds that keep "
                    f"patients whole need {LEAST_PATIENTS} at the least.",
                    file=table.file,
                    field=patient,
                )
        return cls(
            features=tuple(features),
            values=feature_values(table, features_named(features)),
            disease=disease,
            patients=patients,
        )

    def part(self, rows: IntArray) -> TrainingSet:
        """Some of the rows."""
        return TrainingSet(
            self.features, self.values[rows], self.disease[rows], self.patients[rows]
        )


def _known_outcome(table: PatientTable, outcome: str) -> BoolArray:
    """The outcome of every row (n,)."""
    values = table.numbers(outcome)
    if not np.isin(values, (0.0, 1.0)).all():
        raise InputError(f"{outcome} must be 1 or 0 in every row.", file=table.file, field=outcome)
    disease = values == 1.0
    rarer = min(int(disease.sum()), int((~disease).sum()))
    if rarer < LEAST_CASES:
        raise InputError(
            f"{rarer} rows have the rarer outcome; a model needs {LEAST_CASES} at the least.",
            file=table.file,
            field=outcome,
        )
    return disease
