"""Cycles of a network until they are alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from corohemo.errors import NotConvergedError
from corohemo.kernels.march import TreeScheme
from corohemo.kernels.march_loop import LoopSeries
from corohemo.solvers.tree_network import TreeSeries

STEP_TOLERANCE = 1e-10
"""Relative change of the flows that ends Newton's method of a step."""
March = Callable[[TreeScheme, float, int, float], tuple[TreeSeries, LoopSeries | None]]
"""Takes steps of a scheme from a time, so many, each to a tolerance."""


def until_periodic(
    march: March, scheme: TreeScheme, n_steps: int, *, tolerance: float, max_cycles: int
) -> tuple[TreeSeries, LoopSeries | None, int, float]:
    """The first cycle that is like the one before.

    Args:
        march: Takes the steps.
        scheme: Their scheme.
        n_steps: Steps of a cycle.
        tolerance: Change from one cycle to the next that counts as none, of flows over the largest
            flow and of pressures over the largest pressure.
        max_cycles: Cycles before giving up.

    Returns:
        Series of the tree and, in a closed loop, of the heart; cycles taken; last change.

    Raises:
        NotConvergedError: If the cycles do not become alike.
    """
    before, change = None, np.inf
    for cycle in range(1, max_cycles + 1):
        series, beat = march(scheme, 0.0, n_steps, STEP_TOLERANCE)
        if before is not None:
            change = _change(before, series)
            if change <= tolerance:
                return series, beat, cycle, change
        before = series
    raise NotConvergedError(
        f"After {max_cycles} cycles flows and pressures still change by {change:.1e} from one to "
        f"the next; raise max_cycles, or check the compliances."
    )


def _change(before: TreeSeries, after: TreeSeries) -> float:
    """Largest change of flows and of pressures, each over its largest value."""
    changes = [0.0]
    for name in ("flows", "pressures"):
        new = getattr(after, name)
        largest = np.abs(new).max()
        if largest > 0.0:
            changes.append(float(np.abs(new - getattr(before, name)).max() / largest))
    return max(changes)
