"""One time step: second-order backward differences, solved with a Jacobian that is kept.

``du/dt = (3 u_n - 4 u_(n-1) + u_(n-2)) / (2 dt)`` (BDF2; ``time_grid`` has it for steps that are
not equal), implicit Euler in the very first step. All terms stand at the end of the step, so its
pressure is second-order too, no acceleration has to be carried, and what a start or a kink of a
waveform excites is damped (the formula is L-stable).

The step is nonlinear and solved by Newton's method with an old Jacobian: assembling and factorising
one costs as much as about forty Krylov steps, a residual as much as two. It is renewed when the
Krylov steps that its age has cost add up to the price of a new one, or when a step does not
contract. Every decision counts steps, never seconds, so that a run can be repeated exactly.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NonFiniteError, NotConvergedError
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.secants import Secants
from corohemo.solvers.time_grid import TimeGrid

FloatArray = NDArray[np.float64]

RESIDUAL_COST = 2
"""A residual, in Krylov steps."""
REFRESH_COST = 40
"""A new Jacobian with its preconditioner, in Krylov steps."""
FORCING = 0.1
"""Residual that a linear solve leaves, over the one it starts from."""
POOR = 0.1
"""Residual of a guess, over the size of the terms, from which simpler ones are tried."""
CALM = 1e-2
"""Residual over the size of the terms below which steps teach something of the next ones."""
MISLED = 0.7
"""Share of the residual that a step leaves if what earlier ones have taught no longer holds."""
SHORTEST_STEP = 1.0 / 16.0

logger = logging.getLogger(__name__)


@dataclass
class StepLog:
    """What all steps so far have cost."""

    steps: int = 0
    linear_solves: int = 0
    krylov_steps: int = 0
    residuals: int = 0
    refreshes: int = 0
    worst_residual: float = 0.0

    @property
    def work(self) -> int:
        """Cost of all but the Jacobians, in Krylov steps."""
        return self.krylov_steps + RESIDUAL_COST * self.residuals


class TimeStepper:
    """Advances a flow problem in time.

    Args:
        problem: Domain, unsteady form and openings; holds the newest field.
        grid: Time steps of a cycle, dimensionless.
        tolerance: Residual that ends a step, over the size of the terms that balance in it.
        max_iterations: Linear solves in a step before it is given up.
    """

    def __init__(
        self, problem: FlowProblem, *, grid: TimeGrid, tolerance: float, max_iterations: int
    ) -> None:
        self.problem, self.grid = problem, grid
        self.tolerance, self.max_iterations = tolerance, max_iterations
        self.history: list[FloatArray] = []
        self.reference = 0.0
        self.log = StepLog()
        self.secants = Secants(problem.products)
        self._age: int | None = None
        self._is_fresh = False
        self._usual_cost = 0
        self._excess = 0

    def start(self, history: list[FloatArray], reference: float = 0.0) -> None:
        """Begin from the fields (n,) of the last steps, the newest first, with a new Jacobian."""
        self.history = [np.array(values) for values in history]
        self.reference = reference
        self._age = None

    def renew(self) -> None:
        """Have the next step learn the Jacobian anew, as one that resumes from here must."""
        self._age = None
        self.secants.clear()

    def advance(self, step: int, settles: Callable[[], bool]) -> None:
        """Step under the conditions that the problem's openings and walls hold now; collective.

        Args:
            step: Number of the step, counted from 0.
            settles: Asked once the step is solved: whether its conditions belong to its solution;
                if not, it has set those that do, and the step goes on.

        Raises:
            NotConvergedError: If the step's residual does not fall below the tolerance.
            NonFiniteError: If the field stops being finite.
        """
        problem, log = self.problem, self.log
        is_first = len(self.history) < 2
        self._set_inertia(step)
        norm = self._predict(step)
        if self._age is None or self._excess > REFRESH_COST:
            self._refresh()
        spent, fresh = log.work, self._age == 0
        norm = self._solve(norm)
        while not settles():
            norm = self._solve(self._residual_at(problem.field))
        problem.balance()
        self.reference = max(self.reference, problem.size_of_terms())
        log.steps += 1
        log.worst_residual = max(log.worst_residual, norm / self.reference if norm else 0.0)
        self._keep_accounts(log.work - spent, fresh)
        self.history = [problem.field, *self.history[:2]]
        if is_first:
            self.renew()

    def _solve(self, norm: float) -> float:
        """Newton's method with a Jacobian that may be old, from and to a residual's norm."""
        problem = self.problem
        self.reference = self.reference or norm
        target = self.tolerance * self.reference
        for _ in range(self.max_iterations):
            if norm <= target:
                return norm
            before, start = norm, problem.field
            norm, krylov_steps = self._correct(start, before, target)
            if norm > before and not self._is_fresh:
                self._refresh(at=start)
                norm = self._residual_at(start)
                continue
            self._is_fresh = False
            if norm > target and self._is_too_slow(norm, norm / before, krylov_steps):
                self._refresh()
        if norm <= target:
            return norm
        raise NotConvergedError(
            f"Time step {self.log.steps + 1} did not converge: residual "
            f"{norm / self.reference:.1e} after {self.max_iterations} linear solves. Take more "
            "steps per cycle, or refine the mesh where the flow is fast."
        )

    def _correct(self, start: FloatArray, before: float, target: float) -> tuple[float, int]:
        """Take a step from ``start``, with the secants' help; residual afterwards, Krylov steps."""
        problem, defect, size = self.problem, self.problem.defect, before
        known, left = np.zeros_like(defect), defect
        is_calm = before <= CALM * self.reference
        if is_calm:
            known, left, size = self.secants.split(defect)
        step, krylov_steps = problem.newton_step(left, max(FORCING * size, 0.5 * target))
        self.log.linear_solves += 1
        self.log.krylov_steps += krylov_steps
        norm = self._try(start, known + step, before)
        if is_calm and norm <= MISLED * before:
            self.secants.add(start - problem.field, defect - problem.defect)
        elif is_calm:
            self.secants.clear()
        return norm, krylov_steps

    def _try(self, start: FloatArray, step: FloatArray, before: float) -> float:
        """Residual after ``step``, which is shortened while it raises that of a new Jacobian."""
        length = 1.0
        while True:
            norm = self._residual_at(start - length * step)
            if norm <= before or not self._is_fresh or length <= SHORTEST_STEP:
                return norm
            length /= 2.0

    def _set_inertia(self, step: int) -> None:
        inertia = self.problem.form.inertia
        assert inertia is not None
        n = self.problem.nodal.size
        fields = [values[:n] for values in self.history]
        weights, length = self.grid.differences(step, len(fields)), self.grid.step(step)
        inertia.frequency.value = 1.0 / length
        inertia.rate.value = weights[0] / length
        inertia.past.x.array[:n] = -_combined(weights[1:], fields) / length
        inertia.past.x.scatter_forward()

    def _predict(self, step: int) -> float:
        """Set the polynomial through the last fields, one step on; a lower one where that fails.

        Returns:
            Norm of its residual.
        """
        best, least = self.history[0], np.inf
        for count in range(len(self.history), 0, -1):
            guess = self._extrapolated(step, count)
            norm = self._residual_at(guess)
            if norm <= POOR * self.reference:
                return norm
            if norm < least:
                best, least = guess, norm
        return self._residual_at(best)

    def _extrapolated(self, step: int, count: int) -> FloatArray:
        """Polynomial through the last ``count`` fields, one step on, on the inlet as given (n,)."""
        return self.problem.imposed(_combined(self.grid.extrapolation(step, count), self.history))

    def _residual_at(self, values: FloatArray) -> float:
        self.problem.set_field(values)
        self.log.residuals += 1
        try:
            return self.problem.evaluate()
        except NonFiniteError:
            return float("inf")

    def _is_too_slow(self, norm: float, left: float, krylov_steps: int) -> bool:
        """Whether going on, with ``left`` of the residual a solve, costs more than a refresh."""
        target = self.tolerance * self.reference
        solves = np.log(target / norm) / np.log(left) if left < 1.0 else np.inf
        return bool(solves * (krylov_steps + RESIDUAL_COST) > REFRESH_COST)

    def _refresh(self, at: FloatArray | None = None) -> None:
        """Renew the Jacobian, at the current field or another one (n,)."""
        if at is not None:
            self.problem.set_field(at)
        self.problem.linearise()
        self.secants.clear()
        self.log.refreshes += 1
        self._age, self._excess, self._is_fresh = 0, 0, True

    def _keep_accounts(self, cost: int, fresh: bool) -> None:
        assert self._age is not None
        if fresh:
            self._usual_cost = cost
        else:
            self._excess += max(cost - self._usual_cost, 0)
        self._age += 1


def _combined(weights: tuple[float, ...], fields: list[FloatArray]) -> FloatArray:
    """Weighted sum of the first fields (n,)."""
    result = np.zeros_like(fields[0])
    for weight, values in zip(weights, fields, strict=False):
        result += weight * values
    return result
