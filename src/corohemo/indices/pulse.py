"""What only a pulsatile flow tells: how the wall shear varies, and Pd/Pa within the cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from corohemo.indices.aortic_cycle import AorticCycle, PulsatileFlow
from corohemo.indices.cycle_pullback import CyclePullback, cycle_pullbacks
from corohemo.indices.options import IndexOptions
from corohemo.indices.pulse_readings import PulseReader, PulseReading
from corohemo.indices.reduced import NO_WALL
from corohemo.indices.results import Pullback, WallShear
from corohemo.indices.wall_pulse import WallPulse, WallRegion, wall_regions
from corohemo.lumen import Lumen
from corohemo.solvers.reduced_cycle_solution import ReducedCycle

NO_STATISTICS = "Wall statistics were not accumulated."
MEANS_WITHOUT_WALL = "Pressures, flows and FFR are those of the cycle's mean."
NO_SECTIONS = (
    "The sections were not read in every step, so Pd over the cycle is known at the outlets only."
)


@dataclass(frozen=True)
class OutletPulse:
    """One outlet over the cycle; ``notes`` says why a number is None."""

    name: str
    pressure_range_mmhg: tuple[float, float]
    flow_range_ml_min: tuple[float, float]
    ifr: float | None
    rfr: float | None
    notes: Mapping[str, str] = field(default_factory=dict)
    pressure_ratio_range: tuple[float, float] | None = None
    """Lowest and highest Pd/Pa of all times."""


@dataclass(frozen=True)
class PulseIndices:
    """Pulsatile indices of one state."""

    cycle: AorticCycle
    outlets: tuple[OutletPulse, ...]
    regions: tuple[WallRegion, ...]
    wall: WallPulse | None
    notes: Mapping[str, str] = field(default_factory=dict)
    pullbacks: tuple[CyclePullback, ...] = ()
    """Pressure over the cycle, one per branch; none without sections."""
    vessels: tuple[PulseReading, ...] = ()
    """At the wire position of each vessel; none without sections."""
    lesions: tuple[PulseReading, ...] = ()
    """Where the FFR of each lesion is read; none without sections."""


def pulse_indices(
    solution: PulsatileFlow,
    lumen: Lumen,
    wall: WallShear | None,
    *,
    end_systole: float | None = None,
    means: Sequence[Pullback] = (),
    options: IndexOptions | None = None,
) -> PulseIndices:
    """Indices of the last cycle.

    Args:
        solution: The flow; its cycle begins with systole.
        lumen: Its lumen, for the lesions.
        wall: Wall shear of the same mesh by facets, for their places; None without statistics.
        end_systole: Part of the cycle after which diastole begins, None if unknown.
        means: Pullbacks of the cycle's mean, one per branch; without them, or without sections in
            the flow, Pd/Pa is read at the outlets only.
        options: Wire positions and distal readings.
    """
    cycle = AorticCycle.of(solution, end_systole)
    faces = [face for face in solution.faces if face.startswith("outlet:")]
    outlets = tuple(_outlet(solution, face, cycle) for face in faces)
    pulse, notes = _wall_pulse(solution, wall)
    regions = () if pulse is None or wall is None else wall_regions(pulse, lumen, wall)
    series = cycle_pullbacks(solution, lumen) if means else ()
    if not series:
        notes["vessels"] = notes["lesions"] = NO_SECTIONS
        return PulseIndices(cycle, outlets, regions, pulse, notes)
    reader = PulseReader(lumen, cycle, series, means, options or IndexOptions())
    return PulseIndices(
        *(cycle, outlets, regions, pulse, notes),
        pullbacks=series,
        vessels=reader.vessels(),
        lesions=reader.lesions(),
    )


def _wall_pulse(
    solution: PulsatileFlow, wall: WallShear | None
) -> tuple[WallPulse | None, dict[str, str]]:
    """Statistics of the wall by facets, or why there are none."""
    if isinstance(solution, ReducedCycle):
        return None, {"wall": NO_WALL, "means": MEANS_WITHOUT_WALL}
    if solution.wall is None or wall is None:
        return None, {"wall": NO_STATISTICS}
    return WallPulse.of(solution.wall, len(wall.points)), {}


def _outlet(solution: PulsatileFlow, face: str, cycle: AorticCycle) -> OutletPulse:
    ratios = cycle.ratios_at(solution.face_pressure_series_mmhg(face))
    return OutletPulse(
        name=face.removeprefix("outlet:"),
        pressure_range_mmhg=solution.face_pressure_range_mmhg(face),
        flow_range_ml_min=solution.face_flow_range_ml_min(face),
        ifr=ratios.ifr,
        rfr=ratios.rfr,
        notes=cycle.reasons,
        pressure_ratio_range=ratios.extremes,
    )
