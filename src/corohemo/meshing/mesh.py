"""The lumen mesh as plain arrays: second-order tetrahedra with named boundary facets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

VTK_EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))


@dataclass(frozen=True)
class LumenMesh:
    """Curved tetrahedra that fill the lumen.

    Attributes:
        points: Nodes, vertices and edge midpoints mixed (n, 3) [m]. Every node belongs to a cell.
        cells: Quadratic tetrahedra (m, 10), VTK node order: vertices 0-3, then edges
            (0,1) (1,2) (0,2) (0,3) (1,3) (2,3); positive orientation.
        facets: Boundary triangles (k, 6), VTK order: vertices 0-2, then edges (0,1) (1,2) (2,0);
            vertex normal by the right-hand rule points out of the fluid.
        facet_face: Index into ``faces`` of each facet (k,).
        faces: Face names: "inlet", "outlet:<branch name>" in the lumen's order, "wall" last.
        node_branch: Index of the lumen branch each node belongs to (n,).
        node_abscissa: Path length from the ostium of each node's nearest section (n,) [m].
        facet_cell: Index of the cell behind each facet (k,).
        notes: What the user should know, such as ends that were drawn out.
    """

    points: FloatArray
    cells: IntArray
    facets: IntArray
    facet_face: IntArray
    faces: tuple[str, ...]
    node_branch: IntArray
    node_abscissa: FloatArray
    facet_cell: IntArray
    notes: tuple[str, ...] = ()

    @cached_property
    def vertex_ids(self) -> IntArray:
        """Sorted indices of the nodes that are cell vertices."""
        return np.unique(self.cells[:, :4])
