"""Wall shear over the cycle: on the wall's facets, and in means over lesions and the whole wall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.results import WallShear
from corohemo.lumen import Lumen
from corohemo.solvers.transient_solution import LEAST_SHEAR_PA, WallStatistics

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LOW_SHEAR_PA = 0.4
"""Cycle-mean wall shear below which a wall counts as poorly washed (Malek et al., JAMA
1999;282:2035; from memory, unverified)."""
ONE_CYCLE = "One cycle was computed; it takes two to tell the direction of the mean wall shear."
NO_DIRECTION = "The mean wall shear is nowhere above 0.001 Pa here and has no direction."
NO_DIVERGENCE = "The divergence of the wall shear was not accumulated."


@dataclass(frozen=True)
class WallPulse:
    """Wall shear over the cycle on the wall's facets; definitions with ``WallStatistics``.

    Of the last three a facet is NaN where the mean shear has no direction, and all are None after
    a single cycle.

    Attributes:
        tawss: Cycle mean of the magnitude (n,) [Pa].
        osi: Oscillatory shear index (n,), 0 to 0.5.
        rrt: Relative residence time 1 / |mean vector| (n,) [1/Pa].
        ecap: Endothelial cell activation potential OSI / TAWSS (n,) [1/Pa].
        peak: Largest magnitude in the facet and the cycle (n,) [Pa].
        weights: Area (n,) [m2].
        tsvi: Topological shear variation index (n,) [1/m]; None if it was not accumulated.
        trans_wss: Transverse wall shear stress (n,) [Pa].
        cfi: Cross-flow index (n,), 0 to 1.
        turn: Angle between the mean of this cycle and the one before (n,) [rad].
    """

    tawss: FloatArray
    osi: FloatArray
    rrt: FloatArray
    ecap: FloatArray
    peak: FloatArray
    weights: FloatArray
    tsvi: FloatArray | None = None
    trans_wss: FloatArray | None = None
    cfi: FloatArray | None = None
    turn: FloatArray | None = None

    @classmethod
    def of(cls, statistics: WallStatistics, n_facets: int) -> WallPulse:
        """Area means over the facets of what is known at the points of each."""
        shape = (n_facets, -1)
        area = statistics.weights.reshape(shape)
        share = area / area.sum(axis=1, keepdims=True)
        mean = np.einsum("kq,kqd->kd", share, statistics.mean_traction.reshape(*shape, 3))
        steady = np.maximum(np.linalg.norm(mean, axis=1), LEAST_SHEAR_PA)
        tawss = np.sum(share * statistics.tawss.reshape(shape), axis=1)
        osi = np.sum(share * statistics.osi.reshape(shape), axis=1)
        return cls(
            tawss=tawss,
            osi=osi,
            rrt=1.0 / steady,
            ecap=osi / np.maximum(tawss, LEAST_SHEAR_PA),
            peak=statistics.peak.reshape(shape).max(axis=1),
            weights=area.sum(axis=1),
            tsvi=statistics.tsvi,
            trans_wss=_facet_means(statistics.trans_wss, area),
            cfi=_facet_means(statistics.cfi, area),
            turn=_facet_means(statistics.turn, area),
        )

    def indices(self) -> dict[str, FloatArray | None]:
        """What files hold of it, by the name of the field."""
        return {
            "tawss": self.tawss,
            "osi": self.osi,
            "rrt": self.rrt,
            "ecap": self.ecap,
            "trans_wss": self.trans_wss,
            "cfi": self.cfi,
            "tsvi": self.tsvi,
        }


def _facet_means(values: FloatArray | None, area: FloatArray) -> FloatArray | None:
    """Area means (k,) of values at points (k q,) that are not NaN; NaN where all are."""
    if values is None:
        return None
    known = np.isfinite(values).reshape(area.shape)
    total = np.sum(area * np.where(known, values.reshape(area.shape), 0.0), axis=1)
    held = np.sum(area * known, axis=1)
    return np.divide(total, held, out=np.full_like(total, np.nan), where=held > 0.0)


@dataclass(frozen=True)
class WallRegion:
    """Wall shear over the cycle in one part of the wall; ``notes`` says why a number is None.

    Attributes:
        name: Name of the lesion, or "wall" for all of it.
        tawss_pa: Area mean of the cycle-mean magnitude [Pa].
        osi: Area mean of the oscillatory shear index.
        rrt_1_pa: Area mean of the relative residence time [1/Pa].
        ecap_1_pa: Area mean of the endothelial cell activation potential [1/Pa].
        trans_wss_pa: Area mean of the transverse wall shear stress [Pa].
        cfi: Area mean of the cross-flow index.
        tsvi_1_m: Area mean of the topological shear variation index [1/m].
        low_shear_share: Part of the area below ``LOW_SHEAR_PA``.
        turn_mean_deg: Area mean of the angle between the means of the last cycle and the one
            before, which tell transWSS and the cross-flow index what is across [degrees].
        turn_max_deg: Its largest facet mean [degrees].
    """

    name: str
    tawss_pa: float
    osi: float
    rrt_1_pa: float
    ecap_1_pa: float
    trans_wss_pa: float | None
    cfi: float | None
    tsvi_1_m: float | None
    low_shear_share: float
    turn_mean_deg: float | None
    turn_max_deg: float | None
    notes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, pulse: WallPulse, inside: BoolArray) -> WallRegion:
        """Means over the facets that are ``inside`` (n,)."""
        area = pulse.weights[inside]

        def mean(values: FloatArray) -> float:
            return float(np.average(values[inside], weights=area))

        across = {
            "trans_wss_pa": _known_mean(pulse.trans_wss, pulse.weights, inside),
            "cfi": _known_mean(pulse.cfi, pulse.weights, inside),
            **_turns(pulse, inside),
        }
        reason = ONE_CYCLE if pulse.trans_wss is None else NO_DIRECTION
        notes = {key: reason for key, value in across.items() if value is None}
        if pulse.tsvi is None:
            notes["tsvi_1_m"] = NO_DIVERGENCE
        return cls(
            name=name,
            tawss_pa=mean(pulse.tawss),
            osi=mean(pulse.osi),
            rrt_1_pa=mean(pulse.rrt),
            ecap_1_pa=mean(pulse.ecap),
            tsvi_1_m=None if pulse.tsvi is None else mean(pulse.tsvi),
            low_shear_share=mean((pulse.tawss < LOW_SHEAR_PA).astype(np.float64)),
            notes=notes,
            **across,
        )


def wall_regions(pulse: WallPulse, lumen: Lumen, wall: WallShear) -> tuple[WallRegion, ...]:
    """The whole wall and each lesion.

    Args:
        pulse: Wall shear over the cycle.
        lumen: The lumen, for the lesions.
        wall: Wall shear of the same mesh by facets, for their places.
    """
    names = [branch.name for branch in lumen.branches]
    parts = [("wall", np.ones(len(wall.points), dtype=bool))]
    for lesion in lumen.lesions:
        on_branch = wall.branch == names.index(lesion.branch)
        within = (wall.abscissa >= lesion.start) & (wall.abscissa <= lesion.end)
        parts.append((lesion.name, on_branch & within))
    return tuple(WallRegion.of(name, pulse, inside) for name, inside in parts if inside.any())


def _known_mean(values: FloatArray | None, weights: FloatArray, inside: BoolArray) -> float | None:
    """Area mean over the facets inside that are not NaN, None if there are none."""
    if values is None:
        return None
    known = inside & np.isfinite(values)
    return float(np.average(values[known], weights=weights[known])) if known.any() else None


def _turns(pulse: WallPulse, inside: BoolArray) -> dict[str, float | None]:
    """Mean and largest angle between the means of the last two cycles."""
    mean = _known_mean(pulse.turn, pulse.weights, inside)
    if mean is None or pulse.turn is None:
        return {"turn_mean_deg": None, "turn_max_deg": None}
    largest = float(np.nanmax(pulse.turn[inside]))
    return {
        "turn_mean_deg": float(np.degrees(mean)),
        "turn_max_deg": float(np.degrees(largest)),
    }
