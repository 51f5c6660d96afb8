"""What a pulsatile state adds to a case folder: entries of ``result.json`` and ``cycle.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corohemo.report.files import write_csv

if TYPE_CHECKING:
    from corohemo.indices.pulse import OutletPulse, PulseIndices
    from corohemo.solvers.heart_cycle import HeartCycle
    from corohemo.solvers.transient_solution import TransientSolution

Document = dict[str, Any]

CYCLE_COLUMNS = ("state", "face", "time_s", "flow_ml_min", "pressure_mmhg")
MEANS_NOTE = "Pressures, flows, FFR, wall shear and plaque stress are those of the cycle's mean."


def pulse_entry(solution: TransientSolution, pulse: PulseIndices) -> Document:
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


def write_cycle(path: Path, states: Mapping[str, TransientSolution]) -> None:
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
