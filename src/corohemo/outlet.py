"""Conditions at the outlets, as values.

A person types millimetres of mercury, millilitres per minute and Wood units; the solvers read the
SI properties. Flow is positive out of the lumen. In the steady limit every model is one line,
``p = steady_resistance * Q + steady_offset``, except a prescribed flow; in time it is a
``Circuit``. Pressures and flows may be waveforms, given as ``Waveform`` or as a pair (t_s, values);
a steady solver takes their means.
"""

from __future__ import annotations

from dataclasses import dataclass

from corohemo.checks import require_numbers
from corohemo.circuit import Circuit
from corohemo.errors import ConfigError
from corohemo.prescribed import PrescribedFlow, PrescribedPressure
from corohemo.units import ML, MMHG, WOOD_UNIT
from corohemo.waveform import Level, Waveform, adopt_level, scaled_level


@dataclass(frozen=True)
class PressureOutlet(PrescribedPressure):
    """Fixed pressure over the outlet face."""

    pressure_mmhg: Level = 0.0

    @property
    def steady_resistance(self) -> float:
        """Zero: the pressure does not depend on the flow [Pa s/m3]."""
        return 0.0

    @property
    def steady_offset(self) -> float:
        """Pressure at zero flow [Pa]."""
        return self.pressure

    def circuit(self) -> Circuit:
        """The pressure alone."""
        return Circuit.fixed(scaled_level(self.pressure_mmhg, MMHG))


@dataclass(frozen=True)
class FlowOutlet(PrescribedFlow):
    """Fixed flow out of the outlet face, imposed as a mean, without a profile."""


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

    @property
    def waveform(self) -> None:
        """Nothing varies in time."""
        return

    def circuit(self) -> Circuit:
        """The resistance; it stores nothing."""
        return Circuit.resistor(self.steady_resistance, self.steady_offset)


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

    @property
    def waveform(self) -> None:
        """Nothing varies in time by itself."""
        return

    def circuit(self) -> Circuit:
        """One state, the pressure over the compliance."""
        return Circuit.windkessel(
            self.proximal_resistance, self.compliance, self.distal_resistance, self.steady_offset
        )


@dataclass(frozen=True)
class CoronaryBed:
    """Coronary bed of Kim et al. 2010 with two compliances, the second on the myocardium.

    Circuit: inlet -Ra- (Ca to ground) -Rm- (Cim to the intramyocardial pressure) -Rv- venous
    pressure. The intramyocardial pressure acts through its rate only, so it has no steady effect.
    In a closed loop with the heart it is the given one and ``ventricular_share`` of the left
    ventricle's pressure; 1.5 in the left and 0.5 in the right tree are in use (SimVascular's
    coronary project; read).

    Reference:
        Kim et al. 2010, Ann. Biomed. Eng. 38:3195-3209.
    """

    arterial_resistance_wu: float
    arterial_compliance_ml_mmhg: float
    microvascular_resistance_wu: float
    intramyocardial_compliance_ml_mmhg: float
    venous_resistance_wu: float
    venous_pressure_mmhg: float = 0.0
    intramyocardial_pressure_mmhg: Level = 0.0
    ventricular_share: float = 0.0

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=(
                "arterial_compliance_ml_mmhg",
                "microvascular_resistance_wu",
                "intramyocardial_compliance_ml_mmhg",
            ),
            nonnegative=("arterial_resistance_wu", "venous_resistance_wu", "ventricular_share"),
            finite=("venous_pressure_mmhg",),
        )
        adopt_level(self, "intramyocardial_pressure_mmhg")

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

    @property
    def waveform(self) -> Waveform | None:
        """The intramyocardial pressure where it varies in time [mmHg]."""
        pressure = self.intramyocardial_pressure_mmhg
        return pressure if isinstance(pressure, Waveform) else None

    def circuit(self) -> Circuit:
        """Two states, the pressures over the compliances; see ``Circuit.coronary``."""
        return Circuit.coronary(
            arterial=self.arterial_resistance_wu * WOOD_UNIT,
            arterial_compliance=self.arterial_compliance_ml_mmhg * ML / MMHG,
            microvascular=self.microvascular_resistance_wu * WOOD_UNIT,
            myocardial_compliance=self.intramyocardial_compliance_ml_mmhg * ML / MMHG,
            venous=self.venous_resistance_wu * WOOD_UNIT,
            venous_pressure=self.steady_offset,
            myocardial_pressure=scaled_level(self.intramyocardial_pressure_mmhg, MMHG),
            squeeze=self.ventricular_share,
        )


Outlet = PressureOutlet | FlowOutlet | Resistance | RCR | CoronaryBed


def check_in_loop(name: str, model: Outlet) -> None:
    """Refuse an outlet that would take blood out of a closed loop.

    Raises:
        ConfigError: With the name of the outlet.
    """
    if isinstance(model, PressureOutlet):
        raise ConfigError(
            f"Outlet {name!r} has a pressure of its own and would take blood out of the closed "
            "loop; give it a resistance, an RCR, a coronary bed or a flow, which return it.",
            field="outlets",
        )
    if isinstance(model, FlowOutlet):
        return
    if model.steady_offset != 0.0:
        raise ConfigError(
            f"In a closed loop the bed of outlet {name!r} drains into the atrium, whose pressure "
            "the heart gives: leave out its venous or distal pressure.",
            field="outlets",
        )
    if isinstance(model, CoronaryBed) and model.venous_resistance_wu == 0.0:
        raise ConfigError(
            f"In a closed loop the bed of outlet {name!r} needs a venous resistance between the "
            "myocardium and the atrium.",
            field="venous_resistance_wu",
        )
