"""Acceptance of a mesh: every element valid, the boundary closed, the volume as it should be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import CrossingWallError, MeshingError
from corohemo.kernels.crossings import crossing_triangles
from corohemo.kernels.jacobian import cell_jacobians
from corohemo.kernels.quadratic import facet_quadrature
from corohemo.lumen import Lumen
from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SMALLEST_SHAPE = 1e-3
"""Least accepted shape quality of a straight tetrahedron in a junction."""
SMALLEST_JACOBIAN = 0.02
"""Least accepted ratio of a curved cell's smallest to its largest Jacobian determinant."""


@dataclass(frozen=True)
class MeshQuality:
    """Figures of a mesh for reports.

    Attributes:
        cells, nodes: Counts.
        jacobian_ratio_min, jacobian_ratio_p01: Smallest over largest Jacobian determinant within a
            cell: the worst and the first percentile.
        volume: Volume of the mesh [m3].
        wall_area: Area of the wall [m2].
        closure: Sum of all outward area vectors over the total area; 0 if watertight.
    """

    cells: int
    nodes: int
    jacobian_ratio_min: float
    jacobian_ratio_p01: float
    volume: float
    wall_area: float
    closure: float


def shape_quality(points: FloatArray, cells: IntArray) -> FloatArray:
    """Volume against edge lengths of straight tetrahedra, 1 for the regular one (m,)."""
    a, b, c, d = (points[cells[:, k]] for k in range(4))
    volume = np.sum(np.cross(b - a, c - a) * (d - a), axis=1) / 6.0
    squares = sum(
        np.sum((p - q) ** 2, axis=1) for p, q in ((a, b), (a, c), (a, d), (b, c), (b, d), (c, d))
    )
    return np.asarray(12.0 * 3.0 ** (2.0 / 3.0) * np.cbrt(volume) ** 2 * np.sign(volume) / squares)


def check_volumes(points: FloatArray, cells: IntArray, shell: IntArray) -> None:
    """Refuse flat straight tetrahedra, and cells that overlap or leave gaps.

    Args:
        points: Vertices (n, 3).
        cells: Tetrahedra of positive volume (m, 4).
        shell: Closed outward surface that they should fill (k, 3).

    Raises:
        MeshingError: If one is found.
    """
    origin = points[shell[0, 0]]
    a, b, c = (points[shell[:, k]] - origin for k in range(3))
    enclosed = np.sum(np.cross(a, b) * c) / 6.0
    a, b, c, d = (points[cells[:, k]] for k in range(4))
    filled = np.sum(np.cross(b - a, c - a) * (d - a)) / 6.0
    if abs(filled - enclosed) > 1e-9 * enclosed:
        raise MeshingError("the cells of a junction overlap.", stage="fill")
    quality = shape_quality(points, cells)
    if not quality.min() > SMALLEST_SHAPE:
        raise MeshingError(
            f"a junction has a flat tetrahedron (quality {quality.min():.1e}).", stage="fill"
        )


def mesh_quality(mesh: LumenMesh) -> MeshQuality:
    """Measure a mesh."""
    return _figures(mesh, *cell_jacobians(mesh.points, mesh.cells))


def _figures(mesh: LumenMesh, low: FloatArray, high: FloatArray, volume: FloatArray) -> MeshQuality:
    ratio = low / high
    _, vectors = facet_quadrature(mesh.points, mesh.facets)
    areas = np.linalg.norm(vectors, axis=2).sum(axis=1)
    wall = mesh.facet_face == len(mesh.faces) - 1
    return MeshQuality(
        cells=len(mesh.cells),
        nodes=len(mesh.points),
        jacobian_ratio_min=float(ratio.min()),
        jacobian_ratio_p01=float(np.percentile(ratio, 1)),
        volume=float(volume.sum()),
        wall_area=float(areas[wall].sum()),
        closure=float(np.linalg.norm(vectors.sum(axis=(0, 1))) / areas.sum()),
    )


def check_mesh(mesh: LumenMesh, lumen: Lumen) -> FloatArray:
    """Refuse a mesh that is not valid.

    Returns:
        Volume of each cell (m,) [m3].

    Raises:
        MeshingError: With the place of the first defect.
        CrossingWallError: If a vessel runs through itself or another one.
    """
    low, high, volume = cell_jacobians(mesh.points, mesh.cells)
    ratio = low / np.maximum(high, 1e-300)
    worst = int(np.argmin(ratio))
    if not ratio[worst] > SMALLEST_JACOBIAN:
        node = mesh.cells[worst, 0]
        raise MeshingError(
            f"a curved element is folded (Jacobian ratio {ratio[worst]:.3f}).",
            branch=lumen.branches[mesh.node_branch[node]].name,
            abscissa=float(mesh.node_abscissa[node]),
            stage="curving",
        )
    if _figures(mesh, low, high, volume).closure > 1e-10:
        raise MeshingError("the mesh's boundary is not closed.", stage="assemble")
    for k, name in enumerate(mesh.faces):
        if not (mesh.facet_face == k).any():
            raise MeshingError(f"the mesh has no facets on {name}.", stage="assemble")
    _check_crossings(mesh, lumen)
    return volume


def _check_crossings(mesh: LumenMesh, lumen: Lumen) -> None:
    """Refuse a boundary that passes through itself, each facet taken as four flat ones."""
    corners = ([0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5])
    parts = np.concatenate([mesh.facets[:, c] for c in corners])
    first, second = crossing_triangles(mesh.points, parts)
    if first < 0:
        return
    here, there = (
        lumen.branches[mesh.node_branch[node]].name for node in parts[[first, second], 0]
    )
    other = "itself" if here == there else there
    raise CrossingWallError(
        f"its wall runs through {other}; correct the radii or move the centerlines apart.",
        branch=here,
        abscissa=float(mesh.node_abscissa[parts[first, 0]]),
    )
