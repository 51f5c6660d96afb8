"""The field that a pulsatile run starts from."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.conditions import FlowConditions
from corohemo.solvers.options import SteadyOptions, TransientOptions
from corohemo.solvers.parallel import is_served, run_everywhere
from corohemo.solvers.second_state import nodal_start
from corohemo.solvers.solution import FlowSolution
from corohemo.solvers.steady import solve_on_ranks

FloatArray = NDArray[np.float64]

START_TOLERANCE = 1e-5
"""Residual of the steady flow that a run starts from, unless its steps are solved better."""
START_ITERATIONS = 10
"""Limit of its iteration: where it is hard to find, a field on the way is as good a start."""

logger = logging.getLogger(__name__)


def first_field(
    mesh: LumenMesh,
    plain: Boundaries,
    conditions: FlowConditions,
    options: TransientOptions,
    given: FloatArray | FlowSolution | None,
) -> FloatArray | None:
    """Dimensionless field to start from (n_nodes, 4): the given one, or what the options ask for.

    Returns:
        None to start from rest, or from a checkpoint.
    """
    if isinstance(given, FlowSolution):
        return nodal_start(given, mesh, plain, conditions)
    if given is not None or options.start == "rest":
        return given
    if options.checkpoint is not None and Path(options.checkpoint).exists():
        return None
    steady = SteadyOptions(
        tolerance=min(START_TOLERANCE, options.tolerance),
        mass_tolerance=1.0,
        max_iterations=START_ITERATIONS,
        quadrature_degree=options.quadrature_degree,
        backflow=options.backflow,
    )
    field, log, converged, *_ = run_everywhere(
        solve_on_ranks, (mesh, None), (conditions, steady, is_served())
    )
    if not converged:
        logger.info("No steady flow to start from (residual %.1e); starting near it", log.residual)
    return np.asarray(field)
