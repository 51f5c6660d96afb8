"""How far each section of a tube is from the other tubes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from corohemo.kernels.implicit import FAR, minimum_on_points
from corohemo.kernels.polar import polar_radii
from corohemo.meshing.tubes import Tube

FloatArray = NDArray[np.float64]

TOUCHING = 0.02
"""Vessels nearer than this [radii of the smaller] count as touching."""
NARROWEST = 0.05
"""Vessels of one junction nearer than this [radii of the smaller] are not swept side by side."""
FADING = 1.5
"""Length over which the fillet fades beyond where vessels part [radii]."""

_SAMPLE_RHO = np.repeat([0.0, 0.35, 0.7, 1.0], [1, 8, 12, 24])
_SAMPLE_THETA = np.concatenate([[0.0]] + [2 * np.pi * np.arange(n) / n for n in (8, 12, 24)])


class Clearance:
    """Distance of each section's disk from each other tube, computed where tubes come near."""

    def __init__(self, tubes: tuple[Tube, ...], fillet: float) -> None:
        self.tubes = tubes
        self.fillet = fillet
        self._trees = [cKDTree(tube.centers) for tube in tubes]
        self._cache: dict[tuple[int, int], FloatArray] = {}

    @property
    def margin(self) -> float:
        """Clearance beyond which a section feels no other tube [radii of the smaller]."""
        return 1.15 * self.fillet + 0.25

    def of(self, a: int, b: int) -> FloatArray:
        """Clearance of tube ``a``'s sections from tube ``b`` [radii of the smaller] (n,)."""
        if (a, b) not in self._cache:
            self._cache[a, b] = self._compute(a, b)
        return self._cache[a, b]

    def parted(self, a: int, b: int) -> FloatArray:
        """Distance along tube ``a`` from the sections that tube ``b`` enters [radii] (n,)."""
        tube = self.tubes[a]
        entered = tube.abscissas[self.of(a, b) <= 0.0]
        if len(entered) == 0:
            return np.full(len(tube.radii), FAR)
        away = np.abs(tube.abscissas[:, None] - entered).min(axis=1)
        return np.asarray(away / tube.radii, dtype=np.float64)

    def is_free(self, a: int, b: int) -> NDArray[np.bool_]:
        """Whether tube ``a`` can be swept at each section, for all that tube ``b`` does (n,)."""
        gaps = self.of(a, b)
        return np.asarray(
            (gaps >= self.margin) | ((gaps >= NARROWEST) & (self.parted(a, b) >= FADING))
        )

    def is_touching(self, a: int, b: int, section: int) -> bool:
        """Whether a section touches another tube itself, which ends at its caps."""
        other = self.tubes[b]
        samples = section_samples(self.tubes[a], section)
        gap = minimum_on_points(samples, other.walls, other.first, other.last, other.has_ball)
        return gap < TOUCHING * min(self.tubes[a].radii[section], float(other.radii.min()))

    def _compute(self, a: int, b: int) -> FloatArray:
        one, other = self.tubes[a], self.tubes[b]
        result = np.full(len(one.radii), FAR)
        widest = float(other.extents.max())
        reach = (one.extents + widest) * (1.3 + self.fillet)
        for i, near in enumerate(self._trees[b].query_ball_point(one.centers, reach)):
            near = [j for j in near if j <= other.last]
            if not near or not one.first <= i <= one.last:
                continue
            first, last = max(min(near) - 3, 0), min(max(near) + 3, len(other.radii) - 1)
            gap = minimum_on_points(
                section_samples(one, i),
                other.walls,
                first,
                last,
                other.has_ball and first == 0,
            )
            smaller = min(one.radii[i], float(other.radii[near].min()))
            result[i] = gap / smaller
        return result


def section_samples(tube: Tube, index: int) -> FloatArray:
    """Points over the disk of a section (m, 3)."""
    where = np.full(len(_SAMPLE_RHO), float(index))
    rho = _SAMPLE_RHO * polar_radii(tube.shapes, where, _SAMPLE_THETA)
    x = (rho * np.cos(_SAMPLE_THETA))[:, None] * tube.normals[index]
    y = (rho * np.sin(_SAMPLE_THETA))[:, None] * tube.binormals[index]
    return tube.centers[index] + tube.radii[index] * (x + y)
