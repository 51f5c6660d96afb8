"""Cycle statistics of the wall shear as running sums, on plain arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.cycle import (
    ROWS,
    TOGETHER,
    add_shear,
    add_variation,
    fill_means,
    start_cycle,
)
from corohemo.kernels.octets import SIZE
from corohemo.solvers.transient_solution import LEAST_SHEAR_PA, WallStatistics

FloatArray = NDArray[np.float64]


class ShearSums:
    """Sums over the samples of a cycle, at q points of each of k facets.

    Up to three samples wait for the next, because four take little longer to add than one.

    Args:
        normals: Outward unit normals at the points (k, q, 3).
    """

    def __init__(self, normals: FloatArray) -> None:
        facets, points = normals.shape[:2]
        blocks = -(-facets * points // SIZE)
        self._shape, self._n = (facets, ROWS * points), facets * points
        self._normals = np.zeros((SIZE * blocks, 3))
        self._normals[: self._n] = normals.reshape(-1, 3)
        self.samples = self.preceding = 0
        self._waiting: list[FloatArray] = []
        self._sums = np.zeros((blocks, ROWS, SIZE))
        self._divergence, self._spread = np.zeros((2, facets))

    def begin(self) -> None:
        """Begin a cycle; the mean of the one before tells the sides of its samples."""
        self._take_in()
        self.preceding = self.samples
        start_cycle(self._sums, self.samples, self._normals, LEAST_SHEAR_PA)
        self.samples = 0
        self._divergence[:] = self._spread[:] = 0.0

    def add(self, shear: FloatArray, divergence: FloatArray) -> None:
        """Take in one sample.

        Args:
            shear: Wall shear stress at the points (k, q, 3) [Pa]; not to be changed afterwards.
            divergence: Surface divergence of its direction, mean over each facet (k,) [1/m].
        """
        self.samples += 1
        self._waiting.append(np.ascontiguousarray(shear).reshape(-1, 3))
        if len(self._waiting) == TOGETHER:
            self._take_in()
        add_variation(divergence, self.samples, self._divergence, self._spread)

    def _take_in(self) -> None:
        """Add the samples that wait."""
        if self._waiting:
            nothing = np.zeros_like(self._waiting[0])
            samples = self._waiting + (TOGETHER - len(self._waiting)) * [nothing]
            add_shear(tuple(samples), LEAST_SHEAR_PA, self._sums)
            self._waiting.clear()

    def rows(self) -> FloatArray:
        """All sums, one row per facet (k, 17 q + 2)."""
        self._take_in()
        at_points = self._sums.swapaxes(1, 2).reshape(-1, ROWS)[: self._n]
        return np.column_stack([at_points.reshape(self._shape), self._divergence, self._spread])

    def take(self, rows: FloatArray, samples: int, preceding: int) -> None:
        """Go on where ``rows`` (k, 17 q + 2) were written.

        Args:
            rows: The sums.
            samples: Samples in them.
            preceding: Samples of the cycle before, 0 if there was none.
        """
        self.samples, self.preceding = samples, preceding
        self._waiting.clear()
        self._divergence, self._spread = rows[:, -2].copy(), rows[:, -1].copy()
        padded = np.zeros((len(self._normals), ROWS))
        padded[: self._n] = rows[:, :-2].reshape(-1, ROWS)
        self._sums[:] = padded.reshape(-1, SIZE, ROWS).swapaxes(1, 2)

    def statistics(self, points: FloatArray, weights: FloatArray) -> WallStatistics:
        """What the samples since ``begin`` say.

        Args:
            points: Positions (k, q, 3) [m].
            weights: Wall area that each point stands for (k, q) [m2].
        """
        self._take_in()
        mean, found = np.empty_like(self._normals), np.empty((6, len(self._normals)))
        fill_means(self._sums, self._normals, self.samples, LEAST_SHEAR_PA, mean, found)
        tawss, peak, trans_wss, cfi, *turn = found[:, : self._n]
        return WallStatistics(
            points=points.reshape(-1, 3),
            weights=weights.reshape(-1),
            mean_traction=mean[: self._n],
            tawss=tawss,
            peak=peak,
            tsvi=np.sqrt(self._spread / max(self.samples, 1)),
            trans_wss=trans_wss if self.preceding else None,
            cfi=cfi if self.preceding else None,
            turn=np.arctan2(*turn) if self.preceding else None,
        )
