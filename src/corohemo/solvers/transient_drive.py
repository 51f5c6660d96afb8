"""What drives a pulsatile flow, step by step: inlet waveform, outlet models, level of pressure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Blood
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.transient_backflow import Backflow
from corohemo.solvers.transient_beds import Bed

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass
class Drive:
    """Conditions of every step, dimensionless; the same on all ranks.

    Pressures inside the solver are differences to ``level``, the pressure that the first opening
    with a given one is expected to have: a bed at 80 mmHg must not drown differences of less than
    one.

    Attributes:
        step: Time step.
        blood: The blood.
        inlet_nodes: Nodes of a driven inlet (n,), empty where its pressure is given.
        inlet_velocity: Their velocity at the end of each step of a cycle (m, n, 3).
        inflow: Their flow (m,).
        beds: What lies behind each opening; None where the flow is prescribed.
        targets: Prescribed outflows (m, k), zero elsewhere.
        backflow: Blood that comes back through the outlets.
        reference_pressure: Zero of the steady conditions.
        level: Zero of the pressure in the current step.
    """

    step: float
    blood: Blood
    inlet_nodes: IntArray
    inlet_velocity: FloatArray
    inflow: FloatArray
    beds: list[Bed | None]
    targets: FloatArray
    backflow: Backflow
    reference_pressure: float
    level: float = 0.0
    _flows: list[FloatArray] = field(default_factory=list)

    def begin(self, problem: FlowProblem) -> None:
        """Start the beds from the field that ``problem`` holds, solved as steady or at rest."""
        openings = problem.openings
        flows = openings.flows(problem.nodal)
        for bed, flow in zip(self.beds, flows, strict=True):
            if bed is not None:
                bed.begin(float(flow))
        shift = float(openings.pressures(flows)[0])
        problem.nodal[3::4] -= shift
        openings.offset[openings.is_driven] -= shift
        problem.set_field(problem.field)
        self.level = self.reference_pressure + shift
        self._flows = [flows]
        self.backflow.observe(problem)

    def load(self, problem: FlowProblem, step: int) -> None:
        """Set the conditions at the end of ``step``, counted from 0."""
        openings = problem.openings
        place = step % len(self.targets)
        if self.inlet_nodes.size:
            problem.fixed_velocity[self.inlet_nodes] = self.inlet_velocity[place]
            problem.inflow = float(self.inflow[place])
        openings.target = self.targets[place]
        lines = [(0.0, 0.0) if bed is None else bed.line(step) for bed in self.beds]
        offsets, resistances = np.array(lines).T
        expected = self._flows[0] if len(self._flows) < 2 else 2 * self._flows[0] - self._flows[1]
        free = ~openings.is_driven
        first = int(free.argmax())
        self.level = float(offsets[first] + resistances[first] * expected[first])
        openings.offset[free] = offsets[free] - self.level
        openings.resistance[free] = resistances[free]
        self.backflow.expect(problem, expected[-len(self.backflow.profiles) :])

    def accept(self, problem: FlowProblem) -> None:
        """Go on to the next step from the field that this one has brought; collective."""
        flows = problem.openings.flows(problem.nodal)
        for bed, flow in zip(self.beds, flows, strict=True):
            if bed is not None:
                bed.accept(float(flow))
        self._flows = [flows, *self._flows[:1]]
        self.backflow.observe(problem)

    def state(self) -> dict[str, FloatArray]:
        """All that the next step depends on."""
        beds = [bed.state() for bed in self.beds if bed is not None]
        return {
            "flows": np.array(self._flows),
            "level": np.array(self.level),
            "backflow": np.array(self.backflow.coefficients),
            "beds": np.concatenate([*beds, np.empty(0)]),
        }

    def restore(self, state: dict[str, FloatArray]) -> None:
        """Take up what ``state`` returned, after at least two steps."""
        self._flows = list(state["flows"])
        self.level = float(state["level"])
        self.backflow.coefficients = list(state["backflow"])
        rest = state["beds"]
        for bed in self.beds:
            if bed is not None:
                rest = bed.restore(rest)
