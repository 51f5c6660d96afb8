"""What only a pulsatile flow tells: how the wall shear varies, diastolic and lowest Pd/Pa.

iFR is the mean Pd over the mean Pa of the wave-free period, from a quarter of diastole to 5 ms
before its end (Sen et al., J Am Coll Cardiol 2012;59:1392; the ratio of the means was read in
reviews, the period is from memory), RFR the lowest Pd/Pa of the cycle (Svanerud et al.,
EuroIntervention 2018;14:806, from memory); both at rest. Pd is read at the outlet, where the whole
cycle is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.results import WallShear
from corohemo.indices.wall_pulse import WallPulse, WallRegion, wall_regions
from corohemo.lumen import Lumen
from corohemo.solvers.transient_solution import TransientSolution

FloatArray = NDArray[np.float64]

WAVE_FREE_START = 0.25
"""Part of diastole after which the wave-free period begins."""
WAVE_FREE_MARGIN_S = 0.005
"""Time before the end of diastole at which it ends [s]."""
NOT_AT_REST = "iFR and RFR are defined at rest."
NO_SYSTOLE = "iFR needs the end of systole, which a waveform of your own does not tell."
NO_WAVE_FREE_PERIOD = "No time step lies in the wave-free period; take more steps in a cycle."
NO_WALL = "Wall statistics were not accumulated."


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
    return PulseIndices(outlets, wall_regions(pulse, lumen, wall), pulse)


def wave_free_ratio(
    times: FloatArray,
    distal: FloatArray,
    aortic: FloatArray,
    *,
    period: float,
    end_systole: float,
) -> float | None:
    """Mean Pd over mean Pa of the wave-free period; None if it holds no time.

    Args:
        times: Times from the begin of systole (n,) [s].
        distal: Pd at these times (n,), in any unit.
        aortic: Pa at these times (n,), in the same unit.
        period: Length of the cycle [s].
        end_systole: Part of the cycle after which diastole begins.
    """
    diastole = (1.0 - end_systole) * period
    start = end_systole * period + WAVE_FREE_START * diastole
    inside = (times >= start) & (times <= period - WAVE_FREE_MARGIN_S)
    return float(distal[inside].mean() / aortic[inside].mean()) if inside.any() else None


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
        solution.cycle_times, distal, aortic, period=solution.period, end_systole=end_systole
    )
    notes = {} if ifr is not None else {"ifr": NO_WAVE_FREE_PERIOD}
    return OutletPulse(name, *ranges, ifr, float(ratio.min()), notes)
