"""Cycle means of the wall shear from all samples of a cycle at once."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.space import cross

FloatArray = NDArray[np.float64]


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
    mean, across, share = np.empty((n, 3)), np.full(n, np.nan), np.full(n, np.nan)
    magnitude, peak = np.empty(n), np.empty(n)
    part = 1.0 / n_samples
    for k in range(n):
        u = v = w = total = largest = 0.0
        for t in range(n_samples):
            x, y, z = series[t, k, 0], series[t, k, 1], series[t, k, 2]
            size = np.sqrt(x * x + y * y + z * z)
            u, v, w, total, largest = u + x, v + y, w + z, total + size, max(largest, size)
        u, v, w = part * u, part * v, part * w
        mean[k, 0], mean[k, 1], mean[k, 2] = u, v, w
        magnitude[k], peak[k] = part * total, largest
        size = np.sqrt(u * u + v * v + w * w)
        if size <= least:
            continue
        normal = (normals[k, 0], normals[k, 1], normals[k, 2])
        a, b, c = cross(normal, (u / size, v / size, w / size))
        total = relative = 0.0
        for t in range(n_samples):
            x, y, z = series[t, k, 0], series[t, k, 1], series[t, k, 2]
            aside = abs(a * x + b * y + c * z)
            size = np.sqrt(x * x + y * y + z * z)
            total += aside
            if size > least:
                relative += aside / size
        across[k], share[k] = part * total, part * relative
    return mean, magnitude, peak, across, share
