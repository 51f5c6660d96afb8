r"""Running sums of the wall shear over the samples of a cycle; none is kept for long.

transWSS and the cross-flow index need the direction e of the cycle's mean, which is known only at
its end: <|\tau \cdot c|> with c = n x e. |\tau \cdot c| is linear on either side of the mean's
line, so the sums of the vectors on one side and on the other say it for *every* e that leaves each
sample on its side. The mean of the cycle before tells the sides, the cycle's own mean tells c. This
is exact unless a sample points between both means; such a sample is nearly parallel to them and
counts for little. The error is of second order in their angle, and the true value is never
exceeded.

The sums of eight points lie together (``ROWS`` octets) and take in four samples each time that
they come from memory: what costs time is to move them.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.octets import (
    SIZE,
    Octet,
    Octets,
    load,
    load_points,
    magnitude,
    root,
    store,
    where_above,
)
from corohemo.kernels.space import cross, dot, times

FloatArray = NDArray[np.float64]
Samples = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
Totals = tuple[Octets, Octet, Octet, Octets, Octets, Octets]
"""The rows below but for the last, in their order."""

TOGETHER = 4
"""Samples taken in at a time."""
VECTOR, MAGNITUDE, PEAK, SIDE, UNIT, UNIT_SIDE, ACROSS = 0, 3, 4, 5, 8, 11, 14
"""First row of: sum of the shear [Pa] and of its magnitude [Pa], largest magnitude [Pa], sum of the
shear with a positive part along ``across`` [Pa], sum of its direction, and of that on this side,
and ``across``: vectors n x e of the side that counts, zero where it is not known."""
ROWS = 17


@nb.njit(cache=True)
def _three(sums: FloatArray, place: int) -> Octets:
    """Three octets from ``place`` on."""
    return load(sums, place), load(sums, place + 1), load(sums, place + 2)


@nb.njit(cache=True)
def _put_three(vector: Octets, sums: FloatArray, place: int) -> None:
    """Overwrite three octets from ``place`` on."""
    for d in range(3):
        store(vector[d], sums, place + d)


@nb.njit(cache=True)
def _plus(a: Octets, b: Octets) -> Octets:
    """Sum of vectors."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


@nb.njit(cache=True, error_model="numpy")
def _direction(vector: Octets, least: float) -> Octets:
    """Unit vectors, zero for those of no more than ``least``."""
    size = root(dot(vector, vector))
    return times(1.0 / where_above(size, least, size, np.inf), vector)


@nb.njit(cache=True, error_model="numpy")
def _with(totals: Totals, shear: Octets, across: Octets, least: float) -> Totals:
    """The sums of eight points and one more sample."""
    vector, sizes, peak, side, unit, unit_side = totals
    size = root(dot(shear, shear))
    direction = times(1.0 / where_above(size, least, size, np.inf), shear)
    is_there = where_above(dot(shear, across), 0.0, 1.0, 0.0)
    return (
        _plus(vector, shear),
        sizes + size,
        where_above(size, peak, size, peak),
        _plus(side, times(is_there, shear)),
        _plus(unit, direction),
        _plus(unit_side, times(is_there, direction)),
    )


@nb.njit(cache=True)
def _add_block(samples: Samples, least: float, sums: FloatArray, place: int, block: int) -> None:
    """Add points 8 place to 8 place + 7 of the samples to a block of the sums."""
    at = ROWS * block
    across = _three(sums, at + ACROSS)
    totals = (
        _three(sums, at + VECTOR),
        load(sums, at + MAGNITUDE),
        load(sums, at + PEAK),
        _three(sums, at + SIDE),
        _three(sums, at + UNIT),
        _three(sums, at + UNIT_SIDE),
    )
    totals = _with(totals, load_points(samples[0], place), across, least)
    totals = _with(totals, load_points(samples[1], place), across, least)
    totals = _with(totals, load_points(samples[2], place), across, least)
    totals = _with(totals, load_points(samples[3], place), across, least)
    _put_three(totals[0], sums, at + VECTOR)
    store(totals[1], sums, at + MAGNITUDE)
    store(totals[2], sums, at + PEAK)
    _put_three(totals[3], sums, at + SIDE)
    _put_three(totals[4], sums, at + UNIT)
    _put_three(totals[5], sums, at + UNIT_SIDE)


@nb.njit(cache=True)
def add_shear(samples: Samples, least: float, sums: FloatArray) -> None:
    """Take in four samples one after the other, reading and writing the sums once.

    Args:
        samples: Wall shear stress (n, 3) [Pa], four times; contiguous.
        least: A shear of this size or less has no direction [Pa].
        sums: Rows of ``VECTOR`` to ``ACROSS`` of eight points each (ceil(n / 8), 17, 8);
            overwritten but for ``ACROSS``.
    """
    full = samples[0].shape[0] // SIZE
    for block in range(full):
        _add_block(samples, least, sums, block, block)
    if full < sums.shape[0]:
        a, b, c, d = samples
        rest = _last_points(a), _last_points(b), _last_points(c), _last_points(d)
        _add_block(rest, least, sums, 0, full)


@nb.njit(cache=True)
def _last_points(vectors: FloatArray) -> FloatArray:
    """The points (n, 3) after the last eight, and zeros to make them eight (8, 3)."""
    rest = np.zeros((SIZE, 3))
    first = SIZE * (vectors.shape[0] // SIZE)
    rest[: vectors.shape[0] - first] = vectors[first:]
    return rest


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
def start_cycle(sums: FloatArray, samples: int, normals: FloatArray, least: float) -> None:
    """Put n x e of the mean of ``samples`` vectors into ``ACROSS``, and zeros into all other rows.

    ``ACROSS`` is zero where the mean has no direction. The normals are those of ``fill_means``.
    """
    part = 1.0 / max(samples, 1)
    for block in range(sums.shape[0]):
        at = ROWS * block
        direction = _direction(times(part, _three(sums, at + VECTOR)), least)
        sums[block, :ACROSS] = 0.0
        _put_three(cross(load_points(normals, block), direction), sums, at + ACROSS)


@nb.njit(cache=True)
def _both_sides(total: Octets, side: Octets, across: Octets) -> Octet:
    """Sum of the sizes along ``across`` from the sums of all vectors and of those on one side."""
    one = dot(side, across)
    return magnitude(one) + magnitude(dot(total, across) - one)


@nb.njit(cache=True, error_model="numpy")
def fill_means(
    sums: FloatArray,
    normals: FloatArray,
    samples: int,
    least: float,
    mean: FloatArray,
    found: FloatArray,
) -> None:
    """Write what the sums say of a cycle; the last two arguments are overwritten.

    Args:
        sums: Those of ``add_shear``, for m blocks of eight points.
        normals: Unit normals (8 m, 3), zeros where there is no point.
        samples: Samples in the sums.
        least: A mean of this size or less has no direction [Pa].
        mean: Mean vector (8 m, 3) [Pa].
        found: Mean magnitude [Pa], largest magnitude [Pa]; mean size of what is transverse to the
            mean [Pa], and of its share in the magnitude; sine and cosine of the angle between this
            mean and that of the cycle before (6, 8 m). The third to fifth are NaN where one of the
            means has no direction. The arc is left to NumPy, which takes many at a time.
    """
    m, part = sums.shape[0], 1.0 / max(samples, 1)
    vectors = np.empty((3, SIZE))
    for block in range(m):
        at = ROWS * block
        total, old = _three(sums, at + VECTOR), _three(sums, at + ACROSS)
        vector, normal = times(part, total), load_points(normals, block)
        direction = _direction(vector, least)
        new, before = cross(normal, direction), cross(old, normal)
        is_known = where_above(dot(direction, direction), 0.0, 1.0, np.nan)
        is_known = where_above(dot(old, old), 0.0, is_known, np.nan)
        along = _both_sides(total, _three(sums, at + SIDE), new)
        share = _both_sides(_three(sums, at + UNIT), _three(sums, at + UNIT_SIDE), new)
        store(part * load(sums, at + MAGNITUDE), found, block)
        store(load(sums, at + PEAK), found, m + block)
        store(is_known * (part * along), found, 2 * m + block)
        store(is_known * (part * share), found, 3 * m + block)
        store(is_known * magnitude(dot(direction, old)), found, 4 * m + block)
        store(dot(direction, before), found, 5 * m + block)
        _put_three(vector, vectors, 0)
        for i in range(SIZE):
            for d in range(3):
                mean[SIZE * block + i, d] = vectors[d, i]
