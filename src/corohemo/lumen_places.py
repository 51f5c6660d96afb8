"""Where points lie in a lumen: the branch and the abscissa of the nearest section."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.lumen import Lumen

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def nearest_sections(lumen: Lumen, points: FloatArray) -> tuple[IntArray, FloatArray]:
    """Branch and abscissa of each point.

    A point belongs to the branch from whose centerline it is the fewest local radii away; a side
    branch counts from where it has left its parent.

    Args:
        lumen: The lumen.
        points: Positions (n, 3) [m].

    Returns:
        Branch index (n,), and path length from the ostium (n,) [m].
    """
    from scipy.spatial import KDTree

    best = np.full(len(points), np.inf)
    branches, abscissas = np.zeros(len(points), dtype=np.int64), np.zeros(len(points))
    for index, branch in enumerate(lumen.branches):
        own = np.flatnonzero(lumen.is_outside_parent(index))
        if not len(own):
            continue
        distance, nearest = KDTree(branch.points[own]).query(points)
        section = own[nearest]
        offset = points - branch.points[section]
        along = branch.abscissas[section] + np.sum(offset * branch.tangents[section], axis=1)
        away = distance / branch.radii[section]
        closer = away < best
        best[closer], branches[closer] = away[closer], index
        abscissas[closer] = np.clip(along, *branch.abscissas[[0, -1]])[closer]
    return branches, abscissas
