"""What a scan, a cuff, a pressure wire and thermodilution make of a synthetic patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from corohemo.checks import require_numbers
from corohemo.indices.options import IndexOptions
from corohemo.indices.reduced import ReducedIndices, reduced_indices
from corohemo.indices.results import VesselIndices
from corohemo.lumen import Lumen
from corohemo.lumen_build import build_lumen
from corohemo.solvers.reduced import ReducedOptions, solve_reduced
from corohemo.tree import VesselTree
from corohemo.uncertainty.distributions import Normal
from corohemo.uncertainty.inputs import InputUncertainty
from corohemo.uncertainty.sampling import InputSpace
from corohemo.virtual.patients import VirtualPatient

WIRES_MM = {"dLAD": (62.0, 78.0), "dCx": (58.0, 72.0), "OM1": (52.0, 66.0)}
"""Vessels that are measured, and where the sensor lies."""
TRUTH = ReducedOptions(losses="profile")
"""The true flow: velocity profiles marched along the branches, nothing fitted."""


@dataclass(frozen=True, kw_only=True)
class MeasurementNoise:
    """Errors of every measurement; standard deviations.

    Attributes:
        lumen_bias_mm: Of a diameter error common to the whole scan.
        lumen_station_mm: Of one that changes along the vessels.
        lumen_correlation_mm: Length over which it changes.
        cuff_mmhg: Of the cuff's mean pressure.
        wire: Of an invasive FFR (test-retest 0.02-0.03, from memory).
        bolus: Relative, of a transit time by bolus: 31 % between two of one day over sqrt(2) (from
            memory of Gallinoro 2023).
        continuous: Relative, of a resistance by continuous thermodilution: 13 % over sqrt(2), as
            above.
    """

    lumen_bias_mm: float = 0.06
    lumen_station_mm: float = 0.12
    lumen_correlation_mm: float = 5.0
    cuff_mmhg: float = 8.0
    wire: float = 0.02
    bolus: float = 0.22
    continuous: float = 0.09

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("lumen_correlation_mm",),
            nonnegative=(
                "lumen_bias_mm",
                "lumen_station_mm",
                "cuff_mmhg",
                "wire",
                "bolus",
                "continuous",
            ),
        )


@dataclass(frozen=True)
class VesselTruth:
    """True and measured numbers of one vessel at its sensor.

    Attributes:
        vessel: Name of the outlet.
        wire_mm: Path length to the sensor [mm].
        true: ffr, imr_u, cfr, mrr, resistance_wu.
        measured: The same as a catheter gives them; IMR and CFR by bolus, resistance by continuous
            thermodilution, and imr_continuous_u, what continuous thermodilution's error would give.
            The wire's error is in all that hold the distal pressure.
    """

    vessel: str
    wire_mm: float
    true: Mapping[str, float]
    measured: Mapping[str, float]


def scan(
    patient: VirtualPatient, lumen: Lumen, noise: MeasurementNoise, draw: np.random.Generator
) -> VesselTree:
    """The tree as a CT shows it: a diameter error common to all and one along the vessels."""
    inputs = InputUncertainty(
        diameter_bias_mm=Normal(0.0, noise.lumen_bias_mm),
        station_sd_mm=noise.lumen_station_mm,
        correlation_mm=noise.lumen_correlation_mm,
    )
    space = InputSpace(lumen, inputs)
    radii = space.radii(draw.random((1, len(space.groups))))[0]
    branches, first = [], 0
    for branch, built in zip(patient.tree.branches, lumen.branches, strict=True):
        factor = radii[first : first + len(built.radii)] / built.radii
        first += len(built.radii)
        along = np.interp(branch.abscissas, built.abscissas, factor)
        branches.append(replace(branch, radii=branch.radii * along))
    return VesselTree(tuple(branches), source="virtual")


def examine(
    patient: VirtualPatient, noise: MeasurementNoise, draw: np.random.Generator
) -> tuple[Lumen, tuple[VesselTruth, ...]]:
    """Solve the truth and measure one to three vessels.

    Returns:
        The true lumen and the vessels' numbers.
    """
    lumen = build_lumen(patient.tree)
    wires = {name: float(draw.uniform(*ends)) for name, ends in WIRES_MM.items()}
    chosen = [name for name in wires if name == "dLAD" or draw.random() < 0.6]
    indices = _true_indices(patient, lumen, {name: wires[name] for name in chosen})
    by_name = {vessel.name: vessel for vessel in indices.vessels}
    return lumen, tuple(measure(by_name[name], wires[name], noise, draw) for name in chosen)


def _true_indices(
    patient: VirtualPatient, lumen: Lumen, wires: Mapping[str, float]
) -> ReducedIndices:
    states = {"hyperemic": patient.state, "resting": patient.state.at_rest()}
    solutions = {
        name: solve_reduced(lumen, patient.boundaries(lumen, state), TRUTH)
        for name, state in states.items()
    }
    return reduced_indices(solutions, options=IndexOptions(wire_positions_mm=wires))


def measure(
    vessel: VesselIndices, wire_mm: float, noise: MeasurementNoise, draw: np.random.Generator
) -> VesselTruth:
    """A vessel's true numbers and what a catheter with the errors of ``noise`` gives for them."""
    numbers = {
        "ffr": vessel.ffr_ct_wire,
        "imr_u": vessel.imr_ct_u,
        "cfr": vessel.cfr,
        "mrr": vessel.mrr,
        "resistance_wu": vessel.microvascular_resistance_wu,
    }
    true = {name: float(value) for name, value in numbers.items() if value is not None}
    ffr = float(np.clip(true["ffr"] + noise.wire * draw.normal(), 0.05, 1.05))
    hyperemic, resting, steady = np.exp(
        np.array([noise.bolus, noise.bolus, noise.continuous]) * draw.normal(size=3)
    )
    distal = ffr / true["ffr"]
    measured = {
        "ffr": ffr,
        "imr_u": true["imr_u"] * distal * float(hyperemic),
        "imr_continuous_u": true["imr_u"] * distal * float(steady),
        "cfr": true["cfr"] * float(resting / hyperemic),
        "mrr": true["mrr"] * float(resting / hyperemic) / distal,
        "resistance_wu": true["resistance_wu"] * distal * float(steady),
    }
    return VesselTruth(vessel.name, wire_mm, true, measured)
