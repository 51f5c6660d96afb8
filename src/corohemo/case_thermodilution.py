"""Virtual thermodilution of a case: both methods in its states, beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from corohemo.checks import nearest_word
from corohemo.errors import ConfigError, CorohemoError
from corohemo.indices.reduced import ReducedIndices
from corohemo.indices.sampling import branch_flows
from corohemo.indices.vessels import check_wire_positions
from corohemo.indices.wire import NO_REST, StateReading
from corohemo.solvers.reduced_solution import ReducedSolution
from corohemo.thermodilution import Thermodilution, measure_thermodilution
from corohemo.thermodilution.vessels import VesselThermodilution
from corohemo.units import MM

if TYPE_CHECKING:
    from corohemo.config import CaseConfig
    from corohemo.indices.results import Indices, VesselIndices
    from corohemo.lumen import Lumen

NOT_WANTED = "Thermodilution was not asked for; set thermodilution.on = true to have it."
METHODS = (
    "Bolus, infusion and truth see the same computed flow, so what differs between them is the "
    "method."
)
ASSUMED = (
    "Resistance and flow at the wire are inputs of this computation: the methods are compared, not "
    "the patient."
)
OF_MEANS = "The flow is the cycle's mean; saline is not carried by its pulsation."
SAME_FLOW = 1e-3
"""Part of the flow at the tip that may leave before the wire without a word."""
Readings = Mapping[str, StateReading]


def check_thermodilution(config: CaseConfig, lumen: Lumen) -> tuple[str, ...]:
    """Vessels of a case that are to be measured, none if it is not asked for.

    Raises:
        ConfigError: If there is no such vessel, the infusion's place does not lie before the wire,
            or saline is to be carried by a field that is not solved for.
    """
    settings = config.thermodilution
    if not settings.on:
        return ()
    if settings.dimensions == 3 and config.solver.is_reduced:
        raise ConfigError(
            '[thermodilution] dimensions = 3 needs a 3-D flow but solver.model is "reduced"; '
            "change one of them.",
            file=config.file,
            field="thermodilution.dimensions",
        )
    for name in settings.vessels:
        if name not in lumen.outlet_names:
            raise ConfigError(
                f"[thermodilution] vessels: there is no vessel {name!r}; vessels are named after "
                f"their outlets: {', '.join(lumen.outlet_names)}.",
                file=config.file,
                field="thermodilution.vessels",
                nearest=nearest_word(name, lumen.outlet_names),
            )
    check_wire_positions(lumen, config.indices)
    wanted = settings.vessels or lumen.outlet_names
    for name in wanted:
        wire = config.indices.wire_positions_mm.get(name, config.indices.wire_mm)
        if settings.infusion_mm >= wire:
            raise ConfigError(
                f"[thermodilution] infusion_mm = {settings.infusion_mm:g} must lie before the wire "
                f"of {name}, which [indices] places at {wire:g} mm.",
                file=config.file,
                field="thermodilution.infusion_mm",
            )
    return wanted


def case_thermodilution(
    config: CaseConfig, indices: Indices | ReducedIndices
) -> tuple[VesselThermodilution, ...]:
    """Both methods in each vessel that is asked for.

    Args:
        config: Settings of the case.
        indices: What was computed of it, whose wire positions and true values are taken.

    Raises:
        ConfigError: If the settings do not fit the lumen.
    """
    wanted = check_thermodilution(config, indices.lumen)
    readings = {name: _reading(indices, name) for name in indices.states}
    return tuple(
        _one(config, indices, vessel, readings)
        for vessel in indices.vessels
        if vessel.name in wanted
    )


def told_thermodilution(found: tuple[VesselThermodilution, ...]) -> str:
    """One line for the log."""
    measured = sum(isinstance(one.found, Thermodilution) for one in found)
    return f"{measured} of {len(found)} vessels measured"


def _reading(indices: Indices | ReducedIndices, state: str) -> StateReading:
    solution = indices.states[state]
    if isinstance(solution, ReducedSolution):
        flows = solution.flows
    else:
        flows = branch_flows(solution, indices.lumen)
    return StateReading(solution, indices.pullbacks[state], flows)


def _one(
    config: CaseConfig,
    indices: Indices | ReducedIndices,
    vessel: VesselIndices,
    readings: Readings,
) -> VesselThermodilution:
    assert vessel.wire_position is not None
    notes = {key: vessel.notes[key] for key in ("microvascular", "wire") if key in vessel.notes}
    notes["method"] = METHODS if vessel.microvascular_informative else f"{METHODS} {ASSUMED}"
    if indices.cycles:
        notes["method"] += f" {OF_MEANS}"
    found, without_rest = _measured(config, indices.lumen, vessel, readings)
    if isinstance(found, Thermodilution):
        notes |= _side_branches(found, config.thermodilution.infusion_mm)
    return VesselThermodilution(
        name=vessel.name,
        wire=vessel.wire_position,
        method=config.thermodilution,
        found=found,
        without_rest=without_rest,
        true_resistance_wu=vessel.microvascular_resistance_wu,
        true_cfr=vessel.cfr,
        notes=notes,
    )


def _measured(
    config: CaseConfig, lumen: Lumen, vessel: VesselIndices, readings: Readings
) -> tuple[Thermodilution | str, str | None]:
    """Readings of both states, else of hyperemia alone, else why none; and why none at rest."""
    if vessel.imr_ct_u is None:
        return vessel.notes["imr_ct_u"], vessel.notes["imr_ct_u"]
    assert vessel.wire_position is not None
    wire_mm, hyperemic = vessel.wire_position / MM, readings["hyperemic"]

    def attempt(resting: StateReading | None) -> Thermodilution | str:
        try:
            options = config.thermodilution.at(wire_mm)
            return measure_thermodilution(
                hyperemic, vessel.name, resting=resting, lumen=lumen, options=options
            )
        except CorohemoError as error:
            return str(error)

    resting = readings.get("resting")
    if resting is None:
        return attempt(None), NO_REST
    found = attempt(resting)
    return (attempt(None), found) if isinstance(found, str) else (found, None)


def _side_branches(found: Thermodilution, tip_mm: float) -> dict[str, str]:
    """What an infusion in front of side branches reads beside the flow at the wire."""
    share = 1.0 - found.true_flow / found.infusion.true_flow
    if share < SAME_FLOW:
        return {}
    return {
        "infusion": f"Side branches between the infusion at {tip_mm:g} mm and the wire take "
        f"{100.0 * share:.0f} % of the flow that it reads."
    }
