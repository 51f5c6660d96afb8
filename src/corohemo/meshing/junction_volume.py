"""Tetrahedra of a junction: a wall layer of split prisms around an unstructured core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MeshingError
from corohemo.meshing.gmsh_fill import fill
from corohemo.meshing.quality import shape_quality
from corohemo.meshing.surfaces import graded, mean_edges, smoothed, vertex_normals
from corohemo.meshing.sweep import split_prisms

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEAST_FACING = 0.15
"""Least cosine between the normals and sides of a layer's prism."""
LEAST_SHAPE = 0.01
"""Least shape quality of its tetrahedra."""
MAXIMUM_THINNINGS = 12
WIDEST_LAYER = 0.9
"""Greatest width of the wall layer [mean wall edge]."""


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
    exact = np.concatenate([_positions(disk, disk.inner) for disk in disks])
    inner = np.concatenate([ring_inner, first_new + np.arange(n_free)])
    outer = np.concatenate([ring, first_new + n_free + np.arange(n_free)])
    layer = split_prisms(inner[wall_triangles], outer[wall_triangles])
    inner_points = _offset(wall_points, wall_triangles, thickness, exact, inner)
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


def _positions(disk: InterfaceDisk, vertices: IntArray) -> FloatArray:
    return disk.points[np.searchsorted(disk.vertices, vertices)]


def _offset(
    points: FloatArray,
    triangles: IntArray,
    thickness: FloatArray,
    ring_inner: FloatArray,
    numbers: IntArray,
) -> FloatArray:
    """Wall vertices moved inwards, less far where the layer would fold; rings as given.

    Args:
        points: Wall vertices (n, 3), those of the rings first.
        triangles: Outward wall triangles (m, 3).
        thickness: Wanted distance (n,).
        ring_inner: Where the rings' vertices go.
        numbers: Global numbers of the moved vertices (n,), which tell how prisms are split.
    """
    normals = smoothed(vertex_normals(points, triangles), triangles)
    width = np.minimum(thickness, WIDEST_LAYER * mean_edges(points, triangles))
    width = graded(points, triangles, width, slope=0.3)
    for _ in range(MAXIMUM_THINNINGS):
        inner = points - width[:, None] * normals
        inner[: len(ring_inner)] = ring_inner
        folded = _facing(points, triangles, inner) < LEAST_FACING
        folded |= _least_shape(points, triangles, inner, numbers) < LEAST_SHAPE
        if not folded.any():
            return inner
        width[np.unique(triangles[folded])] *= 0.8
        normals = _turned(points, triangles[folded], normals)
    raise MeshingError("the wall layer of a junction folds.", stage="layer")


def _turned(points: FloatArray, triangles: IntArray, normals: FloatArray) -> FloatArray:
    """Normals (n, 3) of the triangles' vertices turned towards the triangles' own."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    faces /= np.maximum(np.linalg.norm(faces, axis=1), 1e-300)[:, None]
    turned = normals.copy()
    for k in range(3):
        np.add.at(turned, triangles[:, k], 0.4 * faces)
    return np.asarray(turned / np.linalg.norm(turned, axis=1)[:, None])


def _facing(points: FloatArray, triangles: IntArray, inner: FloatArray) -> FloatArray:
    """How upright each prism of the layer is (m,): the least cosine among its normals and sides."""
    sides = points - inner
    sides /= np.maximum(np.linalg.norm(sides, axis=1), 1e-300)[:, None]
    normals = []
    for vertices in (points, inner):
        a, b, c = (vertices[triangles[:, k]] for k in range(3))
        normal = np.cross(b - a, c - a)
        normals.append(normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-300)[:, None])
    cosines = [np.sum(normals[0] * normals[1], axis=1)]
    for normal in normals:
        cosines += [np.sum(normal * sides[triangles[:, k]], axis=1) for k in range(3)]
    return np.min(cosines, axis=0)


def _least_shape(
    points: FloatArray, triangles: IntArray, inner: FloatArray, numbers: IntArray
) -> FloatArray:
    """Least shape quality of the three tetrahedra of each prism (m,), negative where one folds."""
    ranks = np.argsort(np.argsort(numbers))
    lower = ranks[triangles]
    by_rank = np.argsort(numbers)
    both = np.concatenate([inner[by_rank], points[by_rank]])
    quality = shape_quality(both, split_prisms(lower, lower + len(ranks))).reshape(3, -1)
    order = np.argsort(lower, axis=1)
    even = (order[:, 1] - order[:, 0]) % 3 == 1
    return np.asarray(np.where(even, 1.0, -1.0) * np.where(even, quality.min(0), quality.max(0)))


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
