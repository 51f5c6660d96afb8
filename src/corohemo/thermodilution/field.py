"""A bolus and an infusion in a three-dimensional flow: saline as a passive scalar in its field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.sampling import PointLocator, check_lumen
from corohemo.lumen import Lumen
from corohemo.solvers.scalar_transport import ScalarOptions, ScalarPassage, carry_scalar
from corohemo.solvers.solution import FlowSolution
from corohemo.thermodilution.chain import Chain
from corohemo.thermodilution.injection import injection_curve
from corohemo.thermodilution.options import SENSORS
from corohemo.thermodilution.results import BolusPassage, Infusion
from corohemo.thermodilution.sensors import (
    axis_sensor,
    section_on_path,
    section_sensor,
    tip_source,
)
from corohemo.units import MM

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Field:
    """The field of a flow, with a wire in one vessel.

    Attributes:
        chain: The way to the wire.
        solution: The flow.
        lumen: The lumen that was meshed.
        vessel: Name of the outlet.
    """

    chain: Chain
    solution: FlowSolution
    lumen: Lumen
    vessel: str

    def bolus(self) -> BolusPassage:
        """Inject saline at the ostium and wait for it at the wire."""
        passage, own = self._passage, SENSORS.index(self.chain.options.sensor)
        pulse = self._pulse
        inlet = np.zeros(len(passage.times))
        inlet[: len(pulse)] = pulse
        highest = float(pulse.max())
        return BolusPassage(
            times=passage.times,
            inlet=inlet,
            sensor=passage.curves[:, own],
            transit_time=float(passage.ages[own]),
            volume_over_flow=self.chain.volume_over_flow,
            axis_transit_time=float(passage.ages[SENSORS.index("axis")]),
            outlet_transit_time=passage.outlet_age,
            overshoot=max(-passage.lowest, passage.highest - highest, 0.0) / highest,
        )

    def infusion(self, rate: float) -> Infusion:
        """Infuse [m3/s] around the catheter's tip and read the stream at the wire.

        Raises:
            InputError: If it exceeds the flow at the tip.
        """
        own = SENSORS.index(self.chain.options.sensor)
        return self.chain.infusion(rate, float(self._passage.steady[0, own]))

    @cached_property
    def _pulse(self) -> FloatArray:
        options = self.chain.options
        n_steps = int(np.ceil((options.injection_s + options.rise_s) / options.time_step_s))
        edges: FloatArray = options.time_step_s * np.arange(n_steps + 1, dtype=np.float64)
        return injection_curve(options, float(self.chain.flows[0]), edges)

    @cached_property
    def _passage(self) -> ScalarPassage:
        check_lumen(self.solution, self.lumen)
        options, chain = self.chain.options, self.chain
        locator = PointLocator.of(self.solution.mesh)
        wire = section_on_path(self.lumen, self.vessel, chain.wire)
        tip = section_on_path(self.lumen, self.vessel, options.infusion_mm * MM)
        sensors = [read(self.solution, locator, wire) for read in (section_sensor, axis_sensor)]
        return carry_scalar(
            self.solution,
            self._pulse,
            np.array(sensors),
            tip_source(self.solution, tip, options.infusion_spread)[None],
            ScalarOptions(
                diffusivity_m2_s=options.diffusivity_m2_s,
                degree=options.scalar_degree,
                time_step_s=options.time_step_s,
            ),
        )
