"""Cycle statistics of a wall shear whose samples are all there, such as another solver's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import InputError
from corohemo.kernels.cycle_series import average_series
from corohemo.solvers.transient_solution import LEAST_SHEAR_PA, WallStatistics

FloatArray = NDArray[np.float64]

UNIT = 1e-6
"""How far the square of a normal's length may be from one."""


def compute_wall_statistics(
    shear: FloatArray, points: FloatArray, normals: FloatArray, weights: FloatArray
) -> WallStatistics:
    """TAWSS, OSI, RRT, ECAP, peak, transWSS and cross-flow index of a stored cycle.

    Unlike the running sums of ``solve_flow`` it takes one cycle to tell the direction of the mean:
    the samples are read again once it is known. Definitions with ``WallStatistics``; TSVI, which
    needs the surface's facets, and the turn between two cycles are None.

    Args:
        shear: Wall shear stress at equal time steps of one cycle (t, n, 3) [Pa].
        points: Positions (n, 3) [m].
        normals: Unit normals of the wall (n, 3).
        weights: Wall area that each point stands for (n,) [m2].

    Raises:
        InputError: If the arrays do not fit, are not finite, or a normal is not of unit length.
    """
    arrays = {
        name: np.ascontiguousarray(values, dtype=np.float64)
        for name, values in (
            *(("shear", shear), ("points", points)),
            *(("normals", normals), ("weights", weights)),
        )
    }
    count = arrays["weights"].size
    expected = {"points": (count, 3), "normals": (count, 3), "weights": (count,)}
    if arrays["shear"].ndim == 3:
        expected["shear"] = (max(len(arrays["shear"]), 1), count, 3)
    for name, values in arrays.items():
        if values.shape != expected.get(name):
            raise InputError(
                f"{name} has the shape {values.shape}; give shear (t, n, 3) with one or more "
                "samples, points and normals (n, 3) and weights (n,) of the same n points.",
                field=name,
            )
    for name in ("points", "normals", "weights"):
        _require_finite(name, arrays[name])
    stray = np.abs(np.einsum("nd,nd->n", arrays["normals"], arrays["normals"]) - 1.0)
    if np.any(stray > UNIT):
        raise InputError(
            f"Normal {int(stray.argmax())} is not of unit length; divide the "
            "normals by their lengths.",
            field="normals",
        )
    mean = np.empty((count, 3))
    tawss, peak, trans_wss, cfi = (np.empty(count) for _ in range(4))
    average_series(
        arrays["shear"].reshape(len(shear), -1),
        arrays["normals"],
        LEAST_SHEAR_PA,
        *(mean, tawss, peak, trans_wss, cfi),
    )
    _require_finite("shear", tawss)
    return WallStatistics(
        points=arrays["points"],
        weights=arrays["weights"],
        mean_traction=mean,
        tawss=tawss,
        peak=peak,
        trans_wss=trans_wss,
        cfi=cfi,
    )


def _require_finite(name: str, values: FloatArray) -> None:
    if not np.isfinite(values.sum()):
        raise InputError(f"{name} has values that are not finite.", field=name)
