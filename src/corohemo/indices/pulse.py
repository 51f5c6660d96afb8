"""What only a pulsatile flow tells: oscillation of the wall shear, diastolic and lowest Pd/Pa.

iFR is the mean of Pd/Pa over the wave-free period, from a quarter of diastole to 5 ms before its
end (Sen et al., J Am Coll Cardiol 2012;59:1392), RFR the lowest Pd/Pa of the cycle (Svanerud et
al., EuroIntervention 2018;14:806); both at rest. Definitions from memory, unverified. Pd is read at
the outlet, where the whole cycle is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.results import WallShear
from corohemo.lumen import Lumen
from corohemo.solvers.transient_solution import TransientSolution, WallStatistics

FloatArray = NDArray[np.float64]

WAVE_FREE_START = 0.25
"""Part of diastole after which the wave-free period begins."""
WAVE_FREE_MARGIN_S = 0.005
"""Time before the end of diastole at which it ends [s]."""
LOW_SHEAR_PA = 0.4
"""Cycle-mean wall shear below which a wall counts as poorly washed (Malek et al., JAMA
1999;282:2035; from memory, unverified)."""
LEAST_SHEAR_PA = 1e-3
"""Floor of the mean shear in the relative residence time."""
NOT_AT_REST = "iFR and RFR are defined at rest."
NO_SYSTOLE = "iFR needs the end of systole, which a waveform of your own does not tell."
NO_WALL = "Wall statistics were not accumulated."


@dataclass(frozen=True)
class WallPulse:
    """Wall shear over the cycle on the wall's facets.

    Attributes:
        tawss: Cycle mean of the magnitude (n,) [Pa].
        osi: Oscillatory shear index (n,), 0 to 0.5.
        rrt: Relative residence time 1 / |mean vector| (n,) [1/Pa].
        peak: Largest magnitude in the facet and the cycle (n,) [Pa].
        weights: Area (n,) [m2].
    """

    tawss: FloatArray
    osi: FloatArray
    rrt: FloatArray
    peak: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, statistics: WallStatistics, n_facets: int) -> WallPulse:
        """Area means over the facets of what is known at the points of each."""
        shape = (n_facets, -1)
        area = statistics.weights.reshape(shape)
        share = area / area.sum(axis=1, keepdims=True)
        mean = np.einsum("kq,kqd->kd", share, statistics.mean_traction.reshape(*shape, 3))
        steady = np.maximum(np.linalg.norm(mean, axis=1), LEAST_SHEAR_PA)
        return cls(
            tawss=np.sum(share * statistics.tawss.reshape(shape), axis=1),
            osi=np.sum(share * statistics.osi.reshape(shape), axis=1),
            rrt=1.0 / steady,
            peak=statistics.peak.reshape(shape).max(axis=1),
            weights=area.sum(axis=1),
        )


@dataclass(frozen=True)
class WallRegion:
    """Wall shear over the cycle in one part of the wall.

    Attributes:
        name: Name of the lesion, or "wall" for all of it.
        tawss_pa: Area mean of the cycle-mean magnitude [Pa].
        osi: Area mean of the oscillatory shear index.
        rrt_1_pa: Area mean of the relative residence time [1/Pa].
        low_shear_share: Part of the area below ``LOW_SHEAR_PA``.
    """

    name: str
    tawss_pa: float
    osi: float
    rrt_1_pa: float
    low_shear_share: float


@dataclass(frozen=True)
class OutletPulse:
    """One outlet over the cycle; ``notes`` says why a number is None."""

    name: str
    pressure_range_mmhg: tuple[float, float]
    flow_range_ml_min: tuple[float, float]
    ifr: float | None
    rfr: float | None
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PulseIndices:
    """Pulsatile indices of one state."""

    outlets: tuple[OutletPulse, ...]
    regions: tuple[WallRegion, ...]
    wall: WallPulse | None
    notes: Mapping[str, str] = field(default_factory=dict)


def pulse_indices(
    solution: TransientSolution,
    lumen: Lumen,
    wall: WallShear,
    *,
    end_systole: float | None = None,
) -> PulseIndices:
    """Indices of the last cycle.

    Args:
        solution: The flow; its cycle begins with systole.
        lumen: Its lumen, for the lesions.
        wall: Wall shear of the same mesh by facets, for their places.
        end_systole: Part of the cycle after which diastole begins, None if unknown.
    """
    outlets = tuple(
        _outlet(solution, face, end_systole)
        for face in solution.faces
        if face.startswith("outlet:")
    )
    if solution.wall is None:
        return PulseIndices(outlets, (), None, {"wall": NO_WALL})
    pulse = WallPulse.of(solution.wall, len(wall.points))
    return PulseIndices(outlets, _regions(pulse, lumen, wall), pulse)


def wave_free_ratio(
    times: FloatArray, ratio: FloatArray, *, period: float, end_systole: float
) -> float:
    """Mean of Pd/Pa over the wave-free period.

    Args:
        times: Times from the begin of systole (n,) [s].
        ratio: Pd/Pa at these times (n,).
        period: Length of the cycle [s].
        end_systole: Part of the cycle after which diastole begins.
    """
    diastole = (1.0 - end_systole) * period
    start = end_systole * period + WAVE_FREE_START * diastole
    inside = (times >= start) & (times <= period - WAVE_FREE_MARGIN_S)
    return float(ratio[inside].mean())


def _outlet(solution: TransientSolution, face: str, end_systole: float | None) -> OutletPulse:
    distal, aortic = (solution.face_pressure_series_mmhg(name) for name in (face, "inlet"))
    name = face.removeprefix("outlet:")
    ranges = (solution.face_pressure_range_mmhg(face), solution.face_flow_range_ml_min(face))
    if solution.boundaries.state != "resting":
        return OutletPulse(name, *ranges, None, None, {"ifr": NOT_AT_REST, "rfr": NOT_AT_REST})
    if aortic.min() <= 0.0:
        reason = "The pressure at the inlet is not positive throughout the cycle."
        return OutletPulse(name, *ranges, None, None, {"ifr": reason, "rfr": reason})
    ratio = distal / aortic
    if end_systole is None:
        return OutletPulse(name, *ranges, None, float(ratio.min()), {"ifr": NO_SYSTOLE})
    ifr = wave_free_ratio(
        solution.cycle_times, ratio, period=solution.period, end_systole=end_systole
    )
    return OutletPulse(name, *ranges, ifr, float(ratio.min()))


def _regions(pulse: WallPulse, lumen: Lumen, wall: WallShear) -> tuple[WallRegion, ...]:
    names = [branch.name for branch in lumen.branches]
    everywhere = np.ones(len(wall.points), dtype=bool)
    parts: Sequence[tuple[str, NDArray[np.bool_]]] = [
        ("wall", everywhere),
        *(
            (
                lesion.name,
                (wall.branch == names.index(lesion.branch))
                & (wall.abscissa >= lesion.start)
                & (wall.abscissa <= lesion.end),
            )
            for lesion in lumen.lesions
        ),
    ]
    return tuple(_region(name, pulse, inside) for name, inside in parts if inside.any())


def _region(name: str, pulse: WallPulse, inside: NDArray[np.bool_]) -> WallRegion:
    area = pulse.weights[inside]

    def mean(values: FloatArray) -> float:
        return float(np.average(values[inside], weights=area))

    return WallRegion(
        name=name,
        tawss_pa=mean(pulse.tawss),
        osi=mean(pulse.osi),
        rrt_1_pa=mean(pulse.rrt),
        low_shear_share=mean((pulse.tawss < LOW_SHEAR_PA).astype(np.float64)),
    )
