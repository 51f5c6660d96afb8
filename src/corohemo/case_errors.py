"""Numerical error of the FFRs of a case, or why it has none."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from corohemo.config import CaseConfig
from corohemo.error_bar import COARSE, FfrErrors, estimate_ffr_error
from corohemo.errors import CorohemoError
from corohemo.lumen import Lumen
from corohemo.meshing.lumen_mesher import mesh_lumen
from corohemo.solvers.solution import FlowSolution
from corohemo.solvers.steady import solve_flow
from corohemo.solvers.transient_solution import TransientSolution

logger = logging.getLogger(__name__)

NO_MESH = (
    "The reduced model has no mesh whose error could be estimated; its error is its closure's."
)
NOT_WANTED = "The numerical error was not asked for; set solver.numerical_error = true to have it."
RESTING_ONLY = "Only a resting flow was solved; the numerical error is that of the hyperemic FFR."


def case_errors(
    config: CaseConfig, states: Mapping[str, FlowSolution], lumen: Lumen
) -> FfrErrors | str:
    """Error bars of the hyperemic FFRs, or the sentence that says why there are none.

    Args:
        config: Settings of the case.
        states: Its solved states.
        lumen: The lumen that was meshed.
    """
    if not config.solver.numerical_error:
        return NOT_WANTED
    if "hyperemic" not in states:
        return RESTING_ONLY
    try:
        return estimate_ffr_error(
            states["hyperemic"],
            lumen,
            config.indices,
            coarse=_coarse(config, states["hyperemic"], lumen),
            solver=config.solver,
        )
    except CorohemoError as error:
        return f"The numerical error could not be estimated: {error}"


def _coarse(config: CaseConfig, flow: FlowSolution, lumen: Lumen) -> FlowSolution | None:
    """The same flow on a coarser mesh; None if there is none."""
    if isinstance(flow, TransientSolution):
        return None
    options = replace(config.mesh, refinement=COARSE * config.mesh.refinement)
    try:
        return solve_flow(mesh_lumen(lumen, options), flow.boundaries, config.solver)
    except CorohemoError as error:
        logger.info("no flow on a coarser mesh: %s", error)
        return None


def told_errors(found: FfrErrors | str) -> str:
    """One line for the log."""
    if isinstance(found, str):
        return found
    return (
        f"at most {max(found.outlets.values()):.1e} at an outlet, {found.stats.unknowns} unknowns"
    )
