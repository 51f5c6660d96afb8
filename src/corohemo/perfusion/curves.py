"""Time-attenuation curves of an artery and of tissue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corohemo.errors import InputError

FloatArray = NDArray[np.float64]

ONSET = 0.1
"""Part of the arterial peak at which the contrast counts as arrived."""
SHORTEST_S, LONGEST_STEP_S = 5.0, 60.0
"""Least length of a series and greatest median step that can show a first pass."""


@dataclass(frozen=True)
class TimeAttenuation:
    """Enhancement over time, baseline already taken off.

    Attributes:
        times: Times of the images, ascending (n,) [s].
        arterial: Enhancement of the artery (n,) [HU].
        tissue: Enhancement of each voxel or region (k, n) [HU].
    """

    times: FloatArray
    arterial: FloatArray
    tissue: FloatArray

    @classmethod
    def from_arrays(
        cls, times: ArrayLike, arterial: ArrayLike, tissue: ArrayLike, *, baseline_images: int = 0
    ) -> TimeAttenuation:
        """Check curves and take off their baseline.

        Args:
            times: Times of the images (n,) [s].
            arterial: Attenuation of the artery (n,) [HU].
            tissue: Attenuation of tissue (n,) or (k, n) [HU].
            baseline_images: First images whose mean is the baseline; 0 if the curves are
                enhancement already.

        Raises:
            InputError: If a curve is no series of numbers, lengths differ, times are negative, do
                not ascend or cannot be seconds, a value is not finite, or the artery shows no
                contrast or not its peak.
        """
        t, artery = _numbers(times, "times"), _numbers(arterial, "arterial")
        curves = np.atleast_2d(_numbers(tissue, "tissue"))
        if t.ndim != 1 or artery.shape != t.shape or curves.shape[1:] != t.shape:
            raise InputError(
                "Times, arterial and tissue curves must have one length, got "
                f"{t.shape}, {artery.shape} and {curves.shape}.",
                field="times",
            )
        if t.size < 5:
            raise InputError(f"Perfusion needs at least five images, got {t.size}.", field="times")
        if not np.isfinite(t).all() or t[0] < 0:
            raise InputError(
                f"The times must be finite and not negative; the first is {t[0]:g} s.",
                field="times",
            )
        if not np.all(np.diff(t) > 0):
            place = int(np.argmax(np.diff(t) <= 0)) + 1
            raise InputError(
                f"The times must ascend; image {place + 1} has {t[place]:g} s after "
                f"{t[place - 1]:g} s.",
                field="times",
            )
        if t[-1] - t[0] < SHORTEST_S or np.median(np.diff(t)) > LONGEST_STEP_S:
            raise InputError(
                f"The images span {t[-1] - t[0]:g} s, {np.median(np.diff(t)):g} s apart, which "
                "shows no first pass: give the times in seconds.",
                field="times",
            )
        for name, values in (("arterial", artery), ("tissue", curves)):
            if not np.isfinite(values).all():
                raise InputError(f"The {name} curve has values that are no numbers.", field=name)
        if not (
            isinstance(baseline_images, int | np.integer) and 0 <= baseline_images < t.size - 3
        ):
            raise InputError(
                f"baseline_images must be a whole number from 0 to {t.size - 4}, got "
                f"{baseline_images!r}.",
                field="baseline_images",
            )
        if baseline_images:
            artery = artery - artery[:baseline_images].mean()
            curves = curves - curves[:, :baseline_images].mean(axis=1, keepdims=True)
        if not artery.max() > 0:
            raise InputError("The arterial curve shows no contrast.", field="arterial")
        if artery.argmax() == t.size - 1:
            raise InputError(
                "The arterial curve is highest in the last image: its peak was not imaged, so no "
                "flow follows.",
                field="arterial",
            )
        return cls(t, artery, curves)

    def arterial_onset(self) -> float:
        """Time at which the artery first reaches a tenth of its peak [s]."""
        level = ONSET * self.arterial.max()
        later = int(np.argmax(self.arterial >= level))
        if later == 0:
            return float(self.times[0])
        low, high = self.arterial[later - 1], self.arterial[later]
        share = (level - low) / (high - low)
        return float(self.times[later - 1] + share * (self.times[later] - self.times[later - 1]))

    def time_to_peak(self, *, reference: str = "peak") -> FloatArray:
        """Time from the arterial peak, or onset, to each tissue peak (k,) [s].

        It is NaN for a curve that is highest in the first or last image: its peak was not imaged,
        or there is none.

        Raises:
            InputError: If the reference is neither "peak" nor "onset".
        """
        if reference not in ("peak", "onset"):
            raise InputError(
                f"The reference of the time to peak is 'peak' or 'onset', not {reference!r}.",
                field="reference",
            )
        peak = float(self.times[int(self.arterial.argmax())])
        start = peak if reference == "peak" else self.arterial_onset()
        highest = self.tissue.argmax(axis=1)
        imaged = (highest > 0) & (highest < self.times.size - 1)
        return np.where(imaged, self.times[highest] - start, np.nan)


def _numbers(values: ArrayLike, name: str) -> FloatArray:
    """Values as an array.

    Raises:
        InputError: If they are not numbers, or rows of unequal length.
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must hold numbers, in rows of one length.", field=name) from None
