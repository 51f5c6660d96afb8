"""A pressure or a flow that is given at a face: a number, or a waveform in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corohemo.units import ML_PER_MIN, MMHG
from corohemo.waveform import Level, Waveform, adopt_level, level_at, mean_level

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PrescribedPressure:
    """A given pressure over a face."""

    pressure_mmhg: Level

    def __post_init__(self) -> None:
        adopt_level(self, "pressure_mmhg")

    @property
    def pressure(self) -> float:
        """Pressure, the mean of a waveform [Pa]."""
        return mean_level(self.pressure_mmhg) * MMHG

    def pressure_at(self, t_s: ArrayLike) -> FloatArray:
        """Pressure at times [Pa]."""
        return level_at(self.pressure_mmhg, t_s) * MMHG

    @property
    def waveform(self) -> Waveform | None:
        """The pressure where it varies in time [mmHg]."""
        return self.pressure_mmhg if isinstance(self.pressure_mmhg, Waveform) else None


@dataclass(frozen=True)
class PrescribedFlow:
    """A given flow through a face."""

    flow_ml_min: Level

    def __post_init__(self) -> None:
        adopt_level(self, "flow_ml_min")

    @property
    def flow_rate(self) -> float:
        """Flow, the mean of a waveform [m3/s]."""
        return mean_level(self.flow_ml_min) * ML_PER_MIN

    def flow_rate_at(self, t_s: ArrayLike) -> FloatArray:
        """Flow at times [m3/s]."""
        return level_at(self.flow_ml_min, t_s) * ML_PER_MIN

    @property
    def waveform(self) -> Waveform | None:
        """The flow where it varies in time [mL/min]."""
        return self.flow_ml_min if isinstance(self.flow_ml_min, Waveform) else None
