"""The lumen: smooth sections along every branch, reference radius, lesions (interface, helper B completes)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LumenBranch:
    """Sections along one branch; section planes are normal to ``tangents``.

    Attributes:
        name: Label of the branch; an outlet's face is ``outlet:<name>``.
        parent: Index of the parent branch, -1 at the ostium.
        abscissas: Path length from the ostium (n,) [m].
        points: Section centers (n, 3) [m]; the first one of a daughter lies on its parent's centerline.
        radii: Section radius, circle of equal area (n,) [m]; a daughter starts with its own radius, not its parent's.
        reference_radii: Healthy radius (n,) [m].
        tangents, normals, binormals: Rotation-minimising frame (n, 3) [-], right-handed.
    """

    name: str
    parent: int
    abscissas: FloatArray
    points: FloatArray
    radii: FloatArray
    reference_radii: FloatArray
    tangents: FloatArray
    normals: FloatArray
    binormals: FloatArray

    @property
    def length(self) -> float:
        return float(self.abscissas[-1] - self.abscissas[0])


@dataclass(frozen=True)
class Lesion:
    """A narrowing against the reference radius; abscissas from the ostium [m], proximal first."""

    name: str
    branch: str
    start: float
    throat: float
    end: float
    percent_diameter_stenosis: float
    percent_area_stenosis: float
    minimum_lumen_area: float
    reference_diameter: float
    radius_gradient_upstream: float
    radius_gradient_downstream: float


@dataclass(frozen=True)
class Lumen:
    branches: tuple[LumenBranch, ...]
    lesions: tuple[Lesion, ...]
    source: str = "arrays"

    def children(self, index: int) -> tuple[int, ...]:
        return tuple(i for i, branch in enumerate(self.branches) if branch.parent == index)

    @cached_property
    def outlets(self) -> tuple[int, ...]:
        """Indices of the terminal branches, in order."""
        parents = {branch.parent for branch in self.branches}
        return tuple(i for i in range(len(self.branches)) if i not in parents)

    @cached_property
    def outlet_names(self) -> tuple[str, ...]:
        return tuple(self.branches[i].name for i in self.outlets)

    def path(self, index: int) -> tuple[int, ...]:
        """Branch indices from the ostium to branch ``index``, inclusive."""
        path = [index]
        while self.branches[path[-1]].parent >= 0:
            path.append(self.branches[path[-1]].parent)
        return tuple(reversed(path))
