"""Time averages of the wall shear by the kernels and by NumPy."""

import numpy as np
from kernel_row import MILLION, best, difference, row
from numpy.typing import NDArray

from corohemo.indices.wall_series import compute_wall_statistics
from corohemo.solvers.shear_sums import ShearSums
from corohemo.solvers.transient_solution import WallStatistics

FloatArray = NDArray[np.float64]

SAMPLES = 20


def numpy_averages(series: FloatArray, normals: FloatArray) -> list[FloatArray]:
    """TAWSS, OSI, ECAP, RRT, peak, transWSS and CFI (n,) from all samples (t, n, 3) at once."""
    size = np.linalg.norm(series, axis=2)
    mean, tawss = series.mean(axis=0), size.mean(axis=0)
    steady = np.linalg.norm(mean, axis=1)
    across = np.cross(normals, mean / steady[:, None])
    sideways = np.abs(np.einsum("tnd,nd->tn", series, across))
    osi = 0.5 * (1.0 - steady / tawss)
    return [
        *(tawss, osi, osi / tawss, 1.0 / steady, size.max(axis=0)),
        *(sideways.mean(axis=0), (sideways / size).mean(axis=0)),
    ]


def numpy_running(series: FloatArray, normals: FloatArray, across: FloatArray) -> list[FloatArray]:
    """The same from samples that come one by one, with the sums of ``kernels.cycle``.

    Args:
        series: Samples (t, n, 3), of which none is kept.
        normals: Unit normals (n, 3).
        across: What lay across the mean of the cycle before (n, 3).
    """
    vector, side, unit, unit_side = (np.zeros_like(normals) for _ in range(4))
    magnitude, peak = np.zeros(len(normals)), np.zeros(len(normals))
    for sample in series:
        size = np.linalg.norm(sample, axis=1)
        direction = sample / size[:, None]
        on_side = np.einsum("nd,nd->n", sample, across) > 0.0
        vector += sample
        unit += direction
        magnitude += size
        np.maximum(peak, size, out=peak)
        side += np.where(on_side[:, None], sample, 0.0)
        unit_side += np.where(on_side[:, None], direction, 0.0)
    n = len(series)
    mean, tawss = vector / n, magnitude / n
    steady = np.linalg.norm(mean, axis=1)
    aside = np.cross(normals, mean / steady[:, None])

    def both_sides(total: FloatArray, part: FloatArray) -> FloatArray:
        one = np.einsum("nd,nd->n", part, aside)
        return (np.abs(one) + np.abs(np.einsum("nd,nd->n", total, aside) - one)) / n

    osi = 0.5 * (1.0 - steady / tawss)
    sideways = both_sides(vector, side), both_sides(unit, unit_side)
    return [tawss, osi, osi / tawss, 1.0 / steady, peak, *sideways]


def across_mean(series: FloatArray, normals: FloatArray) -> FloatArray:
    """What lies across the mean of samples (t, n, 3) on the wall (n, 3)."""
    mean = series.mean(axis=0)
    return np.cross(normals, mean / np.linalg.norm(mean, axis=1)[:, None])


def take_cycle(sums: ShearSums, series: FloatArray, still: FloatArray) -> None:
    """A cycle of samples, one after the other."""
    sums.begin()
    for sample in series:
        sums.add(sample, still)


def averages(sums: ShearSums, series: FloatArray, still: FloatArray) -> list[FloatArray]:
    """The same by running sums over a cycle that follows another."""
    take_cycle(sums, series, still)
    return listed(sums.statistics(series[0], np.ones(series.shape[1:3])))


def stored_averages(series: FloatArray, normals: FloatArray) -> list[FloatArray]:
    """The same from all samples (t, n, 3) at once."""
    return listed(compute_wall_statistics(series, series[0], normals, np.ones(len(normals))))


def listed(found: WallStatistics) -> list[FloatArray]:
    """What ``numpy_averages`` gives."""
    assert found.trans_wss is not None
    assert found.cfi is not None
    return [found.tawss, found.osi, found.ecap, found.rrt, found.peak, found.trans_wss, found.cfi]


def shear_series() -> tuple[FloatArray, FloatArray]:
    """Samples of a turning shear (t, k, 1, 3) and unit normals (k, 1, 3)."""
    rng = np.random.default_rng(2)
    normals = rng.normal(size=(MILLION, 1, 3))
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    along = np.cross(normals, [0.36, 0.48, 0.8])
    along /= np.linalg.norm(along, axis=2, keepdims=True)
    across = np.cross(normals, along)
    series = np.empty((SAMPLES, MILLION, 1, 3))
    for sample in series:
        forwards, sideways = rng.uniform(-0.4, 0.4, size=(2, MILLION, 1, 1))
        sample[:] = (0.6 + forwards) * along + sideways * across
    return series, normals


def averages_rows() -> None:
    """Time averages against NumPy, each with what it is given: all samples, or one by one."""
    series, normals = shear_series()
    still = np.zeros(MILLION)
    flat, directions = series.reshape(SAMPLES, MILLION, 3), normals.reshape(-1, 3)
    stored_averages(flat[:, :10], directions[:10])
    theirs, expected = best(lambda: numpy_averages(flat, directions), 3)
    ours, found = best(lambda: stored_averages(flat, directions), 3)
    row(f"averages, {SAMPLES} stored samples", ours, [theirs], difference(found, expected))
    sums, across = ShearSums(normals), across_mean(flat, directions)
    take_cycle(sums, series, still)
    theirs, expected = best(lambda: numpy_running(flat, directions, across), 3)
    ours, found = best(lambda: averages(sums, series, still), 3)
    row(f"averages, {SAMPLES} running samples", ours, [theirs], difference(found, expected))
