"""Cycle means of the wall shear from all samples of a cycle at once."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.space import cross

FloatArray = NDArray[np.float64]


BLOCK = 256
"""Points taken together: their samples stay in the cache between the two passes."""


@nb.njit(cache=True, error_model="numpy")
def _sum_block(series: FloatArray, samples: FloatArray, sums: FloatArray) -> None:
    """Sort the samples (t, w, 3) of a block into ``samples`` (t, 4, w): x, y, z, size; add them up.

    Args:
        series: The block.
        samples: Filled.
        sums: Filled with the sums of the same four and the largest size (5, w).
    """
    sums[:] = 0.0
    for t in range(series.shape[0]):
        now = samples[t]
        for i in range(series.shape[1]):
            now[0, i], now[1, i], now[2, i] = series[t, i, 0], series[t, i, 1], series[t, i, 2]
        for i in range(series.shape[1]):
            x, y, z = now[0, i], now[1, i], now[2, i]
            size = np.sqrt(x * x + y * y + z * z)
            now[3, i] = size
            sums[0, i] += x
            sums[1, i] += y
            sums[2, i] += z
            sums[3, i] += size
            sums[4, i] = size if size > sums[4, i] else sums[4, i]


@nb.njit(cache=True, error_model="numpy")
def _across_block(
    samples: FloatArray, across: FloatArray, least: float, total: FloatArray, share: FloatArray
) -> None:
    """Sums of |tau . c| and of its share in |tau| (w,) for vectors c ``across`` (3, w)."""
    total[:] = 0.0
    share[:] = 0.0
    for t in range(samples.shape[0]):
        now = samples[t]
        for i in range(total.size):
            aside = now[0, i] * across[0, i] + now[1, i] * across[1, i] + now[2, i] * across[2, i]
            total[i] += abs(aside)
            share[i] += abs(aside) / (now[3, i] if now[3, i] > least else np.inf)


@nb.njit(cache=True, error_model="numpy")
def average_series(
    series: FloatArray, normals: FloatArray, least: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    r"""Means over a cycle at points of the wall; each point's samples are read once from memory.

    With e the direction of <tau>, <.> the mean, c = n x e: <tau>, <|tau|>, max |tau|,
    <|tau . c|>, <|tau . c| / |tau|>.

    Args:
        series: Wall shear stress (t, n, 3) [Pa].
        normals: Unit normals (n, 3).
        least: A shear of this size or less has no direction [Pa].

    Returns:
        Mean vector (n, 3), mean and largest magnitude (n,), transverse mean (n,) [Pa] and its
        share (n,); the last two are NaN where the mean has no direction.
    """
    n_samples, n = series.shape[0], series.shape[1]
    mean, magnitude, peak = np.empty((n, 3)), np.empty(n), np.empty(n)
    total, share = np.empty(n), np.empty(n)
    samples, sums, across = (
        np.empty((n_samples, 4, BLOCK)),
        np.empty((5, BLOCK)),
        np.empty((3, BLOCK)),
    )
    part = 1.0 / n_samples
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        _sum_block(series[:, first:last], samples, sums)
        for k in range(first, last):
            i = k - first
            u, v, w = part * sums[0, i], part * sums[1, i], part * sums[2, i]
            mean[k, 0], mean[k, 1], mean[k, 2] = u, v, w
            magnitude[k], peak[k] = part * sums[3, i], sums[4, i]
            size = np.sqrt(u * u + v * v + w * w)
            shrink = 1.0 / size if size > least else np.nan
            normal = (normals[k, 0], normals[k, 1], normals[k, 2])
            across[0, i], across[1, i], across[2, i] = cross(
                normal, (shrink * u, shrink * v, shrink * w)
            )
        _across_block(samples, across, least, total[first:last], share[first:last])
    total *= part
    share *= part
    return mean, magnitude, peak, total, share
