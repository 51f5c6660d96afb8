"""From tetrahedra with vertices to the second-order mesh with named faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MeshingError
from corohemo.meshing.mesh import VTK_EDGES, LumenMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FACES = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])
"""Outward faces of a positive tetrahedron."""
_FACE_EDGES = np.array([[2, 1, 0], [0, 4, 3], [1, 5, 4], [3, 5, 2]])
"""Edges of each face in the order (0,1) (1,2) (2,0) of its vertices."""


@dataclass(frozen=True)
class VertexMesh:
    """Straight tetrahedra and what is known of their vertices.

    Attributes:
        points: Vertices (n, 3) [m].
        cells: Tetrahedra (m, 4).
        caps: Vertices of each cap's disk, by face name.
        branch, abscissa: Place of each vertex (n,), (n,) [m].
    """

    points: FloatArray
    cells: IntArray
    caps: dict[str, IntArray]
    branch: IntArray
    abscissa: FloatArray


def oriented(points: FloatArray, cells: IntArray) -> IntArray:
    """Cells with positive volume (m, 4)."""
    a, b, c, d = (points[cells[:, k]] for k in range(4))
    volume = np.sum(np.cross(b - a, c - a) * (d - a), axis=1)
    flipped = cells.copy()
    flipped[volume < 0] = flipped[volume < 0][:, [0, 1, 3, 2]]
    return flipped


def cell_edges(cells: IntArray) -> tuple[IntArray, IntArray]:
    """Unique ascending edges (e, 2) and the edge number of each cell's six edges (m, 6)."""
    pairs = np.stack([np.sort(cells[:, list(edge)], axis=1) for edge in VTK_EDGES], axis=1)
    n = int(cells.max()) + 1
    keys = pairs[..., 0] * n + pairs[..., 1]
    unique, inverse = np.unique(keys, return_inverse=True)
    return np.stack([unique // n, unique % n], axis=1), inverse.reshape(keys.shape)


def boundary_faces(cells: IntArray) -> tuple[IntArray, IntArray]:
    """Cell and local face of each face that has one cell (k,), (k,)."""
    faces = np.sort(cells[:, FACES], axis=2).reshape(-1, 3)
    _, inverse, counts = np.unique(faces, axis=0, return_inverse=True, return_counts=True)
    if counts.max() > 2:
        raise MeshingError("a face has more than two cells.", stage="assemble")
    single = np.flatnonzero(counts[inverse.ravel()] == 1)
    return single // 4, single % 4


def second_order(
    mesh: VertexMesh,
    edges: IntArray,
    edge_of_cell: IntArray,
    middles: FloatArray,
    notes: tuple[str, ...] = (),
) -> LumenMesh:
    """Curved mesh with a node ``middles[e]`` on each edge.

    Args:
        mesh: Vertices and cells, positively oriented.
        edges: Unique edges (e, 2).
        edge_of_cell: Their numbers for each cell (m, 6).
        middles: Edge nodes (e, 3) [m].
        notes: What the user should know of the mesh.
    """
    n = len(mesh.points)
    cells = np.concatenate([mesh.cells, n + edge_of_cell], axis=1)
    cell, face = boundary_faces(mesh.cells)
    vertices = mesh.cells[cell[:, None], FACES[face]]
    facets = np.concatenate([vertices, n + edge_of_cell[cell[:, None], _FACE_EDGES[face]]], axis=1)
    names = (*mesh.caps, "wall")
    facet_face = np.full(len(facets), len(names) - 1, dtype=np.int64)
    for k, vertices_of_cap in enumerate(mesh.caps.values()):
        inside = np.isin(vertices, vertices_of_cap).all(axis=1)
        facet_face[inside] = k
    return LumenMesh(
        points=np.concatenate([mesh.points, middles]),
        cells=cells,
        facets=facets,
        facet_face=facet_face,
        faces=names,
        node_branch=np.concatenate([mesh.branch, mesh.branch[edges[:, 0]]]),
        node_abscissa=np.concatenate([mesh.abscissa, mesh.abscissa[edges].mean(axis=1)]),
        facet_cell=cell,
        notes=notes,
    )
