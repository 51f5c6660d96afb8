"""The conditions of every state of a case: from its ``[boundaries]``, or from its physiology."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from corohemo.boundary import Boundaries, ClosedLoopHeart
from corohemo.boundary_remarks import cycle_length
from corohemo.case_sources import source_boundaries
from corohemo.checks import said_of
from corohemo.config.schema import build_options
from corohemo.errors import ConfigError
from corohemo.heartbeat import beating
from corohemo.physiology import Rest, prescribe_boundaries

if TYPE_CHECKING:
    from corohemo.config import CaseConfig
    from corohemo.lumen import Lumen
    from corohemo.waveform import Waveform

IDLE_SECTIONS = ("hyperemia", "rest", "flow", "heartbeat")
"""Sections that explicit conditions stand instead of."""
MASS = "myocardial_mass_g"
"""Setting of the physiology that indices read too."""


def case_boundaries(config: CaseConfig, lumen: Lumen) -> dict[str, Boundaries]:
    """Conditions by state, in the order in which they are solved.

    Args:
        config: The case.
        lumen: Its lumen before any edit, whose healthy radii split the flow.

    Raises:
        ConfigError: If settings contradict each other or do not fit the lumen.
        InputError: If a waveform cannot be read.
    """
    if config.pulsatile.on and config.solver.is_reduced and config.solver.losses != "jet":
        raise ConfigError(
            f'[pulsatile] is on but solver.losses is "{config.solver.losses}", whose profiles are '
            'steady; set solver.losses = "jet", or pulsatile.on = false.',
            file=config.file,
            field="solver.losses",
        )
    if config.solver.is_reduced and config.blood.rheology is not None:
        raise ConfigError(
            '[blood] rheology would have no effect: solver.model is "reduced", which takes '
            "dynamic_viscosity_pa_s or hematocrit; remove one or the other.",
            file=config.file,
            field="blood.rheology",
        )
    if config.boundaries.is_given:
        _refuse_both(config)
        given = config.boundaries.build(config.blood, config.beside)
        name = "resting" if given.state == "resting" else "hyperemic"
        found = {name: given}
    elif config.flow.is_used:
        found = source_boundaries(config, lumen)
        if not config.case.resting_state and "hyperemic" in found:
            found.pop("resting", None)
    else:
        found = dict(_physiological(config, lumen))
    for boundaries in found.values():
        boundaries.check(lumen.outlet_names)
        if isinstance(boundaries.inlet, ClosedLoopHeart) and not config.pulsatile.on:
            raise ConfigError(
                "[boundaries.inlet] is a heart in a closed loop, which has no steady state; set "
                "pulsatile.on = true.",
                file=config.file,
                field="pulsatile.on",
            )
    if config.pulsatile.on:
        _require_cycle(config, next(iter(found.values())))
    return found


def _physiological(config: CaseConfig, lumen: Lumen) -> Iterator[tuple[str, Boundaries]]:
    """States from population laws, beating where the case is pulsatile."""
    states: dict[str, Rest] = {"hyperemic": config.hyperemia}
    if config.case.resting_state:
        states["resting"] = config.rest
    wave = _aortic_pressure(config)
    for name, state in states.items():
        boundaries = prescribe_boundaries(lumen, state, blood=config.blood)
        if config.pulsatile.on:
            boundaries = beating(
                boundaries, config.heartbeat, tree=state.tree, aortic_pressure=wave
            )
        yield name, boundaries


def _aortic_pressure(config: CaseConfig) -> Waveform | None:
    from corohemo.io.waveform import read_waveform

    name = config.pulsatile.aortic_pressure
    if not name or not config.pulsatile.on:
        return None
    with said_of("[pulsatile] aortic_pressure"):
        wave = read_waveform(config.beside(name))
    return wave.shifted(-float(wave.t_s[0]))


def _refuse_both(config: CaseConfig) -> None:
    """Refuse settings other than the defaults that explicit conditions leave without effect."""
    usual = build_options({}, file=None)
    idle = [
        f"{section}.{item.name}"
        for section in IDLE_SECTIONS
        for item in fields(usual[section])
        if getattr(getattr(config, section), item.name) != getattr(usual[section], item.name)
        and item.name != MASS
    ]
    if config.pulsatile.aortic_pressure:
        idle.append("pulsatile.aortic_pressure")
    if idle:
        raise ConfigError(
            f"[boundaries] give the conditions, so {', '.join(idle)} would have no effect; remove "
            "one or the other.",
            file=config.file,
            field="boundaries",
        )


def _require_cycle(config: CaseConfig, boundaries: Boundaries) -> None:
    if boundaries.period_s is None and config.pulsatile.period_s is None:
        raise ConfigError(
            "[pulsatile] is on but nothing in [boundaries] varies in time; give a waveform or "
            "pulsatile.period_s.",
            file=config.file,
            field="pulsatile",
        )
    with said_of("[pulsatile]"):
        cycle_length(boundaries, config.pulsatile.period_s)
