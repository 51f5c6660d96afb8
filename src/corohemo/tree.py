"""The vessel tree as it was read: branches of centerline points with radii, in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Branch:
    """One unbranched run of centerline, proximal to distal.

    Attributes:
        name: Label, unique in the tree.
        points: Centerline points (n, 3) [m]. The first point of a daughter is the bifurcation point
            on its parent.
        radii: Lumen radius at each point (n,) [m]: of the circle of equal area, or of the maximum
            inscribed sphere, as the file says.
        parent: Index of the parent branch, -1 at the ostium.
        start_abscissa: Path length from the ostium to the first point [m].
    """

    name: str
    points: FloatArray
    radii: FloatArray
    parent: int
    start_abscissa: float

    @cached_property
    def abscissas(self) -> FloatArray:
        """Path length from the ostium at each point (n,) [m]."""
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return self.start_abscissa + np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length(self) -> float:
        """Length of the branch [m]."""
        return float(self.abscissas[-1] - self.abscissas[0])


@dataclass(frozen=True)
class VesselTree:
    """A tree of branches; ``branches[0]`` starts at the ostium, parents precede daughters.

    Attributes:
        branches: The branches.
        source: Where the tree came from (a file name, or "arrays"), for messages and provenance.
    """

    branches: tuple[Branch, ...]
    source: str = "arrays"

    @classmethod
    def from_arrays(
        cls,
        points: ArrayLike,
        radii: ArrayLike,
        parents: ArrayLike,
        *,
        length_unit: str,
        names: Sequence[str] | None = None,
        source: str = "arrays",
    ) -> VesselTree:
        """(helper B writes this: split at nodes with two or more children, checks, names)"""
        raise NotImplementedError

    def children(self, index: int) -> tuple[int, ...]:
        """Indices of the daughters of branch ``index``."""
        return tuple(i for i, branch in enumerate(self.branches) if branch.parent == index)

    @cached_property
    def outlets(self) -> tuple[int, ...]:
        """Indices of the branches without daughters."""
        parents = {branch.parent for branch in self.branches}
        return tuple(i for i in range(len(self.branches)) if i not in parents)
