"""Steady flow through a lumen mesh."""

from __future__ import annotations

import logging
import time
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.errors import ConfigError, NotConvergedError
from corohemo.meshing.mesh import LumenMesh
from corohemo.probes import SectionProbes
from corohemo.solvers.coarse import CoarseGrid
from corohemo.solvers.conditions import FlowConditions, flow_conditions
from corohemo.solvers.domain import ROOT, FlowDomain
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.form import FlowForm, compile_form
from corohemo.solvers.linear import LinearSolver
from corohemo.solvers.newton import NewtonLog, solve_newton
from corohemo.solvers.options import FACTORS, SteadyOptions, TransientOptions
from corohemo.solvers.parallel import is_served, run_everywhere
from corohemo.solvers.prelude import linear_start
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.scales import LENGTH, VELOCITY, Scales
from corohemo.solvers.second_state import nodal_start
from corohemo.solvers.solution import FlowSolution, SolveStats, SolveStatus
from corohemo.solvers.vertex_space import VertexSpace

if TYPE_CHECKING:
    from corohemo.solvers.transient_solution import TransientSolution

FloatArray = NDArray[np.float64]

logger = logging.getLogger(__name__)


@overload
def solve_flow(
    mesh: LumenMesh,
    boundaries: Boundaries,
    options: TransientOptions,
    *,
    initial: FlowSolution | None = None,
    probes: SectionProbes | None = None,
) -> TransientSolution: ...


@overload
def solve_flow(
    mesh: LumenMesh,
    boundaries: Boundaries,
    options: SteadyOptions | None = None,
    *,
    initial: FlowSolution | None = None,
) -> FlowSolution: ...


def solve_flow(
    mesh: LumenMesh,
    boundaries: Boundaries,
    options: SteadyOptions | TransientOptions | None = None,
    *,
    initial: FlowSolution | None = None,
    probes: SectionProbes | None = None,
) -> FlowSolution:
    """Solve the Navier-Stokes equations in the lumen: a steady flow, or cycles of a pulsatile one.

    Args:
        mesh: The mesh; under MPI only that of rank 0 is read.
        boundaries: Conditions on its faces; in a steady flow RCR and coronary beds act by their
            total resistance and waveforms by their means.
        options: ``SteadyOptions`` or ``TransientOptions``; steady defaults if None.
        initial: A solution on the same mesh to start from, for instance of another state.
        probes: Sections to read in every step of a pulsatile flow (``section_probes``).

    Returns:
        Velocity and pressure at the nodes, with status and statistics. A flow that does not settle
        has not converged, but with ``averaging_s`` holds its mean in time, and ``average`` says so.

    Raises:
        ConfigError: If the boundaries do not fit the mesh, ``initial`` or ``probes`` lie on another
            one, or there are probes for a steady flow.
        MissingDependencyError: If DOLFINx is not installed.
        NotConvergedError: If the tolerances were not reached, there is no mean in time, and
            ``on_failure`` is "raise".
        NonFiniteError: If the field stopped being finite.
    """
    options = options or SteadyOptions()
    require_dolfinx()
    started = time.perf_counter()
    if isinstance(options, TransientOptions):
        from corohemo.solvers.transient import solve_transient

        return solve_transient(mesh, boundaries, options, initial, probes=probes)
    if probes is not None:
        raise ConfigError(
            "Probes read the steps of a pulsatile flow; give TransientOptions, or no probes.",
            field="probes",
        )
    conditions = flow_conditions(mesh, boundaries)
    start = None if initial is None else nodal_start(initial, mesh, boundaries, conditions)
    field, log, converged, imbalance, ranks = run_everywhere(
        solve_on_ranks, (mesh, start), (conditions, options, is_served())
    )
    advice = "set averaging_s to have its mean in time."
    if log.is_restless and options.averaging_s > 0.0:
        try:
            return _averaged(mesh, boundaries, options, field, log, started)
        except NotConvergedError as error:
            logger.info("The mean in time was not found either: %s", error)
            advice = (
                "neither was its mean in time found. Refine the mesh: what is too coarse "
                "for a jet is often restless where a finer one is not."
            )
    scales = Scales(boundaries.blood.density)
    message = _message(converged, log, advice)
    if not converged and options.on_failure == "raise":
        raise NotConvergedError(message)
    logger.info("%s", message)
    return FlowSolution(
        mesh=mesh,
        boundaries=boundaries,
        velocity=field[:, :3] * VELOCITY,
        pressure=field[:, 3] * scales.pressure + conditions.reference_pressure,
        status=SolveStatus.CONVERGED if converged else SolveStatus.NOT_CONVERGED,
        message=message,
        stats=SolveStats(
            newton_iterations=log.linear_solves,
            linear_iterations=log.krylov_steps,
            residual_relative=log.residual,
            residual_history=tuple(log.history),
            mass_balance_relative=imbalance,
            unknowns=4 * len(mesh.points),
            ranks=ranks,
            seconds=time.perf_counter() - started,
            jacobians=log.jacobians,
        ),
    )


def _averaged(
    mesh: LumenMesh,
    boundaries: Boundaries,
    options: SteadyOptions,
    field: FloatArray,
    log: NewtonLog,
    started: float,
) -> FlowSolution:
    """The mean in time, from the last ``field`` of a search that found nothing steady."""
    from corohemo.solvers.averaged import average_in_time

    logger.info("No steady state found (residual %.1e); averaging in time", log.residual)
    mean, average = average_in_time(mesh, boundaries, options, field)
    message = average.sentence()
    logger.info("%s", message)
    return FlowSolution(
        mesh=mesh,
        boundaries=boundaries,
        velocity=mean.velocity,
        pressure=mean.pressure,
        status=SolveStatus.NOT_CONVERGED,
        message=message,
        stats=SolveStats(
            newton_iterations=log.linear_solves + mean.stats.newton_iterations,
            linear_iterations=log.krylov_steps + mean.stats.linear_iterations,
            residual_relative=mean.stats.residual_relative,
            residual_history=tuple(log.history),
            mass_balance_relative=mean.stats.mass_balance_relative,
            unknowns=mean.stats.unknowns,
            ranks=mean.stats.ranks,
            seconds=time.perf_counter() - started,
            jacobians=log.jacobians,
        ),
        average=average,
    )


def solve_on_ranks(
    comm: Any,
    mesh: LumenMesh | None,
    start: FloatArray | None,
    conditions: FlowConditions,
    options: SteadyOptions,
    root_only: bool,
) -> tuple[FloatArray | None, NewtonLog, bool, float, int]:
    """The collective part of ``solve_flow``, dimensionless.

    Returns:
        Nodal field (n_nodes, 4), on rank 0 alone if ``root_only``; log; whether it converged; mass
        imbalance; number of ranks.
    """
    assembly = flow_assembly(comm, mesh, options, is_thinning=conditions.thinning is not None)
    domain = assembly.domain
    problem = FlowProblem(
        domain, assembly.form, assembly.solver, conditions, assembly.grid, assembly.space
    )
    if comm.bcast(start is not None, root=ROOT):
        owned: FloatArray | None = problem.unknowns(domain.scatter(start)[: domain.n_owned])
    else:
        owned = _linear_start(assembly, problem, conditions, options)
    converged, log = solve_newton(problem, options, owned)
    field = domain.gather(problem.nodal.reshape(-1, 4))
    if not root_only and comm.size > 1:
        field = comm.bcast(field, root=ROOT)
    return field, log, converged, problem.imbalance(), comm.size


def _linear_start(
    assembly: _Assembly, problem: FlowProblem, conditions: FlowConditions, options: SteadyOptions
) -> FloatArray | None:
    """Unknowns of ``problem`` that linear elements give, None if they give none; collective."""
    assert assembly.space is not None
    start, log = linear_start(assembly.space, assembly.grid, conditions, options)
    if start is None or log is None:
        return None
    logger.info(
        "linear elements: %d solves, %d Krylov steps, residual %.1e",
        log.linear_solves,
        log.krylov_steps,
        log.residual,
    )
    return problem.imposed(problem.unknowns(start))


@dataclass(frozen=True)
class _Assembly:
    """What can be kept between solves on one mesh."""

    domain: FlowDomain
    space: VertexSpace | None
    form: FlowForm
    solver: LinearSolver
    grid: CoarseGrid
    key: tuple[float | str, ...]
    mesh: Any


_kept: list[_Assembly] = []


def flow_assembly(
    comm: Any,
    mesh: LumenMesh | None,
    options: SteadyOptions | TransientOptions,
    *,
    is_unsteady: bool = False,
    is_thinning: bool = False,
) -> _Assembly:
    """Domain, form and matrix of ``mesh``: those of the last solve if it had the same mesh."""
    factors = options.factors if isinstance(options, SteadyOptions) else FACTORS[0]
    key = (options.quadrature_degree, options.backflow, is_unsteady, is_thinning, factors)
    is_same = bool(_kept) and _kept[0].key == key and mesh is not None and _kept[0].mesh() is mesh
    if comm.bcast(is_same, root=ROOT):
        return _kept[0]
    _kept.clear()
    domain = FlowDomain.distribute(comm, mesh, LENGTH)
    space = None if is_unsteady else VertexSpace.under(domain, backflow=options.backflow)
    form = compile_form(
        domain,
        vertices=None if space is None else space.vertices,
        quadrature_degree=options.quadrature_degree,
        backflow=options.backflow,
        is_unsteady=is_unsteady,
        is_thinning=is_thinning,
    )
    solver = LinearSolver(form.jacobian, factors)
    reference = (lambda: None) if mesh is None else weakref.ref(mesh)
    grid = comm.bcast(None if mesh is None else CoarseGrid.along(mesh), root=ROOT)
    _kept.append(_Assembly(domain, space, form, solver, grid, key, reference))
    return _kept[0]


def _message(converged: bool, log: NewtonLog, advice: str) -> str:
    effort = (
        f"{log.linear_solves} linear solves with {log.jacobians} Jacobians, {log.krylov_steps} "
        "Krylov steps"
    )
    if converged:
        return f"Converged: {effort}, residual {log.residual:.1e}."
    return f"The flow did not converge: residual {log.residual:.1e} after {effort}. " + (
        f"It shows no sign of a steady state; {advice}"
        if log.is_restless
        else "Raise max_iterations, or refine the mesh at severe lesions."
    )
