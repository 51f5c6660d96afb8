"""The circuits behind the openings, stepped with the flow and made dimensionless."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corohemo.circuit import Circuit, CircuitStep
from corohemo.solvers.scales import Scales
from corohemo.solvers.time_grid import TimeGrid

FloatArray = NDArray[np.float64]


class Bed:
    """A circuit in time: in each step its pressure is a line in the flow.

    The formula of differences is that of the flow (``transient_step``), so the coupled step is of
    second order and solved as one. All in SI.

    Args:
        circuit: The circuit.
        grid: Time steps of a cycle [s].
        start: Its states at the beginning (m,) [Pa]; None for the steady state of the first flow.

    Attributes:
        circuit: The circuit.
        scheme: The circuit in the current step.
        history: ``rate x - dx/dt`` of that step (m,) [Pa/s].
        now: The circuit's waveform at its end [Pa].
    """

    def __init__(
        self, circuit: Circuit, *, grid: TimeGrid, start: FloatArray | None = None
    ) -> None:
        self.circuit, self.grid = circuit, grid
        self.signal = circuit.signal_at(grid.ends)
        self._schemes: dict[float, CircuitStep] = {}
        self._start = start
        self._states: list[FloatArray] = []

    def begin(self, flow: float) -> None:
        """Take the state to start from; ``flow`` is the steady one [m3/s]."""
        steady = self.circuit.steady_state(flow)
        self._states = [steady if self._start is None else self._start]

    def load(self, step: int) -> None:
        """Go to ``step``, counted from 0."""
        newest, *older = self.grid.differences(step, len(self._states))
        length = self.grid.step(step)
        rate = newest / length
        if rate not in self._schemes:
            self._schemes[rate] = self.circuit.discretise(rate)
        self.scheme = self._schemes[rate]
        past = (w * x for w, x in zip(older, self._states, strict=True))
        self.history: FloatArray = -sum(past, np.zeros(self.circuit.n_states)) / length
        self.now = float(self.signal[step % self.grid.n_steps])

    def line(self) -> tuple[float, float]:
        """Pressure at zero flow [Pa] and resistance [Pa s/m3] in the step."""
        return self.scheme.offset(self.history, self.now), self.scheme.resistance

    def accept(self, flow: float, muscle: float = 0.0, sink: float = 0.0) -> None:
        """End the step with the flow [m3/s] and the heart's pressures [Pa] that it has brought."""
        signal = self.now + self.circuit.squeeze * muscle
        newest = self.scheme.states(self.history, flow, signal, sink)
        self._states = [newest, self._states[0]]

    @property
    def blood(self) -> float:
        """Stressed volume that it holds [m3]."""
        return float(self.circuit.capacity @ self._states[0])

    def state(self) -> FloatArray:
        """States of the last two steps (2 m,)."""
        return np.concatenate(self._states)

    def restore(self, values: FloatArray) -> FloatArray:
        """Take the first 2 m of ``values`` as the states; returns the others."""
        size = self.circuit.n_states
        self._states = [values[:size], values[size : 2 * size]]
        return values[2 * size :]


class SeparateBeds:
    """Circuits that know nothing of each other, one behind each opening; flows dimensionless.

    Args:
        beds: The beds; None where the flow is prescribed.
        scales: Units of flow and pressure.
    """

    def __init__(self, beds: Sequence[Bed | None], scales: Scales) -> None:
        self.beds, self.scales = tuple(beds), scales

    def begin(self, flows: FloatArray) -> None:
        """Take the state to start from; ``flows`` (k,) are the steady ones."""
        for bed, flow in self._pairs(flows):
            bed.begin(flow)

    def lines(self, step: int, flows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Pressures without flow (k,) and by the flows (k, k) in ``step``, counted from 0.

        ``flows`` (k,) are those expected; they do not matter here.
        """
        offsets, resistances = np.zeros((2, len(self.beds)))
        for k, bed in enumerate(self.beds):
            if bed is not None:
                bed.load(step)
                offsets[k], resistances[k] = bed.line()
        response = np.diag(resistances / self.scales.resistance)
        return offsets / self.scales.pressure, response

    def holds(self, flows: FloatArray) -> bool:
        """Whether the lines are those that belong to these flows (k,)."""
        return True

    def accept(self, flows: FloatArray) -> None:
        """Go on to the next step, with the flows (k,) that this one has brought."""
        for bed, flow in self._pairs(flows):
            bed.accept(flow)

    def state(self) -> dict[str, FloatArray]:
        """All that the next step depends on."""
        states = [bed.state() for bed in self.beds if bed is not None]
        return {"beds": np.concatenate([*states, np.empty(0)])}

    def restore(self, state: dict[str, FloatArray]) -> None:
        """Take up what ``state`` returned."""
        rest = state["beds"]
        for bed in self.beds:
            if bed is not None:
                rest = bed.restore(rest)

    def _pairs(self, flows: FloatArray) -> list[tuple[Bed, float]]:
        """Beds with their dimensional flows."""
        pairs = zip(self.beds, flows, strict=True)
        return [(bed, float(flow) * self.scales.flow) for bed, flow in pairs if bed is not None]
