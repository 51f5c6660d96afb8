"""Pressure and flow of the reduced model along every branch over one cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.lumen import Lumen
from corohemo.solvers.heart_cycle import HeartCycle
from corohemo.solvers.reduced_solution import ReducedSolution, branch_of_face, face_names
from corohemo.units import ML_PER_MIN, MMHG

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ReducedCycle:
    """One period of the pulsatile reduced model, first and last time a period apart.

    Attributes:
        lumen: The lumen it belongs to.
        boundaries: What acted on it.
        times: (n,) [s].
        inlet_pressures: Pressure at the ostium (n,) [Pa].
        flows: Flow of each branch (n, n_branches) [m3/s], positive from ostium to outlets.
        end_pressures: Pressure at the end of each branch (n, n_branches) [Pa].
        section_pressures: Per branch, static pressure at its sections (n, n_sections) [Pa].
        outlet_states: By outlet name, states of its circuit at time 0; none for prescribed flows.
        cycles: Cycles computed.
        change_relative: Change of the last cycle against the one before.
        heart: The beat of the heart, if one is at the inlet.
    """

    lumen: Lumen
    boundaries: Boundaries
    times: FloatArray
    inlet_pressures: FloatArray
    flows: FloatArray
    end_pressures: FloatArray
    section_pressures: tuple[FloatArray, ...]
    outlet_states: Mapping[str, FloatArray]
    cycles: int
    change_relative: float
    heart: HeartCycle | None = None

    @property
    def faces(self) -> tuple[str, ...]:
        """Names of the faces that blood crosses."""
        return face_names(self.lumen)

    @property
    def period(self) -> float:
        """Length of the cycle [s]."""
        return float(self.times[-1])

    @property
    def steps_per_cycle(self) -> int:
        """Time steps in the cycle."""
        return len(self.times) - 1

    @property
    def cycle_times(self) -> FloatArray:
        """Ends of the steps (m,) [s]."""
        return self.times[1:]

    @property
    def cycle_change(self) -> float:
        """Change of the last cycle against the one before."""
        return self.change_relative

    @property
    def is_periodic(self) -> bool:
        """Whether the last cycle repeated the one before; otherwise there is no solution."""
        return True

    @property
    def mean_pressures(self) -> tuple[FloatArray, ...]:
        """Per branch, cycle mean of the static pressure at its sections (n_sections,) [Pa]."""
        return tuple(pressure[1:].mean(axis=0) for pressure in self.section_pressures)

    @property
    def ffr(self) -> tuple[FloatArray, ...]:
        """Per branch, mean pressure over the ostium's at its sections (n_sections,) [-]."""
        return self.mean.ffr

    @property
    def mean(self) -> ReducedSolution:
        """The cycle's mean; a heart is replaced by the plain conditions that it amounts to."""
        boundaries = self.boundaries
        if self.heart is not None:
            boundaries = self.heart.opened(boundaries, self.lumen.outlet_names)
        return ReducedSolution(
            lumen=self.lumen,
            boundaries=boundaries,
            inlet_pressure=float(self.inlet_pressures[1:].mean()),
            flows=self.flows[1:].mean(axis=0),
            pressures=self.mean_pressures,
            iterations=None,
            change_relative=None,
        )

    def face_pressure_mmhg(self, face: str) -> FloatArray:
        """Pressure at a face at ``times`` (n,) [mmHg].

        Raises:
            ConfigError: If there is no such face.
        """
        branch = branch_of_face(self.lumen, face)
        series = self.inlet_pressures if branch is None else self.end_pressures[:, branch]
        return series / MMHG

    def face_flow_ml_min(self, face: str) -> FloatArray:
        """Flow through a face at ``times`` (n,), positive from ostium to outlets [mL/min].

        Raises:
            ConfigError: If there is no such face.
        """
        return self.flows[:, branch_of_face(self.lumen, face) or 0] / ML_PER_MIN

    def face_pressure_series_mmhg(self, face: str) -> FloatArray:
        """The pressure at ``cycle_times`` (m,) [mmHg]."""
        return self.face_pressure_mmhg(face)[1:]

    def face_flow_series_ml_min(self, face: str) -> FloatArray:
        """The flow at ``cycle_times`` (m,) [mL/min]."""
        return self.face_flow_ml_min(face)[1:]

    def face_pressure_range_mmhg(self, face: str) -> tuple[float, float]:
        """Smallest and largest pressure at a face [mmHg]."""
        series = self.face_pressure_mmhg(face)
        return float(series.min()), float(series.max())

    def face_flow_range_ml_min(self, face: str) -> tuple[float, float]:
        """Smallest and largest flow through a face [mL/min]."""
        series = self.face_flow_ml_min(face)
        return float(series.min()), float(series.max())
