"""Microvascular indices at the pressure sensor of a vessel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.errors import InputError
from corohemo.indices.endotypes import MicrovascularThresholds, endotype
from corohemo.indices.ffr import VesselPath
from corohemo.indices.microvascular import (
    coronary_flow_reserve,
    corrected_microcirculatory_index,
    is_informative,
    mean_transit_time,
    microcirculatory_index,
    microvascular_resistance,
    microvascular_resistance_reserve,
)
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import Pullback
from corohemo.indices.sampling import branch_flows
from corohemo.indices.venous import venous_pressure
from corohemo.lumen import Lumen
from corohemo.solvers.solution import FlowSolution
from corohemo.units import MMHG, WOOD_UNIT

if TYPE_CHECKING:
    from corohemo.solvers.reduced_solution import ReducedSolution

FloatArray = NDArray[np.float64]

UNINFORMATIVE = (
    "Flow of source {source}: resistance, transit time and reserve return the assumed flow, not a "
    "measurement of this patient's microcirculation."
)
MEASURED_RESERVE = (
    "Flow of source {source}: resistance and transit time return the assumed resting flow; only "
    "the answer to hyperemia, and CFR and MRR with it, was measured in this patient."
)
INFORMATIVE = (
    "Flow of source {source}: resistance and transit time carry what was measured in this patient, "
    "with its error."
)
POPULATION_RESERVE = (
    "The hyperemic resistance is the resting one times a population's response: CFR and MRR return "
    "that response, and IMR_CT carries the resting flow and the lumen volume only."
)
ASSUMED_REST = "The resting flow of source {source} is assumed, and CFR and MRR with it."
NO_HYPEREMIA = "Needs a hyperemic flow; only a resting one was given."
NO_REST = "Needs a resting flow beside the hyperemic one; none was given."
NO_FORWARD_FLOW = "The flow towards the wire position is not forward everywhere on the path."
NO_PRESSURE = "The pressure at the wire is not above zero and the venous pressure."
NO_ENDOTYPE = (
    "CFR follows from an assumed flow or an assumed hyperemic response, so an endotype would name "
    "the assumption."
)
EXPERIMENTAL = (
    "The flow from the pulsation of the lumen is EXPERIMENTAL and rests on an assumed arterial "
    "time constant."
)
NO_CORRECTION = (
    "IMR_CT is not corrected for collaterals: that needs coefficients (imr_correction_slope and "
    "imr_correction_offset)."
)


@dataclass(frozen=True)
class StateReading:
    """One state's pullbacks and branch flows [m3/s]."""

    solution: FlowSolution | ReducedSolution
    pullbacks: tuple[Pullback, ...]
    flows: FloatArray

    @classmethod
    def of(
        cls, solution: FlowSolution, lumen: Lumen, pullbacks: tuple[Pullback, ...]
    ) -> StateReading:
        """Add the branch flows to a state's pullbacks."""
        return cls(solution, pullbacks, branch_flows(solution, lumen))


def informative_words(
    states: Mapping[str, StateReading], options: IndexOptions, notes: dict[str, str]
) -> bool:
    """Whether the microvascular indices are informative, and why in ``notes``."""
    boundaries = (states.get("hyperemic") or states["resting"]).solution.boundaries
    informative = _is_measured(boundaries, options)
    words = [_worth(boundaries, informative).format(source=boundaries.flow_source)]
    if boundaries.flow_source == "deformation":
        words.append(EXPERIMENTAL)
    if informative and boundaries.hyperemia_source == "population":
        words.append(POPULATION_RESERVE)
    elif informative and "resting" in states:
        resting = states["resting"].solution.boundaries
        if not _is_measured(resting, options):
            words.append(ASSUMED_REST.format(source=resting.flow_source))
    notes["microvascular"] = " ".join(words)
    return informative


def _worth(boundaries: Boundaries, informative: bool) -> str:
    if informative:
        return INFORMATIVE
    is_answer_measured = boundaries.hyperemia_source == "measured"
    return MEASURED_RESERVE if is_answer_measured else UNINFORMATIVE


def _is_measured(boundaries: Boundaries, options: IndexOptions) -> bool:
    return is_informative(
        boundaries, prescribed_flow_is_measured=options.prescribed_flow_is_measured
    )


def _reserve_is_measured(states: Mapping[str, StateReading], options: IndexOptions) -> bool:
    """Whether CFR compares two measured flows."""
    conditions = [states[name].solution.boundaries for name in ("hyperemic", "resting")]
    is_population = conditions[0].hyperemia_source == "population"
    return not is_population and all(_is_measured(one, options) for one in conditions)


@dataclass(frozen=True)
class Microvascular:
    """What is read at the wire; None where it could not be."""

    imr: float | None = None
    corrected_imr: float | None = None
    resistance: float | None = None
    cfr: float | None = None
    mrr: float | None = None
    transit_time: float | None = None
    endotype: str | None = None


def read_microvascular(
    lumen: Lumen,
    path: VesselPath,
    name: str,
    states: Mapping[str, StateReading],
    wire: float,
    options: IndexOptions,
    notes: dict[str, str],
) -> Microvascular:
    """IMR_CT, resistance [WU], CFR, MRR and transit time [s] at the wire position [m]."""
    keys = (
        *("imr_ct_u", "imr_ct_corrected_u", "microvascular_resistance_wu"),
        *("cfr", "mrr", "transit_time_s", "endotype"),
    )
    if "hyperemic" not in states:
        notes.update(dict.fromkeys(keys, NO_HYPEREMIA))
        return Microvascular()
    hyperemic = states["hyperemic"]
    position = path.position_at(wire)
    flow = float(hyperemic.flows[path.branches[position]])
    if min(float(hyperemic.flows[i]) for i in path.branches[: position + 1]) <= 0:
        notes.update(dict.fromkeys(keys, NO_FORWARD_FLOW))
        return Microvascular()
    distal = path.pressure_at(wire)
    venous = _venous(hyperemic.solution, name, options, notes)
    if distal <= max(venous, 0.0):
        notes.update(dict.fromkeys(keys, NO_PRESSURE))
        return Microvascular()
    transit = path_transit_time(lumen, path.branches, hyperemic.flows, wire)
    imr = microcirculatory_index(distal, transit)
    cfr, mrr = _reserves(lumen, path, states, position, flow, distal, notes)
    return Microvascular(
        imr=imr,
        corrected_imr=_corrected(path, distal, transit, options, notes),
        resistance=microvascular_resistance(distal, flow, venous_pressure=venous) / WOOD_UNIT,
        cfr=cfr,
        mrr=mrr,
        transit_time=transit,
        endotype=_endotype(path, wire, states, cfr, imr, options, notes),
    )


def _corrected(
    path: VesselPath,
    distal: float,
    transit: float,
    options: IndexOptions,
    notes: dict[str, str],
) -> float | None:
    """IMR corrected for collaterals [U], if its coefficients were given."""
    if options.imr_correction_slope is None or options.imr_correction_offset is None:
        notes["imr_ct_corrected_u"] = NO_CORRECTION
        return None
    try:
        return corrected_microcirculatory_index(
            float(path.pressure[0]),
            distal,
            transit,
            slope=options.imr_correction_slope,
            offset=options.imr_correction_offset,
        )
    except InputError as error:
        notes["imr_ct_corrected_u"] = str(error)
        return None


def _endotype(
    path: VesselPath,
    wire: float,
    states: Mapping[str, StateReading],
    cfr: float | None,
    imr: float,
    options: IndexOptions,
    notes: dict[str, str],
) -> str | None:
    """Endotype by FFR, CFR and IMR at the wire, where the flow of both states was measured."""
    if cfr is None:
        notes["endotype"] = f"The endotype needs CFR. {notes['cfr']}"
        return None
    if cfr < 1:
        notes["endotype"] = f"The endotype needs a CFR of 1 or more. {notes['cfr']}"
        return None
    if not _reserve_is_measured(states, options):
        notes["endotype"] = NO_ENDOTYPE
        return None
    thresholds = MicrovascularThresholds(
        ffr=options.ffr_threshold, imr_u=options.imr_threshold_u, cfr=options.cfr_threshold
    )
    notes["endotype"] = (
        f"Endotype by FFR {thresholds.ffr:g}, IMR {thresholds.imr_u:g} U and CFR "
        f"{thresholds.cfr:g} at the wire; it says no more than the flow behind it."
    )
    return endotype(path.ffr_at(wire), cfr, imr, thresholds=thresholds).value


def path_transit_time(
    lumen: Lumen, branches: Sequence[int], flows: FloatArray, wire: float
) -> float:
    """Mean transit time from the ostium to the wire, the flow falling at each bifurcation [s].

    Args:
        lumen: The lumen.
        branches: Branch indices from the ostium on.
        flows: Flow of every branch of the lumen (n_branches,) [m3/s].
        wire: Path length of the sensor from the ostium [m].

    Raises:
        InputError: If the flow is not forward on the way.
    """
    total = 0.0
    for index in branches:
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
    solution: FlowSolution | ReducedSolution,
    name: str,
    options: IndexOptions,
    notes: dict[str, str],
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
        notes["cfr"] = notes["mrr"] = (
            "The hyperemic flow is below the resting flow: check both states' boundaries."
        )
    return reserve, microvascular_resistance_reserve(
        reserve,
        distal / aortic,
        resting_aortic_pressure=float(resting.pullbacks[0].pressure[0]),
        hyperemic_aortic_pressure=aortic,
    )
