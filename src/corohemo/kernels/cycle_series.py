"""Cycle means of the wall shear from all samples of a cycle at once.

The inner loops take four samples at a time, as flat rows x, y, z, x, y, z, ...: the known stride
lets the compiler work on eight points at once, and the sums are read and written once for four
samples.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.space import cross

FloatArray = NDArray[np.float64]
Rows = tuple[FloatArray, FloatArray, FloatArray, FloatArray]

BLOCK = 512
"""Points taken together: their samples stay in the cache between the two passes."""
TOGETHER = 4
"""Samples taken together."""


@nb.njit(cache=True, error_model="numpy")
def _sized(row: FloatArray, i: int) -> tuple[float, float, float, float]:
    """Vector of point i and its size."""
    x, y, z = row[3 * i], row[3 * i + 1], row[3 * i + 2]
    return x, y, z, np.sqrt(x * x + y * y + z * z)


@nb.njit(cache=True, error_model="numpy")
def _add(rows: Rows, width: int, sizes: FloatArray, sums: FloatArray) -> None:
    """Add samples to the sums of x, y, z, size and to the largest size (5, w); keep their sizes."""
    row_a, row_b, row_c, row_d = rows
    size_a, size_b, size_c, size_d = sizes[0], sizes[1], sizes[2], sizes[3]
    xs, ys, zs, magnitude, peak = sums[0], sums[1], sums[2], sums[3], sums[4]
    for i in range(width):
        ax, ay, az, a = _sized(row_a, i)
        bx, by, bz, b = _sized(row_b, i)
        cx, cy, cz, c = _sized(row_c, i)
        dx, dy, dz, d = _sized(row_d, i)
        size_a[i], size_b[i], size_c[i], size_d[i] = a, b, c, d
        xs[i] += ax + bx + cx + dx
        ys[i] += ay + by + cy + dy
        zs[i] += az + bz + cz + dz
        magnitude[i] += a + b + c + d
        low, high = a if a > b else b, c if c > d else d
        largest = low if low > high else high
        peak[i] = largest if largest > peak[i] else peak[i]


@nb.njit(cache=True, error_model="numpy")
def _aside(row: FloatArray, i: int, x: float, y: float, z: float) -> float:
    """Size of the vector of point i along another one."""
    return abs(row[3 * i] * x + row[3 * i + 1] * y + row[3 * i + 2] * z)


@nb.njit(cache=True, error_model="numpy")
def _part(aside: float, size: float, least: float) -> float:
    """Its share in the size, zero without a direction."""
    return aside / (size if size > least else np.inf)


@nb.njit(cache=True, error_model="numpy")
def _add_aside(
    rows: Rows,
    sizes: FloatArray,
    across: FloatArray,
    least: float,
    total: FloatArray,
    share: FloatArray,
) -> None:
    """Add |tau . c| and its share in |tau| (w,) of samples for vectors c ``across`` (3, w)."""
    row_a, row_b, row_c, row_d = rows
    size_a, size_b, size_c, size_d = sizes[0], sizes[1], sizes[2], sizes[3]
    xs, ys, zs = across[0], across[1], across[2]
    for i in range(total.size):
        x, y, z = xs[i], ys[i], zs[i]
        a, b = _aside(row_a, i, x, y, z), _aside(row_b, i, x, y, z)
        c, d = _aside(row_c, i, x, y, z), _aside(row_d, i, x, y, z)
        total[i] += a + b + c + d
        near = _part(a, size_a[i], least) + _part(b, size_b[i], least)
        share[i] += near + _part(c, size_c[i], least) + _part(d, size_d[i], least)


@nb.njit(cache=True)
def _rows(series: FloatArray, t: int, first: int, last: int, nothing: FloatArray) -> Rows:
    """Four samples from t on of the points first to last; beyond the end there is nothing."""
    n, begin, end = series.shape[0], 3 * first, 3 * last
    none = nothing[: end - begin]
    return (
        series[t, begin:end],
        series[t + 1, begin:end] if t + 1 < n else none,
        series[t + 2, begin:end] if t + 2 < n else none,
        series[t + 3, begin:end] if t + 3 < n else none,
    )


@nb.njit(cache=True, error_model="numpy")
def average_series(
    series: FloatArray,
    normals: FloatArray,
    least: float,
    mean: FloatArray,
    magnitude: FloatArray,
    peak: FloatArray,
    total: FloatArray,
    share: FloatArray,
) -> None:
    r"""Means over a cycle at points of the wall; each point's samples are read once from memory.

    With e the direction of <tau>, <.> the mean, c = n x e: <tau>, <|tau|>, max |tau|,
    <|tau . c|>, <|tau . c| / |tau|>. The last five arguments are overwritten.

    Args:
        series: Wall shear stress x, y, z of point after point (t, 3 n) [Pa].
        normals: Unit normals (n, 3).
        least: A shear of this size or less has no direction [Pa].
        mean: Mean vector (n, 3) [Pa].
        magnitude: Mean magnitude (n,) [Pa].
        peak: Largest magnitude (n,) [Pa].
        total: Transverse mean (n,) [Pa], NaN where the mean vector has no direction.
        share: Its share (n,), NaN there too.
    """
    n_samples, n = series.shape[0], normals.shape[0]
    n_groups = (n_samples + TOGETHER - 1) // TOGETHER
    sizes, nothing = np.empty((n_groups, TOGETHER, BLOCK)), np.zeros(3 * BLOCK)
    sums, across = np.empty((5, BLOCK)), np.empty((3, BLOCK))
    part = 1.0 / n_samples
    for first in range(0, n, BLOCK):
        last = min(first + BLOCK, n)
        sums[:] = 0.0
        for g in range(n_groups):
            rows = _rows(series, TOGETHER * g, first, last, nothing)
            _add(rows, last - first, sizes[g], sums)
        for k in range(first, last):
            i = k - first
            u, v, w = part * sums[0, i], part * sums[1, i], part * sums[2, i]
            mean[k, 0], mean[k, 1], mean[k, 2] = u, v, w
            magnitude[k], peak[k] = part * sums[3, i], sums[4, i]
            size = np.sqrt(u * u + v * v + w * w)
            shrink = part / size if size > least else np.nan
            normal = (normals[k, 0], normals[k, 1], normals[k, 2])
            across[0, i], across[1, i], across[2, i] = cross(
                normal, (shrink * u, shrink * v, shrink * w)
            )
        total[first:last] = 0.0
        share[first:last] = 0.0
        for g in range(n_groups):
            rows = _rows(series, TOGETHER * g, first, last, nothing)
            _add_aside(rows, sizes[g], across, least, total[first:last], share[first:last])
