"""A bolus and an infusion in a three-dimensional flow: saline as a passive scalar in its field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.locator import PointLocator
from corohemo.indices.sampling import check_lumen
from corohemo.lumen import Lumen
from corohemo.lumen_branch import Section
from corohemo.solvers.scalar_transport import ScalarOptions, ScalarPassage, carry_scalar
from corohemo.solvers.solution import FlowSolution
from corohemo.thermodilution.chain import Chain
from corohemo.thermodilution.injection import injection_curve
from corohemo.thermodilution.options import SENSORS
from corohemo.thermodilution.results import BolusPassage, Infusion
from corohemo.thermodilution.sensors import (
    axis_sensor,
    behind_section,
    section_on_path,
    stream_source,
    volume_behind,
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
        passage, own, pulse = self._passage, self._own, self._pulse
        delay = 0.0 if own else self._delay
        inlet = np.zeros(len(passage.times))
        inlet[: len(pulse)] = pulse
        highest = float(pulse.max())
        return BolusPassage(
            times=passage.times,
            inlet=inlet,
            sensor=np.interp(passage.times - delay, passage.times, passage.curves[:, own]),
            transit_time=float(passage.ages[own]) + delay,
            volume_over_flow=self.chain.volume_over_flow,
            axis_transit_time=float(passage.ages[SENSORS.index("axis")]),
            outlet_transit_time=passage.outlet_age,
            overshoot=max(-passage.lowest, passage.highest - highest, 0.0) / highest,
        )

    def infusion(self, rate: float, *, setting: str = "infusion_ml_min") -> Infusion:
        """Infuse [m3/s] at the catheter's tip and read the stream at the wire.

        ``setting`` is the option that holds the rate, for messages.

        Raises:
            InputError: If it exceeds the flow at the tip, or hardly arrives.
        """
        dilution = float(self._passage.steady[0, self._own])
        return self.chain.infusion(rate, dilution, setting=setting)

    @property
    def _own(self) -> int:
        """Which reading is the sensor's."""
        return SENSORS.index(self.chain.options.sensor)

    @cached_property
    def _wire(self) -> Section:
        return section_on_path(self.lumen, self.vessel, self.chain.wire)

    @property
    def _delay(self) -> float:
        """Time from where the mesh reads the section to the section itself [s]."""
        behind = volume_behind(self.lumen, self.solution.mesh, self._wire)
        return float((self._passage.section_volumes[0] - behind) / self._passage.section_flows[0])

    @cached_property
    def _pulse(self) -> FloatArray:
        options = self.chain.options
        n_steps = int(np.ceil((options.injection_s + options.rise_s) / options.time_step_s))
        edges: FloatArray = options.time_step_s * np.arange(n_steps + 1, dtype=np.float64)
        return injection_curve(options, float(self.chain.flows[0]), edges)

    @cached_property
    def _passage(self) -> ScalarPassage:
        check_lumen(self.solution, self.lumen)
        options = self.chain.options
        locator = PointLocator.of(self.solution.mesh)
        tip = section_on_path(self.lumen, self.vessel, options.infusion_mm * MM)
        return carry_scalar(
            self.solution,
            self._pulse,
            behind_section(self.lumen, self.solution.mesh, self._wire)[None],
            axis_sensor(self.solution, locator, self._wire)[None],
            stream_source(
                self.solution, tip, self.lumen.index(tip.branch), options.infusion_spread
            )[None],
            ScalarOptions(
                diffusivity_m2_s=options.diffusivity_m2_s,
                degree=options.scalar_degree,
                time_step_s=options.time_step_s,
            ),
        )
