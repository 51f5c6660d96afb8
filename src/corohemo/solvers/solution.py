"""A flow field on plain arrays, with what is needed to trust it (interface, helper C completes)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]


class SolveStatus(Enum):
    CONVERGED = "converged"
    NOT_CONVERGED = "not_converged"
    FAILED = "failed"


@dataclass(frozen=True)
class SolveStats:
    newton_iterations: int
    linear_iterations: int
    residual_relative: float
    residual_history: tuple[float, ...]
    mass_balance_relative: float
    unknowns: int
    ranks: int
    seconds: float


@dataclass(frozen=True)
class FlowSolution:
    """Velocity (n_nodes, 3) [m/s] and pressure (n_nodes,) [Pa] at the nodes of ``mesh`` (P2 Lagrange both)."""

    mesh: LumenMesh
    boundaries: Boundaries
    velocity: FloatArray
    pressure: FloatArray
    status: SolveStatus
    message: str
    stats: SolveStats

    # faces -> tuple[str,...]; face_pressure_mmhg(face) area mean; face_flow_ml_min(face), positive from ostium to outlets
