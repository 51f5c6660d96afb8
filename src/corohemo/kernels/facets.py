"""Curved boundary facets as flat triangles that follow the curvature."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
