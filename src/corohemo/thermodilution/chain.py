"""The vessel from ostium to wire as a chain of segments: one bolus, one infusion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import InputError
from corohemo.indices.ffr import vessel_path
from corohemo.indices.microvascular import segment_volumes
from corohemo.indices.venous import venous_pressure
from corohemo.indices.wire import StateReading
from corohemo.kernels.advection import advect_chain, taylor_dispersion
from corohemo.lumen import Lumen
from corohemo.thermodilution.injection import injection_curve
from corohemo.thermodilution.options import ThermodilutionOptions
from corohemo.thermodilution.results import BolusPassage, Infusion
from corohemo.thermodilution.temperature import temperature_ratio
from corohemo.units import ML_PER_MIN, MM

FloatArray = NDArray[np.float64]

REST_OF_BOLUS = 1e-7
"""Part of the bolus that may still be in the vessel when its passage counts as over."""
CELLS_OF_SHORTEST = 4
"""Least number of cells of a segment."""

LEAST_ARRIVAL = 0.05
"""Infusate at the wire, over that of a well mixed stream, below which no flow is read."""


@dataclass(frozen=True)
class Chain:
    """Segments from the ostium to the wire, one per branch on the way.

    Attributes:
        sections: Abscissas and radii of each segment's sections [m].
        flows: Flow of each segment (n_segments,) [m3/s].
        wire: Path length of the sensor [m].
        distal: Pressure there [Pa].
        venous: Pressure behind the bed [Pa].
        options: The measurement.
    """

    sections: tuple[tuple[FloatArray, FloatArray], ...]
    flows: FloatArray
    wire: float
    distal: float
    venous: float
    options: ThermodilutionOptions

    @classmethod
    def of(
        cls, lumen: Lumen, state: StateReading, vessel: str, options: ThermodilutionOptions
    ) -> Chain:
        """The way to the wire of a vessel.

        Raises:
            InputError: If the flow is not forward on it, or it ends before the infusion's place.
        """
        branches = lumen.path(lumen.index(vessel))
        path = vessel_path(state.pullbacks, lumen, branches)
        wire = min(options.wire_mm * MM, path.end)
        if options.infusion_mm * MM >= wire:
            raise InputError(
                f"Vessel {vessel} ends {path.end / MM:.1f} mm from the ostium, so the infusion "
                f"catheter's tip at {options.infusion_mm:g} mm would lie behind the wire.",
                field="infusion_mm",
            )
        sections, flows = [], []
        for index in branches:
            branch = lumen.branches[index]
            if branch.abscissas[0] >= wire:
                break
            end = min(wire, float(branch.abscissas[-1]))
            abscissa = np.append(branch.abscissas[branch.abscissas < end], end)
            sections.append((abscissa, np.interp(abscissa, branch.abscissas, branch.radii)))
            flows.append(float(state.flows[index]))
        if min(flows) <= 0:
            raise InputError(
                f"The flow towards the wire of {vessel} is not forward everywhere, so an indicator "
                "does not arrive there.",
                field="flow",
            )
        return cls(
            sections=tuple(sections),
            flows=np.array(flows),
            wire=wire,
            distal=path.pressure_at(wire),
            venous=venous_pressure(state.solution.boundaries, vessel) or 0.0,
            options=options,
        )

    @property
    def volumes(self) -> FloatArray:
        """Volume of each segment (n_segments,) [m3]."""
        return np.array([segment_volumes(s, r).sum() for s, r in self.sections])

    @property
    def volume_over_flow(self) -> float:
        """Sum of volume over flow on the way [s]."""
        return float(np.sum(self.volumes / self.flows))

    def bolus(self) -> BolusPassage:
        """Inject saline at the ostium and wait for it at the wire.

        Segments that are passed in less than a quarter of the time step only delay it: a wire just
        behind a bifurcation.
        """
        options = self.options
        transits = self.volumes / self.flows
        kept = np.flatnonzero(transits >= options.time_step_s / CELLS_OF_SHORTEST)
        delay = float(transits.sum() - transits[kept].sum())
        flows, volumes = self.flows[kept], self.volumes[kept]
        shortest = float(transits[kept].min(initial=np.inf))
        step = min(options.time_step_s, shortest / CELLS_OF_SHORTEST)
        n_cells = np.floor(transits[kept] / step * (1 + 1e-12)).astype(np.int64)
        offsets = np.concatenate([[0], np.cumsum(n_cells)])
        parts = [self._exchange(int(j), int(n)) for j, n in zip(kept, n_cells, strict=True)]
        exchange = np.concatenate([np.empty(0), *parts])
        window = options.injection_s + options.rise_s + 4.0 * float(transits.sum())
        while True:
            edges: FloatArray = np.arange(round(window / step) + 1, dtype=np.float64) * step
            inlet = injection_curve(options, float(self.flows[0]), edges)
            sensor = advect_chain(offsets, volumes / n_cells, flows, exchange, inlet, step)
            if abs(1.0 - sensor.sum() / inlet.sum()) < REST_OF_BOLUS:
                break
            window *= 2.0
        times = 0.5 * (edges[1:] + edges[:-1])
        arrival = delay + float(times @ sensor / sensor.sum() - times @ inlet / inlet.sum())
        sensor = np.interp(times - delay, times, sensor)
        return BolusPassage(times, inlet, sensor, arrival, self.volume_over_flow)

    def _exchange(self, segment: int, n_cells: int) -> FloatArray:
        """Dispersion A^2 D / dV through the face behind each cell of a segment (n,) [m3/s]."""
        exchange = np.zeros(n_cells)
        if not self.options.dispersion:
            return exchange
        abscissa, radius = self.sections[segment]
        filled = np.concatenate([[0.0], np.cumsum(segment_volumes(abscissa, radius))])
        size = filled[-1] / n_cells
        for i in range(n_cells - 1):
            r = float(np.interp((i + 1) * size, filled, radius))
            area = np.pi * r**2
            elapsed = (i + 1) * size / self.flows[segment]
            dispersion = taylor_dispersion(
                self.flows[segment] / area, r, elapsed, self.options.diffusivity_m2_s
            )
            exchange[i] = area**2 * dispersion / size
        return exchange

    def infusion(
        self, rate: float, dilution: float | None = None, *, setting: str = "infusion_ml_min"
    ) -> Infusion:
        """Mix an infusion [m3/s] into the stream at the catheter's tip and read it at the wire.

        Args:
            rate: Infused volume per time [m3/s].
            dilution: Volume fraction at the wire over the rate [s/m3]; that of a well mixed stream
                by default.
            setting: Option that holds the rate, for messages.

        Raises:
            InputError: If it exceeds the flow there, or hardly arrives.
        """
        ends = [float(abscissa[-1]) for abscissa, _ in self.sections]
        place = int(np.searchsorted(ends, self.options.infusion_mm * MM, side="right"))
        total = float(self.flows[min(place, len(ends) - 1)])
        if rate >= total:
            raise InputError(
                f"An infusion of {rate / ML_PER_MIN:g} mL/min exceeds the flow of "
                f"{total / ML_PER_MIN:.1f} mL/min at the catheter's tip: lower {setting}, or place "
                "the tip nearer to the ostium.",
                field=setting,
            )
        arriving = 1.0 if dilution is None else dilution * total
        if arriving < LEAST_ARRIVAL:
            raise InputError(
                f"The stream at the wire carries {100.0 * arriving:.1f} % of what a well mixed "
                "infusion would give, too little to read a flow: raise infusion_spread, or place "
                "the catheter's tip in the wire's branch.",
                field="infusion_spread",
            )
        part = rate * arriving / total
        heat = self.options.heat_capacity_ratio
        ratio = temperature_ratio(part, heat)
        measured = heat / ratio * rate
        return Infusion(ratio, measured, total, self.distal / measured)
