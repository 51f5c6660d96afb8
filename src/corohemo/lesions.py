"""Lesions: runs of a branch that are narrow against their healthy radius."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corohemo.lumen import Lesion, Lumen, LumenBranch
from corohemo.reference_radius import reference_radii

FloatArray = NDArray[np.float64]


def graded(lumen: Lumen) -> Lumen:
    """The lumen with healthy radii and lesions found from its radii, by its own options."""
    branches = tuple(
        replace(branch, reference_radii=radii)
        for branch, radii in zip(lumen.branches, reference_radii(lumen), strict=True)
    )
    lesions = find_lesions(
        branches,
        threshold=lumen.options.lesion_threshold_percent,
        border=lumen.options.lesion_border_percent,
    )
    return replace(lumen, branches=branches, lesions=lesions)


def find_lesions(
    branches: Sequence[LumenBranch], *, threshold: float = 30.0, border: float = 10.0
) -> tuple[Lesion, ...]:
    """Lesions of all branches, branch by branch, proximal first.

    A lesion is a run of sections narrowed by at least ``border`` percent of the diameter that is
    somewhere narrowed by more than ``threshold`` percent. Two throats between which the narrowing
    never falls below ``border`` are one lesion. A narrowing that goes on past a bifurcation is a
    lesion of each branch by itself. The throat is where the narrowing is greatest: the minimum
    lumen area but for the vessel's taper.

    Args:
        branches: Branches with healthy radii.
        threshold: Least percent diameter stenosis at the throat [%].
        border: Percent diameter stenosis at the lesion's borders [%].

    Returns:
        The lesions; borders are interpolated between sections.
    """
    return tuple(
        lesion for branch in branches for lesion in _branch_lesions(branch, threshold, border)
    )


def _branch_lesions(branch: LumenBranch, threshold: float, border: float) -> list[Lesion]:
    narrowing = branch.percent_diameter_stenosis
    inside = np.concatenate([[False], narrowing >= border, [False]])
    edges = np.flatnonzero(np.diff(inside.astype(np.int8)))
    lesions: list[Lesion] = []
    for low, past in edges.reshape(-1, 2):
        if narrowing[low:past].max() > threshold:
            lesions.append(_lesion(branch, int(low), int(past) - 1, border, len(lesions) + 1))
    return lesions


def _lesion(branch: LumenBranch, low: int, high: int, border: float, number: int) -> Lesion:
    narrowing = branch.percent_diameter_stenosis
    throat = low + int(np.argmax(narrowing[low : high + 1]))
    start = _crossing(branch.abscissas, narrowing, low, low - 1, border)
    end = _crossing(branch.abscissas, narrowing, high, high + 1, border)
    at = float(branch.abscissas[throat])
    radius, healthy = float(branch.radii[throat]), float(branch.reference_radii[throat])
    before, after = np.interp([start, end], branch.abscissas, branch.radii)
    return Lesion(
        name=f"{branch.name}-{number}",
        branch=branch.name,
        start=start,
        throat=at,
        end=end,
        percent_diameter_stenosis=100.0 * (1.0 - radius / healthy),
        percent_area_stenosis=100.0 * (1.0 - (radius / healthy) ** 2),
        minimum_lumen_area=float(np.pi * radius**2),
        reference_diameter=2.0 * healthy,
        radius_gradient_upstream=_gradient(float(before) - radius, at - start),
        radius_gradient_downstream=_gradient(float(after) - radius, end - at),
    )


def _crossing(
    abscissas: FloatArray, narrowing: FloatArray, inside: int, outside: int, border: float
) -> float:
    """Abscissa where the narrowing passes ``border``; the branch's end if it does not."""
    if not 0 <= outside < len(abscissas):
        return float(abscissas[inside])
    part = (narrowing[inside] - border) / (narrowing[inside] - narrowing[outside])
    return float(abscissas[inside] + part * (abscissas[outside] - abscissas[inside]))


def _gradient(rise: float, length: float) -> float:
    """Radius gradient; zero for a throat at the lesion's own border (the branch's end)."""
    return rise / length if length > 0.0 else 0.0
