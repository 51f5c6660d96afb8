"""The data dictionary of the ischemia risk model: what each column means and may hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import nearest_word
from corohemo.errors import ConfigError, InputError
from corohemo.prognosis.tables import PatientTable

FloatArray = NDArray[np.float64]
YES_NO = "yes/no"


@dataclass(frozen=True)
class Feature:
    """One column.

    Attributes:
        name: Column.
        block: stenosis, plaque, hemodynamics, perfusion or person.
        unit: Unit; "yes/no" for a sign that is there or not.
        low: Least value that can be.
        high: Greatest value that can be.
        meaning: What it is.
    """

    name: str
    block: str
    unit: str
    low: float
    high: float
    meaning: str


DICTIONARY = (
    Feature("percent_diameter_stenosis", "stenosis", "%", 0, 100, "greatest diameter stenosis"),
    Feature("minimum_lumen_area_mm2", "stenosis", "mm2", 0, 40, "least lumen area"),
    Feature("lesion_length_mm", "stenosis", "mm", 0, 200, "length of the lesions together"),
    Feature("low_attenuation_mm3", "plaque", "mm3", 0, 1000, "plaque volume below 30 HU"),
    Feature("lipid_volume_mm3", "plaque", "mm3", 0, 1000, "lipid volume"),
    Feature("napkin_ring", "plaque", YES_NO, 0, 1, "napkin-ring sign"),
    Feature("positive_remodelling", "plaque", YES_NO, 0, 1, "remodelling index of 1.1 or more"),
    Feature("spotty_calcium", "plaque", YES_NO, 0, 1, "calcified spots below 3 mm"),
    Feature("fai_hu", "plaque", "HU", -190, -30, "attenuation of the pericoronary fat"),
    Feature("agatston", "plaque", "-", 0, 20000, "calcium score of the patient"),
    Feature("ffr_ct", "hemodynamics", "-", 0, 1.1, "lowest FFR behind the lesions"),
    Feature("delta_ffr", "hemodynamics", "-", -0.2, 1, "greatest FFR drop over a lesion"),
    Feature("ppg", "hemodynamics", "-", 0, 1, "pullback pressure gradient"),
    Feature("wss_max_pa", "hemodynamics", "Pa", 0, 1000, "greatest wall shear in the lesions"),
    Feature("aps_net_pa", "hemodynamics", "Pa", -20000, 20000, "axial plaque stress"),
    Feature("imr_ct_u", "hemodynamics", "U", 0, 300, "IMR_CT, if the flow was measured"),
    Feature("mbf_ml_100ml_min", "perfusion", "mL/100 mL/min", 0, 600, "hyperemic myocardial flow"),
    Feature("relative_mbf", "perfusion", "-", 0, 2, "the same over that of a reference territory"),
    Feature("mpr", "perfusion", "-", 0, 10, "myocardial perfusion reserve"),
    Feature("ttp_s", "perfusion", "s", 0, 60, "time to peak"),
    Feature("age", "person", "years", 18, 110, "age"),
    Feature("male", "person", YES_NO, 0, 1, "male sex"),
    Feature("diabetes", "person", YES_NO, 0, 1, "diabetes"),
)
BLOCKS = tuple(dict.fromkeys(feature.block for feature in DICTIONARY))


def features_named(names: Sequence[str]) -> tuple[Feature, ...]:
    """Features of the dictionary by name.

    Raises:
        ConfigError: If one is not in it or named twice, or there is none.
    """
    known = {feature.name: feature for feature in DICTIONARY}
    if not names:
        raise ConfigError(f"Name features, such as {DICTIONARY[0].name}.", field="features")
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ConfigError(f"{name} is named twice.", field=name)
        if name not in known:
            near = nearest_word(name, tuple(known))
            raise ConfigError(
                f"{name} is not in the data dictionary"
                + (f"; did you mean {near}?" if near else "."),
                field=name,
                nearest=near,
            )
    return tuple(known[name] for name in names)


def feature_values(table: PatientTable, features: Sequence[Feature]) -> FloatArray:
    """Values (n, k), NaN where a cell is empty.

    Raises:
        InputError: If a column is missing, a cell is no number, or cannot be.
    """
    columns = []
    for feature in features:
        values = table.numbers(feature.name)
        wrong = (values < feature.low) | (values > feature.high)
        if feature.unit == YES_NO:
            wrong |= ~(np.isin(values, (0.0, 1.0)) | np.isnan(values))
        if wrong.any():
            index = int(np.flatnonzero(wrong)[0])
            raise InputError(
                f"Row {table.place(index)}: {feature.name} is {values[index]:g}, "
                f"{_beyond(feature)}.",
                file=table.file,
                field=feature.name,
            )
        columns.append(values)
    return np.column_stack(columns)


def _beyond(feature: Feature) -> str:
    """Why a value cannot be one of the feature."""
    if feature.unit == YES_NO:
        return "neither yes (1) nor no (0)"
    limits = f"{feature.low:g} to {feature.high:g} {feature.unit}"
    return f"outside of what can be ({limits}); check its unit"
