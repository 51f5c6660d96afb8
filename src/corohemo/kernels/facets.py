"""Curved boundary facets: their edges, and flat triangles that follow the curvature."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

QUARTERS = np.array([[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]])
"""A quadratic triangle (vertices 0-2, edges 01 12 20) as four triangles of the same orientation."""


def flatten_facets(facets: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Four flat triangles for each quadratic facet.

    Args:
        facets: Node indices of quadratic triangles (k, 6).

    Returns:
        The nodes in use (n,), the triangles as indices into these (4k, 3), and the facet that each
        triangle belongs to (4k,).
    """
    nodes, compact = np.unique(facets[:, QUARTERS], return_inverse=True)
    triangles = compact.reshape(-1, 3).astype(np.int64)
    return nodes, triangles, np.repeat(np.arange(len(facets)), len(QUARTERS))


def facet_edges(facets: IntArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Edges of a surface of quadratic facets.

    Args:
        facets: Node indices of quadratic triangles (k, 6).

    Returns:
        The edge behind the sides 01, 12, 20 of each facet (k, 3); 1 where the side runs as its edge
        does and -1 where against it (k, 3); 1 over the number of facets at each edge (e,).
    """
    sides = facets[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    _, edge, count = np.unique(
        np.sort(sides, axis=1), axis=0, return_inverse=True, return_counts=True
    )
    signs = np.where(sides[:, 0] < sides[:, 1], 1.0, -1.0)
    return edge.reshape(-1, 3).astype(np.int64), signs.reshape(-1, 3), 1.0 / count
