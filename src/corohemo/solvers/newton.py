"""Damped Picard and Newton iteration from Stokes flow; continuation in viscosity when it stalls."""

from __future__ import annotations

import logging
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
SHORTEST_STEP = 1.0 / 16.0
LEAST_NEWTON_STEP = 0.5
"""Newton steps shorter than this are taken back for Picard steps."""
PICARD_STEPS = 2
RAMP = (4.0, 2.0)
"""Viscosities of the Picard steps between Stokes flow and the first step at full convection."""
RAMP_TOLERANCE = 0.05
GROWTH = 1.2
"""Factor by which a step may raise the residual: early ones move vortices before they gain."""
FIRST_VISCOSITY = 8.0
"""Continuation starts with the blood's viscosity times this."""
LARGEST_RATIO, LEAST_RATIO = 2.0, 1.02
"""Between these the viscosity falls from one stage of the continuation to the next."""
STAGE_TOLERANCE = 1e-3

logger = logging.getLogger(__name__)


@dataclass
class NewtonLog:
    """What the iteration did."""

    reference: float
    history: list[float] = field(default_factory=list)
    linear_solves: int = 0
    krylov_steps: int = 0

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
        NonFiniteError: If the field stops being finite even with continuation.
    """
    problem.set_flow_regime()
    problem.set_field(problem.rest())
    log = NewtonLog(reference=problem.evaluate() or 1.0)
    if start is None:
        _start_from_stokes(problem, log)
        _ramp(problem, log)
    else:
        problem.set_field(start)
    try:
        if _iterate(problem, options, log, options.tolerance, is_far=start is None):
            return True, log
    except NonFiniteError:
        logger.info("Newton's method left the finite numbers; continuing in viscosity")
    return _continue_in_viscosity(problem, options, log), log


def _start_from_stokes(problem: FlowProblem, log: NewtonLog) -> None:
    problem.set_flow_regime(convection=0.0)
    _step(problem, log, START_TOLERANCE * problem.evaluate())
    problem.set_flow_regime()


def _ramp(problem: FlowProblem, log: NewtonLog) -> None:
    for factor in RAMP:
        problem.set_flow_regime(viscosity_factor=factor, sharpness=0.0)
        _step(problem, log, RAMP_TOLERANCE * problem.evaluate())
    problem.set_flow_regime()


def _continue_in_viscosity(problem: FlowProblem, options: SteadyOptions, log: NewtonLog) -> bool:
    """Solve with less and less added viscosity, from Stokes flow; smaller steps where one fails."""
    problem.set_field(problem.rest())
    _start_from_stokes(problem, log)
    reached, field = np.inf, problem.field
    wanted, ratio = FIRST_VISCOSITY, LARGEST_RATIO
    while True:
        logger.info("Viscosity times %.3g", wanted)
        problem.set_flow_regime(viscosity_factor=wanted)
        tolerance = STAGE_TOLERANCE if wanted > 1.0 else options.tolerance
        if _stage(problem, options, log, tolerance, wanted):
            if wanted == 1.0:
                return True
            reached, field = wanted, problem.field
            ratio = min(ratio**1.5, LARGEST_RATIO)
        else:
            ratio = float(np.sqrt(ratio))
            if ratio < LEAST_RATIO or not np.isfinite(reached):
                return False
            problem.set_field(field)
        wanted = max(reached / ratio, 1.0)


def _stage(
    problem: FlowProblem,
    options: SteadyOptions,
    log: NewtonLog,
    tolerance: float,
    viscosity_factor: float,
) -> bool:
    try:
        return _iterate(problem, options, log, tolerance, viscosity_factor)
    except NonFiniteError:
        if viscosity_factor >= FIRST_VISCOSITY:
            raise
        return False


def _iterate(
    problem: FlowProblem,
    options: SteadyOptions,
    log: NewtonLog,
    tolerance: float,
    viscosity_factor: float = 1.0,
    *,
    is_far: bool = True,
) -> bool:
    """Damped steps until ``tolerance`` and the mass tolerance are reached.

    Picard steps, which hold the carrying velocity, come first if the solution ``is_far`` and
    whenever Newton's do not gain: they converge from far away, Newton's steps fast from near by.
    """
    norm = problem.evaluate()
    before = None
    log.history.append(norm / log.reference)
    picard = PICARD_STEPS if is_far else 0
    for _ in range(int(options.max_iterations)):
        if _is_done(problem, options, log, tolerance):
            return True
        sharpness = 0.0 if picard > 0 else 1.0
        problem.set_flow_regime(viscosity_factor=viscosity_factor, sharpness=sharpness)
        forcing = _forcing(norm, before, tolerance * log.reference)
        start, before = problem.field, norm
        norm, length = _damped_step(problem, log, norm, forcing)
        log.history.append(norm / log.reference)
        logger.debug(
            "residual %.2e, step length %.3f, sharpness %.0f", log.residual, length, sharpness
        )
        picard -= 1
        if sharpness == 1.0 and length < LEAST_NEWTON_STEP:
            problem.set_field(start)
            norm = problem.evaluate()
            log.history[-1] = norm / log.reference
            picard = PICARD_STEPS
        elif length < SHORTEST_STEP:
            return False
    return _is_done(problem, options, log, tolerance)


def _is_done(
    problem: FlowProblem, options: SteadyOptions, log: NewtonLog, tolerance: float
) -> bool:
    limit = options.mass_tolerance if tolerance == options.tolerance else 1.0
    return log.residual <= tolerance and problem.imbalance() <= limit


def _forcing(norm: float, before: float | None, target: float) -> float:
    """Relative tolerance of the next linear solve (Eisenstat and Walker 1996, choice 2)."""
    expected = LOOSEST if before is None else 0.9 * (norm / before) ** 2
    return float(np.clip(max(expected, 0.1 * target / norm), TIGHTEST, LOOSEST))


def _step(problem: FlowProblem, log: NewtonLog, limit: float) -> FloatArray:
    """Subtract one Newton step; returns it (n,)."""
    problem.linearise()
    step, krylov_steps = problem.newton_step(limit)
    log.linear_solves += 1
    log.krylov_steps += krylov_steps
    problem.set_field(problem.field - step)
    return step


def _damped_step(
    problem: FlowProblem, log: NewtonLog, norm: float, forcing: float
) -> tuple[float, float]:
    """Newton step, halved while the residual grows too far; returns its norm and step length."""
    step = _step(problem, log, forcing * norm)
    length = 1.0
    reached = problem.evaluate()
    while reached > GROWTH * norm and length >= SHORTEST_STEP:
        length /= 2.0
        problem.set_field(problem.field + length * step)
        reached = problem.evaluate()
    return reached, length
