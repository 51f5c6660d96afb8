"""From points that name their parents to branches: merging of doublets, splitting, names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.nodes import Nodes, geometry_error, topological_order

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SAME_POINT = 1e-4
"""Points closer than this fraction of their radius are the same point."""
SAME_RADIUS = 0.1
"""Relative difference up to which two radii at one point of an unbranched run are the same."""


@dataclass(frozen=True)
class Run:
    """One branch: its nodes (the shared one first), its radii, its parent branch and its name."""

    nodes: IntArray
    radii: FloatArray
    parent: int
    name: str


def split_branches(nodes: Nodes, *, source: str) -> tuple[Run, ...]:
    """Branches in depth-first order, the widest daughter first.

    Raises:
        GeometryError: If all points are in one place, or two radii at one place disagree.
    """
    merged = _merge_doublets(nodes)
    children = merged.children
    root = int(np.flatnonzero(nodes.parents < 0)[0])
    if not children[root]:
        raise geometry_error(source, "All points are in one place, so there is no vessel.")
    runs: list[tuple[list[int], int]] = []
    stack = [(root, first, -1) for first in children[root]]
    if len(stack) > 1:
        raise geometry_error(
            source,
            f"The ostium, point {root + 1}, has {len(stack)} children; a tree starts with one "
            f"vessel, so put a short stem before the first bifurcation or read its vessels apart.",
        )
    while stack:
        shared, first, parent = stack.pop()
        run = [shared, first]
        while len(children[run[-1]]) == 1:
            run.append(children[run[-1]][0])
        index = len(runs)
        runs.append((run, parent))
        daughters = sorted(children[run[-1]], key=lambda i: _width(i, children, nodes.radii))
        stack.extend((run[-1], daughter, index) for daughter in daughters)
    names = _name_runs([run for run, _ in runs], nodes.names)
    return tuple(
        _finish_run(run, parent, name, nodes, merged, source)
        for (run, parent), name in zip(runs, names, strict=True)
    )


@dataclass(frozen=True)
class _Merged:
    """Children of the points that remain, and the points that were merged into each of them."""

    children: list[list[int]]
    absorbed: dict[int, list[int]]
    start_radius: FloatArray
    """Radius at the shared point of a branch that begins with this node."""


def _merge_doublets(nodes: Nodes) -> _Merged:
    n = len(nodes.parents)
    anchor = np.arange(n)
    start_radius = nodes.radii.copy()
    children: list[list[int]] = [[] for _ in range(n)]
    absorbed: dict[int, list[int]] = {}
    for node in topological_order(nodes.parents):
        parent = int(nodes.parents[node])
        if parent < 0:
            continue
        onto = int(anchor[parent])
        gap = np.linalg.norm(nodes.points[node] - nodes.points[onto])
        if gap <= SAME_POINT * nodes.radii[onto]:
            anchor[node] = onto
            absorbed.setdefault(onto, []).append(node)
        else:
            children[onto].append(node)
            start_radius[node] = nodes.radii[parent]
    return _Merged(children=children, absorbed=absorbed, start_radius=start_radius)


def _finish_run(
    run: list[int], parent: int, name: str, nodes: Nodes, merged: _Merged, source: str
) -> Run:
    radii = nodes.radii[run]
    inner = run[1:-1] if merged.children[run[-1]] else run[1:]
    for node in inner:
        for other in merged.absorbed.get(node, ()):
            if abs(nodes.radii[other] - nodes.radii[node]) > SAME_RADIUS * nodes.radii[node]:
                raise geometry_error(
                    source,
                    f"Points {node + 1} and {other + 1} are in one place but have radii "
                    f"{nodes.radii[node]:.4g} and {nodes.radii[other]:.4g}; remove one.",
                    branch=name,
                )
    radii[0] = merged.start_radius[run[1]]
    return Run(nodes=np.array(run, dtype=np.int64), radii=radii, parent=parent, name=name)


def _width(first: int, children: list[list[int]], radii: FloatArray) -> tuple[float, int]:
    """Median radius of the daughter that begins with ``first``; file order breaks ties."""
    run = [first]
    while len(children[run[-1]]) == 1:
        run.append(children[run[-1]][0])
    return float(np.median(radii[run])), -first


def _name_runs(runs: list[list[int]], labels: tuple[str, ...]) -> list[str]:
    used: Counter[str] = Counter()
    names = []
    for index, run in enumerate(runs):
        own = Counter(labels[node] for node in run[1:] if labels[node])
        label = own.most_common(1)[0][0] if own else f"branch{index}"
        used[label] += 1
        names.append(label)
    seen: Counter[str] = Counter()
    taken = set(names)
    for index, label in enumerate(names):
        seen[label] += 1
        if seen[label] > 1:
            number = seen[label]
            while f"{label}.{number}" in taken:
                number += 1
            names[index] = f"{label}.{number}"
            taken.add(names[index])
    return names
