"""Triangles that pass through each other."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PARALLEL = 1e-9
"""An edge whose volume with a triangle is smaller than this part of the box lies in its plane."""


@nb.njit(cache=True)
def crossing_triangles(points: FloatArray, triangles: IntArray) -> tuple[int, int]:
    """Two triangles that cross, or (-1, -1); neighbours, which share a vertex, are not compared.

    Boxes are swept along the longest axis; triangles cross where an edge of one passes through the
    inside of the other.

    Args:
        points: Vertices (n, 3).
        triangles: Triangles (m, 3).
    """
    m = triangles.shape[0]
    lower, upper = np.empty((m, 3)), np.empty((m, 3))
    for i in range(m):
        for d in range(3):
            a, b, c = (
                points[triangles[i, 0], d], points[triangles[i, 1], d], points[triangles[i, 2], d],
            )  # fmt: skip
            lower[i, d], upper[i, d] = min(a, b, c), max(a, b, c)
    axis = 0
    for d in range(1, 3):
        if np.ptp(lower[:, d]) > np.ptp(lower[:, axis]):
            axis = d
    order = np.argsort(lower[:, axis])
    for k in range(m):
        i = order[k]
        for following in range(k + 1, m):
            j = order[following]
            if lower[j, axis] > upper[i, axis]:
                break
            if _boxes_meet(lower, upper, i, j) and not _share_vertex(triangles, i, j):
                for first, second in ((i, j), (j, i)):
                    if _edge_passes(points, triangles[first], triangles[second]):
                        return i, j
    return -1, -1


@nb.njit(cache=True)
def _boxes_meet(lower: FloatArray, upper: FloatArray, i: int, j: int) -> bool:
    meet = True
    for d in range(3):
        meet = meet and lower[i, d] <= upper[j, d] and lower[j, d] <= upper[i, d]
    return meet


@nb.njit(cache=True)
def _share_vertex(triangles: IntArray, i: int, j: int) -> bool:
    for a in range(3):
        for b in range(3):
            if triangles[i, a] == triangles[j, b]:
                return True
    return False


@nb.njit(cache=True)
def _edge_passes(points: FloatArray, one: IntArray, other: IntArray) -> bool:
    """Whether an edge of one triangle passes through the inside of the other (Moller, Trumbore)."""
    a = points[other[0]]
    u, v = points[other[1]] - a, points[other[2]] - a
    for k in range(3):
        start = points[one[k]]
        along = points[one[(k + 1) % 3]] - start
        across = np.cross(along, v)
        determinant = np.dot(u, across)
        size = np.dot(u, u) * np.dot(v, v) * np.dot(along, along)
        if determinant * determinant <= PARALLEL * PARALLEL * size:
            continue
        away = start - a
        first = np.dot(away, across) / determinant
        if first < 0.0 or first > 1.0:
            continue
        lifted = np.cross(away, u)
        second = np.dot(along, lifted) / determinant
        if second < 0.0 or first + second > 1.0:
            continue
        place = np.dot(v, lifted) / determinant
        if 0.0 <= place <= 1.0:
            return True
    return False
