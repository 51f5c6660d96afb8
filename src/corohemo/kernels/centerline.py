"""Place points on a centerline by the section planes they lie in.

Between two sections center c(u), tangent t(u) and abscissa vary linearly; a point belongs to the
plane with (x - c(u)) . t(u) = 0 and, where several planes hold it, to the one with nearest center.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

REACH = 8
"""Sections looked at on either side of the nearest center."""
BISECTIONS = 60


@nb.njit(cache=True)
def _plane_offset(
    x: FloatArray, centers: FloatArray, tangents: FloatArray, i: int, u: float
) -> float:
    """(x - c(u)) . t(u) between sections i and i + 1."""
    total = 0.0
    for d in range(3):
        center = centers[i, d] + u * (centers[i + 1, d] - centers[i, d])
        tangent = tangents[i, d] + u * (tangents[i + 1, d] - tangents[i, d])
        total += (x[d] - center) * tangent
    return total


@nb.njit(cache=True)
def _plane_root(x: FloatArray, centers: FloatArray, tangents: FloatArray, i: int) -> float:
    """Parameter u in [0, 1] of the plane through x between sections i and i + 1, or -1."""
    if _plane_offset(x, centers, tangents, i, 0.0) < 0.0:
        return -1.0
    if _plane_offset(x, centers, tangents, i, 1.0) > 0.0:
        return -1.0
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if _plane_offset(x, centers, tangents, i, middle) >= 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@nb.njit(cache=True)
def _nearest_center(x: FloatArray, centers: FloatArray) -> int:
    """Index of the section whose center is nearest to ``x``."""
    best, nearest = 1e300, 0
    for i in range(centers.shape[0]):
        total = 0.0
        for d in range(3):
            total += (x[d] - centers[i, d]) ** 2
        if total < best:
            best, nearest = total, i
    return nearest


@nb.njit(cache=True)
def place_on_centerline(
    targets: FloatArray, centers: FloatArray, tangents: FloatArray, abscissas: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Abscissa and unit tangent of the section plane through each target.

    Targets before the first or behind the last plane get the end's.

    Args:
        targets: Points (k, 3) [m].
        centers: Section centers (n, 3) [m], n >= 2.
        tangents: Section tangents (n, 3) [-].
        abscissas: Of the sections (n,) [m].

    Returns:
        Abscissas (k,) [m] and tangents (k, 3) [-].
    """
    n_sections = centers.shape[0]
    place = np.empty(targets.shape[0])
    direction = np.empty((targets.shape[0], 3))
    tangent = np.empty(3)
    for k in range(targets.shape[0]):
        x = targets[k]
        nearest = _nearest_center(x, centers)
        best, segment, parameter = 1e300, -1, 0.0
        for i in range(max(nearest - REACH, 0), min(nearest + REACH, n_sections - 1)):
            u = _plane_root(x, centers, tangents, i)
            if u < 0.0:
                continue
            total = 0.0
            for d in range(3):
                total += (x[d] - centers[i, d] - u * (centers[i + 1, d] - centers[i, d])) ** 2
            if total < best:
                best, segment, parameter = total, i, u
        if segment < 0:
            segment = min(nearest, n_sections - 2)
            parameter = 1.0 if nearest > segment else 0.0
        j = segment + 1
        place[k] = abscissas[segment] + parameter * (abscissas[j] - abscissas[segment])
        length = 0.0
        for d in range(3):
            tangent[d] = tangents[segment, d] + parameter * (tangents[j, d] - tangents[segment, d])
            length += tangent[d] ** 2
        direction[k] = tangent / np.sqrt(length)
    return place, direction
