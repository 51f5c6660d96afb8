"""A network of vessels as svZeroDSolver describes one: resistances, stenoses, compliances, inertia.

The numbers may have any consistent units; ``scaled`` changes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from corohemo.checks import require_choice, require_numbers
from corohemo.circuit import Circuit
from corohemo.errors import ConfigError
from corohemo.waveform import Waveform, scaled_level

TERMINALS = {
    "FLOW": ("Q",),
    "PRESSURE": ("P",),
    "RESISTANCE": ("R", "Pd"),
    "RCR": ("Rp", "C", "Rd", "Pd"),
    "CORONARY": ("Ra1", "Ra2", "Rv1", "Ca", "Cc", "Pim", "P_v"),
}
"""Kinds of terminals and the names of their values."""
INLETS = ("FLOW", "PRESSURE")
"""Kinds that may stand before a vessel."""
VARYING = ("Q", "P", "Pim")
"""Values that may be waveforms."""
POSITIVE = ("C", "Rd", "Ca", "Cc", "Ra2")
NONNEGATIVE = ("R", "Rp", "Ra1", "Rv1")
RESISTANCES = ("R", "Rp", "Rd", "Ra1", "Ra2", "Rv1")
COMPLIANCES = ("C", "Ca", "Cc")


End = tuple[int, str]
"""A vessel's id, and "inlet" or "outlet"."""


def number_ends(ids: Sequence[int], joints: Sequence[Sequence[End]]) -> dict[End, int]:
    """Numbers of the nodes at all ends of vessels; the ends of a joint have one."""
    numbers: dict[End, int] = {}
    for node, ends in enumerate(joints):
        numbers |= dict.fromkeys(ends, node)
    for end in ((vessel, side) for vessel in ids for side in ("inlet", "outlet")):
        numbers.setdefault(end, len(joints) + len(numbers))
    return numbers


@dataclass(frozen=True)
class NetworkVessel:
    """A vessel between two nodes, p_in - p_out = (R + K |Q|) Q + L dQ/dt.

    Attributes:
        name: Its name.
        start, end: Numbers of its nodes.
        resistance: R.
        stenosis: K.
        capacitance: Compliance to ground between resistance and inductance, or at the start.
        inductance: L.
        stores_first: Whether the compliance is at the start.
    """

    name: str
    start: int
    end: int
    resistance: float
    stenosis: float = 0.0
    capacitance: float = 0.0
    inductance: float = 0.0
    stores_first: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise ConfigError(f"A vessel's name must be text, got {self.name!r}.", field="name")
        require_numbers(
            self, nonnegative=("resistance", "capacitance", "inductance"), finite=("stenosis",)
        )


@dataclass(frozen=True)
class Terminal:
    """What a vessel begins or ends in.

    Attributes:
        name: Its name.
        kind: A key of ``TERMINALS``.
        values: Numbers by the names of ``TERMINALS``; Q, P and Pim may be waveforms.
    """

    name: str
    kind: str
    values: Mapping[str, Waveform | float]

    def __post_init__(self) -> None:
        require_choice(self, "kind", tuple(TERMINALS))
        for key in TERMINALS[self.kind]:
            value = self.values.get(key)
            if isinstance(value, Waveform) and key in VARYING:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
                raise ConfigError(
                    f"{key} of boundary condition {self.name!r} must be a number"
                    f"{' or a waveform' if key in VARYING else ''}, got {value!r}.",
                    field=key,
                )
            if (key in POSITIVE and value <= 0) or (key in NONNEGATIVE and value < 0):
                raise ConfigError(
                    f"{key} of boundary condition {self.name!r} must be "
                    f"{'positive' if key in POSITIVE else 'at least zero'}, got {value!r}.",
                    field=key,
                )

    def waveform(self) -> Waveform | None:
        """The value that varies in time."""
        waves = [value for value in self.values.values() if isinstance(value, Waveform)]
        return waves[0] if waves else None

    def number(self, key: str) -> float:
        """A value that does not vary."""
        value = self.values[key]
        assert not isinstance(value, Waveform)
        return float(value)

    def leaf(self) -> Circuit | Waveform | float:
        """A circuit, or the prescribed flow."""
        number = self.number
        match self.kind:
            case "FLOW":
                return self.values["Q"]
            case "PRESSURE":
                return Circuit.fixed(self.values["P"])
            case "RESISTANCE":
                return Circuit.resistor(number("R"), number("Pd"))
            case "RCR":
                return Circuit.windkessel(number("Rp"), number("C"), number("Rd"), number("Pd"))
        return Circuit.coronary(
            arterial=number("Ra1"),
            arterial_compliance=number("Ca"),
            microvascular=number("Ra2"),
            myocardial_compliance=number("Cc"),
            venous=number("Rv1"),
            venous_pressure=number("P_v"),
            myocardial_pressure=self.values["Pim"],
        )

    def scaled(self, pressure: float, flow: float) -> Terminal:
        """The same in other units: pressures and flows times these factors."""
        factors = dict.fromkeys(RESISTANCES, pressure / flow)
        factors |= dict.fromkeys(COMPLIANCES, flow / pressure) | {"Q": flow}
        values = {
            key: scaled_level(value, factors.get(key, pressure))
            for key, value in self.values.items()
        }
        return replace(self, values=values)


@dataclass(frozen=True)
class NetworkTiming:
    """Time steps of a network.

    Attributes:
        period: Cardiac period.
        points_per_cycle: Points of a cycle, both ends counted.
        cycles: Cycles.
        keeps_all: Whether all cycles are kept; else the last.
        spectral_radius: Damping of the highest frequencies each step, 0 (most) to 1.
        steady_start: Whether the start is the steady state of the means; else all is zero.
    """

    period: float = 1.0
    points_per_cycle: int = 1001
    cycles: int = 10
    keeps_all: bool = False
    spectral_radius: float = 0.5
    steady_start: bool = True

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("period",),
            nonnegative=("spectral_radius",),
            whole=("cycles", "points_per_cycle"),
        )
        if self.points_per_cycle < 2 or self.spectral_radius > 1:
            raise ConfigError(
                f"A network needs at least 2 points per cycle and a spectral radius of at most 1; "
                f"got {self.points_per_cycle} and {self.spectral_radius:g}.",
                field="points_per_cycle",
            )

    @property
    def step(self) -> float:
        """Time step."""
        return self.period / (self.points_per_cycle - 1)


@dataclass(frozen=True)
class FlowNetwork:
    """Vessels, the terminals at their open ends by node, and the time steps.

    Attributes:
        vessels: The vessels; those that share a node are joined there.
        inlets: Terminals before vessels, flow or pressure.
        outlets: Terminals behind vessels.
        timing: Time steps.
    """

    vessels: tuple[NetworkVessel, ...]
    inlets: Mapping[int, Terminal]
    outlets: Mapping[int, Terminal]
    timing: NetworkTiming = NetworkTiming()

    def __post_init__(self) -> None:
        if not self.vessels or not self.inlets:
            raise ConfigError("A network needs a vessel and an inlet.", field="vessels")
        names = [vessel.name for vessel in self.vessels]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ConfigError(f"Two vessels have the name {twice.pop()!r}.", field="vessels")
        known: dict[str, Terminal] = {}
        for terminal in (*self.inlets.values(), *self.outlets.values()):
            if known.setdefault(terminal.name, terminal) != terminal:
                raise ConfigError(
                    f"Two boundary conditions have the name {terminal.name!r}.", field="outlets"
                )
        for terminal in self.inlets.values():
            if terminal.kind not in INLETS:
                raise ConfigError(
                    f"{terminal.kind} cannot stand before a vessel ({terminal.name!r}); "
                    f"inlets are {' or '.join(INLETS)}.",
                    field="inlets",
                )

    def scaled(self, pressure: float, flow: float) -> FlowNetwork:
        """The same network in other units: pressures and flows times these factors."""
        ratio = pressure / flow
        vessels = tuple(
            replace(
                vessel,
                resistance=vessel.resistance * ratio,
                stenosis=vessel.stenosis * ratio / flow,
                capacitance=vessel.capacitance / ratio,
                inductance=vessel.inductance * ratio,
            )
            for vessel in self.vessels
        )
        return replace(
            self,
            vessels=vessels,
            inlets={node: end.scaled(pressure, flow) for node, end in self.inlets.items()},
            outlets={node: end.scaled(pressure, flow) for node, end in self.outlets.items()},
        )
