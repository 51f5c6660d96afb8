"""A folder of synthetic patients that ``corohemo batch`` and ``corohemo compare`` read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corohemo.checks import require_positive
from corohemo.errors import InputError
from corohemo.io import write_centerline
from corohemo.report.files import write_csv, write_text
from corohemo.tree import VesselTree
from corohemo.virtual.measurements import MeasurementNoise, VesselTruth, examine, scan
from corohemo.virtual.patients import Population, VirtualPatient, draw_patient

README = """\
Synthetic patients of corohemo (corohemo.virtual): every number is drawn by a generator, none comes
from a person. manifest-*.csv are for corohemo batch, invasive.csv for corohemo compare, truth.csv
holds what is hidden from both.
"""
STATE_COLUMNS = {
    "hyperemia.total_coronary_resistance_index": "total_coronary_resistance_index",
    "physiology.reference_flow_ml_min_g": "reference_flow_ml_min_g",
    "physiology.diameter_exponent": "diameter_exponent",
    "physiology.venous_pressure_mmhg": "venous_pressure_mmhg",
}


@dataclass(frozen=True)
class VirtualMember:
    """A synthetic patient with the measurements of it.

    Attributes:
        patient: The truth.
        scanned: The vessels as the CT shows them.
        cuff_mmhg: Mean pressure by cuff.
        vessels: True and measured numbers of the vessels with a wire.
    """

    patient: VirtualPatient
    scanned: VesselTree
    cuff_mmhg: float
    vessels: tuple[VesselTruth, ...]


@dataclass(frozen=True)
class VirtualCohort:
    """Synthetic patients.

    Attributes:
        members: The patients with their measurements.
    """

    members: tuple[VirtualMember, ...]

    def write(self, folder: Path | str) -> dict[str, Path]:
        """Write centerlines, manifests, measured and true values.

        There are four manifests: what a user has (``scan-population``: scanned lumen, population
        boundary conditions) and three that know more than anybody can: the true lumen
        (``true-population``), the patient's flow, response and pressure (``scan-known``), both
        (``true-known``). Even the last does not know the territories' own resistances.

        Returns:
            Path of each manifest by its name, and of ``invasive`` and ``truth``.

        Raises:
            InputError: If the folder cannot be written.
        """
        folder = Path(folder)
        try:
            for kind in ("scan", "true"):
                (folder / kind).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"The folder cannot be made: {error.strerror}.", file=folder
            ) from error
        write_text(folder / "README.txt", README)
        for member in self.members:
            name = f"{member.patient.name}.swc"
            write_centerline(member.scanned, folder / "scan" / name, length_unit="mm")
            write_centerline(member.patient.tree, folder / "true" / name, length_unit="mm")
        paths = {}
        for lumen in ("scan", "true"):
            for knowledge in ("population", "known"):
                path = folder / f"manifest-{lumen}-{knowledge}.csv"
                rows = [
                    row for member in self.members for row in _manifest(member, lumen, knowledge)
                ]
                _write(path, rows)
                paths[f"{lumen}-{knowledge}"] = path
        paths["invasive"], paths["truth"] = folder / "invasive.csv", folder / "truth.csv"
        _write(paths["invasive"], [row for member in self.members for row in _invasive(member)])
        _write(paths["truth"], [row for member in self.members for row in _truth(member)])
        return paths


def virtual_cohort(
    n_patients: int = 120,
    *,
    seed: int = 2026,
    population: Population | None = None,
    noise: MeasurementNoise | None = None,
) -> VirtualCohort:
    """Synthetic patients with known lumen and microcirculation, scanned and measured.

    The true flow is that of the reduced model with marched velocity profiles on the true lumen.

    Args:
        n_patients: How many.
        seed: Seed; patient k is the same in cohorts of any size.
        population: Distributions of the patients.
        noise: Errors of the measurements.
    """
    require_positive(n_patients=n_patients)
    noise = noise or MeasurementNoise()
    return VirtualCohort(
        tuple(_member(number, seed, population, noise) for number in range(n_patients))
    )


def _member(
    number: int, seed: int, population: Population | None, noise: MeasurementNoise
) -> VirtualMember:
    patient = draw_patient(number, seed=seed, population=population)
    draw = np.random.default_rng([seed, number, 1])
    lumen, vessels = examine(patient, noise, draw)
    pressure = patient.state.mean_aortic_pressure_mmhg + noise.cuff_mmhg * draw.normal()
    return VirtualMember(
        patient=patient,
        scanned=scan(patient, lumen, noise, draw),
        cuff_mmhg=float(np.clip(pressure, 55.0, 140.0)),
        vessels=vessels,
    )


def _manifest(member: VirtualMember, lumen: str, knowledge: str) -> Iterator[Mapping[str, Any]]:
    patient, state = member.patient, member.patient.state
    known = knowledge == "known"
    pressure = state.mean_aortic_pressure_mmhg if known else member.cuff_mmhg
    settings = {c: getattr(state, name) for c, name in STATE_COLUMNS.items()} if known else {}
    for vessel in member.vessels:
        yield {
            "case_id": patient.name,
            "input": f"{lumen}/{patient.name}.swc",
            "length_unit": "mm",
            "mean_aortic_pressure_mmhg": pressure,
            "myocardial_mass_g": state.myocardial_mass_g,
            **settings,
            "vessel": vessel.vessel,
            "wire_position_mm": vessel.wire_mm,
            "sex": patient.sex,
            "diabetes": "yes" if patient.diabetes else "no",
            "age": patient.age,
            "agatston": patient.agatston,
            "synthetic": "yes",
        }


def _invasive(member: VirtualMember) -> Iterator[Mapping[str, Any]]:
    for vessel in member.vessels:
        measured = vessel.measured
        yield {
            "case_id": member.patient.name,
            "vessel": vessel.vessel,
            "ffr_invasive": measured["ffr"],
            "imr_invasive": measured["imr_u"],
            "imr_continuous": measured["imr_continuous_u"],
            "cfr_invasive": measured["cfr"],
            "mrr_invasive": measured["mrr"],
            "resistance_invasive_wu": measured["resistance_wu"],
        }


def _truth(member: VirtualMember) -> Iterator[Mapping[str, Any]]:
    patient = member.patient
    for vessel in member.vessels:
        yield {
            "case_id": patient.name,
            "vessel": vessel.vessel,
            **{f"{name}_true": value for name, value in vessel.true.items()},
            "territory_factor": patient.territory[vessel.vessel],
            "endotype": patient.endotype,
            "synthetic": "yes",
        }


def _write(path: Path, rows: list[Mapping[str, Any]]) -> None:
    header = list(rows[0])
    write_csv(path, header, [[row[name] for name in header] for row in rows])
