"""The healthy radius: what the vessel would be without its narrowings.

Within a branch the healthy radius falls linearly; at a bifurcation it may step down. Branches that
continue one another draw their slopes together, so that a short or diseased one borrows from the
others.
The line is found as an upper envelope (expectile regression, ``UPPER``) and
then refitted by least squares to the sections that are not narrowed, until these settle. The same
idea, a robust regression of radius over length, is used for stenosis grading by Shahzad et al.,
Int J Cardiovasc Imaging 2013;29:1847.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.lumen import Lumen

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

UPPER = (0.95, 0.8, 0.5)
"""Weights of sections above the envelope; those below have one minus it. Each is tried."""
PREFERENCE = 2.0
"""A lower line is taken if this many times as much of the vessel lies on it: so a dilated stretch
does not make a lesion of all the rest."""
STEEPEST = 0.06
"""Greatest healthy taper of the radius [-]."""
NARROWED = (0.03, 0.10)
"""Least and greatest relative distance below the line that counts as narrowed."""
SPREADS = 2.5
"""Number of standard deviations below the line that counts as narrowed."""
LEAST_LENGTH = 2.0
"""Healthy length a branch needs to have a level of its own [radii]."""
BORROWING = 8.0
"""A branch with this much healthy length takes half its slope from its vessel [radii]."""
ROUNDS = 30


def reference_radii(lumen: Lumen) -> tuple[FloatArray, ...]:
    """Healthy radius at every section of every branch [m].

    Args:
        lumen: Sections; the present reference radii are not read.

    Returns:
        One array (n,) per branch: linear, never rising.
    """
    result: list[FloatArray] = [np.empty(0)] * len(lumen.branches)
    starts = [i for i, branch in enumerate(lumen.branches) if not branch.continues]
    for vessel in map(lumen.vessel, starts):
        for index, radii in zip(vessel, _fit_vessel(lumen, vessel), strict=True):
            result[index] = radii
    return tuple(result)


def _fit_vessel(lumen: Lumen, vessel: tuple[int, ...]) -> list[FloatArray]:
    parts = [lumen.branches[i] for i in vessel]
    level = np.concatenate([np.full(len(p.radii), k) for k, p in enumerate(parts)])
    along = np.concatenate([p.abscissas - p.abscissas[0] for p in parts])
    radii = np.concatenate([p.radii for p in parts])
    cover = np.concatenate([np.gradient(p.abscissas) for p in parts])
    usable = np.concatenate([_is_own(lumen, i) for i in vessel])
    weights = np.where(usable, cover, 0.0)
    best, most = np.empty(0), 0.0
    for upper in UPPER:
        fit = _envelope(level, along, radii, weights, len(parts), upper)
        fit = _refit(level, along, radii, weights, fit, len(parts))
        healthy = float(weights[np.abs(radii / fit - 1.0) <= NARROWED[1]].sum())
        if healthy > PREFERENCE * most:
            best, most = fit, healthy
    return [best[level == k] for k in range(len(parts))]


def _is_own(lumen: Lumen, index: int) -> BoolArray:
    """Sections whose radius is the branch's own, not still its parent's (n,)."""
    branch = lumen.branches[index]
    own = lumen.is_outside_parent(index)
    if branch.continues:
        own = branch.abscissas - branch.abscissas[0] >= branch.radii[0]
    return own if own.any() else np.ones(len(branch.radii), dtype=bool)


def _envelope(
    level: NDArray[np.int64],
    along: FloatArray,
    radii: FloatArray,
    weights: FloatArray,
    n: int,
    upper: float,
) -> FloatArray:
    """Upper expectile line through all sections (m,)."""
    fit = np.full(len(radii), np.inf)
    for _ in range(ROUNDS):
        share = np.where(radii > fit, upper, 1.0 - upper)
        new = _lines(level, along, radii, weights * share, n)
        if np.allclose(new, fit, rtol=1e-6):
            break
        fit = new
    return fit


def _refit(
    level: NDArray[np.int64],
    along: FloatArray,
    radii: FloatArray,
    weights: FloatArray,
    fit: FloatArray,
    n: int,
) -> FloatArray:
    """Least squares through the sections that are not narrowed against the last fit (m,)."""
    for _ in range(ROUNDS):
        off = radii / fit - 1.0
        healthy = off > -NARROWED[1]
        spread = 1.4826 * _weighted_median(np.abs(off[healthy]), weights[healthy])
        band = float(np.clip(SPREADS * spread, *NARROWED))
        chosen = np.where(np.abs(off) <= band, weights, 0.0)
        lacking = _lacking(level, chosen, fit, n)
        chosen = np.where(lacking[level], 0.0, chosen)
        if lacking.all():
            break
        new = _lines(level, along, radii, chosen, n)
        new = _borrow(level, new, fit, lacking)
        if np.allclose(new, fit, rtol=1e-6):
            break
        fit = new
    return fit


def _lacking(level: NDArray[np.int64], chosen: FloatArray, fit: FloatArray, n: int) -> BoolArray:
    """Branches with too little healthy length for a level of their own (n,)."""
    return np.array(
        [chosen[level == k].sum() < LEAST_LENGTH * np.median(fit[level == k]) for k in range(n)]
    )


def _borrow(
    level: NDArray[np.int64], new: FloatArray, old: FloatArray, lacking: BoolArray
) -> FloatArray:
    """Lines of lacking branches: half-way between those of their neighbours, else the old ones."""
    result = new.copy()
    for k in np.flatnonzero(lacking):
        around = []
        if k > 0 and not lacking[k - 1]:
            around.append(new[level == k - 1][-1])
        if k + 1 < len(lacking) and not lacking[k + 1]:
            around.append(new[level == k + 1][0])
        result[level == k] = np.mean(around) if around else old[level == k]
    return result


def _lines(
    level: NDArray[np.int64], along: FloatArray, radii: FloatArray, weights: FloatArray, n: int
) -> FloatArray:
    """Weighted least squares of one falling line per branch, with slopes drawn together (m,)."""
    totals = np.maximum(np.bincount(level, weights, n), 1e-300)
    mean_along = np.bincount(level, weights * along, n) / totals
    mean_radius = np.bincount(level, weights * radii, n) / totals
    x, y = along - mean_along[level], radii - mean_radius[level]
    squares = np.bincount(level, weights * x * x, n)
    products = np.bincount(level, weights * x * y, n)
    shared = products.sum() / max(float(squares.sum()), 1e-300)
    borrowed = (BORROWING * mean_radius) ** 3 / 12.0
    slopes = (products + borrowed * shared) / np.maximum(squares + borrowed, 1e-300)
    return mean_radius[level] + np.clip(slopes, -STEEPEST, 0.0)[level] * x


def _weighted_median(values: FloatArray, weights: FloatArray) -> float:
    if not len(values) or weights.sum() <= 0.0:
        return 0.0
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, 0.5 * total[-1])])
