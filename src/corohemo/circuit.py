"""The bed behind an outlet as a small linear circuit, continuous and discrete in time.

    dx/dt = dynamics x + feed Q + rest + drive s(t),
    p     = resistance Q + output x + level + gain s(t),

with the flow Q out of the lumen, the pressure p at the outlet, the states x (pressures over the
compliances) and one waveform s (the intramyocardial pressure, or the outlet's own pressure).

Any implicit scheme writes dx/dt = rate x - history at the time it solves for (BDF2: rate
3 / (2 dt), history (4 x_old - x_older) / (2 dt)); then p = resistance Q + offset there, and the
states follow from the flow. In a steady state that is the steady resistance, whatever the step.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corohemo.waveform import Waveform

FloatArray = NDArray[np.float64]


def _none() -> FloatArray:
    return np.zeros(0)


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """A linear outlet model with m states.

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

    @property
    def n_states(self) -> int:
        """Number of states."""
        return self.feed.size

    def signal_at(self, t_s: ArrayLike) -> FloatArray:
        """The waveform at times, zero without one [Pa]."""
        return np.zeros(np.shape(t_s)) if self.signal is None else self.signal.at(t_s)

    def steady_state(self, flow: float) -> FloatArray:
        """States that a constant flow [m3/s] leads to under the mean waveform (m,) [Pa]."""
        rates = self.feed * flow + self.rest + self.drive * self._mean_signal
        return np.linalg.solve(self.dynamics, -rates)

    def steady_pressure(self, flow: float) -> float:
        """Pressure [Pa] that a constant flow [m3/s] leads to under the mean waveform."""
        states = float(self.output @ self.steady_state(flow))
        return self.resistance * flow + states + self.level + self.gain * self._mean_signal

    def discretise(self, rate: float) -> CircuitStep:
        """The circuit where dx/dt is ``rate`` x - history, with ``rate`` in 1/s."""
        inverse = np.linalg.inv(rate * np.eye(self.n_states) - self.dynamics)
        return CircuitStep(
            circuit=self,
            inverse=inverse,
            resistance=self.resistance + float(self.output @ inverse @ self.feed),
        )

    @property
    def _mean_signal(self) -> float:
        return 0.0 if self.signal is None else self.signal.mean


@dataclass(frozen=True)
class CircuitStep:
    """A circuit at the time an implicit scheme solves for: p = resistance Q + offset.

    Attributes:
        circuit: The circuit.
        inverse: Inverse of rate - dynamics (m, m) [s].
        resistance: Pressure by the flow, the states' answer included [Pa s/m3].
    """

    circuit: Circuit
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

    def states(self, history: FloatArray, flow: float, signal: float = 0.0) -> FloatArray:
        """States under a flow [m3/s] (m,) [Pa]; the other arguments as in ``offset``."""
        circuit = self.circuit
        rates = history + circuit.feed * flow + circuit.rest + circuit.drive * signal
        return self.inverse @ rates
