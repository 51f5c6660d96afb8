"""One beat of a heart in a closed loop, and the plain conditions that it amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, PressureInlet
from corohemo.errors import ConfigError
from corohemo.heart import ClosedLoopHeart
from corohemo.kernels.march_loop import LoopSeries
from corohemo.outlet import RCR, CoronaryBed, FlowOutlet, Outlet, PressureOutlet, Resistance
from corohemo.units import ML, MMHG
from corohemo.waveform import Waveform, scaled_level

FloatArray = NDArray[np.float64]

LITRE_PER_MIN = 1e-3 / 60.0


@dataclass(frozen=True)
class HeartCycle:
    """Pressures, volumes and flows of heart and systemic circulation over the last beat.

    Attributes:
        heart: The heart.
        times: Times from the beginning of the beat, first and last a period apart (n,) [s].
        pressures: Pressures of atrium, ventricle, aortic root and arteries (n, 4) [Pa].
        volumes: Their volumes, the unstressed one of the ventricle counted (n, 4) [m3].
        flows: Flows of mitral valve, aortic valve, aorta and periphery (n, 4) [m3/s].
        bed_volumes: Stressed volume of the coronary beds (n,) [m3].
    """

    heart: ClosedLoopHeart
    times: FloatArray
    pressures: FloatArray
    volumes: FloatArray
    flows: FloatArray
    bed_volumes: FloatArray

    @classmethod
    def of(cls, heart: ClosedLoopHeart, times: FloatArray, series: LoopSeries) -> HeartCycle:
        """The beat from its series after each step; ``times`` begins with 0."""
        rest = [part.unstressed_volume for part in heart.loop().compartments]
        return cls(
            heart,
            times,
            closed(series.pressures),
            closed(series.volumes + np.array(rest)),
            closed(series.flows),
            closed(series.bed_volumes),
        )

    def pressure_mmhg(self, name: str) -> FloatArray:
        """Pressure of "atrium", "ventricle", "root" or "arteries" (n,) [mmHg].

        Raises:
            ConfigError: If there is no such compartment.
        """
        return self.pressures[:, self._place(name)] / MMHG

    def volume_ml(self, name: str) -> FloatArray:
        """Volume of a compartment (n,) [mL]; names as in ``pressure_mmhg``.

        Raises:
            ConfigError: If there is no such compartment.
        """
        return self.volumes[:, self._place(name)] / ML

    @property
    def mean_aortic_pressure_mmhg(self) -> float:
        """Cycle mean of the pressure in the aortic root."""
        return self._mean(self.pressure_mmhg("root"))

    @property
    def mean_atrial_pressure_mmhg(self) -> float:
        """Cycle mean of the pressure that the beds drain into."""
        return self._mean(self.pressure_mmhg("atrium"))

    @property
    def stroke_volume_ml(self) -> float:
        """Largest less smallest volume of the ventricle."""
        return float(np.ptp(self.volume_ml("ventricle")))

    @property
    def ejection_fraction(self) -> float:
        """Stroke volume over the largest volume of the ventricle."""
        return self.stroke_volume_ml / float(self.volume_ml("ventricle").max())

    @property
    def cardiac_output_l_min(self) -> float:
        """Stroke volume by the time of a beat."""
        return self.stroke_volume_ml * ML / self.times[-1] / LITRE_PER_MIN

    @property
    def blood_volume_ml(self) -> FloatArray:
        """All blood of loop and beds (n,), constant but for rounding."""
        return (self.volumes.sum(axis=1) + self.bed_volumes) / ML

    @property
    def end_systole(self) -> float:
        """Part of the beat after which the aortic valve is closed."""
        ejecting = self.flows[:, 1] > 0.0
        return float(self.times[ejecting][-1] / self.times[-1]) if ejecting.any() else 0.0

    def summary(self) -> str:
        """One sentence for people."""
        aorta, ventricle = self.pressure_mmhg("root"), self.volume_ml("ventricle")
        return (
            f"The heart ejects {self.stroke_volume_ml:.0f} of {ventricle.max():.0f} mL (ejection "
            f"fraction {100 * self.ejection_fraction:.0f} %, {self.cardiac_output_l_min:.1f} "
            f"L/min) at {aorta.min():.0f} to {aorta.max():.0f} mmHg (mean "
            f"{self.mean_aortic_pressure_mmhg:.0f}), atrial pressure "
            f"{self.mean_atrial_pressure_mmhg:.1f} mmHg."
        )

    def opened(self, boundaries: Boundaries, outlet_names: Sequence[str]) -> Boundaries:
        """The conditions without loop that act on the faces as this beat does.

        The inlet gets the aortic pressure, beds the intramyocardial pressure as waveforms, and all
        that drained into the atrium its mean pressure.

        Args:
            boundaries: The conditions in the loop.
            outlet_names: Outlets of the lumen.
        """
        aortic = self._wave(self.pressure_mmhg("root"))
        outlets = {name: self._opened_outlet(boundaries.outlet(name)) for name in outlet_names}
        return replace(
            boundaries,
            inlet=PressureInlet(aortic),
            outlets=outlets,
            notes=(*boundaries.notes, self.summary()),
        )

    def _opened_outlet(self, outlet: Outlet) -> Outlet:
        atrial = self.mean_atrial_pressure_mmhg
        match outlet:
            case FlowOutlet() | PressureOutlet():
                return outlet
            case Resistance() | RCR():
                return replace(outlet, distal_pressure_mmhg=atrial)
            case CoronaryBed():
                own = scaled_level(outlet.intramyocardial_pressure_mmhg, 1.0)
                given = own.at(self.times) if isinstance(own, Waveform) else own
                ventricle = outlet.ventricular_share * self.pressure_mmhg("ventricle")
                return replace(
                    outlet,
                    venous_pressure_mmhg=atrial,
                    intramyocardial_pressure_mmhg=self._wave(ventricle + given),
                    ventricular_share=0.0,
                )

    def _wave(self, values: FloatArray) -> Waveform:
        return Waveform(self.times, values)

    def _mean(self, values: FloatArray) -> float:
        return float(np.trapezoid(values, self.times) / self.times[-1])

    def _place(self, name: str) -> int:
        names = [part.name for part in self.heart.loop().compartments]
        if name not in names:
            raise ConfigError(
                f"The heart has no compartment {name!r}; these are {', '.join(names)}.",
                field="name",
            )
        return names.index(name)


def closed(series: FloatArray) -> FloatArray:
    """The end of the cycle put before its beginning."""
    return np.concatenate([series[-1:], series])
