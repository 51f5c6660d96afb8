"""Newton's method on the way from a start to a steady flow.

Where the start is near, plain Newton steps converge in a handful of solves. Where they do not, the
vortices behind a lesion have to grow first, and two other ways lead there:

- *Descent in viscosity*: one Newton step at each of a few viscosities above the blood's, falling.
  None of them is solved; each only has to bring the field to where the next one contracts.
- *March in pseudo-time* (Kelley and Keyes, SIAM J Numer Anal 1998;35:508): Newton steps with
  inertia against the field before, whose time step grows as the residual falls. If one step for
  the whole lumen does not lead there, a second march takes local ones, a multiple of the time that
  blood takes through each cell, which varies a thousandfold from a throat to a wide vessel.

A flow that does not settle there either most likely has no stable steady state.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NonFiniteError
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.problem import FlowProblem

FloatArray = NDArray[np.float64]

START_TOLERANCE = 1e-4
LOOSEST = 0.1
TIGHTEST = 1e-5
RAMP = (4.0, 2.0, 1.0, 1.0)
"""Viscosities, over the blood's, of the Picard steps that follow Stokes flow."""
RAMP_TOLERANCE = 0.05
DESCENT = (3.0, 2.0, 1.5, 1.2)
"""Viscosities of the Newton steps that lead to the blood's own."""
CONTRACTION = 0.5
"""Residual that the first steps must leave of the one before, or the start was not near."""
KEEP = 0.2
"""A Jacobian serves the next step too if its last one left no more than this of the residual:
assembling and factorising one costs as much as some forty Krylov steps."""
LOST = 3.0
"""Factor by which a step on the later ways may raise the residual; then it is taken back."""
STEPS_PER_TRANSIT = 10.0
"""First steps of pseudo-time in which the blood in the lumen is renewed once."""
FIRST_LOCAL_STEP = 10.0
"""First step of local pseudo-time, in times that blood takes through a cell."""
LEAST_STEP = 0.01
"""Smallest step of pseudo-time, over the first."""
MARCH = 2
"""Steps of pseudo-time, over the Newton steps that are allowed."""
PATIENCE, PROGRESS = 20, 0.7
"""A march has stalled if so many steps leave more than this share of the least residual before."""
SETTLED = 1e-6
"""A residual below this belongs to a steady state, even if it falls no further."""
SHRINK, LEAST_CHANGE, LARGEST_CHANGE = 0.25, 0.5, 3.0
"""A step of pseudo-time after one that was taken back; limits of its change otherwise."""

logger = logging.getLogger(__name__)


@dataclass
class NewtonLog:
    """What the iteration did, and whether the flow showed no sign of settling."""

    reference: float
    history: list[float] = field(default_factory=list)
    linear_solves: int = 0
    krylov_steps: int = 0
    jacobians: int = 0
    is_restless: bool = False

    @property
    def residual(self) -> float:
        """Last residual over that of blood at rest."""
        return self.history[-1] if self.history else float("inf")


def solve_newton(
    problem: FlowProblem, options: SteadyOptions, start: FloatArray | None
) -> tuple[bool, NewtonLog]:
    """Bring ``problem`` to convergence; collective.

    Args:
        problem: Holds the field, which is the result.
        options: Tolerances and limits.
        start: Owned unknowns to start from, None for a Stokes start.

    Returns:
        Whether both tolerances were reached, and the log.

    Raises:
        NonFiniteError: If Stokes flow is not finite.
    """
    problem.set_flow_regime()
    problem.set_field(problem.rest())
    iteration = _Iteration(problem, options, NewtonLog(reference=problem.evaluate() or 1.0))
    if start is None:
        iteration.start_from_stokes()
    else:
        problem.set_field(start)
    return iteration.run(), iteration.log


class _Iteration:
    """The field of a problem on its way, and the norm of its residual."""

    def __init__(self, problem: FlowProblem, options: SteadyOptions, log: NewtonLog) -> None:
        self.problem, self.options, self.log = problem, options, log
        self.norm = log.reference
        self._keeps_jacobian = False
        self._has_residual = True

    def start_from_stokes(self) -> None:
        """Stokes flow, then convection with a held carrier and falling viscosity."""
        problem = self.problem
        problem.set_flow_regime(convection=0.0)
        self._step(START_TOLERANCE * problem.evaluate())
        for factor in RAMP:
            problem.set_flow_regime(viscosity_factor=factor, sharpness=0.0)
            self._step(RAMP_TOLERANCE * problem.evaluate())

    def run(self) -> bool:
        """Try one way after the other, until both tolerances are reached."""
        start = self.problem.field
        if self._iterate(CONTRACTION):
            return True
        logger.info("Newton's method did not contract; descending in viscosity")
        self.problem.set_field(start)
        self._descend(DESCENT)
        if self._iterate(LOST):
            return True
        logger.info("The descent did not end in a steady flow; marching in pseudo-time")
        start = self.problem.field
        if self._march(self.problem.transit_time() / STEPS_PER_TRANSIT, is_local=False):
            return True
        logger.info("The march did not arrive; marching in local pseudo-time")
        self.problem.set_field(start)
        return self._march(FIRST_LOCAL_STEP, is_local=True)

    def _iterate(self, growth: float) -> bool:
        """Newton steps until both tolerances are reached or one raises the residual too far."""
        self._enter()
        before = None
        for _ in range(int(self.options.max_iterations)):
            if self._is_done():
                return True
            was_kept = self._keeps_jacobian
            forcing, before = self._forcing(before), self.norm
            if self._try(forcing, max(growth, 1.0) if was_kept else growth):
                self._keeps_jacobian = self.norm <= KEEP * before
            elif was_kept:
                before = None
            else:
                return False
        return self._is_done()

    def _enter(self, *, viscosity_factor: float = 1.0) -> None:
        self.problem.set_flow_regime(viscosity_factor=viscosity_factor)
        self.norm = self.problem.evaluate()
        self._has_residual = True
        self._keeps_jacobian = False

    def _descend(self, factors: Sequence[float]) -> None:
        for factor in factors:
            self._enter(viscosity_factor=factor)
            self._try(LOOSEST, LOST)

    def _march(self, first: float, *, is_local: bool) -> bool:
        regime = "local_slowness" if is_local else "slowness"
        step, before = first, None
        self.log.is_restless = False
        self._enter()
        norms: list[float] = []
        for _ in range(MARCH * int(self.options.max_iterations)):
            if self._is_done():
                return True
            norms.append(self.norm)
            if has_stalled(norms):
                break
            self.problem.set_flow_regime(**{regime: 1.0 / step})
            forcing, before = self._forcing(before), self.norm
            if self._try(forcing, LOST):
                step *= float(np.clip(before / self.norm, LEAST_CHANGE, LARGEST_CHANGE))
            else:
                step, before = SHRINK * step, None
                if step < LEAST_STEP * first:
                    break
        else:
            return self._is_done()
        self.log.is_restless = self.norm > SETTLED * self.log.reference
        return False

    def _is_done(self) -> bool:
        self.log.history.append(self.norm / self.log.reference)
        options = self.options
        return (
            self.log.residual <= options.tolerance
            and self.problem.imbalance() <= options.mass_tolerance
        )

    def _forcing(self, before: float | None) -> float:
        """Relative tolerance of the next linear solve (Eisenstat and Walker 1996, choice 2).

        With a Jacobian that is kept the residual falls by the same factor again.
        """
        expected = LOOSEST
        if before is not None:
            rate = self.norm / before
            expected = 0.5 * rate if self._keeps_jacobian else 0.9 * rate**2
        enough = 0.1 * self.options.tolerance * self.log.reference / self.norm
        return float(np.clip(max(expected, enough), TIGHTEST, LOOSEST))

    def _try(self, forcing: float, growth: float) -> bool:
        """Take a step; take it back if it raises the residual by more than ``growth``."""
        start, before = self.problem.field, self.norm
        self._step(forcing * before)
        try:
            self.norm = self.problem.evaluate()
        except NonFiniteError:
            self.norm = float("inf")
        logger.debug("residual %.2e after %.2e", self.norm, before)
        if self.norm <= growth * before:
            return True
        self.problem.set_field(start)
        self.norm, self._has_residual = before, False
        self._keeps_jacobian = False
        return False

    def _step(self, limit: float) -> None:
        problem = self.problem
        if not self._has_residual:
            problem.evaluate()
            self._has_residual = True
        if not self._keeps_jacobian:
            problem.linearise()
            self.log.jacobians += 1
        step, krylov_steps = problem.newton_step(problem.defect, limit)
        self.log.linear_solves += 1
        self.log.krylov_steps += krylov_steps
        problem.set_field(problem.field - step)


def has_stalled(norms: Sequence[float]) -> bool:
    """Whether the least residual of late is hardly below that of before."""
    early, late = norms[:-PATIENCE], norms[-PATIENCE:]
    return bool(early) and min(late) > PROGRESS * min(early)
