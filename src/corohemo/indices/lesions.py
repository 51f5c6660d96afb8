"""Indices of each lesion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.distal import read_distal
from corohemo.indices.ffr import main_path, vessel_path
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import (
    AT_REST,
    LesionIndices,
    PlaqueStress,
    Pullback,
    WallShear,
)
from corohemo.lumen import Lesion, Lumen
from corohemo.units import MM

FloatArray = NDArray[np.float64]

PEAK_QUANTILE = 0.99
"""Part of the lesion's wall area that lies below its reported maximum of wall shear stress."""


def lesion_indices(
    lumen: Lumen,
    pullbacks: Sequence[Pullback],
    wall: WallShear,
    plaque: Sequence[PlaqueStress],
    options: IndexOptions,
) -> tuple[LesionIndices, ...]:
    """Collect what the pullbacks, the wall and the plaque stress say about each lesion."""
    return tuple(
        _one(lumen, lesion, pullbacks, wall, stress, options)
        for lesion, stress in zip(lumen.lesions, plaque, strict=True)
    )


def read_lesion(
    lumen: Lumen, lesion: Lesion, pullbacks: Sequence[Pullback], options: IndexOptions
) -> LesionIndices:
    """FFR distal to a lesion on its main path, and the FFR lost over it; nothing of the wall."""
    path = vessel_path(pullbacks, lumen, main_path(lumen, lumen.index(lesion.branch)))
    reading = read_distal(
        path, lesion, distance=options.distal_reading_mm * MM, lesions=lumen.lesions
    )
    return LesionIndices(
        lesion=lesion,
        ffr_ct=reading.ffr,
        ffr_ct_position=reading.abscissa,
        ffr_ct_branch=reading.branch,
        delta_ffr=path.ffr_at(lesion.start) - path.ffr_at(lesion.end),
        wss_mean_pa=None,
        wss_max_pa=None,
        aps_upstream_pa=None,
        aps_downstream_pa=None,
        aps_net_pa=None,
        notes=({"ffr_ct": reading.note} if reading.note else {}) | _one_sided(lesion),
    )


def _one_sided(lesion: Lesion) -> dict[str, str]:
    """Why a lesion whose throat is one of its borders has no gradient there."""
    notes = {}
    if lesion.throat <= lesion.start:
        notes["radius_gradient_upstream"] = "The lesion begins at its throat."
    if lesion.throat >= lesion.end:
        notes["radius_gradient_downstream"] = "The lesion ends at its throat."
    return notes


def at_rest(entry: LesionIndices) -> LesionIndices:
    """A lesion of a resting flow, whose Pd/Pa is no FFR."""
    keys = ("ffr_ct", "ffr_ct_position_mm", "ffr_ct_branch", "delta_ffr")
    return replace(
        entry,
        ffr_ct=None,
        ffr_ct_position=None,
        ffr_ct_branch=None,
        delta_ffr=None,
        notes=dict(entry.notes) | dict.fromkeys(keys, AT_REST),
    )


def _one(
    lumen: Lumen,
    lesion: Lesion,
    pullbacks: Sequence[Pullback],
    wall: WallShear,
    stress: PlaqueStress,
    options: IndexOptions,
) -> LesionIndices:
    read = read_lesion(lumen, lesion, pullbacks, options)
    mean, peak = _wall_shear(wall, lumen.index(lesion.branch), lesion)
    notes = {
        "wss_max_pa": f"WSS max is the {100 * PEAK_QUANTILE:.0f} % quantile by area, not a point.",
        "aps": f"Plaque stress from {stress.reference} pressure; downstream as magnitude.",
        **read.notes,
    }
    if stress.upstream is None:
        notes["aps_upstream_pa"] = "The lesion has no wall before its throat."
    if stress.downstream is None:
        notes["aps_downstream_pa"] = "The lesion has no wall behind its throat."
    return replace(
        read,
        wss_mean_pa=mean,
        wss_max_pa=peak,
        aps_upstream_pa=stress.upstream,
        aps_downstream_pa=None if stress.downstream is None else abs(stress.downstream),
        aps_net_pa=stress.net,
        notes=notes,
        aps_mean_magnitude_pa=stress.mean_magnitude,
        axial_force_upstream_n=stress.upstream_force,
        axial_force_downstream_n=stress.downstream_force,
    )


def _wall_shear(wall: WallShear, index: int, lesion: Lesion) -> tuple[float, float]:
    """Area mean and area quantile of the wall shear stress over a lesion [Pa]."""
    inside = (
        (wall.branch == index) & (wall.abscissa >= lesion.start) & (wall.abscissa <= lesion.end)
    )
    magnitude, weights = wall.magnitude[inside], wall.weights[inside]
    mean = float(np.average(magnitude, weights=weights))
    return mean, weighted_quantile(magnitude, weights, PEAK_QUANTILE)


def weighted_quantile(values: FloatArray, weights: FloatArray, level: float) -> float:
    """Value below which the part ``level`` of the weight lies."""
    order = np.argsort(values)
    share = np.cumsum(weights[order])
    return float(np.interp(level * share[-1], share - 0.5 * weights[order], values[order]))
