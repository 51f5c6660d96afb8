"""Aortic pressure over a cycle, and the ratios of pressures down a vessel to it.

iFR is the mean Pd over the mean Pa of the wave-free period, from a quarter of diastole to 5 ms
before its end (Sen et al., J Am Coll Cardiol 2012;59:1392; the ratio of the means was read in
reviews, the period in public code that evaluates pressure wires, the paper not). RFR is the lowest
Pd/Pa of the whole cycle (Svanerud et al., EuroIntervention 2018;14:806, as told by Wienemann et
al., Front Cardiovasc Med 2021;8:744181). Both are defined at rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.solvers.reduced_cycle_solution import ReducedCycle
from corohemo.solvers.transient_solution import TransientSolution

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
PulsatileFlow = TransientSolution | ReducedCycle
"""The last cycle of a flow, by whichever model."""

WAVE_FREE_START = 0.25
"""Part of diastole after which the wave-free period begins."""
WAVE_FREE_MARGIN_S = 0.005
"""Time before the end of diastole at which it ends [s]."""
NOT_AT_REST = "iFR and RFR are defined at rest."
NO_SYSTOLE = "iFR needs the end of systole, which a waveform of your own does not tell."
NO_WAVE_FREE_PERIOD = "No time step lies in the wave-free period; take more steps in a cycle."
NOT_POSITIVE = "The pressure at the inlet is not positive throughout the cycle."


@dataclass(frozen=True)
class PressureRatios:
    """Pd/Pa over a cycle at several places (k,); None where there is none.

    Attributes:
        lowest, highest: Of all times.
        ifr: Instantaneous wave-free ratio.
        rfr: Resting full-cycle ratio.
    """

    lowest: FloatArray | None
    highest: FloatArray | None
    ifr: FloatArray | None
    rfr: FloatArray | None


@dataclass(frozen=True)
class PlaceRatios:
    """The same at one place, with the lowest and the highest ratio as a pair."""

    extremes: tuple[float, float] | None
    ifr: float | None
    rfr: float | None


@dataclass(frozen=True)
class AorticCycle:
    """Pressure at the inlet over a cycle that begins with systole.

    Attributes:
        times: Equal times (m,) [s].
        pressure: Pa at these times (m,), in the unit of the Pd that are compared with it.
        period: Length of the cycle [s].
        end_systole: Part of it after which diastole begins, None if unknown.
        is_resting: Whether the flow is at rest.
    """

    times: FloatArray
    pressure: FloatArray
    period: float
    end_systole: float | None
    is_resting: bool

    @classmethod
    def of(cls, solution: PulsatileFlow, end_systole: float | None) -> AorticCycle:
        """The last cycle of a flow, in mmHg."""
        return cls(
            times=solution.cycle_times,
            pressure=solution.face_pressure_series_mmhg("inlet"),
            period=solution.period,
            end_systole=end_systole,
            is_resting=solution.boundaries.state == "resting",
        )

    def ratios(self, distal: FloatArray) -> PressureRatios:
        """Ratios of pressures (m, k) at these times; ``reasons`` says why one is None."""
        if not self._is_positive:
            return PressureRatios(None, None, None, None)
        instantaneous = distal.T / self.pressure
        lowest, highest = instantaneous.min(axis=-1), instantaneous.max(axis=-1)
        inside, ifr = self._is_wave_free, None
        if self.is_resting and inside.any():
            ifr = distal[inside].mean(axis=0) / self.pressure[inside].mean()
        return PressureRatios(lowest, highest, ifr, lowest if self.is_resting else None)

    def ratios_at(self, distal: FloatArray) -> PlaceRatios:
        """The same of the pressures of one place (m,)."""
        found = self.ratios(distal[:, None])
        lowest, highest, ifr, rfr = (
            None if values is None else float(values[0])
            for values in (found.lowest, found.highest, found.ifr, found.rfr)
        )
        extremes = None if lowest is None or highest is None else (lowest, highest)
        return PlaceRatios(extremes, ifr, rfr)

    @property
    def reasons(self) -> dict[str, str]:
        """Why ratios are None, by name."""
        if not self.is_resting:
            notes = {"ifr": NOT_AT_REST, "rfr": NOT_AT_REST}
            return notes if self._is_positive else notes | {"pressure_ratio_range": NOT_POSITIVE}
        if not self._is_positive:
            return dict.fromkeys(("pressure_ratio_range", "ifr", "rfr"), NOT_POSITIVE)
        if self.end_systole is None:
            return {"ifr": NO_SYSTOLE}
        return {} if self._is_wave_free.any() else {"ifr": NO_WAVE_FREE_PERIOD}

    @property
    def _is_positive(self) -> bool:
        return bool(self.pressure.min() > 0.0)

    @property
    def _is_wave_free(self) -> BoolArray:
        """Whether each time lies in the wave-free period (m,); none if diastole is unknown."""
        if self.end_systole is None:
            return np.zeros(len(self.times), dtype=np.bool_)
        diastole = (1.0 - self.end_systole) * self.period
        start = self.end_systole * self.period + WAVE_FREE_START * diastole
        return (self.times >= start) & (self.times <= self.period - WAVE_FREE_MARGIN_S)
