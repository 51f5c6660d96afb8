"""Tetrahedra of a junction: a wall layer of split prisms around an unstructured core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MeshingError
from corohemo.meshing.gmsh_fill import fill
from corohemo.meshing.sweep import split_prisms

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class InterfaceDisk:
    """A section's vertices as a junction sees them.

    Attributes:
        vertices: Global numbers of the disk's vertices (n,).
        points: Their positions (n, 3).
        wall: Global numbers of the wall ring, in order (s,).
        inner: Global numbers of the next ring inwards, in order (s,).
        triangles: The disk's triangles, global numbers, pointing out of the junction (m, 3).
        core: Those of them inside the inner ring (m', 3).
        thickness: Width of the wall layer [m].
    """

    vertices: IntArray
    points: FloatArray
    wall: IntArray
    inner: IntArray
    triangles: IntArray
    core: IntArray
    thickness: float


@dataclass(frozen=True)
class JunctionVolume:
    """New vertices of a junction, numbered from ``first_new`` on, and all of its tetrahedra."""

    new_points: FloatArray
    cells: IntArray
    wall: IntArray
    """Wall triangles, outward, global numbers (m, 3)."""


def vertex_normals(points: FloatArray, triangles: IntArray) -> FloatArray:
    """Angle-weighted unit normals (n, 3)."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    faces /= np.maximum(np.linalg.norm(faces, axis=1), 1e-300)[:, None]
    normals = np.zeros_like(points)
    for k in range(3):
        p, q, r = (points[triangles[:, (k + i) % 3]] for i in range(3))
        u, v = q - p, r - p
        cosine = np.sum(u * v, axis=1) / (np.linalg.norm(u, axis=1) * np.linalg.norm(v, axis=1))
        np.add.at(normals, triangles[:, k], np.arccos(np.clip(cosine, -1, 1))[:, None] * faces)
    return np.asarray(normals / np.maximum(np.linalg.norm(normals, axis=1), 1e-300)[:, None])


def layered_volume(
    disks: tuple[InterfaceDisk, ...],
    wall_points: FloatArray,
    wall_triangles: IntArray,
    thickness: FloatArray,
    first_new: int,
) -> JunctionVolume:
    """Fill a junction with one wall layer and a core.

    Args:
        disks: Its interfaces.
        wall_points: Wall vertices (n, 3), the disks' rings first.
        wall_triangles: Outward wall triangles (m, 3), local numbers.
        thickness: Layer width at each wall vertex (n,) [m].
        first_new: Global number of the first new vertex.

    Raises:
        MeshingError: If the layer folds or the core cannot be filled.
    """
    ring = np.concatenate([disk.wall for disk in disks])
    ring_inner = np.concatenate([disk.inner for disk in disks])
    n_ring, n_wall = len(ring), len(wall_points)
    n_free = n_wall - n_ring
    normals = vertex_normals(wall_points, wall_triangles)
    inner_points = wall_points - thickness[:, None] * normals
    inner = np.concatenate([ring_inner, first_new + np.arange(n_free)])
    outer = np.concatenate([ring, first_new + n_free + np.arange(n_free)])
    layer = split_prisms(inner[wall_triangles], outer[wall_triangles])
    _check_facing(inner_points, wall_points, wall_triangles, n_ring, disks)
    positions = {
        int(v): p for disk in disks for v, p in zip(disk.vertices, disk.points, strict=True)
    }
    shell = np.concatenate([inner[wall_triangles], *[disk.core for disk in disks]])
    used = np.unique(shell)
    free = {int(first_new + k): inner_points[n_ring + k] for k in range(n_free)}
    points = np.array([free.get(int(v), positions.get(int(v))) for v in used])
    local = np.searchsorted(used, shell)
    added, cells = fill(points, local)
    numbers = np.concatenate([used, first_new + 2 * n_free + np.arange(len(added))])
    return JunctionVolume(
        new_points=np.concatenate([inner_points[n_ring:], wall_points[n_ring:], added]),
        cells=np.concatenate([layer, numbers[cells]]),
        wall=outer[wall_triangles],
    )


def _check_facing(
    inner: FloatArray,
    outer: FloatArray,
    triangles: IntArray,
    n_ring: int,
    disks: tuple[InterfaceDisk, ...],
) -> None:
    """Refuse an inner surface that folds: its triangles must face as the wall's do."""
    exact = inner.copy()
    start = 0
    for disk in disks:
        position = dict(zip(disk.vertices.tolist(), disk.points, strict=True))
        for k, v in enumerate(disk.inner.tolist()):
            exact[start + k] = position[v]
        start += len(disk.inner)
    inner[:n_ring] = exact[:n_ring]
    a, b, c = (outer[triangles[:, k]] for k in range(3))
    wall = np.cross(b - a, c - a)
    a, b, c = (inner[triangles[:, k]] for k in range(3))
    inside = np.cross(b - a, c - a)
    cosine = np.sum(wall * inside, axis=1) / np.maximum(
        np.linalg.norm(wall, axis=1) * np.linalg.norm(inside, axis=1), 1e-300
    )
    if cosine.min() < 0.3:
        raise MeshingError("the wall layer of a junction folds.", stage="layer")


def plain_volume(
    disks: tuple[InterfaceDisk, ...],
    wall_points: FloatArray,
    wall_triangles: IntArray,
    first_new: int,
) -> JunctionVolume:
    """Fill a junction without a wall layer."""
    ring = np.concatenate([disk.wall for disk in disks])
    n_ring = len(ring)
    n_free = len(wall_points) - n_ring
    outer = np.concatenate([ring, first_new + np.arange(n_free)])
    positions = {
        int(v): p for disk in disks for v, p in zip(disk.vertices, disk.points, strict=True)
    }
    positions.update({int(first_new + k): wall_points[n_ring + k] for k in range(n_free)})
    shell = np.concatenate([outer[wall_triangles], *[disk.triangles for disk in disks]])
    used = np.unique(shell)
    points = np.array([positions[int(v)] for v in used])
    added, cells = fill(points, np.searchsorted(used, shell))
    numbers = np.concatenate([used, first_new + n_free + np.arange(len(added))])
    return JunctionVolume(
        new_points=np.concatenate([wall_points[n_ring:], added]),
        cells=numbers[cells],
        wall=outer[wall_triangles],
    )
