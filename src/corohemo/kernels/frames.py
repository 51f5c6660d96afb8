"""Rotation-minimising frames by double reflection.

Wang, Juettler, Zheng, Liu, "Computation of rotation minimizing frames", ACM Trans Graph 2008;27:2.
Global error O(h^4); exact on straight lines and circles.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@nb.njit(cache=True)
def transport_frame(points: FloatArray, tangents: FloatArray, start: FloatArray) -> FloatArray:
    """Normals carried along a curve with as little rotation about it as can be.

    Args:
        points: Points of the curve (n, 3) [m], no two neighbours equal.
        tangents: Unit tangents (n, 3) [-].
        start: Unit normal at the first point (3,) [-].

    Returns:
        Unit normals (n, 3) [-], orthogonal to the tangents.
    """
    n = points.shape[0]
    normals = np.empty((n, 3))
    normals[0] = start
    for i in range(n - 1):
        step = points[i + 1] - points[i]
        square = np.sum(step * step)
        mirrored = normals[i] - (2.0 / square) * np.sum(step * normals[i]) * step
        tangent = tangents[i] - (2.0 / square) * np.sum(step * tangents[i]) * step
        change = tangents[i + 1] - tangent
        square = np.sum(change * change)
        normal = mirrored
        if square > 0.0:
            normal = mirrored - (2.0 / square) * np.sum(change * mirrored) * change
        normal = normal - np.sum(normal * tangents[i + 1]) * tangents[i + 1]
        normals[i + 1] = normal / np.sqrt(np.sum(normal * normal))
    return normals
