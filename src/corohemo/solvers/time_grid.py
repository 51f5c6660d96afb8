"""The time steps of a cycle, equal or not, and the formulas of second order on them.

Backward differences over two steps h (the newest) and h' with r = h / h':

    du/dt = (a0 u_n + a1 u_(n-1) + a2 u_(n-2)) / h,
    a0 = (1 + 2 r) / (1 + r),  a1 = -(1 + r),  a2 = r^2 / (1 + r),

stable for r < 1 + sqrt(2) (Grigorieff 1983, Numer Math 42:359; from memory); the grids of
``time_grading`` stay far below. Every cycle has the same steps, so that cycles can be compared,
waveforms are tabulated once, and a resumed run takes the steps of one that was not interrupted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

Weights = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class TimeGrid:
    """Steps of one cycle, repeated in all.

    Attributes:
        steps: Lengths of the steps (n,) [s], or in another unit of time.
        is_equal: Whether all have one length.
    """

    steps: FloatArray
    is_equal: bool = False

    @classmethod
    def equal(cls, period: float, n_steps: int) -> TimeGrid:
        """Steps of one length."""
        return cls(np.full(n_steps, period / n_steps), is_equal=True)

    @property
    def n_steps(self) -> int:
        """Steps in a cycle."""
        return len(self.steps)

    @property
    def ends(self) -> FloatArray:
        """Ends of the steps, from the begin of the cycle (n,)."""
        if self.is_equal:
            return self.steps[0] * np.arange(1, self.n_steps + 1, dtype=np.float64)
        return np.cumsum(self.steps)

    @property
    def weights(self) -> FloatArray:
        """Shares of the values at the ends in the mean of a periodic cycle (n,), trapezoidal."""
        around = 0.5 * (self.steps + np.roll(self.steps, -1))
        return np.asarray(around / self.steps.sum())

    def scaled(self, unit: float) -> TimeGrid:
        """The same in another unit of time."""
        return TimeGrid(self.steps / unit, self.is_equal)

    def step(self, index: int) -> float:
        """Length of a step, counted from the first cycle on."""
        return float(self.steps[index % self.n_steps])

    def differences(self, index: int, n_past: int) -> Weights:
        """Weights over ``step`` of the newest value and those before in its rate.

        Args:
            index: The step.
            n_past: Values known before it: with one, implicit Euler.
        """
        if n_past < 2:
            return (1.0, -1.0)
        if self.is_equal:
            return (1.5, -2.0, 0.5)
        r = self.step(index) / self.step(index - 1)
        return ((1.0 + 2.0 * r) / (1.0 + r), -(1.0 + r), r * r / (1.0 + r))

    def extrapolation(self, index: int, n_past: int) -> Weights:
        """Weights of the last values, the newest first, in the polynomial at the end of a step.

        Args:
            index: The step.
            n_past: Values that it goes through, 1 to 3.
        """
        if self.is_equal:
            return ((1.0,), (2.0, -1.0), (3.0, -3.0, 1.0))[n_past - 1]
        ages = np.cumsum([self.step(index - back) for back in range(n_past)])
        return tuple(
            float(np.prod([age / (age - own) for k, age in enumerate(ages) if k != place]))
            for place, own in enumerate(ages)
        )

    def samples(self, most: int) -> tuple[tuple[float, ...], ...]:
        """At which parts of each step to sample, so that samples lie equally in time (n, ...).

        Equal steps are sampled at their ends, every so many; others between their ends too.

        Args:
            most: Samples of a cycle, about; fewer where there are fewer steps.
        """
        if self.is_equal:
            stride = max(self.n_steps // most, 1)
            return tuple((1.0,) if k % stride == 0 else () for k in range(1, self.n_steps + 1))
        count, ends = min(self.n_steps, most), self.ends
        times = ends[-1] / count * np.arange(1, count + 1)
        places = np.minimum(np.searchsorted(ends, times), self.n_steps - 1)
        parts = 1.0 - np.maximum(ends[places] - times, 0.0) / self.steps[places]
        return tuple(tuple(parts[places == k].tolist()) for k in range(self.n_steps))
