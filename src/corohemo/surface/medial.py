"""Centerlines of a closed surface: shortest ways through the Voronoi diagram of its points.

The Voronoi vertices inside the surface lie on its medial axis, each the center of a ball that
touches the wall; a way along their edges that costs the length over the ball's radius keeps to the
middle of the vessels. The idea is that of Antiga, Ene-Iordache, Remuzzi, IEEE Trans Med Imaging
2003;22:674; the diagram is the dual of SciPy's Delaunay tetrahedra.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay

from corohemo.errors import GeometryError
from corohemo.surface.caps import Cap
from corohemo.surface.closed import Surface
from corohemo.surface.polydata import is_inside

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DOOR = 1.0
"""A cap is entered from the balls within this distance of its center [cap radii]."""
NARROW_DOOR = 0.6
"""These balls are at least this wide [cap radii]."""
STEP = 0.25
"""Distance between points of a path [local radii]."""
LEAST_FACING = 0.3
"""A Voronoi vertex is inside if the walls it touches face away from it by this mean cosine."""
SMOOTHING = 2.0
"""Standard deviation of the smoothing of a path, in steps."""
CAP_REACH = 1.0
"""Near a cap the medial axis spreads to the rim; the path goes straight from here [cap radii]."""


@dataclass(frozen=True)
class MedialPath:
    """A way from the inlet's center to an outlet's.

    Attributes:
        name: The outlet.
        points: Positions (n, 3) [m].
        radii: Radius of the ball that touches the wall (n,) [m].
    """

    name: str
    points: FloatArray
    radii: FloatArray


@dataclass(frozen=True)
class _Medial:
    """Voronoi vertices inside the surface and their links."""

    points: FloatArray
    radii: FloatArray
    links: IntArray


def medial_paths(surface: Surface, caps: tuple[Cap, ...]) -> tuple[MedialPath, ...]:
    """Smooth paths from the first cap to each other one.

    Raises:
        GeometryError: If a cap cannot be reached from the first.
    """
    medial = _medial_axis(surface)
    n = len(medial.points)
    rows, columns, costs = _weighted(medial, surface)
    doors = [_door(medial, cap) for cap in caps]
    for k, (cap, door) in enumerate(zip(caps, doors, strict=True)):
        if not len(door):
            raise GeometryError(
                f"{surface.source}: the surface is too coarse or too narrow at its end "
                f"{cap.name}; refine it there.",
            )
        gaps = np.linalg.norm(medial.points[door] - cap.center, axis=1)
        rows = np.concatenate([rows, np.full(len(door), n + k)])
        columns = np.concatenate([columns, door])
        costs = np.concatenate([costs, gaps / cap.radius + 1e-9])
    size = n + len(caps)
    graph = coo_matrix((costs, (rows, columns)), shape=(size, size)).tocsr()
    _, before = dijkstra(graph, directed=False, indices=n, return_predecessors=True)
    return tuple(
        _smooth_path(_walk(before, n, n + k, surface, cap.name), medial, caps[0], cap)
        for k, cap in enumerate(caps)
        if k > 0
    )


def _medial_axis(surface: Surface) -> _Medial:
    scale = float(np.ptp(surface.points, axis=0).max())
    origin = surface.points.mean(axis=0)
    delaunay = Delaunay((surface.points - origin) / scale)
    corners = delaunay.points[delaunay.simplices]
    edges = 2.0 * (corners[:, 1:] - corners[:, :1])
    squares = np.sum(corners[:, 1:] ** 2, axis=2) - np.sum(corners[:, :1] ** 2, axis=2)
    solid = np.abs(np.linalg.det(edges)) > 1e-15
    centers = np.full((len(corners), 3), np.inf)
    centers[solid] = np.linalg.solve(edges[solid], squares[solid][..., None])[..., 0]
    near = (np.abs(centers) < 1.0).all(axis=1)
    inside = near.copy()
    inside[near] = _faces_outward(surface, delaunay, centers, near) > LEAST_FACING
    number = np.cumsum(inside) - 1
    kept = np.flatnonzero(inside)
    points = origin + scale * centers[kept]
    radii = scale * np.linalg.norm(centers[kept] - corners[kept, 0], axis=1)
    beside = delaunay.neighbors[kept]
    one = np.repeat(np.arange(len(kept)), 4)
    other = beside.ravel()
    valid = (other >= 0) & inside[other]
    links = np.stack([one[valid], number[other[valid]]], axis=1)
    return _Medial(points, radii, links[links[:, 0] < links[:, 1]])


def _faces_outward(
    surface: Surface, delaunay: Delaunay, centers: FloatArray, chosen: NDArray[np.bool_]
) -> FloatArray:
    """Mean cosine between the wall's normals at a tetrahedron's corners and their directions.

    Seen from a ball inside the surface, the wall that it touches faces away.
    """
    normals = np.zeros_like(surface.points)
    for k in range(3):
        np.add.at(normals, surface.triangles[:, k], surface.vectors)
    normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-300)[:, None]
    simplices = delaunay.simplices[chosen]
    away = delaunay.points[simplices] - centers[chosen][:, None]
    away /= np.maximum(np.linalg.norm(away, axis=2), 1e-300)[..., None]
    return np.asarray(np.einsum("kcd,kcd->k", away, normals[simplices]) / 4.0)


def _weighted(medial: _Medial, surface: Surface) -> tuple[IntArray, IntArray, FloatArray]:
    """Links inside the surface, with their costs."""
    one, other = medial.links.T
    start, along = medial.points[one], medial.points[other] - medial.points[one]
    length = np.linalg.norm(along, axis=1)
    kept = length <= np.maximum(medial.radii[one], medial.radii[other])
    far = np.flatnonzero(~kept)
    within = np.ones(len(far), dtype=bool)
    for share in (0.25, 0.5, 0.75):
        within &= is_inside(surface.points, surface.triangles, start[far] + share * along[far])
    kept[far] = within
    one, other, length = one[kept], other[kept], length[kept]
    cost = 0.5 * length * (1.0 / medial.radii[one] + 1.0 / medial.radii[other]) + 1e-9
    return one, other, cost


def _door(medial: _Medial, cap: Cap) -> IntArray:
    gaps = np.linalg.norm(medial.points - cap.center, axis=1)
    for reach in (DOOR, 1.5 * DOOR, 2.5 * DOOR):
        wide = medial.radii > NARROW_DOOR * cap.radius / (reach / DOOR)
        door = np.flatnonzero((gaps < reach * cap.radius) & wide)
        if len(door):
            break
    return door


def _walk(before: IntArray, start: int, end: int, surface: Surface, name: str) -> IntArray:
    nodes = [end]
    while nodes[-1] != start:
        nodes.append(int(before[nodes[-1]]))
        if nodes[-1] < 0:
            raise GeometryError(
                f"{surface.source}: there is no way through the surface from its inlet to {name}; "
                "it may be closed or too coarse in between."
            )
    return np.array(nodes[-2:0:-1], dtype=np.int64)


def _smooth_path(nodes: IntArray, medial: _Medial, start: Cap, end: Cap) -> MedialPath:
    """Evenly spaced in local radii, smoothed, straight to the centers of its caps."""
    points, radii = medial.points[nodes], medial.radii[nodes]
    clear = np.ones(len(nodes), dtype=bool)
    for cap in (start, end):
        clear &= np.linalg.norm(points - cap.center, axis=1) > CAP_REACH * cap.radius
    points = np.vstack([start.center, points[clear], end.center])
    radii = np.concatenate([[start.radius], radii[clear], [end.radius]])
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    turns = np.concatenate([[0.0], np.cumsum(steps / np.minimum(radii[1:], radii[:-1]))])
    even = np.linspace(0.0, turns[-1], max(int(turns[-1] / STEP), 8))
    points = np.column_stack([np.interp(even, turns, column) for column in points.T])
    radii = np.interp(even, turns, radii)
    smooth = gaussian_filter1d(points, SMOOTHING, axis=0, mode="nearest")
    fade = np.minimum(np.arange(len(even)), np.arange(len(even))[::-1]) / (3.0 * SMOOTHING)
    share = np.clip(fade, 0.0, 1.0)[:, None]
    return MedialPath(
        end.name,
        share * smooth + (1.0 - share) * points,
        gaussian_filter1d(radii, SMOOTHING, mode="nearest"),
    )
