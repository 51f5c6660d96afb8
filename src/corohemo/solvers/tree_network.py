"""A tree of branches with an inlet and leaves, solved steadily or marched in time.

The units are those of its numbers, as long as they are consistent: SI for a lumen, the file's own
for a network read from a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.circuit import Circuit
from corohemo.errors import NonFiniteError, NotConvergedError
from corohemo.kernels.march import (
    TreeScheme,
    TreeState,
    TreeStorage,
    companion,
    march_tree,
)
from corohemo.kernels.network import TreeEnds, TreeLaw, solve_tree
from corohemo.waveform import Waveform, level_at, mean_level

FloatArray = NDArray[np.float64]
Leaf = Circuit | Waveform | float
"""What a branch ends in: a circuit, or a prescribed outflow."""

STEADY_TOLERANCE = 1e-12
MAX_ITERATIONS = 60
STATES = 2


def generalised_alpha(step: float, spectral_radius: float) -> TreeScheme:
    """Scheme whose highest frequencies are damped by ``spectral_radius`` (0 to 1) each step."""
    alpha_m = 0.5 * (3.0 - spectral_radius) / (1.0 + spectral_radius)
    alpha_f = 1.0 / (1.0 + spectral_radius)
    return TreeScheme(step, alpha_m, alpha_f, 0.5 + alpha_m - alpha_f)


@dataclass(frozen=True)
class TreeSeries:
    """Values after each step: flows into and out of branches, and pressures at their ends.

    Attributes:
        flows: (n_steps, n_branches).
        outflows: (n_steps, n_branches); less than the flows by what compliances take up.
        pressures: (n_steps, n_branches).
        inlet_pressures: (n_steps,).
    """

    flows: FloatArray
    outflows: FloatArray
    pressures: FloatArray
    inlet_pressures: FloatArray

    @property
    def last(self) -> TreeSeries:
        """The last step alone."""
        return TreeSeries(*(values[-1:] for values in self._columns))

    @property
    def _columns(self) -> tuple[FloatArray, ...]:
        return self.flows, self.outflows, self.pressures, self.inlet_pressures

    @classmethod
    def of_state(cls, state: TreeState) -> TreeSeries:
        """A state as the only step."""
        return cls(
            state.flows[None].copy(),
            state.outflows[None].copy(),
            state.pressures[None].copy(),
            state.inlet.copy(),
        )

    @classmethod
    def joined(cls, series: Sequence[TreeSeries]) -> TreeSeries:
        """Series one after the other."""
        columns = zip(*(part._columns for part in series), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    @classmethod
    def empty(cls, n_steps: int, n_branches: int) -> TreeSeries:
        """Room for ``n_steps``."""
        shape = n_steps, n_branches
        return cls(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(n_steps))


@dataclass(frozen=True)
class TreeNetwork:
    """Branches, what they store, and what acts at the ends.

    Attributes:
        law: Steady law of the branches; the root is branch 0.
        inertances: Pressure drop by the rate of the flow (n_branches,).
        compliances: Storage at the end of each branch (n_branches,).
        leaves: By branch, what it ends in; a branch without leaf has daughters.
        inlet: Flow or pressure at the start of the root.
        inlet_is_flow: Which of both.
    """

    law: TreeLaw
    inertances: FloatArray
    compliances: FloatArray
    leaves: Mapping[int, Leaf]
    inlet: Waveform | float
    inlet_is_flow: bool

    @property
    def n_branches(self) -> int:
        """Number of branches."""
        return self.law.parents.size

    def steady(
        self, inlet: float | None = None, levels: Mapping[int, float] | None = None
    ) -> TreeState:
        """The steady state under the means, or under given constant values.

        Args:
            inlet: Value at the inlet; its mean if None.
            levels: By leaf, the constant value of its waveform; its mean if left out.

        Raises:
            NotConvergedError: If Newton's method ends above its tolerance.
            NonFiniteError: If a flow is not a number.
        """
        n, levels = self.n_branches, levels or {}
        ends = TreeEnds(np.zeros(n, dtype=bool), *np.zeros((6, n)))
        for b, leaf in self.leaves.items():
            if isinstance(leaf, Circuit):
                ends.is_outlet[b] = True
                ends.resistance[b], ends.pressure[b] = leaf.steady_line(levels.get(b))
            else:
                ends.drain[b] = levels.get(b, mean_level(leaf))
        value = mean_level(self.inlet) if inlet is None else inlet
        flows, pressures, inlet_pressure, iterations, change = solve_tree(
            self.law, ends, self.inlet_is_flow, value, STEADY_TOLERANCE, MAX_ITERATIONS
        )
        require_solved(flows, change, STEADY_TOLERANCE, f"{iterations} Newton steps")
        states = np.zeros((n, STATES))
        for b, leaf in self.leaves.items():
            if isinstance(leaf, Circuit):
                states[b, : leaf.n_states] = leaf.steady_state(flows[b], levels.get(b))
        state = resting_state(self)
        state.flows[:], state.outflows[:] = flows, flows
        state.pressures[:], state.states[:] = pressures, states
        state.inlet[0] = inlet_pressure
        return state

    def march(
        self, state: TreeState, scheme: TreeScheme, start: float, n_steps: int, tolerance: float
    ) -> TreeSeries:
        """Take ``n_steps`` from time ``start``, changing ``state`` in place.

        Raises:
            NotConvergedError: If Newton's method of a step ends above ``tolerance``.
            NonFiniteError: If a flow is not a number.
        """
        times: FloatArray = start + scheme.step * (np.arange(float(n_steps)) + scheme.alpha_f)
        series = TreeSeries.empty(n_steps, self.n_branches)
        taken, change = march_tree(
            self.law, self.storage(scheme), scheme, state, self.inlet_is_flow,
            level_at(self.inlet, times), self.signals(times), tolerance, MAX_ITERATIONS,
            series.flows, series.outflows, series.pressures, series.inlet_pressures,
        )  # fmt: skip
        require_solved(series.flows[:taken], change, tolerance, f"{taken} time steps")
        return series

    def signals(self, times: FloatArray) -> FloatArray:
        """Waveforms of circuits and prescribed outflows by branch (n_times, n_branches)."""
        signals = np.zeros((len(times), self.n_branches))
        for b, leaf in self.leaves.items():
            if isinstance(leaf, Circuit):
                signals[:, b] = leaf.signal_at(times)
            else:
                signals[:, b] = level_at(leaf, times)
        return signals

    def storage(self, scheme: TreeScheme) -> TreeStorage:
        """What the march needs to know of all that stores."""
        n, (rate, _) = self.n_branches, companion(scheme)
        store = TreeStorage(
            self.inertances, self.compliances, np.zeros(n, dtype=bool), np.zeros(n, dtype=bool),
            np.zeros((n, STATES, STATES)), *np.zeros((6, n, STATES)), *np.zeros((3, n)),
        )  # fmt: skip
        for b, leaf in self.leaves.items():
            if not isinstance(leaf, Circuit):
                store.is_flow[b] = True
                continue
            store.is_outlet[b] = True
            step, m = leaf.discretise(rate), leaf.n_states
            store.resistance[b], store.level[b], store.gain[b] = (
                step.resistance, leaf.level, leaf.gain,
            )  # fmt: skip
            store.inverse[b, :m, :m] = step.inverse
            for name in ("feed", "output", "rest", "drive", "sink", "capacity"):
                getattr(store, name)[b, :m] = getattr(leaf, name)
        return store


def resting_state(tree: TreeNetwork) -> TreeState:
    """No flow, no pressure, no rates."""
    rows = np.zeros((5, tree.n_branches))
    states = np.zeros((2, tree.n_branches, STATES))
    return TreeState(*rows, *states, inlet=np.zeros(1))  # type: ignore[misc]


def require_solved(flows: FloatArray, change: float, tolerance: float, after: str) -> None:
    """Refuse flows that are no solution.

    Raises:
        NotConvergedError: If the flows still change.
        NonFiniteError: If a flow is not a number.
    """
    if not np.isfinite(flows).all() or not np.isfinite(change):
        raise NonFiniteError(
            f"The reduced model's flows are not finite after {after}; check radii and boundary "
            f"values."
        )
    if change > tolerance:
        raise NotConvergedError(
            f"The reduced model stopped after {after} with flows still changing by {change:.1e}; "
            f"check for nearly closed branches."
        )
