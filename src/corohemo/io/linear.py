"""A curved mesh as a straight one on the same nodes: eight tetrahedra for each, four triangles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MeshingError
from corohemo.kernels.facets import QUARTERS

if TYPE_CHECKING:
    from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CORNERS = np.array([[0, 4, 6, 7], [4, 1, 5, 8], [6, 5, 2, 9], [7, 8, 9, 3]])
"""The tetrahedra at the vertices of a quadratic one."""
CORES = np.array(
    [
        [[4, 9, 5, 6], [4, 9, 6, 7], [4, 9, 7, 8], [4, 9, 8, 5]],
        [[5, 7, 4, 8], [5, 7, 8, 9], [5, 7, 9, 6], [5, 7, 6, 4]],
        [[6, 8, 4, 5], [6, 8, 5, 9], [6, 8, 9, 7], [6, 8, 7, 4]],
    ]
)
"""The octahedron between them, cut about each of its three diagonals."""


def straight_cells(mesh: LumenMesh) -> tuple[IntArray, IntArray, IntArray]:
    """Straight cells and facets on the nodes of a curved mesh.

    The octahedron in the middle of each cell is cut about the diagonal that leaves the fullest
    tetrahedra.

    Args:
        mesh: The curved mesh.

    Returns:
        Tetrahedra (8 m, 4) of positive volume, triangles (4 k, 3), and the tetrahedron behind each
        triangle (4 k,).

    Raises:
        MeshingError: If a cell is bent so much that a part of it would be turned inside out.
    """
    cores = [mesh.cells[:, core] for core in CORES]
    smallest = np.stack([_volumes(mesh.points, core).min(axis=1) for core in cores])
    best = np.argmax(smallest, axis=0)
    core = np.stack(cores)[best, np.arange(len(best))]
    parts = np.concatenate([mesh.cells[:, CORNERS], core], axis=1)
    flat = _volumes(mesh.points, parts).min(axis=1)
    worst = int(np.argmin(flat))
    if not flat[worst] > 0.0:
        raise MeshingError(
            "a curved cell cannot be cut into straight ones; write the mesh with curved cells, or "
            "mesh it finer.",
            abscissa=float(mesh.node_abscissa[mesh.cells[worst, 0]]),
            stage="export",
        )
    facets = mesh.facets[:, QUARTERS].reshape(-1, 3)
    return parts.reshape(-1, 4), facets, _behind(parts, mesh)


def _volumes(points: FloatArray, cells: IntArray) -> FloatArray:
    """Six times the volume of straight tetrahedra (..., 4) -> (...)."""
    a, b, c, d = (points[cells[..., k]] for k in range(4))
    return np.asarray(np.sum(np.cross(b - a, c - a) * (d - a), axis=-1))


def _behind(parts: IntArray, mesh: LumenMesh) -> IntArray:
    """The straight cell behind each quarter of a facet (4 k,)."""
    own = parts[mesh.facet_cell]
    quarters = mesh.facets[:, QUARTERS]
    inside = (
        np.isin(own[:, None, :, :, None] - quarters[:, :, None, None, :], 0)
        .any(axis=3)
        .all(axis=-1)
    )
    return (8 * mesh.facet_cell[:, None] + np.argmax(inside, axis=2)).reshape(-1)
