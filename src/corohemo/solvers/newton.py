"""Newton's method from a start to a steady flow.

Where the start is near, plain Newton steps converge in a handful of solves. Where they do not, the
march in pseudo-time (``corohemo.solvers.pseudo_time``) brings the field to where they do.
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
from corohemo.solvers.pseudo_time import march

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
assembling and factorising one costs as much as some twenty Krylov steps."""
SHARES, GAIN = (1.0, 0.5, 0.25, 0.125), 0.1
"""Shares of a step that are tried, and what one lowers the residual by for its length."""
NEAR = 1e-3
"""Residual, over that of blood at rest, above which a Jacobian serves one step only: the next one
would most often be lost, and a new Jacobian saves as many Krylov steps as it costs."""
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
    iteration = Iteration(problem, options, NewtonLog(reference=problem.evaluate() or 1.0))
    if start is None:
        iteration.start_from_stokes()
    else:
        problem.set_field(start)
    return iteration.newton() or march(iteration), iteration.log


class Iteration:
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

    def newton(self) -> bool:
        """Newton steps until both tolerances are reached or a new Jacobian does not contract.

        The field is left where the residual was least.
        """
        self.enter()
        before = None
        for _ in range(int(self.options.max_iterations)):
            if self.is_done():
                return True
            was_kept = self._keeps_jacobian
            forcing, before = self._forcing(before), self.norm
            is_taken = self._try(forcing)
            if not was_kept and self.norm > CONTRACTION * before:
                return False
            if is_taken:
                enough = min(KEEP * before, NEAR * self.log.reference)
                self._keeps_jacobian = self.norm <= enough
            else:
                before = None
        return self.is_done()

    def enter(self) -> None:
        """Take the field as it is for one on the way to a steady flow."""
        problem = self.problem
        problem.set_flow_regime()
        problem.set_field(problem.field)
        self.norm = problem.evaluate()
        self._has_residual = True
        self._keeps_jacobian = False

    def is_done(self) -> bool:
        """Whether both tolerances are reached; notes the residual."""
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

    def _try(self, forcing: float) -> bool:
        """Take a step, or with a new Jacobian a share of it, if that lowers the residual."""
        before, direction = self.norm, self._direction(forcing * self.norm)
        if self._keeps_jacobian:
            left = self.take(direction, before, 0.0, SHARES[:1])
        else:
            left = self.take(direction, before, GAIN)
        logger.debug("residual %.2e after %.2e", before if left is None else left, before)
        if left is None:
            self._keeps_jacobian = False
            return False
        self.norm = left
        return True

    def take(
        self,
        direction: FloatArray,
        before: float,
        decrease: float,
        shares: Sequence[float] = SHARES,
        *,
        follows: bool = True,
    ) -> float | None:
        """Take the largest share of a step that lowers the residual; collective.

        Args:
            direction: The whole step (n,).
            before: Residual where it starts.
            decrease: What a step must lower the residual by, over ``before`` and its share.
            shares: Shares to try.
            follows: Whether the carrier goes along.

        Returns:
            The residual left, None if no share lowers it; then the field is as it was.
        """
        problem, start = self.problem, self.problem.field
        for share in shares:
            problem.set_field(start - share * direction, follows=follows)
            left = self.residual()
            if left <= (1.0 - decrease * share) * before:
                return left
        problem.set_field(start, follows=follows)
        self._has_residual = False
        return None

    def residual(self) -> float:
        """Norm of the residual at the current field, infinite if it is not a number."""
        try:
            return self.problem.evaluate()
        except NonFiniteError:
            return float("inf")

    def new_direction(self, limit: float) -> FloatArray:
        """What a step with a new Jacobian takes off the field that was evaluated last."""
        self._keeps_jacobian, self._has_residual = False, True
        return self._direction(limit)

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
