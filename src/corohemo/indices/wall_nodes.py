"""Wall shear stress at the nodes of the wall, for display and export."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.locator import PointLocator
from corohemo.indices.wall_shear import facet_stress
from corohemo.solvers.solution import FlowSolution

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NODE_POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.5, 0.0], [0.5, 0.5], [0.0, 0.5]])
"""Nodes of a facet on its reference triangle: vertices, then the middles of the edges."""


def nodal_wall_shear(
    solution: FlowSolution, *, locator: PointLocator | None = None
) -> tuple[IntArray, FloatArray]:
    """Wall shear stress vector at every node of the wall, vertices and middles of edges.

    It is the mean of what the facets around a node say there, each of its own side, weighted by
    their areas. Nothing is projected; but the shear within a facet is least accurate at its
    corners, so statistics take facets, sectors or pieces (``compute_wall_shear``).

    Args:
        solution: Flow field.
        locator: Locator of the flow's mesh; made if None.

    Returns:
        Nodes of the mesh, ascending (n,), and the traction there (n, 3) [Pa].
    """
    mesh = solution.mesh
    wall = np.flatnonzero(mesh.facet_face == mesh.faces.index("wall"))
    _, vectors, shear, _ = facet_stress(
        solution,
        wall,
        locator or PointLocator.of(mesh),
        rule_points=NODE_POINTS,
        rule_weights=np.full(len(NODE_POINTS), 0.5 / len(NODE_POINTS)),
    )
    nodes, place = np.unique(mesh.facets[wall], return_inverse=True)
    area = np.repeat(np.linalg.norm(vectors, axis=2).sum(axis=1), len(NODE_POINTS))
    around = np.bincount(place.ravel(), weights=area)
    force = area[:, None] * shear.reshape(-1, 3)
    sums = [np.bincount(place.ravel(), weights=column) for column in force.T]
    return nodes.astype(np.int64), np.column_stack(sums) / around[:, None]
