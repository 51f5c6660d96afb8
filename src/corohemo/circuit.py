"""The bed behind an outlet as a small linear circuit, continuous and discrete in time.

    dx/dt = dynamics x + feed Q + rest + drive s(t),
    p     = resistance Q + output x + level + gain s(t),

with the flow Q out of the lumen, the pressure p at the outlet, the states x (pressures over the
compliances) and one waveform s (the intramyocardial pressure, or the outlet's own pressure).

In a closed loop two pressures of the heart are unknowns of the same time: that of the ventricle,
which adds ``squeeze`` times itself to s, and that of the atrium p_a, which adds sink p_a to dx/dt
and sink_gain p_a to p. The states hold the blood ``capacity`` x, so that Q - capacity dx/dt flows
back into the atrium.

Any implicit scheme writes dx/dt = rate x - history at the time it solves for (BDF2: rate
3 / (2 dt), history (4 x_old - x_older) / (2 dt)); then p = resistance Q + offset there, and the
states follow from the flow. In a steady state that is the steady resistance, whatever the step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isinf
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corohemo.errors import ConfigError
from corohemo.waveform import Waveform

FloatArray = NDArray[np.float64]


def _none() -> FloatArray:
    return np.zeros(0)


def _extreme() -> ConfigError:
    return ConfigError(
        "The resistances and compliances of an outlet are too large or too small to compute with; "
        "check their units.",
        field="outlets",
    )


def _inverse(value: float) -> float:
    """1 / value, where both are numbers."""
    if value == 0.0 or isinf(1.0 / value):
        raise _extreme()
    return 1.0 / value


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """A linear outlet model with m states, in SI or any other consistent units.

    Attributes:
        resistance: Pressure by the flow at once [Pa s/m3].
        level: Pressure without flow and state [Pa].
        gain: Part of the waveform that acts on the pressure at once [-].
        dynamics: Rates of the states by the states (m, m) [1/s].
        feed: Rates of the states by the flow (m,) [Pa/m3].
        output: Pressure by the states (m,) [-].
        rest: Constant rates (m,) [Pa/s].
        drive: Rates by the waveform (m,) [1/s].
        signal: The waveform s [Pa]; None if nothing varies in time.
        capacity: Blood held by the states (m,) [m3/Pa].
        sink: Rates by the pressure behind the bed, over that in ``rest`` (m,) [1/s].
        sink_gain: Part of that pressure which acts on the pressure at once [-].
        squeeze: Part of the ventricular pressure in s [-].

    Raises:
        ConfigError: If the rates are zero or not finite.
    """

    resistance: float = 0.0
    level: float = 0.0
    gain: float = 0.0
    dynamics: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    feed: FloatArray = field(default_factory=_none)
    output: FloatArray = field(default_factory=_none)
    rest: FloatArray = field(default_factory=_none)
    drive: FloatArray = field(default_factory=_none)
    signal: Waveform | None = None
    capacity: FloatArray = field(default_factory=_none)
    sink: FloatArray = field(default_factory=_none)
    sink_gain: float = 0.0
    squeeze: float = 0.0

    def __post_init__(self) -> None:
        if not np.isfinite(self.dynamics).all() or np.linalg.det(self.dynamics) == 0.0:
            raise _extreme()

    @classmethod
    def fixed(cls, pressure: Waveform | float) -> Circuit:
        """A pressure that does not depend on the flow."""
        if isinstance(pressure, Waveform):
            return cls(gain=1.0, signal=pressure)
        return cls(level=pressure)

    @classmethod
    def resistor(cls, resistance: float, distal_pressure: float) -> Circuit:
        """A resistance; it stores nothing."""
        return cls(resistance=resistance, level=distal_pressure, sink_gain=1.0)

    @classmethod
    def windkessel(
        cls, proximal: float, compliance: float, distal: float, distal_pressure: float
    ) -> Circuit:
        """Two resistances with a compliance to ground between them; one state, its pressure."""
        rate = _inverse(distal * compliance)
        return cls(
            resistance=proximal,
            dynamics=np.array([[-rate]]),
            feed=np.array([_inverse(compliance)]),
            output=np.ones(1),
            rest=np.array([rate * distal_pressure]),
            drive=np.zeros(1),
            capacity=np.array([compliance]),
            sink=np.array([rate]),
        )

    @classmethod
    def coronary(
        cls,
        *,
        arterial: float,
        arterial_compliance: float,
        microvascular: float,
        myocardial_compliance: float,
        venous: float,
        venous_pressure: float,
        myocardial_pressure: Waveform | float,
        squeeze: float = 0.0,
    ) -> Circuit:
        """Three resistances, a compliance to ground and one to the intramyocardial pressure.

        Two states: the pressure at the first compliance, and that over the second. Without a venous
        resistance the second lies between two given pressures and carries nothing that the outlet
        feels, so one state is left.
        """
        if venous == 0.0:
            return cls.windkessel(arterial, arterial_compliance, microvascular, venous_pressure)
        inward = _inverse(microvascular * arterial_compliance)
        filling = _inverse(microvascular * myocardial_compliance)
        draining = _inverse(venous * myocardial_compliance)
        drive = np.array([inward, -filling - draining])
        rest = np.array([0.0, draining * venous_pressure])
        signal = myocardial_pressure if isinstance(myocardial_pressure, Waveform) else None
        if not isinstance(myocardial_pressure, Waveform):
            rest = rest + drive * myocardial_pressure
        return cls(
            resistance=arterial,
            dynamics=np.array([[-inward, inward], [filling, -filling - draining]]),
            feed=np.array([_inverse(arterial_compliance), 0.0]),
            output=np.array([1.0, 0.0]),
            rest=rest,
            drive=drive,
            signal=signal,
            capacity=np.array([arterial_compliance, myocardial_compliance]),
            sink=np.array([0.0, draining]),
            squeeze=squeeze,
        )

    @property
    def n_states(self) -> int:
        """Number of states."""
        return self.feed.size

    def signal_at(self, t_s: ArrayLike) -> FloatArray:
        """The waveform at times, zero without one [Pa]."""
        return np.zeros(np.shape(t_s)) if self.signal is None else self.signal.at(t_s)

    def steady_state(
        self, flow: float, signal: float | None = None, sink: float = 0.0
    ) -> FloatArray:
        """States that a constant flow leads to (m,) [Pa].

        Args:
            flow: The flow [m3/s].
            signal: Constant value of the waveform [Pa]; its mean if None.
            sink: Pressure behind the bed, over that in ``rest`` [Pa].
        """
        rates = self.feed * flow + self.rest + self.drive * self._constant(signal)
        return np.linalg.solve(self.dynamics, -rates - self.sink * sink)

    def steady_line(self, signal: float | None = None) -> tuple[float, float]:
        """Resistance [Pa s/m3] and pressure without flow [Pa] of the steady circuit."""
        at_rest, fed = self.steady_state(0.0, signal), np.linalg.solve(self.dynamics, -self.feed)
        offset = float(self.output @ at_rest) + self.level + self.gain * self._constant(signal)
        return self.resistance + float(self.output @ fed), offset

    def discretise(self, rate: float) -> CircuitStep:
        """The circuit where dx/dt is ``rate`` x - history, with ``rate`` in 1/s."""
        inverse = np.linalg.inv(rate * np.eye(self.n_states) - self.dynamics)
        return CircuitStep(
            circuit=self,
            rate=rate,
            inverse=inverse,
            resistance=self.resistance + float(self.output @ inverse @ self.feed),
        )

    def _constant(self, signal: float | None) -> float:
        if signal is not None:
            return signal
        return 0.0 if self.signal is None else self.signal.mean


@dataclass(frozen=True)
class CircuitStep:
    """A circuit at the time an implicit scheme solves for: p = resistance Q + offset.

    Attributes:
        circuit: The circuit.
        rate: Factor of the states in their rates [1/s].
        inverse: Inverse of rate - dynamics (m, m) [s].
        resistance: Pressure by the flow, the states' answer included [Pa s/m3].
    """

    circuit: Circuit
    rate: float
    inverse: FloatArray
    resistance: float

    def offset(self, history: FloatArray, signal: float = 0.0) -> float:
        """Pressure without flow [Pa].

        Args:
            history: rate x - dx/dt of the scheme (m,) [Pa/s].
            signal: The circuit's waveform at that time [Pa].
        """
        circuit = self.circuit
        states = self.states(history, 0.0, signal)
        return float(circuit.output @ states) + circuit.level + circuit.gain * signal

    def states(
        self, history: FloatArray, flow: float, signal: float = 0.0, sink: float = 0.0
    ) -> FloatArray:
        """States under a flow [m3/s] (m,) [Pa].

        Args:
            history: As in ``offset``.
            flow: The flow [m3/s].
            signal: The circuit's waveform at that time [Pa].
            sink: Pressure behind the bed, over that in ``rest`` [Pa].
        """
        circuit = self.circuit
        rates = history + circuit.feed * flow + circuit.rest + circuit.drive * signal
        return self.inverse @ (rates + circuit.sink * sink)

    def returned(self, history: FloatArray, signal: float = 0.0) -> float:
        """Flow back into the atrium without flow and pressures of the heart [m3/s]."""
        kept = self.rate * self.states(history, 0.0, signal) - history
        return -float(self.circuit.capacity @ kept)

    @property
    def heart(self) -> HeartLine:
        """What the heart's pressures do to the outlet's pressure and to the flow back."""
        circuit = self.circuit
        answer = self.inverse @ np.column_stack(
            [circuit.feed, circuit.squeeze * circuit.drive, circuit.sink]
        )
        pressure, kept = circuit.output @ answer, self.rate * circuit.capacity @ answer
        return HeartLine(
            muscle=circuit.squeeze * circuit.gain + float(pressure[1]),
            drain=circuit.sink_gain + float(pressure[2]),
            back_flow=1.0 - float(kept[0]),
            back_muscle=-float(kept[1]),
            back_drain=-float(kept[2]),
        )


class HeartLine(NamedTuple):
    """A bed in a step of a closed loop, by flow, ventricular and atrial pressure.

    Attributes:
        muscle, drain: Outlet's pressure by the ventricular and the atrial one [-].
        back_flow: Flow back into the atrium by the flow [-].
        back_muscle, back_drain: The same by the two pressures [m3/(Pa s)].
    """

    muscle: float
    drain: float
    back_flow: float
    back_muscle: float
    back_drain: float
