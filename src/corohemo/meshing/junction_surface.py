"""The wall of a junction: contour of the blended tubes between their interface rings, remeshed."""

from __future__ import annotations

import signal
import threading

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from corohemo.errors import MeshingError
from corohemo.meshing.junction_contour import contour_wall
from corohemo.meshing.junction_field import JunctionField, Ring
from corohemo.meshing.surfaces import (
    boundary_loops,
    check_manifold,
    compact,
    graded,
    largest_piece,
    neighbor_means,
    worst_triangles,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SETTLING_ROUNDS = 12


def junction_wall(
    field: JunctionField, rings: tuple[Ring, ...], edge_radii: float, resolution: float
) -> tuple[FloatArray, IntArray]:
    """Triangulated wall of a junction.

    Args:
        field: The junction's implicit surface.
        rings: Its interfaces; their points become vertices, in order, the first of the result.
        edge_radii: Wanted wall edge [local radii].
        resolution: Grid points per smallest radius of the contouring.

    Returns:
        Vertices (n, 3), ring points first, and outward triangles (m, 3).

    Raises:
        MeshingError: If the surface is not one piece with exactly these rings.
    """
    points, triangles = contour_wall(field, rings, resolution)
    points, triangles = _zip_rings(points, triangles, rings)
    points, triangles = _remesh(field, rings, points, triangles, edge_radii)
    check_manifold(triangles, ring_edges(rings))
    return points, triangles


def _zip_rings(
    points: FloatArray, triangles: IntArray, rings: tuple[Ring, ...]
) -> tuple[FloatArray, IntArray]:
    """Join each cut rim to its ring; ring points come first in the result."""
    triangles = largest_piece(triangles)
    points, triangles = compact(points, triangles)
    loops = boundary_loops(triangles)
    if len(loops) != len(rings):
        raise MeshingError(
            f"the junction's surface has {len(loops)} rims for {len(rings)} interfaces.",
            stage="contour",
        )
    n_ring = sum(len(ring.points) for ring in rings)
    triangles = triangles + n_ring
    centroids = np.array([points[loop].mean(axis=0) for loop in loops])
    bands = []
    offset = 0
    for ring in rings:
        distances = np.linalg.norm(centroids - ring.center, axis=1)
        nearest = int(np.argmin(distances))
        if distances[nearest] > ring.radius:
            raise MeshingError("a rim of the junction has no interface.", stage="contour")
        rim = loops[nearest] + n_ring
        band = _band(
            ring, np.arange(offset, offset + len(ring.points)), rim, points[loops[nearest]]
        )
        bands.append(band)
        offset += len(ring.points)
    everything = np.concatenate([ring.points for ring in rings] + [points])
    return everything, np.concatenate([triangles, *bands])


def _band(ring: Ring, ring_ids: IntArray, rim: IntArray, rim_points: FloatArray) -> IntArray:
    """Triangles between a rim, followed against its own direction, and the ring."""
    angle_rim = _angles(ring, rim_points)
    angle_ring = _angles(ring, ring.points)
    turn = np.sum(np.angle(np.exp(1j * np.diff(np.append(angle_rim, angle_rim[0])))))
    if turn < 0:
        ring_ids, angle_ring = ring_ids[::-1], angle_ring[::-1]
    sign = 1.0 if turn > 0 else -1.0
    begin = int(np.argmin(np.abs(np.angle(np.exp(1j * (angle_ring - angle_rim[0]))))))
    ring_ids, angle_ring = np.roll(ring_ids, -begin), np.roll(angle_ring, -begin)
    n, m = len(rim), len(ring_ids)
    along_rim = np.concatenate([[0.0], np.cumsum(_steps(angle_rim, sign))])
    along_ring = np.concatenate([[0.0], np.cumsum(_steps(angle_ring, sign))])
    along_ring = along_ring + sign * np.angle(np.exp(1j * (angle_ring[0] - angle_rim[0])))
    triangles = []
    i = j = 0
    while i < n or j < m:
        if j == m or (i < n and along_rim[i + 1] <= along_ring[j + 1]):
            triangles.append((rim[(i + 1) % n], rim[i % n], ring_ids[j % m]))
            i += 1
        else:
            triangles.append((rim[i % n], ring_ids[j % m], ring_ids[(j + 1) % m]))
            j += 1
    return np.array(triangles, dtype=np.int64)


def _angles(ring: Ring, points: FloatArray) -> FloatArray:
    relative = points - ring.center
    return np.arctan2(relative @ ring.binormal, relative @ ring.normal)


def _steps(angles: FloatArray, sign: float) -> FloatArray:
    steps = np.angle(np.exp(1j * np.diff(np.append(angles, angles[0])))) * sign
    return np.asarray(steps)


def _remesh(
    field: JunctionField,
    rings: tuple[Ring, ...],
    points: FloatArray,
    triangles: IntArray,
    edge_radii: float,
) -> tuple[FloatArray, IntArray]:
    """Isotropic triangles of the wanted size; ring points and edges stay."""
    import mmgpy

    n_ring = sum(len(ring.points) for ring in rings)
    scale = float(np.mean([ring.radius for ring in rings]))
    _, _, _, coordinates = field.values(points)
    sizes = edge_radii * field.local_radii(coordinates)
    offset = 0
    for ring in rings:
        sizes[offset : offset + len(ring.points)] = 2 * np.pi * ring.radius / len(ring.points)
        offset += len(ring.points)
    sizes = graded(points, triangles, sizes, slope=0.5)
    edges = ring_edges(rings)
    mesh = mmgpy.MmgMeshS()
    mesh.set_mesh_size(len(points), len(triangles), len(edges))
    mesh.set_vertices(points / scale)
    mesh.set_triangles(triangles.astype(np.int32))
    mesh.set_edges(edges.astype(np.int32))
    mesh.set_required_edges(np.arange(len(edges), dtype=np.int32))
    mesh.set_required_vertices(np.arange(n_ring, dtype=np.int32))
    mesh.set_field("metric", (sizes / scale)[:, None])
    try:
        mesh.remesh(verbose=-1, angle=0, hausd=0.15, hgrad=1.6)
    except RuntimeError as error:
        raise MeshingError(f"mmg could not remesh a junction: {error}.", stage="remesh") from None
    finally:
        _restore_interrupt()
    return _restored(
        field, points[:n_ring], mesh.get_vertices() * scale, mesh.get_triangles(), edge_radii
    )


def _restore_interrupt() -> None:
    """Give Ctrl-C back to Python: mmg leaves the C default handler behind."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))


def ring_edges(rings: tuple[Ring, ...]) -> IntArray:
    """Edges of the rings, whose points are numbered in order from 0 (n, 2)."""
    edges = []
    offset = 0
    for ring in rings:
        here = np.arange(len(ring.points))
        edges.append(offset + np.stack([here, (here + 1) % len(here)], axis=1))
        offset += len(here)
    return np.concatenate(edges)


def _restored(
    field: JunctionField,
    ring_points: FloatArray,
    points: FloatArray,
    triangles: IntArray,
    edge_radii: float,
) -> tuple[FloatArray, IntArray]:
    """Ring points first again and exact; the others projected on the wall."""
    n_ring = len(ring_points)
    gaps, where = cKDTree(points).query(ring_points)
    if gaps.max() > 1e-6 or len(np.unique(where)) != n_ring:
        raise MeshingError("an interface was lost in remeshing.", stage="remesh")
    rest = np.setdiff1d(np.arange(len(points)), where)
    order = np.concatenate([where, rest])
    number = np.empty(len(points), dtype=np.int64)
    number[order] = np.arange(len(points))
    ordered, renumbered = points[order], number[triangles]
    ordered[:n_ring] = ring_points
    return _settled(field, ordered, renumbered, n_ring, edge_radii), renumbered


def _settled(
    field: JunctionField, points: FloatArray, triangles: IntArray, n_ring: int, edge_radii: float
) -> FloatArray:
    """Free vertices on the implicit wall, evened out where triangles are slivers or folded."""
    settled = points.copy()
    free = np.arange(n_ring, len(points))
    for turn in range(SETTLING_ROUNDS):
        _, _, _, coordinates = field.values(settled[free])
        reach = 0.5 * edge_radii * field.local_radii(coordinates)
        settled[free], _ = field.project(settled[free], reach)
        _, outward, _, _ = field.values(settled)
        poor = worst_triangles(settled, triangles, outward)
        if not len(poor) or turn == SETTLING_ROUNDS - 1:
            break
        near = np.isin(triangles, np.unique(triangles[poor])).any(axis=1)
        free = np.unique(triangles[near])
        free = free[free >= n_ring]
        settled[free] += 0.5 * (neighbor_means(settled, triangles)[free] - settled[free])
    return settled
