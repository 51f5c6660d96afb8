"""A flow field on plain arrays, with what is needed to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.checks import nearest_word
from corohemo.errors import ConfigError
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.openings import area_weights, flux_weights
from corohemo.units import ML_PER_MIN, MMHG

FloatArray = NDArray[np.float64]


class SolveStatus(Enum):
    """How a solve ended, in the words of ``result.json``."""

    CONVERGED = "converged"
    NOT_CONVERGED = "not_converged"
    FAILED = "failed"


@dataclass(frozen=True)
class SolveStats:
    """Effort and quality of a solve.

    Attributes:
        newton_iterations: Linear systems solved, the Stokes start included.
        linear_iterations: Krylov steps in all of them.
        residual_relative: Last residual over that of blood at rest.
        residual_history: The same after every step.
        mass_balance_relative: Net flow out of all faces over the largest of their flows.
        unknowns: Velocity components and pressures.
        ranks: MPI ranks.
        seconds: Wall time, distribution of the mesh included.
        jacobians: Matrices assembled and factorised for the linear systems of a steady flow.
    """

    newton_iterations: int
    linear_iterations: int
    residual_relative: float
    residual_history: tuple[float, ...]
    mass_balance_relative: float
    unknowns: int
    ranks: int
    seconds: float
    jacobians: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class TimeAverage:
    """How restless the mean in time is that stands for a flow without a steady state.

    Attributes:
        window_s: Window that the fields are the mean of [s].
        flow: Largest standard deviation of a face's flow over the largest mean flow [-].
        pressure_mmhg: Largest standard deviation of a face's pressure [mmHg].
        drift: Largest change of a face's mean flow from the last window but one to the last, over
            the largest mean flow [-].
    """

    window_s: float
    flow: float
    pressure_mmhg: float
    drift: float

    def sentence(self) -> str:
        """The figures for people."""
        return (
            f"Time-averaged over {1e3 * self.window_s:.0f} ms, no steady state found: flows "
            f"through the faces fluctuate by {100 * self.flow:.2g} % and pressures by "
            f"{self.pressure_mmhg:.2g} mmHg (standard deviation), and the means of the last two "
            f"windows differ by {100 * self.drift:.2g} %."
        )


@dataclass(frozen=True)
class FlowSolution:
    """Steady flow at the nodes of a lumen mesh, or its mean in time, both fields quadratic.

    Attributes:
        mesh: The mesh.
        boundaries: What acted on its faces.
        velocity: Velocity (n_nodes, 3) [m/s].
        pressure: Gauge pressure (n_nodes,) [Pa].
        status: How the solve ended; a flow without a steady state has not converged.
        message: The same as a sentence.
        stats: Effort and quality.
        average: How restless the flow is if the fields are its mean in time, else None.
    """

    mesh: LumenMesh
    boundaries: Boundaries
    velocity: FloatArray
    pressure: FloatArray
    status: SolveStatus
    message: str
    stats: SolveStats
    average: TimeAverage | None = field(default=None, kw_only=True)

    @property
    def faces(self) -> tuple[str, ...]:
        """Names of the faces."""
        return self.mesh.faces

    @property
    def is_converged(self) -> bool:
        """Whether both tolerances were reached."""
        return self.status is SolveStatus.CONVERGED

    @property
    def is_usable(self) -> bool:
        """Whether the fields mean something: they converged, or are a mean in time."""
        return self.is_converged or self.average is not None

    def face_pressure_mmhg(self, face: str) -> float:
        """Area mean of the pressure over a face [mmHg].

        Raises:
            ConfigError: If there is no such face.
        """
        nodes, weights = area_weights(self.mesh, self._known(face))
        return float(self.pressure[nodes] @ weights[:, 0] / weights.sum()) / MMHG

    def face_flow_ml_min(self, face: str) -> float:
        """Flow through a face [mL/min]: into the lumen at the inlet, out of it elsewhere.

        Raises:
            ConfigError: If there is no such face.
        """
        nodes, weights = flux_weights(self.mesh, self._known(face))
        sign = -1.0 if face == "inlet" else 1.0
        return sign * float((self.velocity[nodes] * weights).sum()) / ML_PER_MIN

    def summary(self) -> str:
        """A few lines for people: status, effort, and pressure and flow at every open face."""
        stats = self.stats
        lines = [
            self.message,
            f"{stats.unknowns} unknowns, {stats.ranks} ranks, {stats.seconds:.1f} s; "
            f"mass balance {stats.mass_balance_relative:.1e}",
        ]
        lines += [
            f"{face}: {self.face_pressure_mmhg(face):.2f} mmHg, "
            f"{self.face_flow_ml_min(face):.2f} mL/min"
            for face in self.faces
            if face != "wall"
        ]
        return "\n".join(lines)

    def _known(self, face: str, faces: Sequence[str] | None = None) -> str:
        """``face`` if it is among ``faces``, by default all of the mesh."""
        faces = faces or self.faces
        if face not in faces:
            raise ConfigError(
                f"There is no face {face!r}; faces are {', '.join(faces)}.",
                field="face",
                nearest=nearest_word(face, faces),
            )
        return face
