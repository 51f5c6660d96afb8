"""Small operations on triangulated surfaces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MeshingError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def boundary_loops(triangles: IntArray) -> list[IntArray]:
    """Closed loops of the edges that have one triangle, each in the direction of its triangles."""
    directed = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    n = int(triangles.max()) + 1
    forward = directed[:, 0] * n + directed[:, 1]
    backward = directed[:, 1] * n + directed[:, 0]
    following = dict(directed[~np.isin(forward, backward)].tolist())
    loops = []
    while following:
        start, current = following.popitem()
        loop = [start]
        while current != start:
            loop.append(current)
            if current not in following:
                raise MeshingError("the junction's surface has an open rim.", stage="contour")
            current = following.pop(current)
        loops.append(np.array(loop))
    return loops


def check_manifold(triangles: IntArray, rim: IntArray) -> None:
    """Refuse a surface that is not an oriented manifold whose rim is exactly the given edges.

    Args:
        triangles: Triangles (m, 3).
        rim: Undirected rim edges (r, 2).

    Raises:
        MeshingError: If an edge is used twice in one direction, or the rim differs.
    """
    directed = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    n = int(triangles.max()) + 1
    forward = directed[:, 0] * n + directed[:, 1]
    lone = directed[~np.isin(forward, directed[:, 1] * n + directed[:, 0])]
    expected = np.unique(np.sort(rim, axis=1), axis=0)
    if len(np.unique(forward)) != len(forward) or not np.array_equal(
        np.unique(np.sort(lone, axis=1), axis=0), expected
    ):
        raise MeshingError("the surface of a junction is not a manifold.", stage="remesh")


def compact(points: FloatArray, triangles: IntArray) -> tuple[FloatArray, IntArray]:
    """Drop unused points and renumber."""
    used, inverse = np.unique(triangles, return_inverse=True)
    return points[used], inverse.reshape(triangles.shape)


def largest_piece(triangles: IntArray) -> IntArray:
    """Triangles of the connected piece that has most of them."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = int(triangles.max()) + 1
    rows = np.concatenate([triangles[:, 0], triangles[:, 1]])
    columns = np.concatenate([triangles[:, 1], triangles[:, 2]])
    _, labels = connected_components(
        coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n)), directed=False
    )
    of_triangle = labels[triangles[:, 0]]
    kept: IntArray = triangles[of_triangle == np.bincount(of_triangle).argmax()]
    return kept


def graded(
    points: FloatArray, triangles: IntArray, sizes: FloatArray, *, slope: float
) -> FloatArray:
    """Sizes lowered until no edge sees them grow faster than ``slope`` per length."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    lengths = slope * np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    result = sizes.copy()
    for _ in range(200):
        before = result.copy()
        np.minimum.at(result, edges[:, 0], before[edges[:, 1]] + lengths)
        np.minimum.at(result, edges[:, 1], before[edges[:, 0]] + lengths)
        if np.array_equal(before, result):
            break
    return result


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


def mean_edges(points: FloatArray, triangles: IntArray) -> FloatArray:
    """Mean length of the edges at each vertex (n,)."""
    total, count = np.zeros(len(points)), np.zeros(len(points))
    for k in range(3):
        a, b = triangles[:, k], triangles[:, (k + 1) % 3]
        length = np.linalg.norm(points[a] - points[b], axis=1)
        for end in (a, b):
            np.add.at(total, end, length)
            np.add.at(count, end, 1.0)
    return np.asarray(total / count)


def smoothed(normals: FloatArray, triangles: IntArray) -> FloatArray:
    """Unit normals averaged twice with their neighbours' (n, 3)."""
    result = normals
    for _ in range(2):
        total = result.copy()
        for k in range(3):
            np.add.at(total, triangles[:, k], 0.5 * result[triangles[:, (k + 1) % 3]])
            np.add.at(total, triangles[:, k], 0.5 * result[triangles[:, (k + 2) % 3]])
        result = total / np.linalg.norm(total, axis=1)[:, None]
    return result


def triangle_quality(points: FloatArray, triangles: IntArray) -> FloatArray:
    """Area against edge lengths, 1 for the equilateral triangle (m,)."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    squares = sum(np.sum((p - q) ** 2, axis=1) for p, q in ((a, b), (b, c), (c, a)))
    return np.asarray(4.0 * np.sqrt(3.0) * area / np.maximum(squares, 1e-300))


def neighbor_means(points: FloatArray, triangles: IntArray) -> FloatArray:
    """Mean of the positions of each vertex's neighbors (n, 3)."""
    total, count = np.zeros_like(points), np.zeros(len(points))
    for k in range(3):
        for step in (1, 2):
            np.add.at(total, triangles[:, k], points[triangles[:, (k + step) % 3]])
            np.add.at(count, triangles[:, k], 1.0)
    return np.asarray(total / count[:, None])


def worst_triangles(points: FloatArray, triangles: IntArray, outward: FloatArray) -> IntArray:
    """Indices of triangles that are slivers or turn away from the outward directions (n, 3)."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-300)[:, None]
    mean = outward[triangles].mean(axis=1)
    mean /= np.maximum(np.linalg.norm(mean, axis=1), 1e-300)[:, None]
    facing = np.sum(normals * mean, axis=1)
    poor = (triangle_quality(points, triangles) < 0.2) | (facing < 0.5)
    return np.flatnonzero(poor)
