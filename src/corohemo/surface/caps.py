"""The planar ends of a lumen surface: found, or told by labels or separate patches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from corohemo.surface.closed import Surface, surface_error

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FLAT_DEG = 8.0
"""Neighbouring triangles of one plane differ by less than this [degrees]."""
RIM_DEG = 60.0, 35.0
"""At the median edge of its rim, and at nine of ten, a cap's plane differs from the wall by more
than this [degrees]."""
FEWEST_EDGES = 8
"""A cap's rim has at least as many."""
FLATNESS = 0.995
"""Least length of the sum of a cap's area vectors over its area."""
ROUNDNESS = 0.45
"""Least area of a cap over that of a circle of its perimeter."""
DEPTH, WALL = 3.0, 2.0
"""This deep behind a cap the wall is nearer than this [cap radii]."""
OFF_SURFACE = 0.3
"""A patch whose center is farther from the surface than this is no cap of it [cap radii]."""


@dataclass(frozen=True)
class Cap:
    """An opening of the lumen.

    Attributes:
        name: "inlet" or the outlet's name.
        center: Centroid of its area (3,) [m].
        normal: Unit normal out of the lumen (3,).
        area: Area [m2].
    """

    name: str
    center: FloatArray
    normal: FloatArray
    area: float

    @property
    def radius(self) -> float:
        """Radius of the circle of equal area [m]."""
        return float(np.sqrt(self.area / np.pi))


def cap_of(name: str, centers: FloatArray, vectors: FloatArray) -> Cap:
    """Cap of triangles with centers (k, 3) [m] and area vectors (k, 3) [m2]."""
    areas = np.linalg.norm(vectors, axis=1)
    total = vectors.sum(axis=0)
    return Cap(
        name=name,
        center=np.asarray(areas @ centers / areas.sum(), dtype=np.float64),
        normal=np.asarray(total / np.linalg.norm(total), dtype=np.float64),
        area=float(np.linalg.norm(total)),
    )


def labelled_caps(surface: Surface) -> tuple[Cap, ...]:
    """Caps by the surface's labels: each planar one is a cap; the widest is the inlet's."""
    groups = [surface.labels == label for label in np.unique(surface.labels)]
    return _widest_first(
        [group for group in groups if _flatness(surface, group) > FLATNESS], surface
    )


def found_caps(surface: Surface) -> tuple[Cap, ...]:
    """Caps by their shape: planar, round, and with an edge around; the widest is the inlet's."""
    one, other = surface.pairs.T
    units = surface.vectors / np.maximum(surface.areas, 1e-300)[:, None]
    cosine = np.sum(units[one] * units[other], axis=1)
    n = len(surface.triangles)
    flat = cosine > np.cos(np.radians(FLAT_DEG))
    links = coo_matrix((np.ones(flat.sum()), (one[flat], other[flat])), shape=(n, n))
    _, pieces = connected_components(links, directed=False)
    cloud = cKDTree(np.concatenate([surface.points, surface.centers]))
    groups = []
    for piece in np.flatnonzero(np.bincount(pieces) >= 3):
        group = pieces == piece
        rim = group[one] != group[other]
        if (
            rim.sum() >= FEWEST_EDGES
            and _flatness(surface, group) > FLATNESS
            and (np.quantile(cosine[rim], [0.5, 0.9]) < np.cos(np.radians(RIM_DEG))).all()
            and _roundness(surface, group) > ROUNDNESS
            and _ends_a_tube(surface, group, cloud)
        ):
            groups.append(group)
    return _widest_first(groups, surface)


def given_caps(surface: Surface, patches: Sequence[tuple[str, Surface]]) -> tuple[Cap, ...]:
    """Caps by separate patches, in their order.

    Raises:
        GeometryError: If a patch does not lie on the surface.
    """
    tree = cKDTree(surface.centers)
    caps = []
    for name, patch in patches:
        cap = cap_of(name, patch.centers, patch.vectors)
        reach = max(cap.radius, 3.0 * float(np.sqrt(np.median(surface.areas))))
        near = np.array(tree.query_ball_point(cap.center, reach), dtype=np.int64)
        gaps = np.abs((surface.centers[near] - cap.center) @ cap.normal)
        units = surface.vectors[near] / np.maximum(surface.areas[near], 1e-300)[:, None]
        facing = units @ cap.normal
        along = (np.abs(facing) > 0.9) & (gaps < OFF_SURFACE * cap.radius)
        if not along.any():
            raise surface_error(surface, f"has no cap where {name} lies", cap.center[None])
        side = 1.0 if np.sum(facing[along]) > 0 else -1.0
        caps.append(Cap(name, cap.center, side * cap.normal, cap.area))
    return tuple(caps)


def _widest_first(groups: Sequence[NDArray[np.bool_]], surface: Surface) -> tuple[Cap, ...]:
    caps = [cap_of("", surface.centers[group], surface.vectors[group]) for group in groups]
    caps.sort(key=lambda cap: -cap.area)
    names = ["inlet", *(f"outlet{k}" for k in range(1, len(caps)))]
    return tuple(
        Cap(name, cap.center, cap.normal, cap.area) for name, cap in zip(names, caps, strict=False)
    )


def _flatness(surface: Surface, group: NDArray[np.bool_]) -> float:
    total = np.linalg.norm(surface.vectors[group].sum(axis=0))
    return float(total / surface.areas[group].sum())


def _ends_a_tube(surface: Surface, group: NDArray[np.bool_], cloud: cKDTree) -> bool:
    """Whether a wall of about the cap's own radius lies behind it: a tube's end."""
    cap = cap_of("", surface.centers[group], surface.vectors[group])
    gap, _ = cloud.query(cap.center - DEPTH * cap.radius * cap.normal)
    return bool(gap < WALL * cap.radius)


def _roundness(surface: Surface, group: NDArray[np.bool_]) -> float:
    edges = surface.triangles[group][:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    unique, counts = np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)
    rim = unique[counts == 1]
    perimeter = np.linalg.norm(surface.points[rim[:, 0]] - surface.points[rim[:, 1]], axis=1).sum()
    return float(4.0 * np.pi * surface.areas[group].sum() / perimeter**2)
