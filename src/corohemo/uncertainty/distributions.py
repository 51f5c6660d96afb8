"""Distributions of uncertain inputs, as inverse distribution functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from corohemo.checks import require_numbers
from corohemo.errors import ConfigError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Fixed:
    """No uncertainty.

    Attributes:
        value: The value.
    """

    value: float

    def __post_init__(self) -> None:
        require_numbers(self, finite=("value",))

    def quantile(self, level: FloatArray) -> FloatArray:
        """Value below which the part ``level`` of the samples lies."""
        return np.full_like(level, self.value)


@dataclass(frozen=True)
class Normal:
    """Normal distribution.

    Attributes:
        mean: Mean.
        sd: Standard deviation.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        require_numbers(self, finite=("mean",), nonnegative=("sd",))

    def quantile(self, level: FloatArray) -> FloatArray:
        """Value below which the part ``level`` of the samples lies."""
        return np.asarray(self.mean + self.sd * ndtri(level), dtype=np.float64)


@dataclass(frozen=True)
class LogNormal:
    """Positive quantity whose logarithm is normal.

    Attributes:
        mean: Mean of the quantity itself.
        sd: Standard deviation of the quantity itself.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        require_numbers(self, positive=("mean",), nonnegative=("sd",))

    def quantile(self, level: FloatArray) -> FloatArray:
        """Value below which the part ``level`` of the samples lies."""
        spread = np.log1p((self.sd / self.mean) ** 2)
        return np.asarray(
            self.mean * np.exp(np.sqrt(spread) * ndtri(level) - 0.5 * spread), dtype=np.float64
        )


@dataclass(frozen=True)
class Uniform:
    """Uniform distribution.

    Attributes:
        low: Lower end.
        high: Upper end.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        require_numbers(self, finite=("low", "high"))
        if self.high < self.low:
            raise ConfigError(
                f"Uniform.high must not be below low, got {self.low!r} and {self.high!r}.",
                field="high",
            )

    def quantile(self, level: FloatArray) -> FloatArray:
        """Value below which the part ``level`` of the samples lies."""
        return np.asarray(self.low + (self.high - self.low) * level, dtype=np.float64)


Distribution = Fixed | Normal | LogNormal | Uniform
