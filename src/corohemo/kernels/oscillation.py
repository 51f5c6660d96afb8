"""Oscillation of the wall shear from its mean vector and its mean magnitude."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def oscillation(
    mean: FloatArray, magnitude: FloatArray, rounding: float, least: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """OSI = (1 - |mean| / magnitude) / 2, ECAP = OSI / magnitude and RRT = 1 / |mean|.

    Args:
        mean: Cycle mean of the shear vector (n, 3) [Pa].
        magnitude: Cycle mean of its magnitude (n,) [Pa].
        rounding: Magnitude at or below which there is no shear that could oscillate [Pa].
        least: Floor of ECAP's denominator [Pa].

    Returns:
        OSI (n,), 0 to 0.5, ECAP (n,) [1/Pa], RRT (n,) [1/Pa], infinite at rest.
    """
    osi, ecap, rrt = (np.empty(magnitude.size) for _ in range(3))
    _fill(mean, magnitude, rounding, least, osi, ecap, rrt)
    return osi, ecap, rrt


@nb.njit(cache=True, error_model="numpy")
def _fill(
    mean: FloatArray,
    magnitude: FloatArray,
    rounding: float,
    least: float,
    osi: FloatArray,
    ecap: FloatArray,
    rrt: FloatArray,
) -> None:
    """Write the three into arrays of the caller, whose large ones have large pages."""
    for k in range(magnitude.size):
        x, y, z = mean[k, 0], mean[k, 1], mean[k, 2]
        size = np.sqrt(x * x + y * y + z * z)
        ratio = size / magnitude[k] if magnitude[k] > rounding else 1.0
        osi[k] = min(max(0.5 * (1.0 - ratio), 0.0), 0.5)
        ecap[k] = osi[k] / max(magnitude[k], least)
        rrt[k] = 1.0 / size
