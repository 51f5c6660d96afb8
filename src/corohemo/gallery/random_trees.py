"""Random vessel trees that do not run into themselves, for fuzzing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.gallery.shapes import cosine_dip, make_branch
from corohemo.tree import Branch, VesselTree
from corohemo.units import MM

FloatArray = NDArray[np.float64]
Range = tuple[float, float]

TRIES = 30
CLEARANCE = 1.0
"""Gap to be kept from every other vessel [mean radii of the two]."""
MURRAY = 2.6
"""Exponent of the diameter law at bifurcations."""


@dataclass(frozen=True)
class _Ranges:
    """What a random tree is drawn from; see ``random_tree``."""

    n_bifurcations: tuple[int, int]
    angle_deg: Range
    root_radius_mm: Range
    least_radius_mm: float
    percent_stenosis: Range
    stenosis_chance: float
    trifurcation_chance: float
    short_chance: float
    bend_radii: float


@dataclass(frozen=True)
class _Bud:
    """A branch that is still to grow."""

    parent: int
    start: FloatArray
    tangent: FloatArray
    radius: float


def random_tree(
    seed: int,
    *,
    n_bifurcations: tuple[int, int] = (1, 3),
    angle_deg: Range = (10.0, 120.0),
    root_radius_mm: Range = (1.2, 2.4),
    least_radius_mm: float = 0.3,
    percent_stenosis: Range = (20.0, 90.0),
    stenosis_chance: float = 0.4,
    trifurcation_chance: float = 0.15,
    short_chance: float = 0.15,
    bend_radii: float = 3.0,
) -> VesselTree:
    """Random tree; the same for the same seed and ranges.

    Branches wind gently, taper, and may carry one cosine-shaped stenosis. Daughters that would come
    nearer to another vessel than one mean radius, away from their bifurcation, are drawn anew; a
    bifurcation for which no draw fits is left out, so that a tree may have fewer than asked for.

    Args:
        seed: Seed.
        n_bifurcations: Least and greatest number.
        angle_deg: Range of the angle between neighbouring daughters [deg].
        root_radius_mm: Range of the radius at the ostium [mm].
        least_radius_mm: No healthy vessel is narrower; no stenosis goes below 0.15 mm [mm].
        percent_stenosis: Range of diameter stenosis [%].
        stenosis_chance: Chance of a stenosis, per branch.
        trifurcation_chance: Chance of a third daughter, per bifurcation.
        short_chance: Chance that a branch which bifurcates again is only 0.5 to 2 radii long.
        bend_radii: Least radius of curvature of the centerlines [radii].
    """
    ranges = _Ranges(
        n_bifurcations,
        angle_deg,
        root_radius_mm,
        least_radius_mm,
        percent_stenosis,
        stenosis_chance,
        trifurcation_chance,
        short_chance,
        bend_radii,
    )
    rng = np.random.default_rng(seed)
    wanted = int(rng.integers(n_bifurcations[0], n_bifurcations[1] + 1))
    root = _Bud(-1, np.zeros(3), np.array([1.0, 0.0, 0.0]), float(rng.uniform(*root_radius_mm)))
    branches = [_grow(rng, root, ranges, name="b0", short=False, start_mm=0.0)]
    tips = [0]
    done = 0
    while tips and done < wanted:
        tip = tips.pop(int(rng.integers(len(tips))))
        daughters = _bifurcate(rng, branches, tip, ranges, last=done + 1 == wanted)
        if daughters:
            tips += range(len(branches), len(branches) + len(daughters))
            branches += daughters
            done += 1
    return VesselTree(tuple(branches), source=f"gallery.random_tree({seed})")


def _bifurcate(
    rng: np.random.Generator, branches: list[Branch], tip: int, ranges: _Ranges, *, last: bool
) -> list[Branch]:
    """Daughters at the end of a branch that fit among the others; none if no draw does."""
    for _ in range(TRIES):
        buds = _buds(rng, branches[tip], tip, ranges)
        if min(bud.radius for bud in buds) < ranges.least_radius_mm:
            continue
        start_mm = float(branches[tip].abscissas[-1]) / MM
        daughters = [
            _grow(
                rng,
                bud,
                ranges,
                name=f"b{len(branches) + k}",
                short=not last and k == 0 and bool(rng.random() < ranges.short_chance),
                start_mm=start_mm,
            )
            for k, bud in enumerate(buds)
        ]
        if _fits(branches, tip, daughters):
            return daughters
    return []


def _buds(rng: np.random.Generator, parent: Branch, index: int, ranges: _Ranges) -> list[_Bud]:
    """Radii by Murray's law, directions around the parent's, by turns to either side."""
    radius, end = float(parent.radii[-1]) / MM, parent.points[-1] / MM
    tangent = parent.points[-1] - parent.points[-2]
    tangent = tangent / np.linalg.norm(tangent)
    count = 3 if rng.random() < ranges.trifurcation_chance else 2
    shares = np.sort(rng.dirichlet(np.full(count, 3.0)))[::-1]
    angle = np.radians(rng.uniform(*ranges.angle_deg))
    across = _perpendicular(rng, tangent)
    turns = angle * np.array([[shares[1] / (shares[0] + shares[1])], [0.0], [0.0]])[:count, 0]
    turns[1] = turns[0] - angle
    if count == 3:
        turns[2] = turns[0] + np.radians(rng.uniform(max(ranges.angle_deg[0], 30.0), 90.0))
    return [
        _Bud(
            index,
            end,
            np.cos(turn) * tangent + np.sin(turn) * across,
            radius * float(share) ** (1.0 / MURRAY),
        )
        for turn, share in zip(turns, shares, strict=True)
    ]


def _grow(
    rng: np.random.Generator,
    bud: _Bud,
    ranges: _Ranges,
    *,
    name: str,
    short: bool,
    start_mm: float,
) -> Branch:
    radius = bud.radius
    length = radius * float(rng.uniform(0.5, 2.0) if short else rng.uniform(12.0, 30.0))
    n = max(int(np.ceil(length / (0.15 * radius))), 6) + 1
    s = np.linspace(0.0, length, n)
    points = bud.start + _course(rng, s, bud.tangent, ranges.bend_radii * radius)
    taper = 1.0 - float(rng.uniform(0.0, 0.008)) * s / radius
    radii = np.maximum(radius * taper, ranges.least_radius_mm)
    if not short and rng.random() < ranges.stenosis_chance:
        radii = radii * _stenosis(rng, s, radius, ranges)
    return make_branch(name, points, radii, parent=bud.parent, start_mm=start_mm)


def _stenosis(
    rng: np.random.Generator, s: FloatArray, radius: float, ranges: _Ranges
) -> FloatArray:
    """Factor on the radius; no throat below 0.15 mm."""
    depth = min(float(rng.uniform(*ranges.percent_stenosis)) / 100.0, 1.0 - 0.15 / radius)
    length = radius * float(rng.uniform(3.0, 9.0))
    middle = float(rng.uniform(0.3, 0.7)) * s[-1]
    return np.asarray(1.0 - max(depth, 0.0) * cosine_dip(s - middle, length), dtype=np.float64)


def _course(
    rng: np.random.Generator, s: FloatArray, tangent: FloatArray, bend_mm: float
) -> FloatArray:
    """A winding curve from the origin: its curvature turns slowly about it (n, 3) [mm]."""
    curvature = float(rng.uniform(0.0, 1.0)) ** 2 / bend_mm
    normal = _perpendicular(rng, tangent)
    twist = float(rng.uniform(-0.5, 0.5)) / bend_mm
    points = np.zeros((len(s), 3))
    for i, step in enumerate(np.diff(s)):
        points[i + 1] = points[i] + step * (tangent + 0.5 * step * curvature * normal)
        tangent = tangent + step * curvature * normal
        tangent = tangent / np.linalg.norm(tangent)
        normal = normal + step * twist * np.cross(tangent, normal)
        normal = normal - (normal @ tangent) * tangent
        normal = normal / np.linalg.norm(normal)
    return points


def _perpendicular(rng: np.random.Generator, tangent: FloatArray) -> FloatArray:
    while True:
        draw = rng.normal(size=3)
        across = draw - (draw @ tangent) * tangent
        if np.linalg.norm(across) > 0.1:
            return np.asarray(across / np.linalg.norm(across), dtype=np.float64)


def _fits(branches: list[Branch], tip: int, daughters: list[Branch]) -> bool:
    """Whether daughters keep clear of all others and of each other, once they are apart."""
    for k, daughter in enumerate(daughters):
        for index, other in enumerate(branches):
            if not _is_clear(daughter, other, joined=index == tip):
                return False
        if not all(_is_clear(daughter, other, joined=True) for other in daughters[:k]):
            return False
    return True


def _is_clear(one: Branch, other: Branch, *, joined: bool) -> bool:
    """Whether two branches keep their gap; from where they first have it, if they are joined."""
    gaps = np.linalg.norm(one.points[:, None] - other.points[None], axis=2)
    sums = one.radii[:, None] + other.radii[None]
    clear = np.all(gaps > sums * (1.0 + 0.5 * CLEARANCE), axis=1)
    if not joined:
        return bool(clear.all())
    first = int(np.argmax(clear))
    if one.abscissas[-1] - one.abscissas[0] < 3.0 * one.radii[0]:
        return True
    return bool(clear[first] and clear[first:].all())
