"""Fit of Fermi's impulse response to tissue curves by Levenberg and Marquardt."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SMALLEST_GAIN = 1e-9
MOST_STEPS = 100
WIDEST = 12.0
"""Greatest logarithm that shape and rate may take from one, either way."""


@nb.njit(cache=True)
def fermi_residue(lags: FloatArray, shape: float, rate: float) -> FloatArray:
    """R(u) = (1 + A) / (1 + A exp(k u)) at lags u (m,) [s]; one at u = 0."""
    return (1.0 + shape) / (1.0 + shape * np.exp(np.minimum(rate * lags, 500.0)))


@nb.njit(cache=True)
def fermi_model(
    integral: FloatArray, lags: FloatArray, logs: FloatArray, slopes: FloatArray
) -> FloatArray:
    """Tissue curve F (integral @ R) (n,) and its derivatives by ln F, ln A, ln k (n, 3).

    Shapes: integral (n, m) holds the arterial curve at each time less each lag, times the rule's
    weight [HU s]; lags (m,) [s]; logs (3,); slopes (n, 3) is filled.
    """
    flow, shape, rate = np.exp(logs[0]), np.exp(logs[1]), np.exp(logs[2])
    growth = np.exp(np.minimum(rate * lags, 500.0))
    below = 1.0 / (1.0 + shape * growth)
    residue = (1.0 + shape) * below
    by_shape = shape * (below - (1.0 + shape) * growth * below * below)
    by_rate = -(1.0 + shape) * shape * growth * below * below * rate * lags
    curve = flow * np.dot(integral, residue)
    slopes[:, 0] = curve
    slopes[:, 1] = flow * np.dot(integral, by_shape)
    slopes[:, 2] = flow * np.dot(integral, by_rate)
    return curve


@nb.njit(cache=True)
def fit_fermi(
    integral: FloatArray, lags: FloatArray, tissue: FloatArray, starts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Least-squares fits of flow, shape and rate to tissue curves.

    Shapes: integral (n, m), lags (m,), tissue (k, n), starts (k, 3) are ln F, ln A, ln k.

    Returns:
        ln F, ln A, ln k (k, 3) and sum of squared residuals (k,).
    """
    n_curves, n_times = tissue.shape
    best = starts.copy()
    squares = np.empty(n_curves)
    slopes, trial_slopes = np.empty((n_times, 3)), np.empty((n_times, 3))
    for c in range(n_curves):
        logs = best[c].copy()
        gap = tissue[c] - fermi_model(integral, lags, logs, slopes)
        square, damping = np.dot(gap, gap), 1e-2
        for _ in range(MOST_STEPS):
            normal = slopes.T.copy() @ slopes
            pull = slopes.T.copy() @ gap
            for i in range(3):
                normal[i, i] += damping * normal[i, i] + 1e-300
            step = np.linalg.solve(normal, pull)
            trial = logs + np.minimum(np.maximum(step, -1.0), 1.0)
            inside = np.abs(trial[1]) <= WIDEST and np.abs(trial[2]) <= WIDEST
            if inside:
                rest = tissue[c] - fermi_model(integral, lags, trial, trial_slopes)
                left = np.dot(rest, rest)
            if inside and left < square:
                gained = square - left
                logs, gap, square = trial, rest, left
                slopes[:] = trial_slopes
                damping *= 0.3
                if gained <= SMALLEST_GAIN * square:
                    break
            else:
                damping *= 4.0
                if damping > 1e10:
                    break
        best[c], squares[c] = logs, square
    return best, squares
