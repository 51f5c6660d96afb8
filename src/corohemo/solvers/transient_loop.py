"""The closed loop with the heart as partner of a pulsatile 3-D flow.

In a step everything outside the lumen is linear for given valves: the pressures at the openings are
a line in all their flows, found by the same formulas as in ``kernels.march_loop`` and solved with
the flow, implicitly. After the step has converged the valves are asked whether they would still
stand like that; if not, it goes on with the line that they would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NotConvergedError
from corohemo.kernels.loop import (
    LoopPast,
    TreeLine,
    close_loop,
    link_flows,
    loop_lines,
    loop_volumes,
)
from corohemo.kernels.march_loop import LoopSeries, LoopState
from corohemo.loop import Loop
from corohemo.solvers.loop_network import loop_law
from corohemo.solvers.scales import Scales
from corohemo.solvers.time_grid import TimeGrid
from corohemo.solvers.transient_beds import Bed

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class _Found:
    """The loop in a step at given flows."""

    pressures: FloatArray
    out: float
    back: float


class LoopPartner:
    """Heart, systemic circulation and beds around the openings, the inlet first.

    Flows into and out of it are those out of the lumen, dimensionless.

    Args:
        loop: The loop.
        beds: Beds behind the outlets; None where the flow is prescribed.
        start: The loop at the beginning.
        grid: Time steps of a cycle [s].
        scales: Units of flow and pressure.
    """

    def __init__(
        self,
        loop: Loop,
        beds: Sequence[Bed | None],
        start: LoopState,
        *,
        grid: TimeGrid,
        scales: Scales,
    ) -> None:
        self.beds, self.grid, self.scales = tuple(beds), grid, scales
        self.law = loop_law(loop)
        self.compliances = loop.compliances(grid.ends)
        self.is_open = start.is_open.copy()
        self._volumes = [start.volumes]
        self._flows = [start.flows]
        self._rows: list[FloatArray] = []

    def begin(self, flows: FloatArray) -> None:
        """Take the beds' states to start from; ``flows`` (1 + k,) are the steady ones."""
        for bed, flow in zip(self.beds, flows[1:], strict=True):
            if bed is not None:
                bed.begin(float(flow) * self.scales.flow)

    def lines(self, step: int, flows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Pressures without flow (1 + k,) and by the flows in ``step``, counted from 0.

        Args:
            step: The step.
            flows: Flows (1 + k,) that the valves are set by.

        Raises:
            NotConvergedError: If the valves do not settle.
        """
        self._load(step)
        self._solve(flows * self.scales.flow)
        ports = loop_lines(self.law, self._now, self._past, self.is_open)[self.law.ports]
        n = len(flows)
        back, by_flows, by_ports = self._returns()
        by_openings = np.outer(ports[:, 2], np.concatenate([[0.0], by_flows]))
        by_openings[:, 0] -= ports[:, 1]
        matrix = np.eye(3) - np.outer(ports[:, 2], by_ports)
        constant = np.linalg.solve(matrix, ports[:, 0] + ports[:, 2] * back)
        heart = np.linalg.solve(matrix, by_openings)
        offsets, response = np.zeros(n), np.zeros((n, n))
        offsets[0], response[0] = constant[0], heart[0]
        for k, bed in enumerate(self.beds, start=1):
            if bed is None:
                continue
            felt = np.array([0.0, bed.scheme.heart.muscle, bed.scheme.heart.drain])
            offset, resistance = bed.line()
            offsets[k], response[k] = offset + felt @ constant, felt @ heart
            response[k, k] += resistance
        return offsets / self.scales.pressure, response / self.scales.resistance

    def holds(self, flows: FloatArray) -> bool:
        """Whether the valves would stand at these flows (1 + k,) as they did for the lines."""
        before = self.is_open.copy()
        self._solve(flows * self.scales.flow)
        return bool(np.array_equal(before, self.is_open))

    def accept(self, flows: FloatArray) -> None:
        """Go on to the next step, with the flows (1 + k,) that this one has brought."""
        found = self._solve(flows * self.scales.flow)
        links = link_flows(self.law, self._past, found.pressures, self.is_open)
        volumes = loop_volumes(self.law, self._past, links, found.out, found.back)
        muscle, sink = found.pressures[self.law.ports[1]], found.pressures[self.law.ports[2]]
        for bed, flow in zip(self.beds, flows[1:], strict=True):
            if bed is not None:
                bed.accept(float(flow) * self.scales.flow, muscle, sink)
        self._volumes, self._flows = [volumes, self._volumes[0]], [links, self._flows[0]]
        if len(self._rows) == self.grid.n_steps:
            self._rows.clear()
        held = sum(bed.blood for bed in self.beds if bed is not None)
        self._rows.append(np.concatenate([found.pressures, volumes, links, [held]]))

    @property
    def series(self) -> LoopSeries:
        """Pressures, volumes, flows and the beds' blood after the steps of this cycle."""
        n = self.compliances.shape[1]
        rows = np.array(self._rows)
        return LoopSeries(rows[:, :n], rows[:, n : 2 * n], rows[:, 2 * n : -1], rows[:, -1])

    def state(self) -> dict[str, FloatArray]:
        """All that the next step depends on, and the series of this cycle."""
        beds = [bed.state() for bed in self.beds if bed is not None]
        return {
            "beds": np.concatenate([*beds, np.empty(0)]),
            "volumes": np.array(self._volumes),
            "links": np.array(self._flows),
            "valves": self.is_open.astype(np.float64),
            "rows": np.array(self._rows),
        }

    def restore(self, state: dict[str, FloatArray]) -> None:
        """Take up what ``state`` returned."""
        self._volumes, self._flows = list(state["volumes"]), list(state["links"])
        self.is_open = state["valves"] > 0.5
        self._rows = list(state["rows"])
        rest = state["beds"]
        for bed in self.beds:
            if bed is not None:
                rest = bed.restore(rest)

    def _load(self, step: int) -> None:
        newest, *older = self.grid.differences(step, len(self._volumes))
        length = self.grid.step(step)

        def past(values: list[FloatArray]) -> FloatArray:
            parts = (w * x for w, x in zip(older, values, strict=True))
            return -sum(parts, np.zeros_like(values[0])) / length

        self._past = LoopPast(past(self._volumes), past(self._flows), newest / length)
        self._now = self.compliances[step % self.grid.n_steps]
        for bed in self.beds:
            if bed is not None:
                bed.load(step)

    def _returns(self) -> tuple[float, FloatArray, FloatArray]:
        """Flow back to the drain: constant, by the outlets' flows (k,), by the ports (3,)."""
        constant, by_flows, by_ports = 0.0, np.ones(len(self.beds)), np.zeros(3)
        for k, bed in enumerate(self.beds):
            if bed is not None:
                line = bed.scheme.heart
                constant += bed.scheme.returned(bed.history, bed.now)
                by_flows[k] = line.back_flow
                by_ports += [0.0, line.back_muscle, line.back_drain]
        return constant, by_flows, by_ports

    def _solve(self, flows: FloatArray) -> _Found:
        """The loop at flows out of the lumen [m3/s]; turns the valves.

        Raises:
            NotConvergedError: If they do not settle.
        """
        constant, by_flows, by_ports = self._returns()
        tree = TreeLine(
            -float(flows[0]), np.zeros(3), constant + float(by_flows @ flows[1:]), by_ports
        )
        pressures, out, back, settled = close_loop(
            self.law, self._now, self._past, tree, self.is_open
        )
        if not settled:
            raise NotConvergedError(
                "The valves of the heart find no position in a time step; take more steps per "
                "cycle, or check the resistances of the valves."
            )
        return _Found(pressures, out, back)
