"""Random vessel trees of named kinds, for fuzzing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError, InputError
from corohemo.gallery.clearances import keeps_clear
from corohemo.gallery.growth import (
    course_alongside,
    draw_course,
    draw_radii,
    perpendicular,
    stations,
)
from corohemo.gallery.recipes import KINDS, RECIPES, Recipe
from corohemo.gallery.shapes import make_branch
from corohemo.lumen_build import build_lumen
from corohemo.tree import Branch, VesselTree
from corohemo.units import MM

FloatArray = NDArray[np.float64]

TRIES = 12
"""Draws of one bifurcation before it is left out."""
TREES = 40
"""Trees that are begun for one that is as its kind should be."""
CLEARANCE = 0.15
"""Least gap between vessels that do not run side by side [radii of the smaller]."""
LEAST_GAP = 0.05
"""Least gap, or least overlap of kissing ones, between vessels that do [radii of the smaller]."""
MURRAY = 2.6
"""Exponent of the diameter law at bifurcations."""


@dataclass(frozen=True)
class _Bud:
    """A branch that is still to grow."""

    parent: int
    start: FloatArray
    tangent: FloatArray
    radius: float
    start_mm: float


def random_tree(seed: int, kind: str | None = None) -> VesselTree:
    """Random tree; the same for the same seed and kind.

    The lumens of feasible kinds (``RECIPES[kind].feasible``) are clear of themselves: a bifurcation
    for which no draw fits is left out, so that a tree may have fewer than its kind asks for.

    Args:
        seed: Seed.
        kind: One of ``KINDS``; if None, the seed chooses among the feasible ones.

    Raises:
        InputError: If there is no such kind.
    """
    feasible = [name for name in KINDS if RECIPES[name].feasible]
    kind = feasible[seed % len(feasible)] if kind is None else kind
    if kind not in RECIPES:
        raise InputError(
            f"there is no kind {kind!r} of random tree; there are: {', '.join(KINDS)}.",
            field="kind",
        )
    source = f"gallery.random_tree({seed}, {kind!r})"
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    for _ in range(TREES):
        tree = _draw_tree(rng, RECIPES[kind], source)
        if tree is not None:
            return tree
    raise RuntimeError(f"{source} found no tree in {TREES} draws.")


def labelled_tree(seed: int) -> tuple[VesselTree, str]:
    """Random tree and its kind: seeds take turns through all ``KINDS``, the impossible ones too."""
    kind = KINDS[seed % len(KINDS)]
    return random_tree(seed, kind), kind


def _draw_tree(rng: np.random.Generator, recipe: Recipe, source: str) -> VesselTree | None:
    """A tree; None if it is not as its kind should be."""
    wanted = int(rng.integers(recipe.n_bifurcations[0], recipe.n_bifurcations[1] + 1))
    radius = float(rng.uniform(*recipe.root_radius_mm))
    bud = _Bud(-1, np.zeros(3), np.array([1.0, 0.0, 0.0]), radius, 0.0)
    length = radius * float(rng.uniform(*(recipe.root_length_radii or recipe.length_radii)))
    branches = [_grow(rng, bud, recipe, "b0", length)]
    if not _is_fit(branches, recipe):
        return None
    tips, done = [0], 0
    while tips and done < wanted:
        tip = tips.pop(int(rng.integers(len(tips))))
        daughters = _divide(rng, branches, tip, recipe, last=done + 1 == wanted)
        tips += range(len(branches), len(branches) + len(daughters))
        branches += daughters
        done += bool(daughters)
    return VesselTree(tuple(branches), source=source) if done else None


def _divide(
    rng: np.random.Generator, branches: list[Branch], tip: int, recipe: Recipe, *, last: bool
) -> list[Branch]:
    """Daughters at the end of a branch that fit among the others; none if no draw does."""
    for _ in range(TRIES):
        buds = _draw_buds(rng, branches[tip], tip, recipe)
        if min(bud.radius for bud in buds) < recipe.least_radius_mm:
            continue
        daughters = [
            _grow(
                rng, bud, recipe, f"b{len(branches) + k}", _draw_length(rng, bud, recipe, k, last)
            )
            for k, bud in enumerate(buds)
        ]
        if recipe.alongside is not None:
            daughters[1] = _grow_alongside(rng, daughters[0], buds, recipe, daughters[1].name)
        if _is_fit([*branches, *daughters], recipe):
            return daughters
    return []


def _draw_length(
    rng: np.random.Generator, bud: _Bud, recipe: Recipe, position: int, last: bool
) -> float:
    """Length of a daughter [mm]; only the first may divide again at once."""
    chance = recipe.short_chance if position == 0 and not last else recipe.stub_chance
    short = recipe.alongside is None and rng.random() < chance
    return bud.radius * float(rng.uniform(*(recipe.short_radii if short else recipe.length_radii)))


def _draw_buds(rng: np.random.Generator, parent: Branch, index: int, recipe: Recipe) -> list[_Bud]:
    """Radii by Murray's law; the widest daughter turns least, the others spread around it."""
    tangent = parent.points[-1] - parent.points[-2]
    tangent = tangent / np.linalg.norm(tangent)
    across = perpendicular(rng, tangent)
    beside = np.cross(tangent, across)
    count = int(rng.integers(recipe.daughters[0], recipe.daughters[1] + 1))
    shares = np.sort(rng.dirichlet(np.full(count, 3.0)))[::-1]
    angle = np.radians(rng.uniform(*recipe.angle_deg, size=count - 1))
    turn = angle[0] * shares[1] / (shares[0] + shares[1]) if count == 2 else 0.3 * rng.random()
    turns = [turn, *(angle - turn)]
    rounds = np.pi * np.concatenate([[0.0], 1.0 + 2.0 * np.arange(count - 1) / (count - 1)])
    rounds[1:] += rng.uniform(-0.3, 0.3, size=count - 1) * (count > 2)
    return [
        _Bud(
            index,
            parent.points[-1] / MM,
            np.cos(t) * tangent + np.sin(t) * (np.cos(phi) * across + np.sin(phi) * beside),
            float(parent.radii[-1] / MM * share ** (1.0 / MURRAY)),
            float(parent.abscissas[-1] / MM),
        )
        for t, phi, share in zip(turns, rounds, shares, strict=True)
    ]


def _grow(
    rng: np.random.Generator, bud: _Bud, recipe: Recipe, name: str, length_mm: float
) -> Branch:
    s = stations(length_mm, bud.radius)
    points = bud.start + draw_course(rng, s, bud.tangent, bud.radius, recipe)
    radii = draw_radii(rng, s, bud.radius, recipe)
    return make_branch(name, points, radii, parent=bud.parent, start_mm=bud.start_mm)


def _grow_alongside(
    rng: np.random.Generator, sister: Branch, buds: list[_Bud], recipe: Recipe, name: str
) -> Branch:
    """A daughter that runs along its sister: at once or, always if they kiss, after parting."""
    assert recipe.alongside is not None
    bud = buds[1]
    s = (sister.abscissas - sister.abscissas[0]) / MM
    wide = buds[0].radius + bud.radius
    gap = float(rng.uniform(*recipe.alongside)) * bud.radius
    apart = wide + max(gap, bud.radius * float(gap < 0 or rng.random() < 0.5))
    rise = float(rng.uniform(3.0, 6.0)) * buds[0].radius
    gaps = apart * np.sin(0.5 * np.pi * np.minimum(s / rise, 1.0))
    nearing = np.clip((s / s[-1] - 0.45) / 0.3, 0.0, 1.0)
    gaps += (wide + gap - apart) * nearing**2 * (3.0 - 2.0 * nearing)
    points = bud.start + course_alongside(rng, s, sister.points / MM - bud.start, gaps)
    radii = draw_radii(rng, s, bud.radius, recipe)
    return make_branch(name, points, radii, parent=bud.parent, start_mm=bud.start_mm)


def _is_fit(branches: list[Branch], recipe: Recipe) -> bool:
    """Whether a tree is as its recipe says: clear of itself, or kissing, or anything at all."""
    if not recipe.feasible and recipe.alongside is None:
        return True
    try:
        lumen = build_lumen(VesselTree(tuple(branches)))
    except GeometryError:
        return False
    gap = CLEARANCE
    if recipe.alongside is not None:
        gap = LEAST_GAP if recipe.feasible else -LEAST_GAP
    clear = keeps_clear(lumen, gap, stubs=recipe.stub_chance > 0)
    return clear if recipe.feasible or len(branches) == 1 else not clear
