"""Cycle statistics of the wall shear as running sums, on plain arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.cycle import add_shear, add_variation, set_sides, transverse_means
from corohemo.solvers.transient_solution import LEAST_SHEAR_PA, WallStatistics

FloatArray = NDArray[np.float64]


class ShearSums:
    """Sums over the samples of a cycle, at q points of each of k facets.

    Args:
        normals: Outward unit normals at the points (k, q, 3).
    """

    WIDTHS = (3, 1, 1, 3, 3, 3, 3)
    """Numbers at a point: vector, magnitude, peak, side, unit, its side, across."""

    def __init__(self, normals: FloatArray) -> None:
        self._shape = normals.shape[:2]
        self._normals = np.ascontiguousarray(normals).reshape(-1, 3)
        self.samples = self.preceding = 0
        n, k = len(self._normals), self._shape[0]
        self._across = np.zeros((n, 3))
        self._vector, self._side = np.zeros((n, 3)), np.zeros((n, 3))
        self._unit, self._unit_side = np.zeros((n, 3)), np.zeros((n, 3))
        self._magnitude, self._peak = np.zeros(n), np.zeros(n)
        self._divergence, self._spread = np.zeros(k), np.zeros(k)

    def begin(self) -> None:
        """Begin a cycle; the mean of the one before tells the sides of its samples."""
        self.preceding = self.samples
        set_sides(self._vector, self.samples, self._normals, LEAST_SHEAR_PA, self._across)
        self.samples = 0
        for total in (
            *(self._vector, self._side, self._unit, self._unit_side),
            *(self._magnitude, self._peak, self._divergence, self._spread),
        ):
            total[:] = 0.0

    def add(self, shear: FloatArray, divergence: FloatArray) -> None:
        """Take in one sample.

        Args:
            shear: Wall shear stress at the points (k, q, 3) [Pa].
            divergence: Surface divergence of its direction, mean over each facet (k,) [1/m].
        """
        self.samples += 1
        add_shear(
            np.ascontiguousarray(shear).reshape(-1, 3),
            self._across,
            LEAST_SHEAR_PA,
            self._vector,
            self._magnitude,
            self._peak,
            self._side,
            self._unit,
            self._unit_side,
        )
        add_variation(divergence, self.samples, self._divergence, self._spread)

    def rows(self) -> FloatArray:
        """All sums, one row per facet (k, 17 q + 2)."""
        parts = (
            *(self._vector, self._magnitude, self._peak, self._side),
            *(self._unit, self._unit_side, self._across),
        )
        at_points = np.column_stack(parts).reshape(self._shape[0], -1)
        return np.column_stack([at_points, self._divergence, self._spread])

    def take(self, rows: FloatArray, samples: int, preceding: int) -> None:
        """Go on where ``rows`` (k, 17 q + 2) were written.

        Args:
            rows: The sums.
            samples: Samples in them.
            preceding: Samples of the cycle before, 0 if there was none.
        """
        self.samples, self.preceding = samples, preceding
        self._divergence, self._spread = rows[:, -2].copy(), rows[:, -1].copy()
        at_points = rows[:, :-2].reshape(len(self._normals), -1)
        columns = np.split(at_points, np.cumsum(self.WIDTHS)[:-1], axis=1)
        vector, magnitude, peak, side, unit, unit_side, across = (c.copy() for c in columns)
        self._vector, self._magnitude, self._peak = vector, magnitude[:, 0], peak[:, 0]
        self._side, self._unit, self._unit_side, self._across = side, unit, unit_side, across

    def statistics(self, points: FloatArray, weights: FloatArray) -> WallStatistics:
        """What the samples since ``begin`` say.

        Args:
            points: Positions (k, q, 3) [m].
            weights: Wall area that each point stands for (k, q) [m2].
        """
        n = max(self.samples, 1)
        sums = (self._vector, self._side, self._unit, self._unit_side, self._across)
        trans_wss = cfi = turn = None
        if self.preceding:
            trans_wss, cfi, turn = transverse_means(*sums, self._normals, n, LEAST_SHEAR_PA)
        return WallStatistics(
            points=points.reshape(-1, 3),
            weights=weights.reshape(-1),
            mean_traction=self._vector / n,
            tawss=self._magnitude / n,
            peak=self._peak.copy(),
            tsvi=np.sqrt(self._spread / n),
            trans_wss=trans_wss,
            cfi=cfi,
            turn=turn,
        )
