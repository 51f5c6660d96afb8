"""A steady flow once more with cubic elements, on the cells of the quadratic ones.

What cubic elements change is what quadratic ones on these cells get wrong, with its sign. The
iteration starts from the quadratic flow, one order of the cell's size away from the cubic one, so
that a single Jacobian serves all of its few steps; its preconditioner has the quadratic elements
as the level below.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NotConvergedError
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.conditions import FlowConditions, flow_conditions
from corohemo.solvers.cubic_conditions import cubic_conditions
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.form import compile_form
from corohemo.solvers.linear import LinearSolver
from corohemo.solvers.newton import KEEP
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.parallel import is_served, run_everywhere
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.scales import VELOCITY, Scales
from corohemo.solvers.second_state import nodal_start
from corohemo.solvers.solution import FlowSolution, SolveStats
from corohemo.solvers.steady import flow_assembly
from corohemo.solvers.vertex_space import VertexSpace

FloatArray = NDArray[np.float64]

logger = logging.getLogger(__name__)

QUADRATURE_DEGREE = 6
"""Degree of the rule in the cells."""
REDUCTION = 1e-2
"""Part of the quadratic flow's residual that may be left."""
FORCING = 0.05
"""Part of the residual that a linear solve may leave."""
MOST_STEPS = 8
LOST = 2.0
"""Growth of the residual from which the quadratic flow is no start."""


@dataclass(frozen=True)
class CubicLog:
    """What the iteration did.

    Attributes:
        residuals: Norms of the residual, that of the quadratic flow first.
        krylov_steps, jacobians: Effort of the linear solves.
        unknowns: Velocity components and pressures.
        imbalance: Net flow out of all faces over the largest of them.
        ranks: MPI ranks.
    """

    residuals: tuple[float, ...]
    krylov_steps: int
    jacobians: int
    unknowns: int
    imbalance: float
    ranks: int


def solve_cubic(solution: FlowSolution, options: SteadyOptions | None = None) -> FlowSolution:
    """The flow of ``solution`` with cubic elements for velocity and pressure on the same cells.

    Args:
        solution: A steady flow that converged.
        options: Those it was solved with; the quadrature is always of degree 6.

    Returns:
        The cubic flow at the nodes of the mesh; its cell-by-cell cubic part is not kept.

    Raises:
        MissingDependencyError: If DOLFINx is not installed.
        NonFiniteError: If the field stopped being finite.
        NotConvergedError: If ``solution`` did not converge, or the steps do not lead from it to a
            cubic flow.
    """
    if not solution.is_converged:
        raise NotConvergedError(
            f"Cubic elements start from a steady flow, and this one is {solution.status.value}: "
            f"{solution.message}"
        )
    require_dolfinx()
    options = options or SteadyOptions()
    started = time.perf_counter()
    mesh, boundaries = solution.mesh, solution.boundaries
    conditions = flow_conditions(mesh, boundaries)
    start = nodal_start(solution, mesh, boundaries, conditions)
    field, log = run_everywhere(_cubic_on_ranks, (mesh, start), (conditions, options, is_served()))
    last, first = log.residuals[-1], log.residuals[0]
    if last > REDUCTION * first:
        raise NotConvergedError(
            f"Cubic elements found no flow near the quadratic one: after {len(log.residuals) - 1} "
            f"steps {100 * last / first:.0f} % of the residual are left. Raise mesh.refinement."
        )
    message = (
        f"Cubic elements: {len(log.residuals) - 1} linear solves with {log.jacobians} Jacobians, "
        f"{log.krylov_steps} Krylov steps, {log.unknowns} unknowns."
    )
    logger.info("%s", message)
    scales = Scales(boundaries.blood.density)
    return replace(
        solution,
        velocity=field[:, :3] * VELOCITY,
        pressure=field[:, 3] * scales.pressure + conditions.reference_pressure,
        message=message,
        stats=SolveStats(
            newton_iterations=len(log.residuals) - 1,
            linear_iterations=log.krylov_steps,
            residual_relative=last / first,
            residual_history=tuple(norm / first for norm in log.residuals),
            mass_balance_relative=log.imbalance,
            unknowns=log.unknowns,
            ranks=log.ranks,
            seconds=time.perf_counter() - started,
            jacobians=log.jacobians,
        ),
    )


def _cubic_on_ranks(
    comm: Any,
    mesh: LumenMesh | None,
    start: FloatArray | None,
    conditions: FlowConditions,
    options: SteadyOptions,
    root_only: bool,
) -> tuple[FloatArray | None, CubicLog]:
    """The collective part, dimensionless: field at the mesh's nodes (n_nodes, 4), and the log."""
    from dolfinx.fem import petsc

    is_thinning = conditions.thinning is not None
    assembly = flow_assembly(comm, mesh, options, is_thinning=is_thinning)
    quadratic = assembly.domain
    cubic = quadratic.cubic()
    form = compile_form(
        cubic,
        vertices=quadratic,
        quadrature_degree=QUADRATURE_DEGREE,
        backflow=options.backflow,
        is_thinning=is_thinning,
    )
    up = petsc.interpolation_matrix(quadratic.space, cubic.space)
    up.assemble()
    space = VertexSpace(cubic, quadratic, assembly.form, assembly.solver, up)
    problem = FlowProblem(
        cubic,
        form,
        LinearSolver(form.jacobian, options.factors),
        cubic_conditions(conditions, space),
        assembly.grid,
        space,
        conditions.fixed,
    )
    owned = quadratic.scatter(start)[: quadratic.n_owned].ravel()
    problem.set_field(problem.imposed(problem.unknowns(space.prolonged(owned))))
    residuals, krylov_steps, jacobians = _iterate(problem)
    down = petsc.interpolation_matrix(cubic.space, quadratic.space)
    down.assemble()
    values, read = down.createVecs()
    values.array[:] = problem.nodal
    down.mult(values, read)
    field = quadratic.gather(read.array_r.reshape(-1, 4))
    if not root_only and comm.size > 1:
        field = comm.bcast(field)
    unknowns = 4 * cubic.n_nodes
    return field, CubicLog(
        residuals, krylov_steps, jacobians, unknowns, problem.imbalance(), comm.size
    )


def _iterate(problem: FlowProblem) -> tuple[tuple[float, ...], int, int]:
    """Newton steps with as few Jacobians as do; residuals, Krylov steps, Jacobians; collective."""
    problem.set_flow_regime()
    residuals = [problem.evaluate()]
    krylov_steps = jacobians = 0
    is_kept = False
    while residuals[-1] > REDUCTION * residuals[0] and len(residuals) <= MOST_STEPS:
        if not is_kept:
            problem.linearise()
            jacobians += 1
        step, taken = problem.newton_step(problem.defect, FORCING * residuals[-1])
        krylov_steps += taken
        problem.set_field(problem.field - step)
        residuals.append(problem.evaluate())
        logger.debug("cubic elements: residual %.1e after %.1e", residuals[-1], residuals[-2])
        if residuals[-1] > LOST * residuals[0]:
            break
        is_kept = residuals[-1] <= KEEP * residuals[-2]
    return tuple(residuals), krylov_steps, jacobians
