"""March in pseudo-time to where Newton's method contracts.

Where vortices have to grow first, implicit steps in time lead to the steady flow (Kelley and Keyes,
SIAM J Numer Anal 1998;35:508). The time step is local, a multiple of what blood or friction takes
through each cell, which varies a thousandfold from a throat to a wide vessel. A step goes only as
far as it lowers the residual *with* inertia (Ceze and Fidkowski, Int J Numer Meth Eng
2015;102:1683), which its direction promises; the residual of the steady flow may well rise on the
way. One that hardly lowers it is corrected before the next: half a step left alone is no implicit
one, and loses what damps those. How much it lowered it tells how far the next may reach. Once time
no longer holds back, Newton's method takes over again.

A flow that does not settle there either most likely has no stable steady state.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from corohemo.solvers.newton import Iteration

FIRST_STEP, LEAST_STEP, FREE_STEP = 30.0, 0.01, 100.0
"""Steps of pseudo-time in cells: the first, the shortest, and one that no longer holds back."""
FORCING = 0.1
"""Residual that the linear solver leaves of a step."""
DECREASE = 1e-3
"""What a share of a correction lowers the residual by for its length, if it is taken."""
ENOUGH, CORRECTIONS = 0.85, 3
"""A step is done when it leaves no more than this of the residual, or after so many corrections."""
AIM, LONGER = 0.6, 4.0
"""A step whose first correction leaves this is followed by one as long, one that leaves less by a
longer one, up to so many times."""
UNFINISHED, REFUSED = 0.5, 0.25
"""Factors of the step after one that was not done, and after one that led nowhere."""
MARCH = 8
"""Steps of pseudo-time, over the Newton steps that are allowed."""
PATIENCE, PROGRESS = 40, 0.7
"""A march has stalled if so many steps leave more than this share of the least residual before."""
SETTLED = 1e-6
"""A residual below this belongs to a steady state, even if it falls no further."""

logger = logging.getLogger(__name__)


def march(iteration: Iteration) -> bool:
    """Bring the field to convergence by steps of pseudo-time and Newton's method; collective.

    Returns:
        Whether both tolerances were reached; if not, the log says whether the flow is restless.
    """
    log = iteration.log
    logger.info("Newton's method does not contract at %.1e; marching", iteration.norm)
    iteration.enter()
    step, norms = FIRST_STEP, list[float]()
    log.is_restless = False
    for _ in range(MARCH * int(iteration.options.max_iterations)):
        if iteration.is_done():
            return True
        norms.append(iteration.norm)
        if step < LEAST_STEP or has_stalled(norms):
            break
        if step < FREE_STEP:
            step *= _step(iteration, step)
        elif iteration.newton():
            return True
        else:
            step = FIRST_STEP
    else:
        return iteration.is_done()
    log.is_restless = iteration.norm > SETTLED * log.reference
    return False


def _step(iteration: Iteration, step: float) -> float:
    """Take what can be taken of a step of pseudo-time.

    Returns:
        Factor by which the next one may be longer.
    """
    problem, before = iteration.problem, iteration.norm
    problem.set_flow_regime(slowness=1.0 / step)
    left, count = before, 0
    while left > ENOUGH * before and count < CORRECTIONS:
        direction = iteration.new_direction(FORCING * left)
        corrected = iteration.take(direction, left, DECREASE, follows=False)
        if corrected is None:
            break
        left, count = corrected, count + 1
    iteration.enter()
    logger.debug("%d of %.3g cells: %.1e after %.1e", count, step, iteration.norm, before)
    if count == 0:
        return REFUSED
    if left > ENOUGH * before:
        return UNFINISHED
    return float(np.clip(AIM * before / left, 1.0, LONGER)) if count == 1 else 1.0


def has_stalled(norms: Sequence[float]) -> bool:
    """Whether the least residual of late is hardly below that of before."""
    early, late = norms[:-PATIENCE], norms[-PATIENCE:]
    return bool(early) and min(late) > PROGRESS * min(early)
