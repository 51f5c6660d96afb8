"""Which daughter continues its parent, and how the others start."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corohemo.tree import Branch, VesselTree

FloatArray = NDArray[np.float64]

LOOK = 2.0
"""Distance over which a daughter's direction is judged [parent radii]."""
SAME_RADIUS = 1e-6
"""A daughter whose first radius is the parent's within this part of it has not its own."""
INNERMOST = 0.5
"""Own points of a daughter this near to the bifurcation are left out [parent radii]."""


@dataclass(frozen=True)
class Chain:
    """Branches that continue one another, as one list of points.

    Attributes:
        branches: Branch indices, proximal first.
        parent: Index of the branch that the chain leaves, -1 for the ostium's.
        points: Points (k, 3) [m].
        radii: Radii (k,) [m].
        breaks: Index of the first point of each branch, then of the last point.
    """

    branches: tuple[int, ...]
    parent: int
    points: FloatArray
    radii: FloatArray
    breaks: tuple[int, ...]


def find_chains(tree: VesselTree) -> tuple[Chain, ...]:
    """Cut a tree into chains; parents precede daughters."""
    next_of = {i: continuing_daughter(tree, i) for i in range(len(tree.branches))}
    followers = set(next_of.values())
    chains = []
    for index in range(len(tree.branches)):
        if index in followers:
            continue
        indices = [index]
        while next_of[indices[-1]] >= 0:
            indices.append(next_of[indices[-1]])
        chains.append(_join(tree, tuple(indices)))
    return tuple(chains)


def continuing_daughter(tree: VesselTree, index: int) -> int:
    """The daughter that continues branch ``index``, -1 at an outlet.

    The one with the greatest sum of relative radius (median, over the widest daughter's) and cosine
    of the angle with the parent; the first in case of a tie.
    """
    daughters = tree.children(index)
    if not daughters:
        return -1
    parent = tree.branches[index]
    reach = LOOK * parent.radii[-1]
    arriving = parent.points[-1] - _point_at(parent, max(parent.length - reach, 0.0))
    widths = [float(np.median(tree.branches[i].radii[1:])) for i in daughters]
    scores = []
    for i, width in zip(daughters, widths, strict=True):
        branch = tree.branches[i]
        leaving = _point_at(branch, min(reach, branch.length)) - branch.points[0]
        norms = np.linalg.norm(leaving) * np.linalg.norm(arriving)
        scores.append(round(width / max(widths) + float(arriving @ leaving / norms), 9))
    return daughters[int(np.argmax(scores))]


def leave_parent(
    chain: Chain, start: FloatArray, trunk_points: FloatArray, trunk_radii: FloatArray
) -> Chain:
    """A daughter's chain that starts on its parent's smoothed centerline with its own radius.

    Own points within half a parent radius of the bifurcation only tell how the file joins the
    branches, and are left out. The file's radius at the bifurcation is the daughter's own only
    where it differs from the parent's; otherwise that of the first own point stands for it. Inside
    the parent's lumen no radius exceeds the one at which the daughter comes out of it, nor the
    parent's.

    Args:
        chain: The chain as it is in the tree.
        start: Bifurcation point on the parent's smooth curve (3,) [m].
        trunk_points: Samples of the parent's curve (m, 3) [m].
        trunk_radii: Radii there (m,) [m].
    """
    nearest = int(np.argmin(np.linalg.norm(trunk_points - start, axis=1)))
    parent_radius = float(trunk_radii[nearest])
    shared = chain.radii[0] > (1.0 - SAME_RADIUS) * parent_radius
    radii = chain.radii.copy()
    radii[0] = min(radii[1] if shared else radii[0], parent_radius)
    gaps = np.linalg.norm(chain.points - start, axis=1)
    kept = (gaps >= INNERMOST * parent_radius) | (np.arange(len(gaps)) >= chain.breaks[1])
    first = max(int(np.argmax(kept[1:])) + 1, 1)
    keep = np.concatenate([[0], np.arange(first, len(radii))])
    points, radii = chain.points[keep], radii[keep]
    points[0] = start
    outlet = _first_outside(points, trunk_points, trunk_radii)
    if outlet < len(points):
        radii[:outlet] = np.minimum(radii[:outlet], min(radii[outlet], parent_radius))
    breaks = (0, *(b - first + 1 for b in chain.breaks[1:]))
    return replace(chain, points=points, radii=radii, breaks=breaks)


def _join(tree: VesselTree, indices: tuple[int, ...]) -> Chain:
    first = tree.branches[indices[0]]
    points, radii, breaks = [first.points], [first.radii], [0, len(first.radii) - 1]
    for i in indices[1:]:
        branch = tree.branches[i]
        points.append(branch.points[1:])
        radii.append(branch.radii[1:])
        breaks.append(breaks[-1] + len(branch.radii) - 1)
    return Chain(
        indices, first.parent, np.concatenate(points), np.concatenate(radii), tuple(breaks)
    )


def _first_outside(points: FloatArray, trunk: FloatArray, trunk_radii: FloatArray) -> int:
    """Index of the first point outside the parent's lumen, ``len(points)`` if there is none."""
    for i, point in enumerate(points):
        if np.all(np.linalg.norm(trunk - point, axis=1) > trunk_radii):
            return i
    return len(points)


def _point_at(branch: Branch, distance: float) -> FloatArray:
    """Point at a distance [m] from the branch's start."""
    along = branch.abscissas - branch.abscissas[0]
    return np.array([np.interp(distance, along, branch.points[:, d]) for d in range(3)])
