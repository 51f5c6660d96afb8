"""Pulsatile flow through a lumen mesh: boundary values to drive, result to solution."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, ClosedLoopHeart, FlowInlet
from corohemo.boundary_remarks import cycle_length
from corohemo.errors import ConfigError, InputError, NotConvergedError
from corohemo.meshing.mesh import LumenMesh
from corohemo.probes import SectionProbes
from corohemo.solvers.conditions import FlowConditions, flow_conditions
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.fingerprint import drive_fingerprint, mesh_fingerprint
from corohemo.solvers.heart_cycle import HeartCycle
from corohemo.solvers.openings import harmonic_series, inlet_velocity, womersley_velocity
from corohemo.solvers.options import TransientOptions
from corohemo.solvers.parallel import is_served, run_everywhere
from corohemo.solvers.scales import VELOCITY, Scales
from corohemo.solvers.solution import FlowSolution, SolveStatus
from corohemo.solvers.time_grid import TimeGrid
from corohemo.solvers.transient_around import Surroundings, surround
from corohemo.solvers.transient_backflow import Backflow, RoundProfile
from corohemo.solvers.transient_drive import Drive
from corohemo.solvers.transient_field import first_field
from corohemo.solvers.transient_finer import with_short_steps
from corohemo.solvers.transient_inlet import InletProfile
from corohemo.solvers.transient_probes import FaceWeights
from corohemo.solvers.transient_run import Listener, TransientResult, run_on_ranks
from corohemo.solvers.transient_solution import TransientSolution, TransientStats

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HARMONIC_STEPS = 256
"""Samples of a flow, at least, that Womersley's profiles at unequal steps are made from."""

logger = logging.getLogger(__name__)


def solve_transient(
    mesh: LumenMesh,
    boundaries: Boundaries,
    options: TransientOptions,
    start: FloatArray | FlowSolution | None = None,
    told: Listener | None = None,
    probes: SectionProbes | None = None,
) -> TransientSolution:
    """Solve the Navier-Stokes equations cycle after cycle until the cycles repeat.

    Args:
        mesh: The mesh; under MPI only that of rank 0 is read.
        boundaries: Conditions on its faces, waveforms and beds as circuits in time.
        options: Time step, limits and tolerances.
        start: Dimensionless field to start from (n_nodes, 4), or a solution on the same mesh; None
            for what the options say.
        told: Called on rank 0 after every step.
        probes: Sections whose mean pressure is read after every step, as ``section_probes`` makes
            them of the mesh; None for none.

    Returns:
        Cycle means, series of faces and sections and wall statistics of the last cycle. In a closed
        loop its boundaries are the plain ones that the last beat amounts to.

    Raises:
        ConfigError: If the boundaries or the probes do not fit the mesh, or no period is known.
        InputError: If a checkpoint cannot be written, or belongs to another run.
        MissingDependencyError: If DOLFINx is not installed.
        NotConvergedError: If a step does not converge, nor shorter ones (``transient_finer``); if
            the cycles do not repeat and ``on_failure`` is "raise".
        NonFiniteError: If the field stops being finite.
    """
    require_dolfinx()
    _require_folder(options)
    _require_fitting(probes, mesh)
    started = time.perf_counter()
    period = cycle_length(boundaries, options.period_s)
    asked = surround(mesh, boundaries, options, period)
    conditions = flow_conditions(mesh, asked.plain)
    field = first_field(mesh, asked.plain, conditions, options, start)
    weights, sections = FaceWeights.of(mesh), None if probes is None else probes.weights

    def run(shorter: TransientOptions, halvings: int) -> tuple[TransientResult, TimeGrid, int]:
        around = surround(mesh, boundaries, shorter, period) if halvings else asked
        drive = _drive(mesh, boundaries, conditions, around, options, halvings)
        result = run_everywhere(
            run_on_ranks,
            (mesh, field, told),
            (conditions, drive, weights, sections, shorter, is_served()),
        )
        return result, around.grid, halvings

    result, grid, halvings = with_short_steps(run, options)
    message = _message(result, options, halvings)
    if not result.is_periodic and options.on_failure == "raise":
        raise NotConvergedError(message)
    logger.info("%s", message)
    seconds = time.perf_counter() - started
    return _solution(mesh, boundaries, result, grid, message, seconds, probes)


def _require_folder(options: TransientOptions) -> None:
    """Refuse a checkpoint that could not be written, before anything is computed."""
    if options.checkpoint is not None and not Path(options.checkpoint).parent.is_dir():
        raise InputError(
            "The folder of the checkpoint does not exist; create it first.",
            file=options.checkpoint,
        )


def _require_fitting(probes: SectionProbes | None, mesh: LumenMesh) -> None:
    """Refuse sections of another mesh."""
    if probes is not None and probes.weights.shape[1] != len(mesh.points):
        raise ConfigError(
            f"The probes read a mesh of {probes.weights.shape[1]} nodes but this one has "
            f"{len(mesh.points)}; make them with section_probes of this mesh.",
            field="probes",
        )


def _drive(
    mesh: LumenMesh,
    boundaries: Boundaries,
    conditions: FlowConditions,
    around: Surroundings,
    options: TransientOptions,
    halvings: int,
) -> Drive:
    """Conditions of every step of the cycle, made dimensionless."""
    scales = Scales(boundaries.blood.density)
    nodes, velocity, inflow = _inlet(mesh, boundaries, around.grid)
    return Drive(
        grid=around.grid.scaled(scales.time),
        blood=boundaries.blood,
        inlet_nodes=nodes,
        inlet_velocity=velocity / VELOCITY,
        inflow=inflow / scales.flow,
        partner=around.partner,
        targets=around.targets / scales.flow,
        backflow=Backflow(
            [RoundProfile.on(mesh, face) for face in mesh.faces if face.startswith("outlet:")]
        ),
        profile=None if conditions.profile is None else InletProfile.on(mesh, conditions.viscosity),
        reference_pressure=conditions.reference_pressure / scales.pressure,
        halvings=halvings,
        fingerprints=(mesh_fingerprint(mesh), drive_fingerprint(boundaries, mesh.faces, options)),
    )


def _inlet(
    mesh: LumenMesh, boundaries: Boundaries, grid: TimeGrid
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Nodes (n,), velocity (m, n, 3) [m/s] and flow (m,) [m3/s] of a driven inlet, else none."""
    inlet = boundaries.inlet
    if not isinstance(inlet, FlowInlet):
        return np.empty(0, dtype=np.int64), np.empty((grid.n_steps, 0, 3)), np.empty(0)
    if inlet.profile == "womersley":
        return _womersley(mesh, inlet, grid, boundaries.blood.kinematic_viscosity)
    flows = inlet.flow_rate_at(grid.ends)
    nodes, unit = inlet_velocity(mesh, 1.0, inlet.profile)
    return nodes, flows[:, None, None] * unit, flows


def _womersley(
    mesh: LumenMesh, inlet: FlowInlet, grid: TimeGrid, viscosity: float
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Nodes (n,), velocity (m, n, 3) [m/s] and its flow (m,) [m3/s] at the ends of the steps."""
    period = float(grid.ends[-1])
    n_even = grid.n_steps if grid.is_equal else max(HARMONIC_STEPS, grid.n_steps)
    flows = inlet.flow_rate_at(TimeGrid.equal(period, n_even).ends)
    places = None if grid.is_equal else grid.ends / period
    nodes, velocity = womersley_velocity(mesh, flows, period, viscosity, places)
    return nodes, velocity, harmonic_series(np.fft.rfft(flows), n_even, places)


def _solution(
    mesh: LumenMesh,
    boundaries: Boundaries,
    result: TransientResult,
    grid: TimeGrid,
    message: str,
    seconds: float,
    probes: SectionProbes | None,
) -> TransientSolution:
    """The dimensional solution; fields are empty on ranks that only serve."""
    scales = Scales(boundaries.blood.density)
    assert result.mean is not None
    assert result.final is not None
    log = result.log
    steps = len(result.flows)
    period = float(grid.steps.sum())
    heart, inlet = None, boundaries.inlet
    if result.beat is not None and isinstance(inlet, ClosedLoopHeart):
        heart = HeartCycle.of(inlet, np.append(0.0, grid.ends), result.beat)
        names = [face.removeprefix("outlet:") for face in mesh.faces if face.startswith("outlet:")]
        boundaries = heart.opened(boundaries, names)
    return TransientSolution(
        mesh=mesh,
        boundaries=boundaries,
        velocity=result.mean[:, :3] * VELOCITY,
        pressure=result.mean[:, 3] * scales.pressure,
        status=SolveStatus.CONVERGED if result.is_periodic else SolveStatus.NOT_CONVERGED,
        message=message,
        stats=TransientStats(
            newton_iterations=log.linear_solves,
            linear_iterations=log.krylov_steps,
            residual_relative=log.worst_residual,
            residual_history=(),
            mass_balance_relative=result.imbalance,
            unknowns=4 * len(mesh.points),
            ranks=result.ranks,
            seconds=seconds,
            steps=steps,
            refreshes=log.refreshes,
        ),
        period=period,
        times=np.concatenate([period * cycle + grid.ends for cycle in range(result.cycles)]),
        flows=result.flows * scales.flow,
        pressures=result.pressures * scales.pressure,
        cycles=result.cycles,
        cycle_change=result.change,
        final_velocity=result.final[:, :3] * VELOCITY,
        final_pressure=result.final[:, 3] * scales.pressure,
        wall=result.wall,
        heart=heart,
        sections=probes,
        section_pressures=None if probes is None else result.sections * scales.pressure,
    )


def _message(result: TransientResult, options: TransientOptions, halvings: int) -> str:
    log = result.log
    effort = (
        f"{len(result.flows)} steps, {log.linear_solves} linear solves, {log.krylov_steps} Krylov "
        f"steps, {log.refreshes} Jacobians"
    )
    if halvings:
        effort += f"; {2**halvings} steps for each one asked for, as longer ones did not converge"
    if result.is_periodic:
        return f"Periodic after {result.cycles} cycles: {effort}, last change {result.change:.1e}."
    change = "unknown" if result.change is None else f"{result.change:.1e}"
    return (
        f"The flow is not periodic after {result.cycles} cycles ({effort}): last change {change}, "
        f"wanted {options.periodicity:.1e}. Raise max_cycles, or continue from a checkpoint."
    )
