"""A quantity that repeats with the heart beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corohemo.checks import require_choice, require_numbers
from corohemo.errors import ConfigError

if TYPE_CHECKING:
    from scipy.interpolate import PPoly

FloatArray = NDArray[np.float64]

INTERPOLATIONS = ("linear", "cubic", "fourier")
CLOSING = 0.01
"""Gap between first and last value, over the range of the values, up to which a waveform closes."""
QUADRATURE_POINTS = 12
"""Gauss points of each piece when Fourier coefficients are computed."""


@dataclass(frozen=True, eq=False)
class Waveform:
    """Periodic samples with an interpolation; the last sample is the first, one period later.

    Attributes:
        t_s: Increasing times, none negative (n,) [s].
        values: Values (n,) in the unit of the field that holds the waveform.
        interpolation: "linear", "cubic" (periodic spline) or "fourier" (trigonometric polynomial
            through samples at equal steps).

    Raises:
        ConfigError: If the samples are not a waveform, with what to do.
    """

    t_s: FloatArray
    values: FloatArray
    interpolation: str = "linear"

    def __post_init__(self) -> None:
        require_choice(self, "interpolation", INTERPOLATIONS)
        for name in ("t_s", "values"):
            object.__setattr__(self, name, _samples(name, getattr(self, name)))
        times, values = self.t_s, self.values
        if times.size != values.size or times.size < 2:
            raise ConfigError(
                f"A waveform needs as many times as values, at least two; got {times.size} times "
                f"and {values.size} values.",
                field="values",
            )
        if not (np.diff(times) > 0).all():
            at = int(np.argmin(np.diff(times)))
            raise ConfigError(
                f"The times of a waveform must increase; {times[at]:g} s is followed by "
                f"{times[at + 1]:g} s.",
                field="t_s",
            )
        if times[0] < 0.0:
            raise ConfigError(
                f"The times of a waveform must not be negative; the first is {times[0]:g} s. Add "
                "whole periods to all of them, or begin at 0.",
                field="t_s",
            )
        gap = abs(values[-1] - values[0])
        if gap > CLOSING * np.ptp(values):
            raise ConfigError(
                f"The waveform starts at {values[0]:g} and ends at {values[-1]:g}, so it does not "
                f"repeat: give the first value again, one period after the first time.",
                field="values",
            )
        if gap > 0.0:
            object.__setattr__(self, "values", np.append(values[:-1], values[0]))
        if self.interpolation == "fourier" and np.ptp(np.diff(times)) > 1e-6 * self.period_s:
            raise ConfigError(
                'A waveform with interpolation "fourier" needs times at equal steps.', field="t_s"
            )

    @classmethod
    def from_fourier(cls, period_s: float, coefficients: ArrayLike) -> Waveform:
        """Sum of harmonics, Re sum_k c_k exp(2 pi i k t / period).

        Args:
            period_s: Period [s].
            coefficients: Complex c_k, the mean first (n_modes + 1,).

        Raises:
            ConfigError: If the period is not positive or there is no coefficient.
        """
        harmonics = np.atleast_1d(np.asarray(coefficients, dtype=np.complex128))
        if not (np.isfinite(period_s) and period_s > 0) or harmonics.size == 0:
            raise ConfigError(
                f"Fourier modes need a positive period and the mean; got a period of {period_s!r} "
                f"s and {harmonics.size} coefficients.",
                field="period_s",
            )
        n_samples = 2 * harmonics.size + 1
        phase = np.linspace(0.0, 1.0, n_samples + 1)
        modes = np.exp(2j * np.pi * np.outer(phase, np.arange(harmonics.size)))
        return cls(period_s * phase, (modes @ harmonics).real, "fourier")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Waveform):
            return NotImplemented
        return self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[bytes, bytes, str]:
        return self.t_s.tobytes(), self.values.tobytes(), self.interpolation

    @property
    def period_s(self) -> float:
        """Time after which it repeats [s]."""
        return float(self.t_s[-1] - self.t_s[0])

    @cached_property
    def mean(self) -> float:
        """Mean of the interpolated waveform over a period."""
        if self.interpolation == "fourier":
            return float(self.values[:-1].mean())
        return float(self._pieces.integrate(self.t_s[0], self.t_s[-1])) / self.period_s

    def at(self, t_s: ArrayLike) -> FloatArray:
        """Values at any times, of the shape of ``t_s``."""
        times = np.asarray(t_s, dtype=np.float64)
        if self.interpolation == "fourier":
            return self._harmonics(times, order=0)
        return np.asarray(self._pieces(times))

    def derivative(self, t_s: ArrayLike) -> FloatArray:
        """Rates of change at any times [1/s]; of linear pieces, that to the right of a sample."""
        times = np.asarray(t_s, dtype=np.float64)
        if self.interpolation == "fourier":
            return self._harmonics(times, order=1)
        return np.asarray(self._pieces(times, nu=1))

    def scaled(self, factor: float) -> Waveform:
        """Values times ``factor``, for instance into another unit."""
        return Waveform(self.t_s, factor * self.values, self.interpolation)

    def shifted(self, offset_s: float) -> Waveform:
        """The same waveform, later by ``offset_s``; by whole periods more if that is before 0."""
        times = self.t_s + offset_s
        if times[0] < 0.0:
            times = times + self.period_s * np.ceil(-times[0] / self.period_s)
        return Waveform(np.maximum(times, 0.0), self.values, self.interpolation)

    def resampled(self, n_pieces: int) -> Waveform:
        """Linear pieces of equal length from time 0 that meet the waveform."""
        times = np.linspace(0.0, self.period_s, n_pieces + 1)
        return Waveform(times, self.at(times))

    def fourier(self, n_modes: int) -> NDArray[np.complex128]:
        """Coefficients of mean and first ``n_modes`` harmonics, as ``from_fourier`` takes them."""
        nodes, weights = np.polynomial.legendre.leggauss(QUADRATURE_POINTS)
        borders = np.union1d(self.t_s, np.linspace(self.t_s[0], self.t_s[-1], n_modes + 2))
        half = np.diff(borders)[:, None] / 2.0
        times = borders[:-1, None] + half * (nodes + 1.0)
        samples = (half * weights * self.at(times)).ravel()
        modes = np.exp(-2j * np.pi / self.period_s * np.outer(np.arange(n_modes + 1), times))
        factors = np.append(1.0, np.full(n_modes, 2.0)) / self.period_s
        return np.asarray(factors * (modes @ samples), dtype=np.complex128)

    def low_pass(self, n_modes: int) -> Waveform:
        """Mean and first ``n_modes`` harmonics."""
        return Waveform.from_fourier(self.period_s, self.fourier(n_modes))

    @cached_property
    def _pieces(self) -> PPoly:
        from scipy.interpolate import CubicSpline, PPoly

        if self.interpolation == "cubic" and self.t_s.size > 2:
            return CubicSpline(self.t_s, self.values, bc_type="periodic", extrapolate="periodic")
        slopes = np.diff(self.values) / np.diff(self.t_s)
        return PPoly(np.stack([slopes, self.values[:-1]]), self.t_s, extrapolate="periodic")

    def _harmonics(self, times: FloatArray, *, order: int) -> FloatArray:
        n_samples = self.values.size - 1
        coefficients = np.fft.rfft(self.values[:-1]) / n_samples
        end = coefficients.size if n_samples % 2 else coefficients.size - 1
        coefficients[1:end] *= 2.0
        speeds = 2j * np.pi / self.period_s * np.arange(coefficients.size)
        phases = np.exp(speeds * (times[..., None] - self.t_s[0]))
        return np.asarray((phases @ (coefficients * speeds**order)).real)


Samples = tuple[Sequence[float] | FloatArray, Sequence[float] | FloatArray] | FloatArray
Level = float | Waveform | Samples
"""What a person gives for a quantity: a number, a waveform, or its (t_s, values)."""


def adopt_level(owner: object, name: str) -> None:
    """Check the field ``name`` of a frozen ``owner``; make a pair (t_s, values) a waveform.

    Raises:
        ConfigError: If it is neither a finite number nor a waveform; it names the field.
    """
    value = getattr(owner, name)
    if isinstance(value, np.ndarray) and value.ndim:
        value = tuple(value)
    if isinstance(value, tuple | list) and len(value) == 2:
        try:
            value = Waveform(*value)
        except ConfigError as error:
            sentence = f"{type(owner).__name__}.{name}: {error}"
            raise ConfigError(sentence, field=name) from error
        object.__setattr__(owner, name, value)
    if not isinstance(value, Waveform):
        require_numbers(owner, finite=(name,))


def mean_level(level: Level) -> float:
    """Mean over a period; a number is its own."""
    return level.mean if isinstance(level, Waveform) else float(level)  # type: ignore[arg-type]


def scaled_level(level: Level, factor: float) -> Waveform | float:
    """The level times ``factor``."""
    return level.scaled(factor) if isinstance(level, Waveform) else factor * mean_level(level)


def level_at(level: Level, t_s: ArrayLike) -> FloatArray:
    """Values at times (n,); a number stays what it is."""
    if isinstance(level, Waveform):
        return level.at(t_s)
    return np.full(np.shape(t_s), mean_level(level))


def _samples(name: str, given: ArrayLike) -> FloatArray:
    try:
        samples = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ConfigError(f"Waveform.{name} must be numbers, got {given!r}.", field=name) from None
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise ConfigError(f"Waveform.{name} must be finite numbers in a row.", field=name)
    samples.flags.writeable = False
    return samples
