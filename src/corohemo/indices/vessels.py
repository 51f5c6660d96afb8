"""Indices of each vessel, the path from the ostium to one outlet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import ConfigError
from corohemo.indices.ffr import (
    LEAST_DROP,
    VesselPath,
    pullback_pressure_gradient,
    read_distal,
    vessel_path,
)
from corohemo.indices.microvascular import (
    coronary_flow_reserve,
    is_informative,
    mean_transit_time,
    microcirculatory_index,
    microvascular_resistance,
    microvascular_resistance_reserve,
)
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import Pullback, VesselIndices
from corohemo.indices.sampling import branch_flows
from corohemo.indices.venous import venous_pressure
from corohemo.lumen import Lumen
from corohemo.solvers.solution import FlowSolution
from corohemo.units import MM, MMHG, WOOD_UNIT

FloatArray = NDArray[np.float64]

GREY_ZONE_TOP = 0.80
UNINFORMATIVE = (
    "Flow of source {source}: resistance, transit time and reserve return the assumed flow, not a "
    "measurement of this patient's microcirculation."
)
NO_HYPEREMIA = "Needs a hyperemic flow; only a resting one was given."
NO_REST = "Needs a resting flow beside the hyperemic one; none was given."
NO_FORWARD_FLOW = "The flow towards the wire position is not forward everywhere on the path."


@dataclass(frozen=True)
class StateReading:
    """One state's pullbacks and branch flows [m3/s]."""

    solution: FlowSolution
    pullbacks: tuple[Pullback, ...]
    flows: FloatArray

    @classmethod
    def of(
        cls, solution: FlowSolution, lumen: Lumen, pullbacks: tuple[Pullback, ...]
    ) -> StateReading:
        """Add the branch flows to a state's pullbacks."""
        return cls(solution, pullbacks, branch_flows(solution, lumen))


def vessel_indices(
    lumen: Lumen, states: Mapping[str, StateReading], options: IndexOptions
) -> tuple[VesselIndices, ...]:
    """Indices of every path ostium to outlet, in the order of the outlets.

    Raises:
        ConfigError: If a wire position names no vessel.
    """
    for vessel in options.wire_positions_mm:
        if vessel not in lumen.outlet_names:
            raise ConfigError(
                f"There is no vessel {vessel!r} for a wire position; vessels are named after their "
                f"outlets: {', '.join(lumen.outlet_names)}.",
                field="wire_positions_mm",
            )
    return tuple(
        _one(lumen, lumen.path(outlet), name, states, options)
        for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True)
    )


def _one(
    lumen: Lumen,
    branches: tuple[int, ...],
    name: str,
    states: Mapping[str, StateReading],
    options: IndexOptions,
) -> VesselIndices:
    main = states.get("hyperemic") or states["resting"]
    path = vessel_path(main.pullbacks, lumen, branches)
    boundaries = main.solution.boundaries
    informative = is_informative(
        boundaries, prescribed_flow_is_measured=options.prescribed_flow_is_measured
    )
    notes: dict[str, str] = {}
    if not informative:
        notes["microvascular"] = UNINFORMATIVE.format(source=boundaries.flow_source)
    ppg = pullback_pressure_gradient(
        path.abscissa,
        path.ffr,
        window=options.ppg_window_mm * MM,
        disease_per_m=options.functional_disease_per_mm / MM,
    )
    if ppg is None:
        notes["ppg"] = f"FFR falls by less than {LEAST_DROP}, where the pattern is noise."
    elif path.ffr[-1] > GREY_ZONE_TOP:
        notes["ppg"] = "PPG is validated in vessels with FFR <= 0.80 only."
    wanted = options.wire_positions_mm.get(name, options.wire_mm) * MM
    wire = min(wanted, path.end)
    if wire < wanted:
        notes["wire"] = f"The wire is read at the vessel's end, {wire / MM:.1f} mm down."
    micro = _microvascular(lumen, path, name, states, wire, options, notes)
    return VesselIndices(
        name=name,
        ffr_ct=_lesion_specific(lumen, path, options, notes),
        ffr_ct_distal=float(path.ffr[-1]),
        ppg=ppg,
        imr_ct_u=micro.imr,
        microvascular_resistance_wu=micro.resistance,
        cfr=micro.cfr,
        mrr=micro.mrr,
        flow_source=boundaries.flow_source,
        microvascular_informative=informative,
        notes=notes,
        wire_position=wire,
        wire_branch=path.names[path.position_at(wire)],
        transit_time_s=micro.transit_time,
    )


def _lesion_specific(
    lumen: Lumen, path: VesselPath, options: IndexOptions, notes: dict[str, str]
) -> float:
    """Lowest FFR behind the vessel's lesions, or at its end where it has none."""
    readings = [
        read_distal(path, lesion, distance=options.distal_reading_mm * MM)
        for lesion in lumen.lesions
        if lesion.branch in path.names
    ]
    if not readings:
        notes["ffr_ct"] = "The vessel has no lesion, so FFR is the value at its end."
        return float(path.ffr[-1])
    lowest = min(readings, key=lambda reading: reading.ffr)
    if lowest.note:
        notes["ffr_ct"] = lowest.note
    return lowest.ffr


@dataclass(frozen=True)
class _Microvascular:
    imr: float | None = None
    resistance: float | None = None
    cfr: float | None = None
    mrr: float | None = None
    transit_time: float | None = None


def _microvascular(
    lumen: Lumen,
    path: VesselPath,
    name: str,
    states: Mapping[str, StateReading],
    wire: float,
    options: IndexOptions,
    notes: dict[str, str],
) -> _Microvascular:
    """IMR_CT, resistance [WU], CFR, MRR and transit time [s] at the wire position [m]."""
    keys = ("imr_ct_u", "microvascular_resistance_wu", "cfr", "mrr")
    if "hyperemic" not in states:
        notes.update(dict.fromkeys(keys, NO_HYPEREMIA))
        return _Microvascular()
    hyperemic = states["hyperemic"]
    position = path.position_at(wire)
    flow = float(hyperemic.flows[path.branches[position]])
    if min(float(hyperemic.flows[i]) for i in path.branches[: position + 1]) <= 0:
        notes.update(dict.fromkeys(keys, NO_FORWARD_FLOW))
        return _Microvascular()
    distal = path.pressure_at(wire)
    transit = _transit_time(lumen, path, hyperemic.flows, wire)
    venous = _venous(hyperemic.solution, name, options, notes)
    cfr, mrr = _reserves(lumen, path, states, position, flow, distal, notes)
    return _Microvascular(
        imr=microcirculatory_index(distal, transit),
        resistance=microvascular_resistance(distal, flow, venous_pressure=venous) / WOOD_UNIT,
        cfr=cfr,
        mrr=mrr,
        transit_time=transit,
    )


def _transit_time(lumen: Lumen, path: VesselPath, flows: FloatArray, wire: float) -> float:
    """Mean transit time from the ostium to the wire, the flow falling at each bifurcation [s]."""
    total = 0.0
    for index in path.branches:
        branch = lumen.branches[index]
        if branch.abscissas[0] >= wire:
            break
        end = min(wire, float(branch.abscissas[-1]))
        inner = branch.abscissas < end
        abscissa = np.append(branch.abscissas[inner], end)
        radius = np.interp(abscissa, branch.abscissas, branch.radii)
        total += mean_transit_time(abscissa, radius, np.full(len(abscissa) - 1, flows[index]))
    return total


def _venous(
    solution: FlowSolution, name: str, options: IndexOptions, notes: dict[str, str]
) -> float:
    """Venous pressure behind the vessel [Pa]."""
    if options.venous_pressure_mmhg is not None:
        return options.venous_pressure_mmhg * MMHG
    pressure = venous_pressure(solution.boundaries, name)
    if pressure is None:
        notes["microvascular_resistance_wu"] = (
            "The outlet has no venous pressure, so the resistance is Pd / Q without one."
        )
        return 0.0
    return pressure


def _reserves(
    lumen: Lumen,
    path: VesselPath,
    states: Mapping[str, StateReading],
    position: int,
    flow: float,
    distal: float,
    notes: dict[str, str],
) -> tuple[float | None, float | None]:
    """CFR and MRR at the wire."""
    if "resting" not in states:
        notes["cfr"] = notes["mrr"] = NO_REST
        return None, None
    resting = states["resting"]
    resting_flow = float(resting.flows[path.branches[position]])
    if resting_flow <= 0:
        notes["cfr"] = notes["mrr"] = NO_FORWARD_FLOW
        return None, None
    aortic = float(states["hyperemic"].pullbacks[0].pressure[0])
    reserve = coronary_flow_reserve(flow, resting_flow)
    if reserve < 1:
        notes["cfr"] = (
            "The hyperemic flow is below the resting flow: check both states' boundaries."
        )
    return reserve, microvascular_resistance_reserve(
        reserve,
        distal / aortic,
        resting_aortic_pressure=float(resting.pullbacks[0].pressure[0]),
        hyperemic_aortic_pressure=aortic,
    )
