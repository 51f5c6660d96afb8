"""Pd/Pa over the cycle where a wire lies, and where the FFR of a lesion is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.aortic_cycle import AorticCycle
from corohemo.indices.cycle_pullback import CyclePullback, pressure_at
from corohemo.indices.distal import read_distal
from corohemo.indices.ffr import VesselPath, main_path, vessel_path
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import Pullback
from corohemo.indices.vessels import wire_place
from corohemo.lumen import Lumen
from corohemo.units import MM

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PulseReading:
    """One place over the cycle.

    Attributes:
        name: Vessel or lesion.
        branch: Branch that holds the place.
        position: Path length from the ostium [m].
        pressure_mmhg: Pressure at the equal times of the cycle (m,).
        pressure_ratio: Cycle mean of Pd over that of Pa: in hyperemia the FFR of this place.
        pressure_ratio_range: Lowest and highest Pd/Pa of all times.
        ifr: Instantaneous wave-free ratio.
        rfr: Resting full-cycle ratio.
        notes: Why a number is None, and under "position" what to know about the place.
    """

    name: str
    branch: str
    position: float
    pressure_mmhg: FloatArray
    pressure_ratio: float
    pressure_ratio_range: tuple[float, float] | None
    ifr: float | None
    rfr: float | None
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PulseReader:
    """What readings are taken from.

    Attributes:
        lumen: The lumen.
        cycle: Aortic pressure.
        series: Pressure along every branch over the cycle.
        means: The same of the cycle's mean field.
        options: Places.
    """

    lumen: Lumen
    cycle: AorticCycle
    series: Sequence[CyclePullback]
    means: Sequence[Pullback]
    options: IndexOptions

    def vessels(self) -> tuple[PulseReading, ...]:
        """One reading per vessel, at its wire position."""
        readings = []
        for outlet, name in zip(self.lumen.outlets, self.lumen.outlet_names, strict=True):
            path = vessel_path(self.means, self.lumen, self.lumen.path(outlet))
            place, notes = wire_place(self.lumen, path, name, self.options)
            readings.append(self._read(name, path, place, notes.get("wire")))
        return tuple(readings)

    def lesions(self) -> tuple[PulseReading, ...]:
        """One reading per lesion, where its FFR is read."""
        readings = []
        distance = self.options.distal_reading_mm * MM
        for lesion in self.lumen.lesions:
            branches = main_path(self.lumen, self.lumen.index(lesion.branch))
            path = vessel_path(self.means, self.lumen, branches)
            found = read_distal(path, lesion, distance=distance, lesions=self.lumen.lesions)
            readings.append(self._read(lesion.name, path, found.abscissa, found.note))
        return tuple(readings)

    def _read(self, name: str, path: VesselPath, place: float, said: str | None) -> PulseReading:
        pressure = pressure_at(self.series, path.branches, place)
        ratios = self.cycle.ratios_at(pressure)
        return PulseReading(
            name=name,
            branch=path.names[path.position_at(place)],
            position=place,
            pressure_mmhg=pressure,
            pressure_ratio=path.ffr_at(place),
            pressure_ratio_range=ratios.extremes,
            ifr=ratios.ifr,
            rfr=ratios.rfr,
            notes=self.cycle.reasons | ({"position": said} if said else {}),
        )
