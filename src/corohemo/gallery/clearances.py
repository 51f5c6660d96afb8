"""Whether the vessels of a lumen keep clear of each other and of themselves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from corohemo.lumen import Lumen

FloatArray = NDArray[np.float64]

ANGLES = 2.0 * np.pi * np.arange(36) / 36
FAR = 2.0
"""Gaps are exact up to this one [radii of the smaller]."""
KIN = 4.0
"""Vessels that start within this distance [parent radii] on one parent count as neighbours."""
SELF = 4.0
"""Parts of one vessel nearer than this along it [radii] are not compared."""


def keeps_clear(lumen: Lumen, gap: float, *, stubs: bool) -> bool:
    """Whether each vessel, once it has come out of its neighbours, stays away from all others.

    Args:
        lumen: The lumen.
        gap: Least gap between walls [radii of the smaller].
        stubs: Whether a vessel may end before it has come out.
    """
    vessels = _vessels(lumen)
    walls = [_wall(lumen, vessel) for vessel in vessels]
    for k, one in enumerate(vessels):
        if not _clear_of_itself(*walls[k][:2]):
            return False
        for m, other in enumerate(vessels):
            if m == k:
                continue
            clear = _gaps(walls[k], walls[m]) > gap
            if not _are_neighbours(lumen, one, other):
                if not clear.all():
                    return False
            elif not _parts_once(clear, from_start=k > m, stubs=stubs):
                return False
    return True


def distance_from_others(lumen: Lumen, index: int) -> FloatArray:
    """Gap between each section of a branch and the nearest other vessel [smaller radius] (n,)."""
    own = lumen.vessel(index)
    wall = _wall(lumen, (index,))
    gaps = [_gaps(wall, _wall(lumen, other)) for other in _vessels(lumen) if other != own]
    return np.min(gaps, axis=0) if gaps else np.full(len(wall[1]), np.inf)


def _vessels(lumen: Lumen) -> list[tuple[int, ...]]:
    """Branch indices of the vessels, parents before daughters."""
    return sorted({lumen.vessel(i) for i in range(len(lumen.branches))})


def _wall(lumen: Lumen, vessel: tuple[int, ...]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centers (n, 3), radii (n,) and wall points (n, 36, 3) of a vessel."""
    parts = [lumen.branches[i] for i in vessel]
    centers = np.concatenate([part.points for part in parts])
    radii = np.concatenate([part.radii for part in parts])
    normals = np.concatenate([part.normals for part in parts])
    binormals = np.concatenate([part.binormals for part in parts])
    around = (
        np.cos(ANGLES)[:, None] * normals[:, None] + np.sin(ANGLES)[:, None] * (binormals[:, None])
    )
    return centers, radii, centers[:, None] + radii[:, None, None] * around


def _gaps(
    one: tuple[FloatArray, FloatArray, FloatArray], other: tuple[FloatArray, FloatArray, FloatArray]
) -> FloatArray:
    """Gap between each section of a vessel and another one [radii of the smaller] (n,)."""
    centers, radii, wall = one
    between = cdist(centers, other[0])
    scale = np.minimum(radii[:, None], other[1])
    gaps = ((between - radii[:, None] - other[1]) / scale).min(axis=1)
    for i in np.flatnonzero(gaps < FAR):
        samples = np.concatenate([centers[[i]], wall[i]])
        gaps[i] = ((cdist(samples, other[0]) - other[1]) / scale[i]).min()
    return np.asarray(gaps, dtype=np.float64)


def _clear_of_itself(centers: FloatArray, radii: FloatArray) -> bool:
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(centers, axis=0), axis=1))])
    apart = np.abs(s[:, None] - s) > SELF * np.maximum(radii[:, None], radii)
    gaps = cdist(centers, centers) - 1.05 * (radii[:, None] + radii)
    return bool((gaps[apart] > 0).all())


def _parts_once(clear: NDArray[np.bool_], *, from_start: bool, stubs: bool) -> bool:
    """Whether the sections that are not clear are one run, at the vessel's start if asked."""
    touched = np.flatnonzero(~clear)
    if len(touched) == 0:
        return True
    if len(touched) <= touched[-1] - touched[0] or (from_start and touched[0] > 0):
        return False
    return stubs or bool(clear[-1])


def _are_neighbours(lumen: Lumen, one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two vessels meet at a bifurcation or at bifurcations close to each other."""
    return any(
        lumen.branches[b[0]].parent in a or _are_kin(lumen, a, b)
        for a, b in ((one, other), (other, one))
    )


def _are_kin(lumen: Lumen, one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two vessels leave a third near each other, or one soon after its parent the other."""
    first, second = (lumen.branches[vessel[0]] for vessel in (one, other))
    if first.parent < 0 or second.parent < 0:
        return False
    middle = lumen.vessel(second.parent)
    start = lumen.branches[middle[0]]
    if first.parent in middle:
        gap = abs(float(first.abscissas[0] - second.abscissas[0]))
        return gap < KIN * float(lumen.branches[first.parent].radii[-1])
    gap = float(second.abscissas[0] - start.abscissas[0])
    return start.parent in one and gap < KIN * float(start.radii[0])
