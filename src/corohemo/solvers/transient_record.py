"""What is kept of the steps that have been taken: series of the faces, sums of the cycle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class CycleRecord:
    """Series of flow and pressure at the open faces, and what is kept of the current cycle alone.

    ``mean`` is the weighted sum of its fields so far, their mean once it is complete (n,).
    ``sections`` holds the pressures of the sections after its steps (m, k); rows of steps to come
    are those of the cycle before.

    Args:
        weights: Shares of the steps in the cycle's mean (n,), their sum 1.
        n_faces: Number of open faces.
        n_unknowns: Owned unknowns of this rank.
        n_sections: Number of sections.
    """

    def __init__(
        self, weights: FloatArray, n_faces: int, n_unknowns: int, n_sections: int = 0
    ) -> None:
        self.weights = weights
        self.flows = np.empty((0, n_faces))
        self.pressures = np.empty((0, n_faces))
        self.mean = np.zeros(n_unknowns)
        self.sections = np.zeros((len(weights), n_sections))

    @property
    def steps_per_cycle(self) -> int:
        """Steps in a cycle."""
        return len(self.weights)

    @property
    def steps(self) -> int:
        """Steps taken."""
        return len(self.flows)

    @property
    def cycles(self) -> int:
        """Cycles completed."""
        return self.steps // self.steps_per_cycle

    @property
    def is_cycle_complete(self) -> bool:
        """Whether the newest step ended a cycle."""
        return self.steps > 0 and self.steps % self.steps_per_cycle == 0

    def add(
        self,
        flows: FloatArray,
        pressures: FloatArray,
        nodal: FloatArray,
        sections: FloatArray | None = None,
    ) -> None:
        """Take in a step: flows (f,), pressures (f,), owned unknowns (n,), sections (k,)."""
        if self.is_cycle_complete:
            self.mean[:] = 0.0
        self.flows = np.vstack([self.flows, flows])
        self.pressures = np.vstack([self.pressures, pressures])
        place = (self.steps - 1) % self.steps_per_cycle
        self.mean += self.weights[place] * nodal
        if sections is not None:
            self.sections[place] = sections

    def change(self, back: int = 0) -> float | None:
        """Largest change of a series from one cycle to the next.

        Pressures count over the largest pressure of the later cycle and flows over its largest
        flow.

        Args:
            back: 0 for the newest pair of cycles, 1 for the pair before.

        Returns:
            The change, None if there are not enough cycles.
        """
        n, end = self.steps_per_cycle, self.cycles - back
        if end < 2:
            return None
        changes = []
        for series in (self.flows, self.pressures):
            later, earlier = series[(end - 1) * n : end * n], series[(end - 2) * n : (end - 1) * n]
            largest = float(np.abs(later).max())
            changes.append(float(np.abs(later - earlier).max()) / largest if largest else 0.0)
        return max(changes)

    def distance(self) -> float | None:
        """Estimated distance from a periodic state, in the measure of ``change``.

        Changes fall by a steady factor r a cycle, so that r / (1 - r) of the last one is to come;
        without a third cycle the last change itself is returned.
        """
        newest, before = self.change(), self.change(1)
        if newest is None or before is None or newest == 0.0:
            return newest
        ratio = newest / before if before > 0.0 else np.inf
        return float(newest * max(ratio / (1.0 - ratio), 0.1)) if ratio < 1.0 else float("inf")
