r"""Running sums of the wall shear over the samples of a cycle; no sample is kept.

transWSS and the cross-flow index need the direction e of the cycle's mean, which is known only at
its end: <|\tau \cdot c|> with c = n x e. |\tau \cdot c| is linear on either side of the mean's
line, so the sums of the vectors on one side and on the other say it for *every* e that leaves each
sample on its side. The mean of the cycle before tells the sides, the cycle's own mean tells c. This
is exact unless a sample points between both means; such a sample is nearly parallel to them and
counts for little. The error is of second order in their angle, and the true value is never
exceeded.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.space import Vector, cross

FloatArray = NDArray[np.float64]


@nb.njit(cache=True, error_model="numpy")
def add_shear(
    shear: FloatArray,
    across: FloatArray,
    least: float,
    vector: FloatArray,
    magnitude: FloatArray,
    peak: FloatArray,
    side: FloatArray,
    unit: FloatArray,
    unit_side: FloatArray,
) -> None:
    """Take in one sample of the wall shear; the last six arguments are overwritten.

    Args:
        shear: Wall shear stress (n, 3) [Pa].
        across: Vectors n x e of the side that counts (n, 3); zero where it is not known.
        least: A shear of this size or less has no direction [Pa].
        vector: Sum of the shear (n, 3) [Pa].
        magnitude: Sum of its magnitude (n,) [Pa].
        peak: Largest magnitude (n,) [Pa].
        side: Sum of the shear with a positive part along ``across`` (n, 3) [Pa].
        unit: Sum of its direction (n, 3).
        unit_side: Sum of the directions on that side (n, 3).
    """
    for k in range(shear.shape[0]):
        x, y, z = shear[k, 0], shear[k, 1], shear[k, 2]
        size = np.sqrt(x * x + y * y + z * z)
        magnitude[k] += size
        peak[k] = max(peak[k], size)
        shrink = 1.0 / size if size > least else 0.0
        on_side = x * across[k, 0] + y * across[k, 1] + z * across[k, 2] > 0.0
        for d in range(3):
            vector[k, d] += shear[k, d]
            unit[k, d] += shrink * shear[k, d]
            if on_side:
                side[k, d] += shear[k, d]
                unit_side[k, d] += shrink * shear[k, d]


@nb.njit(cache=True)
def add_variation(values: FloatArray, samples: int, mean: FloatArray, spread: FloatArray) -> None:
    """Take in one sample of ``values`` (n,): running mean and sum of squares about it (Welford).

    Args:
        values: The sample (n,).
        samples: Its number, from 1.
        mean: Mean of the samples so far (n,); overwritten.
        spread: Sum of their squared distances from it (n,); overwritten.
    """
    for k in range(values.shape[0]):
        step = values[k] - mean[k]
        mean[k] += step / samples
        spread[k] += step * (values[k] - mean[k])


@nb.njit(cache=True, error_model="numpy")
def _direction(x: float, y: float, z: float, least: float) -> Vector:
    """Unit vector, zero for a vector of no more than ``least``."""
    size = np.sqrt(x * x + y * y + z * z)
    shrink = 1.0 / size if size > least else 0.0
    return shrink * x, shrink * y, shrink * z


@nb.njit(cache=True)
def set_sides(
    vector: FloatArray, samples: int, normals: FloatArray, least: float, across: FloatArray
) -> None:
    """Write n x e of the mean of ``samples`` vectors into ``across`` (n, 3), zero without one."""
    part = 1.0 / max(samples, 1)
    for k in range(vector.shape[0]):
        mean = _direction(part * vector[k, 0], part * vector[k, 1], part * vector[k, 2], least)
        normal = (normals[k, 0], normals[k, 1], normals[k, 2])
        across[k, 0], across[k, 1], across[k, 2] = cross(normal, mean)


@nb.njit(cache=True)
def _both_sides(total: FloatArray, side: FloatArray, k: int, across: Vector) -> float:
    """Sum of the sizes along ``across`` from the sums of all vectors and of those on one side."""
    x, y, z = across
    one = side[k, 0] * x + side[k, 1] * y + side[k, 2] * z
    return abs(one) + abs(total[k, 0] * x + total[k, 1] * y + total[k, 2] * z - one)


@nb.njit(cache=True)
def transverse_means(
    vector: FloatArray,
    side: FloatArray,
    unit: FloatArray,
    unit_side: FloatArray,
    across: FloatArray,
    normals: FloatArray,
    samples: int,
    least: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Transverse mean [Pa], its share and the angle between the means of two cycles [rad].

    The arrays are those of ``add_shear`` and the normals (n, 3).

    Returns:
        Three (n,), NaN where one of the cycles has no direction.
    """
    n, part = vector.shape[0], 1.0 / max(samples, 1)
    trans, share, turn = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    for k in range(n):
        u, v, w = part * vector[k, 0], part * vector[k, 1], part * vector[k, 2]
        mean = _direction(u, v, w, least)
        old = (across[k, 0], across[k, 1], across[k, 2])
        if mean == (0.0, 0.0, 0.0) or old == (0.0, 0.0, 0.0):
            continue
        normal = (normals[k, 0], normals[k, 1], normals[k, 2])
        new, before = cross(normal, mean), cross(old, normal)
        trans[k] = part * _both_sides(vector, side, k, new)
        share[k] = part * _both_sides(unit, unit_side, k, new)
        aside = abs(mean[0] * old[0] + mean[1] * old[1] + mean[2] * old[2])
        along = mean[0] * before[0] + mean[1] * before[1] + mean[2] * before[2]
        turn[k] = np.arctan2(aside, along)
    return trans, share, turn
