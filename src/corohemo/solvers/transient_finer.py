"""Shorter time steps for a run in which one did not converge.

Newton's method solves a step that is short enough. How short depends on the flow that it meets, so
that a run is not given up with the first step that it does not solve, but begun again with two for
each of its steps, in all cycles alike.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from corohemo.errors import NotConvergedError
from corohemo.solvers.options import TransientOptions
from corohemo.solvers.transient_checkpoint import halvings_in

MOST_HALVINGS = 2
HALVED_ERROR = 8.0
"""What half a step divides the error of a step of second order by."""

logger = logging.getLogger(__name__)


def with_short_steps[Result](
    run: Callable[[TransientOptions, int], Result], options: TransientOptions
) -> Result:
    """Call ``run`` with the steps asked for, and with shorter ones while a step does not converge.

    A run that resumes begins with the steps that its checkpoint was written with; that of a run
    given up is removed.

    Args:
        run: Called with the options and how often their steps have been halved.
        options: The options as given.

    Raises:
        NotConvergedError: If a step of the shortest does not converge either.
    """
    for halvings in _halvings(options):
        try:
            return run(halved(options, halvings), halvings)
        except NotConvergedError as error:
            logger.warning("%s Beginning again with time steps half as long.", error)
            if options.checkpoint is not None:
                Path(options.checkpoint).unlink(missing_ok=True)
    return run(halved(options, MOST_HALVINGS), MOST_HALVINGS)


def halved(options: TransientOptions, times: int) -> TransientOptions:
    """The same with time steps halved so many times."""
    tolerance = options.step_tolerance
    return replace(
        options,
        steps_per_cycle=options.steps_per_cycle * 2**times,
        step_tolerance=None if tolerance is None else tolerance / HALVED_ERROR**times,
    )


def _halvings(options: TransientOptions) -> Iterator[int]:
    """How often to halve the steps in one attempt after another, without the last."""
    first = 0 if options.checkpoint is None else halvings_in(Path(options.checkpoint))
    yield from range(min(first, MOST_HALVINGS), MOST_HALVINGS)
