"""A tree network that hangs in a closed loop with the heart, marched in time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.circuit import Circuit
from corohemo.kernels.loop import LoopLaw
from corohemo.kernels.march import TreeScheme, TreeState, companion
from corohemo.kernels.march_loop import LoopBeds, LoopSeries, LoopState, march_loop
from corohemo.loop import Loop
from corohemo.solvers.tree_network import (
    MAX_ITERATIONS,
    TreeNetwork,
    TreeSeries,
    require_solved,
    resting_state,
)

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LoopNetwork:
    """A tree, whose inlet condition is not used, in a loop.

    Attributes:
        tree: Branches and beds; nothing is stored at the ends of the branches.
        loop: Heart and systemic circulation.
    """

    tree: TreeNetwork
    loop: Loop

    def resting(self) -> tuple[TreeState, LoopState]:
        """All blood at one pressure, that of the given volume, and no flow."""
        loop, tree = self.loop, self.tree
        compliances = loop.compliances(0.0)
        pressure = filling_pressure(loop, self._circuits.values(), compliances)
        state = resting_state(tree)
        state.pressures[:] = state.inlet[0] = pressure
        for branch, circuit in self._circuits.items():
            state.states[branch, : circuit.n_states] = filled_states(circuit, pressure)
        return state, resting_loop(loop, compliances * pressure)

    def march(
        self,
        state: tuple[TreeState, LoopState],
        scheme: TreeScheme,
        start: float,
        n_steps: int,
        tolerance: float,
    ) -> tuple[TreeSeries, LoopSeries]:
        """Take ``n_steps`` from time ``start``, changing ``state`` in place.

        Raises:
            NotConvergedError: If Newton's method of a step ends above ``tolerance``.
            NonFiniteError: If a flow is not a number.
        """
        tree, loop = self.tree, self.loop
        solved: FloatArray = start + scheme.step * (np.arange(float(n_steps)) + scheme.alpha_f)
        ends = start + scheme.step * np.arange(1.0, n_steps + 1.0)
        series = TreeSeries.empty(n_steps, tree.n_branches)
        heart = empty_loop_series(loop, n_steps)
        taken, change = march_loop(
            tree.law, tree.storage(scheme), self._beds(companion(scheme)[0]), loop_law(loop),
            scheme, *state, loop.compliances(solved), loop.compliances(ends),
            tree.signals(solved), tolerance, MAX_ITERATIONS, series.flows, series.outflows,
            series.pressures, series.inlet_pressures, heart,
        )  # fmt: skip
        require_solved(series.flows[:taken], change, tolerance, f"{taken} time steps")
        return series, heart

    @property
    def _circuits(self) -> dict[int, Circuit]:
        """Beds by branch; prescribed flows have none."""
        return {b: leaf for b, leaf in self.tree.leaves.items() if isinstance(leaf, Circuit)}

    def _beds(self, rate: float) -> LoopBeds:
        beds = LoopBeds(*np.zeros((len(LoopBeds._fields), self.tree.n_branches)))
        for branch, circuit in self._circuits.items():
            line = circuit.discretise(rate).heart
            for name, value in line._asdict().items():
                getattr(beds, name)[branch] = value
            beds.squeeze[branch] = circuit.squeeze
        return beds


def loop_law(loop: Loop) -> LoopLaw:
    """The loop as arrays."""
    links = loop.links

    def column(name: str) -> FloatArray:
        return np.array([getattr(link, name) for link in links], dtype=np.float64)

    return LoopLaw(
        sources=np.array([link.source for link in links], dtype=np.int64),
        targets=np.array([link.target for link in links], dtype=np.int64),
        resistances=column("resistance"),
        inertances=column("inertance"),
        leaks=np.array([link.leak or 0.0 for link in links]),
        is_valve=np.array([link.leak is not None for link in links]),
        ports=np.array([loop.tap, loop.muscle, loop.drain], dtype=np.int64),
    )


def filled_states(circuit: Circuit, pressure: float) -> FloatArray:
    """States (m,) of a bed without flow in a loop of one pressure [Pa]."""
    signal = circuit.squeeze * pressure + float(circuit.signal_at(0.0))
    return circuit.steady_state(0.0, signal, pressure)


def filling_pressure(loop: Loop, circuits: Collection[Circuit], compliances: FloatArray) -> float:
    """Pressure of the loop at rest that its volume makes [Pa]; compliances (n,)."""

    def held(pressure: float) -> float:
        beds = sum(float(c.capacity @ filled_states(c, pressure)) for c in circuits)
        return float(compliances.sum()) * pressure + beds

    empty = held(0.0)
    return (loop.volume - empty) / (held(1.0) - empty)


def resting_loop(loop: Loop, volumes: FloatArray) -> LoopState:
    """The loop with these stressed volumes (n,), without flow and with closed valves."""
    n_links = len(loop.links)
    return LoopState(
        volumes=np.array(volumes),
        volume_rates=np.zeros(len(volumes)),
        flows=np.zeros(n_links),
        flow_rates=np.zeros(n_links),
        is_open=np.zeros(n_links, dtype=np.bool_),
        ports=np.zeros(3),
    )


def empty_loop_series(loop: Loop, n_steps: int) -> LoopSeries:
    """Room for ``n_steps``."""
    n, m = len(loop.compartments), len(loop.links)
    return LoopSeries(
        np.zeros((n_steps, n)), np.zeros((n_steps, n)), np.zeros((n_steps, m)), np.zeros(n_steps)
    )
