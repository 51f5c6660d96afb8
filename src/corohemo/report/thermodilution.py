"""Virtual thermodilution in a case folder: entries of ``result.json`` and curves of the bolus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corohemo.report.files import write_csv
from corohemo.thermodilution.results import BolusPassage, Thermodilution
from corohemo.thermodilution.temperature import temperature_ratio
from corohemo.units import ML_PER_MIN, MM, MMHG, WOOD_UNIT

if TYPE_CHECKING:
    from corohemo.thermodilution.options import ThermodilutionMethod
    from corohemo.thermodilution.vessels import VesselThermodilution

COLUMNS = ("vessel", "state", "time_s", "temperature_at_ostium", "temperature_at_wire")
"""Temperatures are differences to the blood's, over that of the saline."""
LEAST_SIGNAL = 1e-4
"""Part of the largest temperature at the wire below which a curve ends."""
READINGS = (
    *("volume_mm3", "distal_pressure_mmhg", "bolus_transit_time_s", "bolus_transit_time_rest_s"),
    *("bolus_cfr", "bolus_imr_u", "bolus_resistance_wu", "infusion_flow_ml_min"),
    *("infusion_flow_rest_ml_min", "infusion_cfr", "infusion_resistance_wu"),
    *("infusion_site_flow_ml_min", "true_flow_ml_min", "true_flow_rest_ml_min"),
)
COMPARED = {
    "bolus_cfr": "true_cfr",
    "bolus_resistance": "true_resistance_wu",
    "infusion_flow": "true_flow_ml_min",
    "infusion_cfr": "true_cfr",
    "infusion_resistance": "true_resistance_wu",
}
"""What is set against which truth; units follow the names of the readings."""


def thermodilution_entry(one: VesselThermodilution) -> dict[str, Any]:
    """One vessel under the names of ``result.json``; what is null has its reason in ``notes``."""
    found = one.found
    if isinstance(found, Thermodilution):
        values, missing = _readings(found, one.true_cfr), one.without_rest
    else:
        values, missing = dict.fromkeys(READINGS), found
    values |= {"true_cfr": one.true_cfr, "true_resistance_wu": one.true_resistance_wu}
    values |= {
        f"{name}_relative_difference": _relative(values, name, truth)
        for name, truth in COMPARED.items()
    }
    reasons = {key: missing for key, value in values.items() if value is None}
    return {
        "name": one.name,
        "dimensions": one.method.dimensions,
        "wire_position_mm": one.wire / MM,
        "infusion_position_mm": one.method.infusion_mm,
        **values,
        "notes": dict(one.notes) | reasons,
    }


def _readings(found: Thermodilution, true_cfr: float | None) -> dict[str, float | None]:
    rest, infusion_rest = found.resting_bolus, found.resting_infusion
    true_flow = found.true_flow / ML_PER_MIN
    values = (
        found.volume / MM**3,
        found.distal_pressure / MMHG,
        found.bolus.transit_time,
        None if rest is None else rest.transit_time,
        found.bolus_cfr,
        found.imr_u,
        found.bolus_resistance / WOOD_UNIT,
        found.infusion.flow / ML_PER_MIN,
        None if infusion_rest is None else infusion_rest.flow / ML_PER_MIN,
        found.infusion_cfr,
        found.infusion.resistance / WOOD_UNIT,
        found.infusion.true_flow / ML_PER_MIN,
        true_flow,
        None if true_cfr is None else true_flow / true_cfr,
    )
    return dict(zip(READINGS, values, strict=True))


def _relative(values: Mapping[str, float | None], name: str, truth: str) -> float | None:
    """Reading over truth, less one [-]."""
    unit = next(suffix for suffix in ("_wu", "_ml_min", "") if truth.endswith(suffix))
    reading, true = values[f"{name}{unit}"], values[truth]
    return None if reading is None or true is None else reading / true - 1.0


def write_curves(path: Path, found: Sequence[VesselThermodilution]) -> None:
    """One row per vessel, state and time step: temperatures of the bolus at ostium and wire."""
    rows = [
        [one.name, state, *(f"{value:.6g}" for value in values)]
        for one in found
        for state, bolus in _boluses(one)
        for values in _curve(bolus, one.method)
    ]
    write_csv(path, COLUMNS, rows)


def _boluses(one: VesselThermodilution) -> Iterator[tuple[str, BolusPassage]]:
    if isinstance(one.found, Thermodilution):
        yield "hyperemic", one.found.bolus
        if one.found.resting_bolus is not None:
            yield "resting", one.found.resting_bolus


def _curve(bolus: BolusPassage, method: ThermodilutionMethod) -> np.ndarray:
    """Time, temperature at ostium and wire (n, 3), as long as the wire reads something."""
    last = bolus.times[bolus.sensor > LEAST_SIGNAL * bolus.sensor.max()][-1]
    times = np.arange(0.0, last + method.time_step_s, method.time_step_s)
    curves = (
        temperature_ratio(np.interp(times, bolus.times, saline), method.heat_capacity_ratio)
        for saline in (bolus.inlet, bolus.sensor)
    )
    return np.column_stack([times, *curves])
