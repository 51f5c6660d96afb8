"""Jacobians of curved tetrahedra."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.quadratic import tetrahedron_gradients

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_K, _L = 0.0927352503108912, 0.3108859192633005
_M = 0.4544962958743506
_N = 0.5 - _M
JACOBIAN_POINTS = np.array(
    [
        [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0],
        [0.5, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.5, 0.0],
        [0.0, 0.0, 0.5], [0.5, 0.0, 0.5], [0.0, 0.5, 0.5],
        [_K, _K, _K], [1 - 3 * _K, _K, _K], [_K, 1 - 3 * _K, _K], [_K, _K, 1 - 3 * _K],
        [_L, _L, _L], [1 - 3 * _L, _L, _L], [_L, 1 - 3 * _L, _L], [_L, _L, 1 - 3 * _L],
        [_M, _M, _N], [_M, _N, _M], [_N, _M, _M], [_M, _N, _N], [_N, _M, _N], [_N, _N, _M],
    ]
)  # fmt: skip
"""Vertices, edge midpoints, and the 14-point rule of degree 5 (24, 3)."""
VOLUME_WEIGHTS = (
    np.array([0.07349304311636194] * 4 + [0.11268792571801585] * 4 + [0.04254602077708147] * 6)
    / 6.0
)
"""Weights of the last 14 points, which sum to 1/6."""


@nb.njit(cache=True)
def cell_jacobians(
    points: FloatArray, cells: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Smallest and largest Jacobian determinant of each curved cell, and its volume (m,) each."""
    n_points = JACOBIAN_POINTS.shape[0]
    gradients = np.empty((n_points, 10, 3))
    for q in range(n_points):
        gradients[q] = tetrahedron_gradients(
            JACOBIAN_POINTS[q, 0], JACOBIAN_POINTS[q, 1], JACOBIAN_POINTS[q, 2]
        )
    n_cells = cells.shape[0]
    low = np.empty(n_cells)
    high = np.empty(n_cells)
    volume = np.zeros(n_cells)
    j = np.empty((3, 3))
    for c in range(n_cells):
        low[c] = np.inf
        high[c] = -np.inf
        for q in range(n_points):
            j[:] = 0.0
            for a in range(10):
                for d in range(3):
                    x = points[cells[c, a], d]
                    for e in range(3):
                        j[d, e] += x * gradients[q, a, e]
            det = (
                j[0, 0] * (j[1, 1] * j[2, 2] - j[1, 2] * j[2, 1])
                - j[0, 1] * (j[1, 0] * j[2, 2] - j[1, 2] * j[2, 0])
                + j[0, 2] * (j[1, 0] * j[2, 1] - j[1, 1] * j[2, 0])
            )
            low[c] = min(low[c], det)
            high[c] = max(high[c], det)
            if q >= 10:
                volume[c] += VOLUME_WEIGHTS[q - 10] * det
    return low, high, volume
