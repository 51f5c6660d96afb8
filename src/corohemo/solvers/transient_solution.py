"""The last cycle of a pulsatile flow: means, series of faces and sections, wall statistics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import ConfigError
from corohemo.kernels.oscillation import oscillation
from corohemo.probes import SectionProbes
from corohemo.solvers.heart_cycle import HeartCycle
from corohemo.solvers.solution import FlowSolution, SolveStats
from corohemo.units import ML_PER_MIN, MMHG

FloatArray = NDArray[np.float64]

LEAST_SHEAR_PA = 1e-3
"""Shear that has no direction, and floor of the shear in the denominators of RRT and ECAP."""
ROUNDING_PA = 1e-9
"""Mean magnitude at or below which there is no shear that could oscillate."""
SAME_TIME = 1e-9
"""Difference up to which two times are the same, over the period."""


@dataclass(frozen=True)
class TransientStats(SolveStats):
    """Effort and quality of a pulsatile solve; the worst step stands for all.

    ``newton_iterations`` counts the linear systems solved, ``residual_history`` is empty.

    Attributes:
        steps: Time steps of all cycles.
        refreshes: Jacobians assembled and factorised.
    """

    steps: int
    refreshes: int


@dataclass(frozen=True)
class WallStatistics:
    """Wall shear over the last cycle, at the quadrature points of the wall.

    The shear is that of the quadratic velocity of the cell behind each facet. With e the direction
    of its cycle mean, n the normal and <.> the cycle mean:

    - transWSS = <|tau . (n x e)|> (Peiffer et al., J Biomech 2013;46:2651),
    - CFI = <|tau / |tau| . (n x e)|> (Mohamied et al., J Biomech 2017;50:102),
    - TSVI = <(d - <d>)^2>^(1/2), d the surface divergence of tau / |tau| (Mazzi et al., Biomech
      Model Mechanobiol 2020;19:1403).

    The definition of TSVI was read in its authors' repository, the other two in later work. A shear
    of ``LEAST_SHEAR_PA`` or less has no direction: it counts as zero in CFI and d, and where the
    mean is as small, transWSS and CFI are NaN.

    Attributes:
        points: Positions (n, 3) [m].
        weights: Wall area that each point stands for (n,) [m2].
        mean_traction: Cycle mean of the wall shear stress vector (n, 3) [Pa].
        tawss: Cycle mean of its magnitude (n,) [Pa].
        peak: Largest magnitude (n,) [Pa].
        tsvi: Topological shear variation index of each facet, from the mean of the divergence over
            it (n_facets,) [1/m]; None if it was not accumulated.
        trans_wss: Transverse wall shear stress (n,) [Pa]; None after a single cycle, because two
            tell e (``kernels.cycle``).
        cfi: Cross-flow index (n,), 0 to 1; None after a single cycle.
        turn: Angle between the means of the last cycle and the one before (n,) [rad]: how well e is
            told. None after a single cycle.
    """

    points: FloatArray
    weights: FloatArray
    mean_traction: FloatArray
    tawss: FloatArray
    peak: FloatArray
    tsvi: FloatArray | None = None
    trans_wss: FloatArray | None = None
    cfi: FloatArray | None = None
    turn: FloatArray | None = None

    @property
    def osi(self) -> FloatArray:
        """Oscillatory shear index (1 - |mean| / mean of magnitude) / 2 (n,), 0 at rest, to 0.5."""
        return self._oscillation[0]

    @property
    def ecap(self) -> FloatArray:
        """Endothelial cell activation potential OSI / TAWSS (n,) [1/Pa].

        Reference:
            Di Achille et al., Proc R Soc A 2014;470:20140163.
        """
        return self._oscillation[1]

    @property
    def rrt(self) -> FloatArray:
        """Relative residence time 1 / ((1 - 2 OSI) TAWSS) (n,) [1/Pa], infinite at rest."""
        return self._oscillation[2]

    @cached_property
    def _oscillation(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        return oscillation(self.mean_traction, self.tawss, ROUNDING_PA, LEAST_SHEAR_PA)


@dataclass(frozen=True)
class TransientSolution(FlowSolution):
    """A pulsatile flow; velocity, pressure and ``face_*`` methods give means over the last cycle.

    Attributes:
        period: Length of a cycle [s].
        times: Ends of all steps since the start (n,) [s].
        flows: Flow through the open faces, ostium to outlet, at these times (n, f) [m3/s].
        pressures: Area-mean pressures (n, f) [Pa].
        cycles: Cycles computed.
        cycle_change: Largest change of a face's series from the last cycle but one to the last:
            of pressures over the largest pressure, of flows over the largest flow; None after a
            single cycle.
        final_velocity: Velocity at the end (n_nodes, 3) [m/s].
        final_pressure: Pressure at the end (n_nodes,) [Pa].
        wall: Statistics of the wall shear, None if they were not asked for.
        heart: Last beat of the heart in a closed loop, None without one; ``boundaries`` are then
            the plain conditions that it amounts to.
        sections: Sections that were read in every step, None if none were asked for.
        section_pressures: Their mean pressures after the steps of the last cycle (m, k) [Pa].
    """

    period: float
    times: FloatArray
    flows: FloatArray
    pressures: FloatArray
    cycles: int
    cycle_change: float | None
    final_velocity: FloatArray
    final_pressure: FloatArray
    wall: WallStatistics | None
    heart: HeartCycle | None = None
    sections: SectionProbes | None = None
    section_pressures: FloatArray | None = None

    @property
    def is_periodic(self) -> bool:
        """Whether the last cycle repeated the one before within the tolerance."""
        return self.is_converged

    @property
    def steps_per_cycle(self) -> int:
        """Time steps in a cycle."""
        return len(self.times) // self.cycles

    @property
    def cycle_times(self) -> FloatArray:
        """Equal times of the last cycle, as many as its steps, from its start (m,) [s]."""
        n = self.steps_per_cycle
        return self.period / n * np.arange(1, n + 1, dtype=np.float64)

    def face_flow_series_ml_min(self, face: str) -> FloatArray:
        """Flow through an open face in the last cycle, at ``cycle_times`` (m,) [mL/min].

        Raises:
            ConfigError: If there is no such face.
        """
        return self._evenly(self._last(self.flows, face)) / ML_PER_MIN

    def face_pressure_series_mmhg(self, face: str) -> FloatArray:
        """Area-mean pressure of an open face in the last cycle, at ``cycle_times`` (m,) [mmHg].

        Raises:
            ConfigError: If there is no such face.
        """
        return self._evenly(self._last(self.pressures, face)) / MMHG

    def section_pressure_series_mmhg(self, branch: str) -> FloatArray:
        """Mean pressures of a branch's sections in the last cycle (m, j) [mmHg].

        They are given at ``cycle_times``; ``sections.abscissa[sections.rows(branch)]`` are the
        places.

        Raises:
            ConfigError: If no sections were read, or there is no such branch.
        """
        if self.sections is None or self.section_pressures is None:
            raise ConfigError(
                "No sections were read in this flow; give solve_flow probes.", field="probes"
            )
        return self._evenly(self.section_pressures[:, self.sections.rows(branch)]) / MMHG

    def face_flow_range_ml_min(self, face: str) -> tuple[float, float]:
        """Smallest and largest flow through an open face in the last cycle [mL/min]."""
        series = self._last(self.flows, face) / ML_PER_MIN
        return float(series.min()), float(series.max())

    def face_pressure_range_mmhg(self, face: str) -> tuple[float, float]:
        """Smallest and largest area-mean pressure of an open face in the last cycle [mmHg]."""
        series = self._last(self.pressures, face) / MMHG
        return float(series.min()), float(series.max())

    def _last(self, series: FloatArray, face: str) -> FloatArray:
        """A face's values after the steps of the last cycle (m,)."""
        return series[-self.steps_per_cycle :, self._column(face)]

    def _evenly(self, values: FloatArray) -> FloatArray:
        """Values after the last steps (m, ...) at ``cycle_times``, by straight lines between."""
        times = self.cycle_times
        steps = self.times[-len(times) :] - (self.cycles - 1) * self.period
        if np.abs(steps - times).max() <= SAME_TIME * self.period:
            return values
        columns = values.reshape(len(times), -1).T
        even = [np.interp(times, steps, column, period=self.period) for column in columns]
        return np.transpose(even).reshape(values.shape)

    def _column(self, face: str) -> int:
        open_faces = [name for name in self.faces if name != "wall"]
        return open_faces.index(self._known(face, open_faces))
