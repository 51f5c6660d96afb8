"""The circuits behind the openings, stepped with the flow and made dimensionless."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.circuit import Circuit, CircuitStep
from corohemo.solvers.scales import Scales

FloatArray = NDArray[np.float64]


class Bed:
    """A circuit in time: in each step its pressure is a line in the flow.

    The formula of differences is that of the flow (``transient_step``), so the coupled step is of
    second order and solved as one.

    Args:
        circuit: The circuit.
        step_s: Time step [s].
        steps_per_cycle: Steps after which the waveforms repeat.
        scales: Units of flow and pressure.
        start: Its states at the beginning (m,) [Pa]; None for the steady state of the first flow.
    """

    def __init__(
        self,
        circuit: Circuit,
        *,
        step_s: float,
        steps_per_cycle: int,
        scales: Scales,
        start: FloatArray | None = None,
    ) -> None:
        self.circuit, self.step_s, self.scales = circuit, step_s, scales
        self.signal = circuit.signal_at(step_s * np.arange(1, steps_per_cycle + 1))
        self._steps = tuple(circuit.discretise(rate / step_s) for rate in (1.0, 1.5))
        self._start = start
        self._states: list[FloatArray] = []
        self._current = 0

    def begin(self, flow: float) -> None:
        """Take the state to start from; ``flow`` is the steady one, dimensionless."""
        steady = self.circuit.steady_state(flow * self.scales.flow)
        self._states = [steady if self._start is None else self._start]

    def line(self, step: int) -> tuple[float, float]:
        """Pressure at zero flow and resistance at the end of ``step``, counted from 0."""
        self._current = step % len(self.signal)
        scheme = self._scheme
        offset = scheme.offset(self._history, float(self.signal[self._current]))
        return offset / self.scales.pressure, scheme.resistance / self.scales.resistance

    def accept(self, flow: float) -> None:
        """Go on to the next step, with the dimensionless flow that this one has brought."""
        signal = float(self.signal[self._current])
        newest = self._scheme.states(self._history, flow * self.scales.flow, signal)
        self._states = [newest, self._states[0]]

    def state(self) -> FloatArray:
        """States of the last two steps (2 m,)."""
        return np.concatenate(self._states)

    def restore(self, values: FloatArray) -> FloatArray:
        """Take the first 2 m of ``values`` as the states; returns the others."""
        size = self.circuit.n_states
        self._states = [values[:size], values[size : 2 * size]]
        return values[2 * size :]

    @property
    def _scheme(self) -> CircuitStep:
        return self._steps[len(self._states) - 1]

    @property
    def _history(self) -> FloatArray:
        states = self._states
        if len(states) == 1:
            return states[0] / self.step_s
        return (2.0 * states[0] - 0.5 * states[1]) / self.step_s
