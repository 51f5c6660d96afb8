"""Merging of centerline paths that run over each other into one tree.

Extraction tools write one path per outlet, all from the ostium, so that stems are there several
times; others write one polyline per vessel that starts on its parent. Both become one list of
points with parents. Paths share a stem as long as they run within ``SHARED_FRACTION`` of the local
radius of each other; they part at the last such point before they are a whole radius apart.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError
from corohemo.io.raw import RawCenterline

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SHARED_FRACTION = 0.25
"""Paths closer than this fraction of the local radius are one stem."""
JOIN_FRACTION = 1.0
"""A path belongs to the tree if it starts within this many radii of it."""
MAX_PAIRS = 2_000_000
"""Point-segment pairs handled at once, to bound the memory."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Path3D:
    """One polyline, proximal to distal.

    Attributes:
        points: Positions (n, 3).
        radii: Radius at each point (n,).
        label: The vessel's name or "".
        contours: Contour of the lumen at each point (n,), or empty.
    """

    points: FloatArray
    radii: FloatArray
    label: str = ""
    contours: tuple[FloatArray | None, ...] = ()

    def reversed(self) -> Path3D:
        """The same path, run the other way."""
        return Path3D(self.points[::-1], self.radii[::-1], self.label, self.contours[::-1])


@dataclass(frozen=True)
class _Projection:
    """Nearest places of a growing tree: distance (n,), node below, fraction of its edge, radius."""

    distance: FloatArray
    node: IntArray
    fraction: FloatArray
    radius: FloatArray


class _Tree:
    """A growing list of points with parents."""

    def __init__(self, first: Path3D) -> None:
        n = len(first.points)
        self.points = first.points
        self.radii = first.radii
        self.parents = np.arange(-1, n - 1)
        self.labels = [first.label] * n
        self.contours = _contours_of(first)

    def project(self, points: FloatArray) -> _Projection:
        """Nearest place on any edge for each point (n, 3)."""
        lower = np.flatnonzero(self.parents >= 0)
        upper = self.parents[lower]
        start, along = self.points[upper], self.points[lower] - self.points[upper]
        squares = np.maximum(np.einsum("ij,ij->i", along, along), np.finfo(float).tiny)
        node, fraction, distance = [], [], []
        step = max(1, MAX_PAIRS // len(lower))
        for begin in range(0, len(points), step):
            chunk = points[begin : begin + step, None, :] - start[None, :, :]
            t = np.clip(np.einsum("pij,ij->pi", chunk, along) / squares, 0.0, 1.0)
            gaps = np.linalg.norm(chunk - t[..., None] * along, axis=2)
            best = np.argmin(gaps, axis=1)
            rows = np.arange(len(best))
            node.append(lower[best])
            fraction.append(t[rows, best])
            distance.append(gaps[rows, best])
        below, share = np.concatenate(node), np.concatenate(fraction)
        radius = (1 - share) * self.radii[self.parents[below]] + share * self.radii[below]
        return _Projection(np.concatenate(distance), below, share, radius)

    def attach(self, path: Path3D) -> None:
        """Add the part of ``path`` that leaves the tree."""
        near = self.project(path.points)
        apart = np.flatnonzero(near.distance > JOIN_FRACTION * near.radius)
        end = int(apart[0]) if len(apart) else len(path.points)
        shared = np.flatnonzero(near.distance[:end] <= SHARED_FRACTION * near.radius[:end])
        last = int(shared[-1]) if len(shared) else -1
        if not len(apart):
            _log.info("A path of %d points runs inside another one; left out.", len(path.points))
            return
        at = max(last, 0)
        join = self._node_at(int(near.node[at]), float(near.fraction[at]), float(near.radius[at]))
        first = last + 1
        n, m = len(self.points), len(path.points) - first
        self.points = np.vstack([self.points, path.points[first:]])
        self.radii = np.concatenate([self.radii, path.radii[first:]])
        self.parents = np.concatenate([self.parents, [join], np.arange(n, n + m - 1)])
        self.labels += [path.label] * m
        self.contours += _contours_of(path)[first:]

    def _node_at(self, below: int, fraction: float, radius: float) -> int:
        """The node at a place of an edge: an end of it if that is near, else a new one."""
        above = int(self.parents[below])
        length = float(np.linalg.norm(self.points[below] - self.points[above]))
        if min(fraction, 1 - fraction) * length <= SHARED_FRACTION * radius:
            return above if fraction < 0.5 else below
        place = (1 - fraction) * self.points[above] + fraction * self.points[below]
        new = len(self.points)
        self.points = np.vstack([self.points, place])
        self.radii = np.append(self.radii, radius)
        self.parents = np.append(self.parents, above)
        self.parents[below] = new
        self.labels.append(self.labels[below])
        self.contours.append(None)
        return new


def merge_paths(
    paths: list[Path3D], *, source: str, length_unit: str | None = None
) -> RawCenterline:
    """One tree from paths that share stems, or that start on each other.

    Args:
        paths: Polylines in any order. If all of them end together but start apart, they are read
            as running from the outlets to the ostium.
        source: File name for messages.
        length_unit: Passed on.

    Raises:
        GeometryError: If the paths form several trees, or none has two points.
    """
    usable = [(number, path) for number, path in enumerate(paths, 1) if len(path.points) > 1]
    if not usable:
        raise GeometryError(
            f"{source}: None of its paths 1 to {len(paths)} has two points or more."
            if paths
            else f"{source}: The file holds no points."
        )
    numbered = _from_ostium(usable)
    roots = _ostium_paths(numbered, source)
    longest = max(roots, key=lambda item: _length(item[1]))
    tree = _Tree(longest[1])
    waiting = sorted(
        (item for item in numbered if item is not longest), key=lambda item: -_length(item[1])
    )
    while waiting:
        for item in waiting:
            start = tree.project(item[1].points[:1])
            if start.distance[0] <= JOIN_FRACTION * max(start.radius[0], item[1].radii[0]):
                break
        else:
            listed = ", ".join(str(number) for number, _ in waiting[:5])
            raise GeometryError(
                f"{source}: There are several trees: the start of path {listed} is more than one "
                f"radius away from the tree of path {longest[0]}. Read one tree at a time; a path "
                f"that runs towards the ostium must be reversed first."
            )
        waiting.remove(item)
        tree.attach(item[1])
    return RawCenterline(
        points=tree.points,
        radii=tree.radii,
        parents=tree.parents,
        names=tuple(tree.labels) if any(tree.labels) else None,
        length_unit=length_unit,
        contours=tuple(tree.contours) if any(c is not None for c in tree.contours) else (),
    )


def _contours_of(path: Path3D) -> list[FloatArray | None]:
    return list(path.contours) or [None] * len(path.points)


_Numbered = tuple[int, Path3D]


def _from_ostium(paths: list[_Numbered]) -> list[_Numbered]:
    """All paths reversed if they run from the outlets to a common ostium."""
    starts = np.array([path.points[0] for _, path in paths])
    ends = np.array([path.points[-1] for _, path in paths])
    radius = max(max(path.radii[0], path.radii[-1]) for _, path in paths)
    spread = [float(np.ptp(ends, axis=0).max()), float(np.ptp(starts, axis=0).max())]
    if len(paths) < 2 or spread[0] > radius or spread[1] <= radius:
        return paths
    _log.info("The paths end together and start apart; read from their ends.")
    return [(number, path.reversed()) for number, path in paths]


def _ostium_paths(paths: list[_Numbered], source: str) -> list[_Numbered]:
    """The paths that start at the ostium, not on another path."""
    roots = [item for item in paths if not any(_starts_on(item, other) for other in paths)]
    if not roots:
        raise GeometryError(f"{source}: Every path starts on another one, so there is no ostium.")
    return roots


def _starts_on(item: _Numbered, other: _Numbered) -> bool:
    """Whether a path starts on another one, beyond that one's start."""
    if item is other:
        return False
    start, host = item[1].points[:1], other[1]
    near = _Tree(host).project(start)
    reach = JOIN_FRACTION * float(near.radius[0])
    if near.distance[0] > reach:
        return False
    return bool(np.linalg.norm(start[0] - host.points[0]) > max(reach, host.radii[0]))


def _length(path: Path3D) -> float:
    return float(np.linalg.norm(np.diff(path.points, axis=0), axis=1).sum())
