"""What drives a pulsatile flow, step by step: inlet waveform, outlet models, level of pressure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Blood
from corohemo.errors import NotConvergedError
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.time_grid import TimeGrid
from corohemo.solvers.transient_backflow import Backflow
from corohemo.solvers.transient_beds import SeparateBeds
from corohemo.solvers.transient_inlet import InletProfile
from corohemo.solvers.transient_loop import LoopPartner

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

VALVE_TRIALS = 8
"""Times that the conditions of a step may change with its solution."""


@dataclass
class Drive:
    """Conditions of every step, dimensionless; the same on all ranks.

    Pressures inside the solver are differences to ``level``, the pressure that the first opening
    with a given one is expected to have: a bed at 80 mmHg must not drown differences of less than
    one.

    Attributes:
        grid: Time steps of a cycle.
        blood: The blood.
        inlet_nodes: Nodes of a driven inlet (n,), empty where its pressure is given.
        inlet_velocity: Their velocity at the end of each step of a cycle (m, n, 3).
        inflow: Their flow (m,).
        partner: What lies behind the openings.
        targets: Prescribed outflows (m, k), zero elsewhere.
        backflow: Blood that comes back through the outlets.
        profile: Profile at an inlet whose pressure is given, None where it is free or prescribed.
        reference_pressure: Zero of the steady conditions.
        halvings: How often the time steps that were asked for have been halved.
        fingerprints: Numbers of the mesh and of all that is given; a checkpoint must have the same.
        level: Zero of the pressure in the current step.
    """

    grid: TimeGrid
    blood: Blood
    inlet_nodes: IntArray
    inlet_velocity: FloatArray
    inflow: FloatArray
    partner: SeparateBeds | LoopPartner
    targets: FloatArray
    backflow: Backflow
    profile: InletProfile | None
    reference_pressure: float
    halvings: int = 0
    fingerprints: tuple[int, int] = (0, 0)
    level: float = 0.0
    _flows: list[FloatArray] = field(default_factory=list)
    _step: int = 0
    _trials: int = 0

    def begin(self, problem: FlowProblem) -> None:
        """Start the beds from the field that ``problem`` holds, solved as steady or at rest."""
        openings = problem.openings
        flows = openings.face_flows(problem.nodal)
        self.partner.begin(flows)
        shift = float(openings.offset[0] + openings.resistance[0] * flows[0])
        problem.nodal[3::4] -= shift
        openings.offset[openings.is_driven] -= shift
        problem.set_field(problem.field)
        self.level = self.reference_pressure + shift
        self._flows = [flows]
        if self.profile is not None:
            self.profile.begin(float(flows[0]))
        self.backflow.observe(problem)

    def load(self, problem: FlowProblem, step: int) -> None:
        """Set the conditions at the end of ``step``, counted from 0."""
        openings = problem.openings
        place = step % len(self.targets)
        if self.inlet_nodes.size:
            problem.fixed_velocity[self.inlet_nodes] = self.inlet_velocity[place]
            problem.inflow = float(self.inflow[place])
        openings.target[: openings.n_faces] = self.targets[place]
        weights = self.grid.extrapolation(step, len(self._flows))
        expected = sum(
            (w * flows for w, flows in zip(weights, self._flows, strict=True)),
            np.zeros(openings.n_faces),
        )
        self._step, self._trials = step, 0
        self._surround(problem, expected)
        self.backflow.expect(problem, expected[-len(self.backflow.profiles) :], weights)
        if self.profile is not None:
            self.profile.load(problem, self.grid, step)

    def settles(self, problem: FlowProblem) -> bool:
        """Whether the conditions of the step belong to its field; if not, set those that do.

        Raises:
            NotConvergedError: If they still change after many trials.
        """
        flows = problem.openings.face_flows(problem.nodal)
        if self.partner.holds(flows):
            return True
        self._trials += 1
        if self._trials > VALVE_TRIALS:
            raise NotConvergedError(
                f"The valves of the heart do not settle in time step {self._step + 1}; take more "
                "steps per cycle."
            )
        self._surround(problem, flows)
        return False

    def _surround(self, problem: FlowProblem, flows: FloatArray) -> None:
        """Set the lines that belong to ``flows`` (k,)."""
        openings = problem.openings
        offsets, response = self.partner.lines(self._step, flows)
        free = np.flatnonzero(~openings.is_driven[: openings.n_faces])
        first = int(free[0]) if free.size else 0
        if self._trials == 0:
            self.level = float(offsets[first] + response[first] @ flows)
        openings.offset[free] = offsets[free] - self.level
        openings.resistance[free] = response.diagonal()[free]
        openings.between = response - np.diag(response.diagonal())

    def accept(self, problem: FlowProblem) -> None:
        """Go on to the next step from the field that this one has brought; collective."""
        flows = problem.openings.face_flows(problem.nodal)
        self.partner.accept(flows)
        if self.profile is not None:
            self.profile.accept(float(flows[0]))
        self._flows = [flows, *self._flows[:1]]
        self.backflow.observe(problem)

    def state(self) -> dict[str, FloatArray]:
        """All that the next step depends on."""
        return {
            "flows": np.array(self._flows),
            "level": np.array(self.level),
            "backflow": np.array(self.backflow.coefficients),
            "profile": np.array([] if self.profile is None else self.profile.history),
            **self.partner.state(),
        }

    def restore(self, state: dict[str, FloatArray]) -> None:
        """Take up what ``state`` returned, after at least two steps."""
        self._flows = list(state["flows"])
        self.level = float(state["level"])
        self.backflow.coefficients = list(state["backflow"])
        if self.profile is not None:
            self.profile.history = list(state["profile"])
        self.partner.restore(state)
