"""Conditions at the inlet, and all conditions of one lumen in one state, as values.

A person types millimetres of mercury and millilitres per minute; the solvers read the SI
properties. Flow is positive from the ostium to the outlets. A waveform is given as ``Waveform`` or
as a pair (t_s, values); steady solvers take its mean. Outlets are in ``corohemo.outlet``, blood
in ``corohemo.blood``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from corohemo.blood import Blood
from corohemo.checks import nearest_word, require_choice, require_numbers
from corohemo.errors import ConfigError
from corohemo.heart import ClosedLoopHeart
from corohemo.outlet import (
    RCR,
    CoronaryBed,
    FlowOutlet,
    Outlet,
    PressureOutlet,
    Resistance,
    check_in_loop,
)
from corohemo.prescribed import PrescribedFlow, PrescribedPressure

__all__ = [
    "RCR",
    "Blood",
    "Boundaries",
    "ClosedLoopHeart",
    "CoronaryBed",
    "FlowInlet",
    "FlowOutlet",
    "Inlet",
    "Outlet",
    "PressureInlet",
    "PressureOutlet",
    "Resistance",
]

PROFILES = ("parabolic", "flat", "womersley")
PRESSURE_PROFILES = ("parabolic", "free")
FLOW_SOURCES = ("prescribed", "allometric", "perfusion", "deformation")
STATES = ("hyperemic", "resting", "unspecified")
HYPEREMIA_SOURCES = ("population", "measured", "unspecified")
ANY_OUTLET = "*"
SAME_PERIOD = 1e-6
"""Relative difference up to which two periods are the same."""


@dataclass(frozen=True)
class PressureInlet(PrescribedPressure):
    """Mean pressure over the inlet face; the flow follows from it (the inlet for FFR).

    Attributes:
        pressure_mmhg: Pressure, a number or a waveform.
        profile: "parabolic": a steady velocity keeps that shape, whatever the flow, and the
            pressure is the mean weighted with it; a pulsatile one has the shape that its flow so
            far would have in a long tube (Womersley's). "free": the shape is left to the
            equations, as it always is where the viscosity varies. A free profile is hardly tied to
            anything where the flow is fast: it needs a fine mesh, and may not settle.
    """

    profile: str = "parabolic"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_choice(self, "profile", PRESSURE_PROFILES)


@dataclass(frozen=True)
class FlowInlet(PrescribedFlow):
    """Flow through the inlet face with a velocity profile.

    Attributes:
        flow_ml_min: Flow, a number or a waveform.
        profile: "parabolic", "flat", or "womersley": each harmonic of a waveform with the profile
            it has in a long tube; for a steady flow the parabolic one.
    """

    profile: str = "parabolic"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_choice(self, "profile", PROFILES)


PlainInlet = PressureInlet | FlowInlet
Inlet = PlainInlet | ClosedLoopHeart


@dataclass(frozen=True)
class Boundaries:
    """What acts on the faces of one lumen in one state.

    Attributes:
        inlet: Condition at the ostium.
        outlets: Conditions by outlet name (the lumen branch's name); ``"*"`` stands for the rest.
        blood: Density and viscosity.
        flow_source: Where the flow came from: prescribed, allometric, perfusion or deformation.
        state: hyperemic, resting or unspecified.
        notes: One sentence per assumption, for the report.
        flow_is_independent: Whether the flow says anything about this patient's microcirculation;
            None follows from the source.
        hyperemia_source: Where the hyperemic response came from: "population" if the hyperemic
            resistance is the resting one times a number for everybody, "measured" if not.
        venous_pressure_mmhg: Pressure behind the beds, for outlets without a bed of their own; None
            if it is not known.
        flow_relative_sd: Relative standard deviation of the flow, where its source knows it.
    """

    inlet: Inlet
    outlets: Mapping[str, Outlet]
    blood: Blood = field(default_factory=Blood)
    flow_source: str = "prescribed"
    state: str = "unspecified"
    notes: tuple[str, ...] = ()
    flow_is_independent: bool | None = None
    hyperemia_source: str = "unspecified"
    venous_pressure_mmhg: float | None = None
    flow_relative_sd: float | None = None

    def __post_init__(self) -> None:
        require_choice(self, "flow_source", FLOW_SOURCES)
        require_choice(self, "state", STATES)
        require_choice(self, "hyperemia_source", HYPEREMIA_SOURCES)
        if self.venous_pressure_mmhg is not None:
            require_numbers(self, finite=("venous_pressure_mmhg",))
        if not isinstance(self.inlet, Inlet):
            raise ConfigError(
                f"Boundaries.inlet must be a PressureInlet, FlowInlet or ClosedLoopHeart, got "
                f"{self.inlet!r}.",
                field="inlet",
            )
        if not isinstance(self.blood, Blood):
            raise ConfigError(
                f"Boundaries.blood must be a Blood, got {self.blood!r}.", field="blood"
            )
        if not isinstance(self.outlets, Mapping):
            raise ConfigError(
                f"Boundaries.outlets must be conditions by the outlets' names, such as "
                f'{{"*": PressureOutlet()}}, got {self.outlets!r}.',
                field="outlets",
            )
        for name, outlet in self.outlets.items():
            if not isinstance(outlet, Outlet):
                raise ConfigError(
                    f"The condition of outlet {name!r} must be a PressureOutlet, FlowOutlet, "
                    f"Resistance, RCR or CoronaryBed, got {outlet!r}.",
                    field="outlets",
                )

    @property
    def period_s(self) -> float | None:
        """Period of all waveforms [s]; None if nothing varies in time.

        Raises:
            ConfigError: If two periods differ.
        """
        named = {"the inlet": self.inlet.waveform}
        named |= {f"outlet {name!r}": outlet.waveform for name, outlet in self.outlets.items()}
        periods = {place: wave.period_s for place, wave in named.items() if wave is not None}
        if not periods:
            return None
        first, period = next(iter(periods.items()))
        for place, other in periods.items():
            if abs(other - period) > SAME_PERIOD * period:
                raise ConfigError(
                    f"The waveform of {first} has a period of {period:g} s, that of {place} "
                    f"{other:g} s; give all the same.",
                    field="outlets",
                )
        return period

    @property
    def plain_inlet(self) -> PlainInlet:
        """The inlet's condition where it is a pressure or a flow.

        Raises:
            ConfigError: If it is a heart in a closed loop.
        """
        if isinstance(self.inlet, ClosedLoopHeart):
            raise ConfigError(
                "A heart in a closed loop has no steady state: solve the cycle (solve_flow with "
                "TransientOptions, solve_reduced_cycle), or take the conditions that a solved "
                "cycle leads to (HeartCycle.opened).",
                field="inlet",
            )
        return self.inlet

    def outlet(self, name: str) -> Outlet:
        """Condition of outlet ``name``: its own, else that of ``"*"``.

        Raises:
            ConfigError: If neither is there.
        """
        for key in (name, ANY_OUTLET):
            if key in self.outlets:
                return self.outlets[key]
        nearest = nearest_word(name, tuple(self.outlets))
        hint = f" (nearest: {nearest!r})" if nearest else ""
        known = ", ".join(self.outlets) or "none"
        raise ConfigError(
            f"Outlet {name!r} has no condition; conditions are given for: {known}{hint}. "
            f'Add one, or one for "*", which stands for all others.',
            field="outlets",
            nearest=nearest,
        )

    def check(self, outlet_names: Sequence[str]) -> None:
        """Diagnose conditions that no solver could satisfy, for a lumen with these outlets.

        Raises:
            ConfigError: If an outlet is unknown or has no condition, or no face fixes a pressure.
        """
        for name in self.outlets:
            if name != ANY_OUTLET and name not in outlet_names:
                nearest = nearest_word(name, outlet_names)
                hint = f"; did you mean {nearest!r}?" if nearest else "."
                raise ConfigError(
                    f"There is no outlet {name!r}: the lumen's outlets are "
                    f"{', '.join(outlet_names)}{hint}",
                    field="outlets",
                    nearest=nearest,
                )
        models = {name: self.outlet(name) for name in outlet_names}
        for name, model in models.items():
            if isinstance(self.inlet, ClosedLoopHeart):
                check_in_loop(name, model)
            elif isinstance(model, CoronaryBed) and model.ventricular_share > 0.0:
                raise ConfigError(
                    f"The bed of outlet {name!r} feels a part of the ventricular pressure, but no "
                    "heart beats at the inlet: give a ClosedLoopHeart there, or the "
                    "intramyocardial pressure.",
                    field="ventricular_share",
                )
        if isinstance(self.inlet, FlowInlet) and all(
            isinstance(model, FlowOutlet) for model in models.values()
        ):
            raise ConfigError(
                "The flow is prescribed at the inlet and at every outlet, so the pressure is "
                "undetermined and the flows may not balance: give one face a pressure or a "
                "resistance.",
                field="outlets",
            )
