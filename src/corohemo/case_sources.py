"""Conditions of a case whose flow comes from its ``[flow]``: numbers, maps or cardiac phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corohemo.checks import said_of
from corohemo.errors import ConfigError
from corohemo.flow import (
    AllometricFlow,
    ConstantIndex,
    DeformationFlow,
    DemographicResponse,
    FlowEstimate,
    GivenFlow,
    HyperemiaModel,
    boundaries_from_flow,
)
from corohemo.io import read_centerline
from corohemo.lumen_build import build_lumen
from corohemo.perfusion import (
    PerfusionByTerritory,
    VoxelMap,
    assign_territories,
    perfusion_by_territory,
    perfusion_reserve,
    read_nifti_map,
)

if TYPE_CHECKING:
    from corohemo.boundary import Boundaries
    from corohemo.config import CaseConfig
    from corohemo.lumen import Lumen


def source_boundaries(config: CaseConfig, lumen: Lumen) -> dict[str, Boundaries]:
    """Conditions by state from the case's own flow source, the hyperemic state first.

    With a stress map its flows are the hyperemic state as they are (behind an edited lumen the
    resistances that gave them); a rest map beside it gives the resting state. A resting flow alone
    is taken to hyperemia by the response.

    Args:
        config: The case.
        lumen: Its lumen before any edit.

    Raises:
        ConfigError: If settings contradict each other.
        InputError: If a map or a flow cannot be used.
    """
    if config.pulsatile.on:
        raise ConfigError(
            "[flow] gives steady flows; it cannot be combined with [pulsatile] on.",
            file=config.file,
            field="flow.source",
        )
    if config.flow.source == "perfusion":
        return _from_maps(config, lumen)
    if config.flow.source == "deformation":
        return _states(config, lumen, _from_phases(config, lumen))
    if config.flow.source == "allometric":
        return _states(config, lumen, AllometricFlow(config.rest).estimate(lumen))
    settings = config.flow
    with said_of(f"[flow] {'outlets_ml_min' if settings.outlets_ml_min else 'total_ml_min'}"):
        given = GivenFlow(
            flow_ml_min=settings.outlets_ml_min or settings.total_ml_min or 0.0,
            state=settings.state,
            is_measured=settings.is_measured or config.indices.prescribed_flow_is_measured,
            split=config.rest,
        )
        return _states(config, lumen, given.estimate(lumen))


def case_perfusion(config: CaseConfig, lumen: Lumen) -> dict[str, PerfusionByTerritory]:
    """Perfusion of the territories by state, that under stress first.

    Raises:
        InputError: If a map cannot be used.
    """
    settings = config.flow
    with said_of("[flow] myocardium"):
        mask = _map(config, settings.myocardium)
        territories = assign_territories(
            lumen, mask, metric=settings.metric, reach_mm=settings.reach_mm
        )
    found: dict[str, PerfusionByTerritory] = {}
    for state, key in (("hyperemic", "stress_map"), ("resting", "rest_map")):
        if name := getattr(settings, key):
            with said_of(f"[flow] {key}"):
                found[state] = perfusion_by_territory(
                    _map(config, name), territories, state=state, unit=settings.map_unit
                )
    if settings.total_ml_min is None:
        return found
    main = next(iter(found.values()))
    scale = settings.total_ml_min / sum(main.flow_ml_min.values())
    return {
        state: maps.scaled_to(scale * sum(maps.flow_ml_min.values()))
        for state, maps in found.items()
    }


def _from_maps(config: CaseConfig, lumen: Lumen) -> dict[str, Boundaries]:
    found = case_perfusion(config, lumen)
    if len(found) == 2:
        stress, rest = found["hyperemic"], found["resting"]
        perfusion_reserve(stress, rest, allow_steal=config.flow.allow_steal).response(lumen)
        states = _states(config, lumen, stress.flow_source().estimate(lumen), is_pair=True)
        return states | _states(config, lumen, rest.flow_source().estimate(lumen), is_pair=True)
    (maps,) = found.values()
    return _states(config, lumen, maps.flow_source().estimate(lumen))


def _from_phases(config: CaseConfig, lumen: Lumen) -> FlowEstimate:
    """Resting flow from the pulsation of the lumen, read and built as the case's own."""
    settings = config.flow
    with said_of("[flow] phases"):
        trees = [
            read_centerline(config.beside(name), length_unit=config.case.length_unit)
            for name in settings.phases
        ]
        source = DeformationFlow(
            phases=[build_lumen(tree, config.lumen) for tree in trees],
            times_s=settings.phase_times_s,
            period_s=settings.period_s or 0.0,
            mean_aortic_pressure_mmhg=config.rest.mean_aortic_pressure_mmhg,
            pulse_pressure_mmhg=settings.pulse_pressure_mmhg or 0.0,
            venous_pressure_mmhg=config.rest.venous_pressure_mmhg,
            time_constant_s=settings.bed_time_constant_s,
            split=config.rest,
            accept_unidentifiable=settings.accept_unidentifiable,
        )
        return source.estimate(lumen)


def _states(
    config: CaseConfig, lumen: Lumen, flow: FlowEstimate, *, is_pair: bool = False
) -> dict[str, Boundaries]:
    """States from a flow; a resting one that is not of a pair is followed by the response to it."""
    response = None if is_pair or flow.state == "hyperemic" else _response(config)
    hyperemic, resting = config.hyperemia, config.rest
    is_hyperemic = flow.state == "hyperemic"
    states = boundaries_from_flow(
        lumen,
        flow,
        mean_aortic_pressure_mmhg=(
            hyperemic if is_hyperemic else resting
        ).mean_aortic_pressure_mmhg,
        hyperemic_mean_aortic_pressure_mmhg=(
            None if response is None else hyperemic.mean_aortic_pressure_mmhg
        ),
        venous_pressure_mmhg=(hyperemic if is_hyperemic else resting).venous_pressure_mmhg,
        hyperemia=response,
        blood=config.blood,
    )
    main = states.hyperemic_beds if config.edit.is_used else states.hyperemic
    found = {"hyperemic": main, "resting": states.resting}
    return {name: boundaries for name, boundaries in found.items() if boundaries is not None}


def _response(config: CaseConfig) -> HyperemiaModel:
    settings = config.flow
    if settings.response == "age" and settings.age_years and settings.response_table:
        return DemographicResponse(age_years=settings.age_years, table=settings.response_table)
    return ConstantIndex(config.hyperemia.total_coronary_resistance_index)


def _map(config: CaseConfig, name: str) -> VoxelMap:
    settings = config.flow
    return read_nifti_map(
        config.beside(name),
        coordinates=settings.coordinates or "",
        length_unit=settings.map_length_unit,
    )
