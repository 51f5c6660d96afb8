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
