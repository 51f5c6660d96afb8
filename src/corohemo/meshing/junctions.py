"""Where tubes meet: sections that belong to a junction, and the swept spans between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError
from corohemo.meshing.clearance import TOUCHING, Clearance
from corohemo.meshing.tubes import Tube

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SHORTEST_SPAN = 0.6
"""Swept spans shorter than this [radii] are given to their junctions."""
STEEP = 0.25
"""Change of the radius per length beyond which no interface is laid, if it can be helped."""
LONGEST_DETOUR = 2.5
"""Farthest that an interface is moved to avoid a steep place [greatest radius on the way]."""


@dataclass(frozen=True)
class Run:
    """Sections ``low..high`` of a tube inside a junction; its end sections are interfaces.

    Attributes:
        tube: The tube.
        low: First section; None where the tube starts inside the junction.
        high: Last section.
        parted: How far each section of the tube lies from those that other tubes of the junction
            enter [radii] (n,).
        gap: Distance from the other tubes at the interfaces [m].
    """

    tube: int
    low: int | None
    high: int
    parted: FloatArray
    gap: float


@dataclass(frozen=True)
class Span:
    """Sections ``low..high`` of a tube that are swept."""

    tube: int
    low: int
    high: int


@dataclass(frozen=True)
class Layout:
    """The lumen cut into swept spans and junctions."""

    spans: tuple[Span, ...]
    junctions: tuple[tuple[Run, ...], ...]


class _Runs:
    """Growing junction runs: a low and a high section per (junction, tube)."""

    def __init__(self, clearance: Clearance) -> None:
        self.clearance = clearance
        self.tubes = clearance.tubes
        self.junctions: list[dict[int, list[int]]] = []
        self._steep = [
            np.abs(np.gradient(tube.radii, tube.abscissas)) > STEEP for tube in self.tubes
        ]

    def seed(self) -> None:
        for child, tube in enumerate(self.tubes):
            if tube.parent >= 0:
                seat = tube.attachment
                self.junctions.append({tube.parent: [seat, seat], child: [0, 0]})

    def grow(self) -> None:
        """Extend runs until their ends clear the other tubes; merge junctions that meet."""
        changed = True
        while changed:
            changed = sum(self._grow_one(junction) for junction in self.junctions) > 0
            if not changed:
                self._even_out()
            changed = self._merge() or changed

    def _grow_one(self, junction: dict[int, list[int]]) -> bool:
        changed = False
        for a, run in junction.items():
            tube = self.tubes[a]
            for b in junction:
                if a == b:
                    continue
                free = self.clearance.is_free(a, b)
                while run[1] < tube.last and not free[run[1]]:
                    run[1] += 1
                    changed = True
                while run[0] > tube.first and not free[run[0]]:
                    run[0] -= 1
                    changed = True
        return changed

    def _even_out(self) -> None:
        """Move ends of runs that lie where the radius changes steeply to the next even place."""
        for junction in self.junctions:
            for a, run in junction.items():
                even = np.flatnonzero(~self._steep[a])
                high = even[(even >= run[1]) & (even <= self.tubes[a].last)]
                low = even[(even <= run[0]) & (even >= self.tubes[a].first)]
                if len(high) and self._is_near(a, run[1], int(high[0])):
                    run[1] = int(high[0])
                if run[0] > 0 and len(low) and self._is_near(a, run[0], int(low[-1])):
                    run[0] = int(low[-1])

    def _is_near(self, a: int, section: int, other: int) -> bool:
        tube = self.tubes[a]
        gap = abs(tube.abscissas[section] - tube.abscissas[other])
        widest = tube.radii[min(section, other) : max(section, other) + 1].max()
        return bool(gap < LONGEST_DETOUR * widest)

    def _merge(self) -> bool:
        for i, one in enumerate(self.junctions):
            for j in range(i + 1, len(self.junctions)):
                if any(self._meet(a, run, self.junctions[j]) for a, run in one.items()):
                    for a, run in self.junctions.pop(j).items():
                        mine = one.setdefault(a, run)
                        one[a] = [min(mine[0], run[0]), max(mine[1], run[1])]
                    return True
        return False

    def _meet(self, a: int, run: list[int], other: dict[int, list[int]]) -> bool:
        if a not in other:
            return False
        low, high = sorted((run, other[a]))
        tube = self.tubes[a]
        gap = tube.abscissas[high[0]] - tube.abscissas[low[1]] if high[0] > low[1] else 0.0
        return bool(gap < SHORTEST_SPAN * tube.radii[low[1]])


def find_layout(tubes: tuple[Tube, ...], fillet: float) -> Layout:
    """Cut the lumen into junctions and swept spans.

    Raises:
        GeometryError: If a vessel never leaves the one it starts in, or two vessels that do not
            join touch each other.
    """
    clearance = Clearance(tubes, fillet)
    runs = _Runs(clearance)
    runs.seed()
    runs.grow()
    _check_emergence(runs)
    _check_contacts(runs)
    junctions = tuple(
        tuple(_run(clearance, junction, a) for a in sorted(junction)) for junction in runs.junctions
    )
    return Layout(_spans(tubes, runs.junctions), junctions)


def _run(clearance: Clearance, junction: dict[int, list[int]], a: int) -> Run:
    tube = clearance.tubes[a]
    low, high = junction[a]
    inside = tube.has_ball and low == 0
    ends = [high] if inside else [low, high]
    others = [b for b in junction if b != a]
    return Run(
        a,
        None if inside else low,
        high,
        parted=np.asarray(np.min([clearance.parted(a, b) for b in others], axis=0)),
        gap=min(float(clearance.of(a, b)[i] * tube.radii[i]) for b in others for i in ends),
    )


def ends_to_extend(tubes: tuple[Tube, ...], fillet: float) -> dict[str, float]:
    """Length [m] by which the inlet and outlets must be drawn out to have a clear section."""
    runs = _Runs(Clearance(tubes, fillet))
    runs.seed()
    runs.grow()
    needed: dict[str, float] = {}
    for junction in runs.junctions:
        for a, (low, high) in junction.items():
            tube = tubes[a]
            missing = _missing_room(tube, tube.last, high)
            if missing > 0:
                needed[tube.name] = missing
            if not tube.has_ball and _missing_room(tube, tube.first, low) > 0:
                needed["inlet"] = _missing_room(tube, tube.first, low)
    return needed


def _missing_room(tube: Tube, end: int, section: int) -> float:
    """Length [m] by which a tube is too short for a swept span between its end and a section."""
    radius = tube.radii[end]
    room = 1.2 * SHORTEST_SPAN * radius
    left = abs(float(tube.abscissas[end] - tube.abscissas[section]))
    if left >= room:
        return 0.0
    return float(room - left + (0.75 * radius if left == 0.0 else 0.1 * radius))


def _check_emergence(runs: _Runs) -> None:
    for junction in runs.junctions:
        for a, (_, high) in junction.items():
            tube = runs.tubes[a]
            if high >= tube.last:
                others = ", ".join(runs.tubes[b].name for b in junction if b != a)
                raise GeometryError(
                    f"it ends before it is clear of {others}; prolong it, move it apart, "
                    "or remove it.",
                    branch=tube.name,
                    abscissa=float(tube.abscissas[tube.last]),
                )


def _check_contacts(runs: _Runs) -> None:
    tubes = runs.tubes
    for a, one in enumerate(tubes):
        for b, other in enumerate(tubes):
            if a == b:
                continue
            gaps = runs.clearance.of(a, b)
            shared = np.zeros(len(gaps), dtype=bool)
            for junction in runs.junctions:
                if a in junction and b in junction:
                    shared[junction[a][0] : junction[a][1] + 1] = True
            touching = (gaps < TOUCHING) & ~shared
            for where in np.flatnonzero(touching):
                if not runs.clearance.is_touching(a, b, int(where)):
                    continue
                _, abscissa = one.place(float(where))
                raise GeometryError(
                    f"it touches {other.name} away from any bifurcation; correct the radii or "
                    "move the centerlines apart.",
                    branch=one.name,
                    abscissa=abscissa,
                )


def _spans(tubes: tuple[Tube, ...], junctions: list[dict[int, list[int]]]) -> tuple[Span, ...]:
    spans = []
    for a, tube in enumerate(tubes):
        runs = sorted(junction[a] for junction in junctions if a in junction)
        start = tube.first
        for low, high in runs:
            if low > start:
                spans.append(Span(a, start, low))
            start = high
        spans.append(Span(a, start, tube.last))
    return tuple(spans)
