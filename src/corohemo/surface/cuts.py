"""Plane cuts through a closed surface: the contour around a point of the centerline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from corohemo.surface.closed import Surface

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_NEXT = np.array([1, 2, 0])


class Cutter:
    """Cuts of one surface; triangles are found by their distance from the plane's center."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        corners = surface.points[surface.triangles]
        reach = np.linalg.norm(corners - surface.centers[:, None], axis=2).max(axis=1)
        self._reach = float(reach.max())
        self._tree = cKDTree(surface.centers)

    def contour(self, center: FloatArray, normal: FloatArray, reach: float) -> FloatArray | None:
        """The closed contour in a plane that goes around its center (m, 3) [m].

        Args:
            center: A point in the lumen (3,) [m].
            normal: Unit normal of the plane (3,).
            reach: Distance from the center within which the contour must close [m].

        Returns:
            The contour, None where none within reach goes around the center.
        """
        near = np.array(self._tree.query_ball_point(center, reach + self._reach), dtype=np.int64)
        if not len(near):
            return None
        triangles = self.surface.triangles[near]
        height = (self.surface.points[triangles] - center) @ normal
        above = height > 0.0
        cut = above.any(axis=1) & ~above.all(axis=1)
        if not cut.any():
            return None
        for loop in _loops(self.surface.points, triangles[cut], height[cut], above[cut]):
            if _goes_around(loop - center, normal):
                return loop
        return None


def _loops(
    points: FloatArray, triangles: IntArray, height: FloatArray, above: NDArray[np.bool_]
) -> list[FloatArray]:
    """Closed loops of the crossings of triangles' edges with the plane."""
    n = len(points)
    rows = np.arange(len(triangles))
    leaving = np.argmax(above & ~above[:, _NEXT], axis=1)
    entering = np.argmax(~above & above[:, _NEXT], axis=1)
    keys, places = [], []
    for first in (leaving, entering):
        second = _NEXT[first]
        a, b = triangles[rows, first], triangles[rows, second]
        share = height[rows, first] / (height[rows, first] - height[rows, second])
        places.append((1.0 - share)[:, None] * points[a] + share[:, None] * points[b])
        keys.append(np.minimum(a, b) * n + np.maximum(a, b))
    following = dict(
        zip(keys[0].tolist(), zip(keys[1].tolist(), places[0], strict=True), strict=True)
    )
    loops = []
    while following:
        start, (current, place) = following.popitem()
        loop = [place]
        while current != start:
            if current not in following:
                break
            current, place = following.pop(current)
            loop.append(place)
        else:
            loops.append(np.array(loop))
    return loops


def _goes_around(away: FloatArray, normal: FloatArray) -> bool:
    """Whether a loop (m, 3) winds once around the origin of its plane."""
    axis = np.eye(3)[int(np.argmin(np.abs(normal)))]
    one = np.cross(normal, axis)
    two = np.cross(normal, one)
    angles = np.arctan2(away @ two, away @ one)
    turn = np.angle(np.exp(1j * np.diff(np.append(angles, angles[0])))).sum()
    return bool(abs(abs(turn) - 2.0 * np.pi) < 1e-6)
