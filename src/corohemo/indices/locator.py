"""Where points lie in a mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.cell_hash import CellGrid, cell_boxes, cell_planes, hash_cells
from corohemo.kernels.tetrahedra import interpolate, locate_points
from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BIN = 0.45
"""Width of a bin over the median size of a cell."""
MOST_BINS = 4_000_000


@dataclass(frozen=True)
class PointLocator:
    """Cells of a mesh, hashed for fast point location.

    Attributes:
        mesh: The mesh.
        grid: Boxes and planes of its cells, and bins [m].
        starts, members: Cells in each bin, as compressed rows.
    """

    mesh: LumenMesh
    grid: CellGrid
    starts: IntArray
    members: IntArray

    @classmethod
    def of(cls, mesh: LumenMesh) -> PointLocator:
        """Hash the cells of ``mesh`` into bins of about their size."""
        lower, upper = cell_boxes(mesh.points, mesh.cells)
        extent = upper.max(axis=0) - lower.min(axis=0)
        step = BIN * float(np.median((upper - lower).max(axis=1)))
        step = max(step, float(np.cbrt(np.prod(extent) / MOST_BINS)))
        shape = np.floor(extent / step).astype(np.int64) + 1
        planes = cell_planes(mesh.points, mesh.cells)
        grid = CellGrid(lower, upper, planes, lower.min(axis=0), step, shape)
        return cls(mesh, grid, *hash_cells(grid))

    def locate(self, targets: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """Cell (k,), reference coordinates (k, 3) and distance to the mesh (k,) [m] of points."""
        cell, reference, distance = locate_points(
            np.ascontiguousarray(targets),
            self.mesh.points,
            self.mesh.cells,
            self.grid,
            self.starts,
            self.members,
        )
        return cell, reference, distance

    def interpolate(self, values: FloatArray, cell: IntArray, reference: FloatArray) -> FloatArray:
        """A nodal field (n, c) at located points (k, c)."""
        field: FloatArray = interpolate(values, self.mesh.cells, cell, reference)
        return field
