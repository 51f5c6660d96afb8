"""Newton's method on the way from a start to a steady flow.

Where the start is near, plain Newton steps converge in a handful of solves. Where they do not, the
vortices behind a lesion have to grow first, and a *march in pseudo-time* (Kelley and Keyes, SIAM J
Numer Anal 1998;35:508) leads there: Newton steps with inertia against the field before. The time
step is local, a multiple of what blood or friction takes through each cell, which varies a
thousandfold from a throat to a wide vessel. A step goes only as far as it lowers the residual
*with* that inertia (Ceze and Fidkowski, Int J Numer Meth Eng 2015;102:1683), which the direction
promises; the residual of the steady flow may well rise on the way. How much it lowers it tells how
far the next step may reach. Once that is far, Newton's method takes over again.

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
CONTRACTION = 0.5
"""Residual that a step with a new Jacobian must leave, at most, or Newton's method is not near."""
KEEP = 0.2
"""A Jacobian serves the next step too if its last one left no more than this of the residual:
assembling and factorising one costs as much as some forty Krylov steps."""
FIRST_STEP, LEAST_STEP, FREE_STEP = 10.0, 0.01, 100.0
"""Steps of pseudo-time in cells: the first, the shortest, and one that no longer holds back."""
SHARES = (1.0, 0.5, 0.25, 0.125)
"""Shares of a step that are tried, and what one has to lower the residual by for its length."""
DECREASE = 1e-3
AIM, LARGEST_CHANGE = 0.6, 4.0
"""A whole step that leaves this of the residual is followed by one as long, one that leaves less by
a longer one, and one that is refused by a shorter one."""
REFUSED = 0.25
MARCH_FORCING = 0.1
MARCH = 5
"""Steps of pseudo-time, over the Newton steps that are allowed."""
PATIENCE, PROGRESS = 40, 0.7
"""A march has stalled if so many steps leave more than this share of the least residual before."""
SETTLED = 1e-6
"""A residual below this belongs to a steady state, even if it falls no further."""

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
        """Newton's method, then the march, until both tolerances are reached."""
        return self._newton() or self._march()

    def _newton(self) -> bool:
        """Newton steps until both tolerances are reached or a new Jacobian does not contract.

        The field is left where the last step contracted.
        """
        self._enter()
        before = None
        for _ in range(int(self.options.max_iterations)):
            if self._is_done():
                return True
            was_kept = self._keeps_jacobian
            forcing, before = self._forcing(before), self.norm
            if self._try(forcing, 1.0 if was_kept else CONTRACTION):
                self._keeps_jacobian = self.norm <= KEEP * before
            elif was_kept:
                before = None
            else:
                return False
        return self._is_done()

    def _march(self) -> bool:
        """Steps of pseudo-time until both tolerances are reached or the residual stays."""
        logger.info("Newton's method does not contract at %.1e; marching", self.norm)
        self._enter()
        step, norms = FIRST_STEP, list[float]()
        self.log.is_restless = False
        for _ in range(MARCH * int(self.options.max_iterations)):
            if self._is_done():
                return True
            norms.append(self.norm)
            if step < LEAST_STEP or has_stalled(norms):
                break
            if step < FREE_STEP:
                step *= self._pseudo_step(step)
            elif self._newton():
                return True
            else:
                step = FIRST_STEP
        else:
            return self._is_done()
        self.log.is_restless = self.norm > SETTLED * self.log.reference
        return False

    def _pseudo_step(self, step: float) -> float:
        """Take what can be taken of a step of pseudo-time.

        Returns:
            Factor by which the next one may be longer.
        """
        problem, start, before = self.problem, self.problem.field, self.norm
        self._keeps_jacobian = False
        problem.set_flow_regime(slowness=1.0 / step)
        direction = self._direction(MARCH_FORCING * before)
        for share in SHARES:
            problem.set_field(start - share * direction, follows=False)
            left = self._residual()
            if left <= (1.0 - DECREASE * share) * before:
                self._enter()
                logger.debug("%.2f of %.3g cells: %.1e after %.1e", share, step, self.norm, before)
                longer = float(np.clip(AIM * before / left, 1.0, LARGEST_CHANGE))
                return longer if share == 1.0 else share
        problem.set_field(start)
        self._enter()
        return REFUSED

    def _enter(self) -> None:
        """Take the field as it is for that of a steady flow."""
        problem = self.problem
        problem.set_flow_regime()
        problem.set_field(problem.field)
        self.norm = problem.evaluate()
        self._has_residual = True
        self._keeps_jacobian = False

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
        """Take a step; take it back if it leaves more than ``growth`` of the residual."""
        start, before = self.problem.field, self.norm
        self._step(forcing * before)
        self.norm = self._residual()
        logger.debug("residual %.2e after %.2e", self.norm, before)
        if self.norm <= growth * before:
            return True
        self.problem.set_field(start)
        self.norm, self._has_residual = before, False
        self._keeps_jacobian = False
        return False

    def _residual(self) -> float:
        """Norm of the residual at the current field, infinite if it is not a number."""
        try:
            return self.problem.evaluate()
        except NonFiniteError:
            return float("inf")

    def _step(self, limit: float) -> None:
        self.problem.set_field(self.problem.field - self._direction(limit))

    def _direction(self, limit: float) -> FloatArray:
        """What a step takes off the field; solved until a residual of ``limit`` is left."""
        problem = self.problem
        if not self._has_residual:
            problem.evaluate()
            self._has_residual = True
        if not self._keeps_jacobian:
            problem.linearise()
            self.log.jacobians += 1
        direction, krylov_steps = problem.newton_step(problem.defect, limit)
        self.log.linear_solves += 1
        self.log.krylov_steps += krylov_steps
        return direction


def has_stalled(norms: Sequence[float]) -> bool:
    """Whether the least residual of late is hardly below that of before."""
    early, late = norms[:-PATIENCE], norms[-PATIENCE:]
    return bool(early) and min(late) > PROGRESS * min(early)
