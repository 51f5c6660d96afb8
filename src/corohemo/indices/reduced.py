"""Indices of a case that was solved by the reduced model: no mesh, no wall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from corohemo.indices.lesions import at_rest, read_lesion
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import LesionIndices, Pullback, VesselIndices
from corohemo.indices.sampling import require_aortic
from corohemo.indices.vessels import vessel_indices
from corohemo.indices.volume_to_mass import ratio_of_case
from corohemo.indices.wire import StateReading
from corohemo.lumen import Lesion, Lumen
from corohemo.solvers.reduced_cycle_solution import ReducedCycle
from corohemo.solvers.reduced_solution import ReducedSolution
from corohemo.units import MM

NO_WALL = "The reduced model has no wall: solve with finite elements for wall and plaque stress."
MODEL = "Solved by the reduced model, a network without walls."
MODEL_OF_CYCLES = (
    "Solved over the cardiac cycle by the reduced model, a network without walls; FFR and all "
    "indices outside of a state's pulse are those of the cycle's mean."
)
WALL_KEYS = (
    "wss_mean_pa",
    "wss_max_pa",
    "aps_upstream_pa",
    "aps_downstream_pa",
    "aps_net_pa",
    "aps_mean_magnitude_pa",
    "axial_force_upstream_n",
    "axial_force_downstream_n",
)


@dataclass(frozen=True)
class ReducedIndices:
    """What the reduced model says of a case; the counterpart of ``Indices``.

    Attributes:
        lumen: The lumen.
        states: Solution per state, the one that lesions are read from first; means of cycles.
        pullbacks: Per state, one per lumen branch in order.
        lesions: FFR of each lesion; wall quantities are None.
        vessels: One per path from the ostium to an outlet.
        lumen_volume_mm3: Volume of the tubes.
        volume_to_mass_mm3_g: Over the myocardial mass, None without one.
        notes: What a reader must know.
        cycles: The cycles of the states that pulsate.
    """

    lumen: Lumen
    states: Mapping[str, ReducedSolution]
    pullbacks: Mapping[str, tuple[Pullback, ...]]
    lesions: tuple[LesionIndices, ...]
    vessels: tuple[VesselIndices, ...]
    lumen_volume_mm3: float
    volume_to_mass_mm3_g: float | None
    notes: Mapping[str, str] = field(default_factory=dict)
    cycles: Mapping[str, ReducedCycle] = field(default_factory=dict)


def reduced_indices(
    states: Mapping[str, ReducedSolution | ReducedCycle],
    *,
    myocardial_mass_g: float | None = None,
    options: IndexOptions | None = None,
) -> ReducedIndices:
    """Pullbacks, lesions and vessels of reduced solutions of one lumen, of cycles by their mean.

    Args:
        states: Solutions by the names "hyperemic" and "resting", the main one first.
        myocardial_mass_g: Left ventricular mass for the volume-to-mass ratio.
        options: Conventions.
    """
    options = options or IndexOptions()
    lumen = next(iter(states.values())).lumen
    cycles = {name: one for name, one in states.items() if isinstance(one, ReducedCycle)}
    means = {
        name: one.mean if isinstance(one, ReducedCycle) else one for name, one in states.items()
    }
    readings = {
        name: StateReading(solution, reduced_pullbacks(solution), solution.flows)
        for name, solution in means.items()
    }
    name, main = next(iter(readings.items()))
    lesions = tuple(_lesion(lumen, lesion, main.pullbacks, options) for lesion in lumen.lesions)
    volume = lumen.volume() / MM**3
    ratio, said = ratio_of_case(lumen, volume, myocardial_mass_g, options)
    return ReducedIndices(
        lumen=lumen,
        states=means,
        pullbacks={name: reading.pullbacks for name, reading in readings.items()},
        lesions=lesions if name == "hyperemic" else tuple(map(at_rest, lesions)),
        vessels=vessel_indices(lumen, readings, options),
        lumen_volume_mm3=volume,
        volume_to_mass_mm3_g=ratio,
        notes={
            "model": MODEL_OF_CYCLES if cycles else MODEL,
            "aps": NO_WALL,
            "volume_to_mass_mm3_g": said,
        },
        cycles=cycles,
    )


def reduced_pullbacks(solution: ReducedSolution) -> tuple[Pullback, ...]:
    """Section pressures and flows along every branch, in the lumen's order.

    Raises:
        InputError: If the inlet pressure is not positive.
    """
    require_aortic(solution.inlet_pressure)
    return tuple(
        Pullback(
            branch=branch.name,
            abscissa=branch.abscissas,
            radius=branch.radii,
            pressure=pressure,
            ffr=ffr,
            flow=np.full(len(pressure), flow),
        )
        for branch, pressure, ffr, flow in zip(
            solution.lumen.branches, solution.pressures, solution.ffr, solution.flows, strict=True
        )
    )


def _lesion(
    lumen: Lumen, lesion: Lesion, pullbacks: tuple[Pullback, ...], options: IndexOptions
) -> LesionIndices:
    read = read_lesion(lumen, lesion, pullbacks, options)
    return replace(read, notes=dict.fromkeys(WALL_KEYS, NO_WALL) | dict(read.notes))
