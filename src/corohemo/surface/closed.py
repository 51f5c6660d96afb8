"""A triangulated surface, and what makes it the wall of a lumen: closed, manifold, outward."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from corohemo.errors import GeometryError
from corohemo.surface.polydata import enclosed_volume
from corohemo.units import MM

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SAME_POINT = 1e-6
"""Points nearer than this are one [extent of the surface]."""
MOST_PLACES = 3
"""Places that a refusal lists."""


@dataclass(frozen=True)
class Surface:
    """Triangles with a label each.

    Attributes:
        points: Vertices (n, 3) [m].
        triangles: Triangles (m, 3), counter-clockwise seen from outside.
        labels: Number of the face that each triangle belongs to (m,); all 0 where none is known.
        source: Where it came from, for messages.
    """

    points: FloatArray
    triangles: IntArray
    labels: IntArray
    source: str

    @cached_property
    def vectors(self) -> FloatArray:
        """Area vector of each triangle (m, 3) [m2]."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        return np.asarray(0.5 * np.cross(b - a, c - a), dtype=np.float64)

    @cached_property
    def areas(self) -> FloatArray:
        """Area of each triangle (m,) [m2]."""
        return np.asarray(np.linalg.norm(self.vectors, axis=1), dtype=np.float64)

    @cached_property
    def centers(self) -> FloatArray:
        """Centroid of each triangle (m, 3) [m]."""
        return np.asarray(self.points[self.triangles].mean(axis=1), dtype=np.float64)

    @property
    def volume(self) -> float:
        """Enclosed volume [m3]."""
        return enclosed_volume(self.points, self.triangles)

    @cached_property
    def pairs(self) -> IntArray:
        """Triangles on either side of each edge (e, 2); the surface must be closed."""
        keys = _edge_keys(self.triangles)
        order = np.argsort(keys, kind="stable")
        return np.asarray(order.reshape(-1, 2) // 3, dtype=np.int64)


def _edge_keys(triangles: IntArray) -> IntArray:
    """One number per undirected edge of each triangle, three after one another (3 m,)."""
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    keys: IntArray = edges[:, 0] * (int(triangles.max()) + 1) + edges[:, 1]
    return keys


def closed_surface(surface: Surface) -> tuple[Surface, tuple[str, ...]]:
    """The surface as one closed outward manifold, and what was mended.

    Points in one place are merged, flat and doubled triangles dropped, loose pieces left out.

    Raises:
        GeometryError: If it is not closed or manifold, encloses nothing, or crosses itself; with
            places in millimetres.
    """
    notes: list[str] = []
    clean = _merged(surface)
    if not len(clean.triangles):
        places = _listed(surface.centers)
        raise GeometryError(
            f"{surface.source}: All triangles of the surface are flat, at {places}."
        )
    clean, dropped = _largest_piece(clean)
    if dropped:
        notes.append(f"{dropped} triangles of loose pieces of the surface were left out.")
    _check_edges(clean)
    if clean.volume < 0.0:
        clean = replace(clean, triangles=clean.triangles[:, ::-1].copy())
        notes.append("The surface pointed inwards and was turned.")
    _check_crossings(clean)
    return clean, tuple(notes)


def _merged(surface: Surface) -> Surface:
    """Without doubled points, flat triangles and unused points."""
    points = surface.points
    extent = float(np.ptp(points, axis=0).max())
    spacing = max(SAME_POINT * extent, float(np.finfo(np.float64).tiny))
    grid = np.rint((points - points.min(axis=0)) / spacing).astype(np.int64)
    _, first, number = np.unique(grid, axis=0, return_index=True, return_inverse=True)
    triangles = number.ravel()[surface.triangles]
    a, b, c = triangles.T
    kept = (a != b) & (b != c) & (c != a)
    triangles, labels = triangles[kept], surface.labels[kept]
    _, once = np.unique(np.sort(triangles, axis=1), axis=0, return_index=True)
    once = np.sort(once)
    used, inverse = np.unique(triangles[once], return_inverse=True)
    return replace(
        surface,
        points=points[first[used]],
        triangles=inverse.reshape(-1, 3).astype(np.int64),
        labels=labels[once],
    )


def _largest_piece(surface: Surface) -> tuple[Surface, int]:
    """The connected piece of greatest area, and how many triangles the others have."""
    n = len(surface.points)
    a, b, c = surface.triangles.T
    rows, columns = np.concatenate([a, b]), np.concatenate([b, c])
    links = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    _, pieces = connected_components(links, directed=False)
    of_triangle = pieces[a]
    kept = of_triangle == np.bincount(of_triangle, weights=surface.areas).argmax()
    if kept.all():
        return surface, 0
    used, inverse = np.unique(surface.triangles[kept], return_inverse=True)
    piece = replace(
        surface,
        points=surface.points[used],
        triangles=inverse.reshape(-1, 3).astype(np.int64),
        labels=surface.labels[kept],
    )
    return piece, int((~kept).sum())


def _check_edges(surface: Surface) -> None:
    keys = _edge_keys(surface.triangles)
    unique, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    n = int(surface.triangles.max()) + 1
    for wrong, said in (
        (counts == 1, "is not closed: it has open edges"),
        (counts > 2, "is not a manifold: edges with more than two triangles"),
    ):
        if wrong.any():
            ends = np.stack([unique[wrong] // n, unique[wrong] % n], axis=1)
            raise surface_error(surface, said, surface.points[ends].mean(axis=1))
    directed = surface.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    forward = directed[:, 0] < directed[:, 1]
    balance = np.bincount(inverse.ravel(), weights=np.where(forward, 1.0, -1.0))
    if balance.any():
        ends = np.stack([unique // n, unique % n], axis=1)[balance != 0]
        raise surface_error(
            surface, "has triangles that face different ways", surface.points[ends].mean(axis=1)
        )


def surface_error(surface: Surface, said: str, places: FloatArray) -> GeometryError:
    """A refusal that lists places (k, 3) [m] in millimetres."""
    return GeometryError(
        f"{surface.source}: the surface {said} ({len(places)} places, such as {_listed(places)}); "
        "repair it in the program that made it."
    )


def _listed(places: FloatArray) -> str:
    """The first of places (k, 3) [m], in millimetres."""
    first = (
        "(" + ", ".join(f"{x / MM:.2f}" for x in place) + ")" for place in places[:MOST_PLACES]
    )
    return "; ".join(first) + " mm"


def _check_crossings(surface: Surface) -> None:
    """Refuse a surface whose edges pass through its own triangles."""
    corners = surface.points[surface.triangles]
    reach = np.linalg.norm(corners - surface.centers[:, None], axis=2).max(axis=1)
    tree = cKDTree(surface.centers)
    near = tree.query_ball_point(surface.centers, 1.05 * (reach + np.median(reach)))
    one = np.repeat(np.arange(len(near)), [len(found) for found in near])
    other = np.concatenate([np.asarray(found, dtype=np.int64) for found in near])
    apart = (surface.triangles[one][:, :, None] != surface.triangles[other][:, None, :]).all(
        axis=(1, 2)
    )
    one, other = one[apart], other[apart]
    crossing = np.zeros(len(one), dtype=bool)
    a, b, c = (corners[other, k] for k in range(3))
    for k in range(3):
        start, end = corners[one, k], corners[one, (k + 1) % 3]
        crossing |= _passes_through(start, end, a, b, c)
    if crossing.any():
        places = surface.centers[np.unique(one[crossing])]
        raise surface_error(surface, "crosses itself", places)


def _passes_through(
    start: FloatArray, end: FloatArray, a: FloatArray, b: FloatArray, c: FloatArray
) -> NDArray[np.bool_]:
    """Whether segments pass through the inside of triangles (k,); all arguments (k, 3)."""
    along = end - start
    one, two = b - a, c - a
    across = np.cross(along, two)
    determinant = np.sum(one * across, axis=1)
    scale = np.linalg.norm(along, axis=1) * np.linalg.norm(np.cross(one, two), axis=1)
    solid = np.abs(determinant) > 1e-9 * scale
    inverse = 1.0 / np.where(solid, determinant, 1.0)
    away = start - a
    u = np.sum(away * across, axis=1) * inverse
    turned = np.cross(away, one)
    v = np.sum(along * turned, axis=1) * inverse
    t = np.sum(two * turned, axis=1) * inverse
    slack = 1e-9
    inside = (u > slack) & (v > slack) & (u + v < 1 - slack)
    return np.asarray(solid & inside & (t > slack) & (t < 1 - slack))
