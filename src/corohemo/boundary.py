"""Conditions at the inlet and the outlets, as values.

A person types millimetres of mercury, millilitres per minute and Wood units; the solvers read the
SI properties. Flow is positive from the ostium to the outlets. In the steady limit every outlet
model is one line, ``p = steady_resistance * Q + steady_offset``, except a prescribed flow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corohemo.checks import nearest_word, require_choice, require_numbers
from corohemo.errors import ConfigError
from corohemo.units import ML, ML_PER_MIN, MMHG, WOOD_UNIT

PROFILES = ("parabolic", "flat")
FLOW_SOURCES = ("prescribed", "allometric", "perfusion", "deformation")
STATES = ("hyperemic", "resting", "unspecified")
ANY_OUTLET = "*"


@dataclass(frozen=True)
class Blood:
    """Newtonian blood; both defaults lie in the usual range 1050-1060 kg/m3, 3.5-4.0 mPa s."""

    density_kg_m3: float = 1060.0
    dynamic_viscosity_pa_s: float = 3.5e-3

    def __post_init__(self) -> None:
        require_numbers(self, positive=("density_kg_m3", "dynamic_viscosity_pa_s"))

    @property
    def density(self) -> float:
        """Density [kg/m3]."""
        return self.density_kg_m3

    @property
    def dynamic_viscosity(self) -> float:
        """Dynamic viscosity [Pa s]."""
        return self.dynamic_viscosity_pa_s

    @property
    def kinematic_viscosity(self) -> float:
        """Kinematic viscosity [m2/s]."""
        return self.dynamic_viscosity_pa_s / self.density_kg_m3


@dataclass(frozen=True)
class PressureInlet:
    """Mean pressure over the inlet face; the flow follows from it (the inlet for FFR)."""

    pressure_mmhg: float

    def __post_init__(self) -> None:
        require_numbers(self, finite=("pressure_mmhg",))

    @property
    def pressure(self) -> float:
        """Pressure [Pa]."""
        return self.pressure_mmhg * MMHG


@dataclass(frozen=True)
class FlowInlet:
    """Flow through the inlet face with a velocity profile, "parabolic" or "flat"."""

    flow_ml_min: float
    profile: str = "parabolic"

    def __post_init__(self) -> None:
        require_numbers(self, finite=("flow_ml_min",))
        require_choice(self, "profile", PROFILES)

    @property
    def flow_rate(self) -> float:
        """Flow [m3/s]."""
        return self.flow_ml_min * ML_PER_MIN


@dataclass(frozen=True)
class PressureOutlet:
    """Fixed pressure over the outlet face."""

    pressure_mmhg: float = 0.0

    def __post_init__(self) -> None:
        require_numbers(self, finite=("pressure_mmhg",))

    @property
    def pressure(self) -> float:
        """Pressure [Pa]."""
        return self.pressure_mmhg * MMHG

    @property
    def steady_resistance(self) -> float:
        """Zero: the pressure does not depend on the flow [Pa s/m3]."""
        return 0.0

    @property
    def steady_offset(self) -> float:
        """Pressure at zero flow [Pa]."""
        return self.pressure


@dataclass(frozen=True)
class FlowOutlet:
    """Fixed flow out of the outlet face, imposed as a mean, without a profile."""

    flow_ml_min: float

    def __post_init__(self) -> None:
        require_numbers(self, finite=("flow_ml_min",))

    @property
    def flow_rate(self) -> float:
        """Flow [m3/s]."""
        return self.flow_ml_min * ML_PER_MIN


@dataclass(frozen=True)
class Resistance:
    """p = resistance * Q + distal pressure; 1 WU = 1 mmHg min/L."""

    resistance_wu: float
    distal_pressure_mmhg: float = 0.0

    def __post_init__(self) -> None:
        require_numbers(self, nonnegative=("resistance_wu",), finite=("distal_pressure_mmhg",))

    @property
    def steady_resistance(self) -> float:
        """Resistance [Pa s/m3]."""
        return self.resistance_wu * WOOD_UNIT

    @property
    def steady_offset(self) -> float:
        """Pressure at zero flow [Pa]."""
        return self.distal_pressure_mmhg * MMHG


@dataclass(frozen=True)
class RCR:
    """Windkessel: proximal resistance, then compliance to ground beside the distal resistance.

    p = Rp Q + p_c,  C dp_c/dt = Q - (p_c - p_d) / Rd.
    """

    proximal_resistance_wu: float
    compliance_ml_mmhg: float
    distal_resistance_wu: float
    distal_pressure_mmhg: float = 0.0

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("compliance_ml_mmhg", "distal_resistance_wu"),
            nonnegative=("proximal_resistance_wu",),
            finite=("distal_pressure_mmhg",),
        )

    @property
    def proximal_resistance(self) -> float:
        """Proximal resistance [Pa s/m3]."""
        return self.proximal_resistance_wu * WOOD_UNIT

    @property
    def distal_resistance(self) -> float:
        """Distal resistance [Pa s/m3]."""
        return self.distal_resistance_wu * WOOD_UNIT

    @property
    def compliance(self) -> float:
        """Compliance [m3/Pa]."""
        return self.compliance_ml_mmhg * ML / MMHG

    @property
    def steady_resistance(self) -> float:
        """Sum of both resistances: the compliance carries no steady flow [Pa s/m3]."""
        return self.proximal_resistance + self.distal_resistance

    @property
    def steady_offset(self) -> float:
        """Pressure at zero flow [Pa]."""
        return self.distal_pressure_mmhg * MMHG


@dataclass(frozen=True)
class CoronaryBed:
    """Coronary bed of Kim et al. 2010 with two compliances, the second on the myocardium.

    Circuit: inlet -Ra- (Ca to ground) -Rm- (Cim to the intramyocardial pressure) -Rv- venous
    pressure. The intramyocardial pressure acts through its rate only, so it has no steady effect.
    """

    arterial_resistance_wu: float
    arterial_compliance_ml_mmhg: float
    microvascular_resistance_wu: float
    intramyocardial_compliance_ml_mmhg: float
    venous_resistance_wu: float
    venous_pressure_mmhg: float = 0.0

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=(
                "arterial_compliance_ml_mmhg",
                "microvascular_resistance_wu",
                "intramyocardial_compliance_ml_mmhg",
            ),
            nonnegative=("arterial_resistance_wu", "venous_resistance_wu"),
            finite=("venous_pressure_mmhg",),
        )

    @property
    def steady_resistance(self) -> float:
        """Ra + Rm + Rv [Pa s/m3]."""
        total = (
            self.arterial_resistance_wu
            + self.microvascular_resistance_wu
            + self.venous_resistance_wu
        )
        return total * WOOD_UNIT

    @property
    def steady_offset(self) -> float:
        """Pressure at zero flow [Pa]."""
        return self.venous_pressure_mmhg * MMHG


Inlet = PressureInlet | FlowInlet
Outlet = PressureOutlet | FlowOutlet | Resistance | RCR | CoronaryBed


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
    """

    inlet: Inlet
    outlets: Mapping[str, Outlet]
    blood: Blood = Blood()
    flow_source: str = "prescribed"
    state: str = "unspecified"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_choice(self, "flow_source", FLOW_SOURCES)
        require_choice(self, "state", STATES)
        if not isinstance(self.inlet, Inlet):
            raise ConfigError(
                f"Boundaries.inlet must be a PressureInlet or FlowInlet, got {self.inlet!r}.",
                field="inlet",
            )
        for name, outlet in self.outlets.items():
            if not isinstance(outlet, Outlet):
                raise ConfigError(
                    f"The condition of outlet {name!r} must be a PressureOutlet, FlowOutlet, "
                    f"Resistance, RCR or CoronaryBed, got {outlet!r}.",
                    field="outlets",
                )

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
        models = [self.outlet(name) for name in outlet_names]
        if isinstance(self.inlet, FlowInlet) and all(isinstance(m, FlowOutlet) for m in models):
            raise ConfigError(
                "The flow is prescribed at the inlet and at every outlet, so the pressure is "
                "undetermined and the flows may not balance: give one face a pressure or a "
                "resistance.",
                field="outlets",
            )
