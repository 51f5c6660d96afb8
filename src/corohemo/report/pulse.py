"""What a pulsatile state adds to a case folder: entries of ``result.json`` and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corohemo.report.files import write_csv
from corohemo.units import MM

if TYPE_CHECKING:
    from corohemo.indices.aortic_cycle import PulsatileFlow
    from corohemo.indices.pulse import OutletPulse, PulseIndices
    from corohemo.indices.pulse_readings import PulseReading
    from corohemo.indices.results import Pullback
    from corohemo.solvers.heart_cycle import HeartCycle

Document = dict[str, Any]

CYCLE_COLUMNS = ("state", "face", "time_s", "flow_ml_min", "pressure_mmhg")
READING_COLUMNS = (
    *("state", "kind", "name", "branch", "position_mm"),
    *("time_s", "pressure_mmhg", "aortic_pressure_mmhg"),
)
PULLBACK_COLUMNS = (
    *("state", "branch", "abscissa_mm", "pressure_min_mmhg", "pressure_max_mmhg"),
    *("pressure_ratio", "pressure_ratio_min", "pressure_ratio_max", "ifr", "rfr"),
)
RESTING_RATIOS = ("ifr", "rfr")
MEANS_NOTE = "Pressures, flows, FFR, wall shear and plaque stress are those of the cycle's mean."


def pulse_entry(solution: PulsatileFlow, pulse: PulseIndices) -> Document:
    """Entry ``pulse`` of a state in ``result.json``."""
    return {
        "period_s": solution.period,
        "cycles": solution.cycles,
        "steps_per_cycle": solution.steps_per_cycle,
        "cycle_change": solution.cycle_change,
        "is_periodic": solution.is_periodic,
        "inlet": {
            "pressure_range_mmhg": solution.face_pressure_range_mmhg("inlet"),
            "flow_range_ml_min": solution.face_flow_range_ml_min("inlet"),
        },
        "outlets": [_outlet(outlet) for outlet in pulse.outlets],
        "vessels": [_reading(one) for one in pulse.vessels],
        "lesions": [_reading(one) for one in pulse.lesions],
        "wall": [asdict(region) for region in pulse.regions],
        "heart": None if solution.heart is None else _heart(solution.heart),
        "notes": {"means": MEANS_NOTE} | dict(pulse.notes),
    }


def _heart(heart: HeartCycle) -> Document:
    """The beat of a heart in a closed loop."""
    aorta = heart.pressure_mmhg("root")
    return {
        "stroke_volume_ml": heart.stroke_volume_ml,
        "ejection_fraction": heart.ejection_fraction,
        "cardiac_output_l_min": heart.cardiac_output_l_min,
        "aortic_pressure_range_mmhg": (float(aorta.min()), float(aorta.max())),
        "mean_aortic_pressure_mmhg": heart.mean_aortic_pressure_mmhg,
        "mean_atrial_pressure_mmhg": heart.mean_atrial_pressure_mmhg,
        "blood_volume_ml": float(heart.blood_volume_ml.mean()),
    }


def _outlet(outlet: OutletPulse) -> Document:
    return asdict(outlet) | {"notes": dict(outlet.notes)}


def _reading(reading: PulseReading) -> Document:
    pressure = reading.pressure_mmhg
    return {
        "name": reading.name,
        "branch": reading.branch,
        "position_mm": reading.position / MM,
        "pressure_range_mmhg": (float(pressure.min()), float(pressure.max())),
        "pressure_ratio": reading.pressure_ratio,
        "pressure_ratio_range": reading.pressure_ratio_range,
        "ifr": reading.ifr,
        "rfr": reading.rfr,
        "notes": dict(reading.notes),
    }


def resting_ratios(document: Mapping[str, Any], kind: str) -> dict[str, dict[str, float | None]]:
    """IFR and RFR of a ``result.json`` by name of vessel or lesion.

    Args:
        document: The result.
        kind: "vessels", at their wire positions, or "lesions", where their FFR is read.

    Returns:
        Empty unless the resting state pulsates.
    """
    pulse = document["states"].get("resting", {}).get("pulse") or {}
    readings = pulse.get(kind, ())
    return {one["name"]: {name: one[name] for name in RESTING_RATIOS} for one in readings}


def write_readings(path: Path, pulses: Mapping[str, PulseIndices]) -> None:
    """One row per state, wire position or lesion, and step of the last cycle."""
    rows = [
        [state, kind, one.name, one.branch, f"{one.position / MM:.6g}", *values]
        for state, pulse in pulses.items()
        for kind, readings in (("vessel", pulse.vessels), ("lesion", pulse.lesions))
        for one in readings
        for values in zip(
            pulse.cycle.times.tolist(),
            one.pressure_mmhg.tolist(),
            pulse.cycle.pressure.tolist(),
            strict=True,
        )
    ]
    write_csv(path, READING_COLUMNS, rows)


def write_cycle_pullback(
    path: Path, pulses: Mapping[str, PulseIndices], means: Mapping[str, Sequence[Pullback]]
) -> None:
    """One row per state, branch and section: extremes of the cycle, mean Pd/Pa, iFR and RFR.

    Args:
        path: The table.
        pulses: Pulsatile indices by state.
        means: Pullbacks of the cycle's mean by state.
    """
    rows: list[list[Any]] = []
    for state, pulse in pulses.items():
        for series, mean in zip(pulse.pullbacks, means[state], strict=False):
            pressure, at = series.pressure_mmhg, series.abscissa
            ratios = pulse.cycle.ratios(pressure)
            columns = (
                *(at / MM, pressure.min(axis=0), pressure.max(axis=0)),
                np.interp(at, mean.abscissa, mean.ffr),
                *(ratios.lowest, ratios.highest, ratios.ifr, ratios.rfr),
            )
            cells = [
                [""] * len(at) if column is None else [f"{value:.6g}" for value in column]
                for column in columns
            ]
            rows += [[state, series.branch, *row] for row in zip(*cells, strict=True)]
    write_csv(path, PULLBACK_COLUMNS, rows)


def write_cycle(path: Path, states: Mapping[str, PulsatileFlow]) -> None:
    """One row per state, open face and step of the last cycle."""
    rows = [
        [state, face, *values]
        for state, solution in states.items()
        for face in solution.faces
        if face != "wall"
        for values in zip(
            solution.cycle_times.tolist(),
            solution.face_flow_series_ml_min(face).tolist(),
            solution.face_pressure_series_mmhg(face).tolist(),
            strict=True,
        )
    ]
    write_csv(path, CYCLE_COLUMNS, rows)
