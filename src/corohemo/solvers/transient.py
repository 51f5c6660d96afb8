"""Pulsatile flow through a lumen mesh: boundary values to drive, result to solution."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, FlowInlet
from corohemo.circuit import Circuit
from corohemo.errors import ConfigError, InputError, NotConvergedError
from corohemo.meshing.mesh import LumenMesh
from corohemo.outlet import FlowOutlet, PressureOutlet
from corohemo.solvers.conditions import FlowConditions, flow_conditions
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.openings import inlet_velocity, womersley_velocity
from corohemo.solvers.options import TransientOptions
from corohemo.solvers.parallel import is_served, run_everywhere
from corohemo.solvers.scales import VELOCITY, Scales
from corohemo.solvers.solution import SolveStatus
from corohemo.solvers.transient_backflow import Backflow, RoundProfile
from corohemo.solvers.transient_beds import Bed
from corohemo.solvers.transient_drive import Drive
from corohemo.solvers.transient_probes import FaceWeights
from corohemo.solvers.transient_run import Listener, TransientResult, run_on_ranks
from corohemo.solvers.transient_solution import TransientSolution, TransientStats
from corohemo.solvers.transient_start import periodic_states

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SAME_PERIOD = 1e-6
"""Relative difference up to which two periods are the same."""

logger = logging.getLogger(__name__)


def solve_transient(
    mesh: LumenMesh,
    boundaries: Boundaries,
    options: TransientOptions,
    start: FloatArray | None = None,
    told: Listener | None = None,
) -> TransientSolution:
    """Solve the Navier-Stokes equations cycle after cycle until the cycles repeat.

    Args:
        mesh: The mesh; under MPI only that of rank 0 is read.
        boundaries: Conditions on its faces, waveforms and beds as circuits in time.
        options: Time step, limits and tolerances.
        start: Dimensionless field to start from (n_nodes, 4), None for what the options say.
        told: Called on rank 0 after every step.

    Returns:
        Cycle means, series of the faces and wall statistics of the last cycle.

    Raises:
        ConfigError: If the boundaries do not fit the mesh, or no period is known.
        InputError: If a checkpoint cannot be written, or belongs to another run.
        MissingDependencyError: If DOLFINx is not installed.
        NotConvergedError: If a step does not converge; if the cycles do not repeat and
            ``on_failure`` is "raise".
        NonFiniteError: If the field stops being finite.
    """
    require_dolfinx()
    _require_folder(options)
    started = time.perf_counter()
    conditions = flow_conditions(mesh, boundaries)
    period = _period(boundaries, options)
    drive = _drive(mesh, boundaries, conditions, options, period)
    result = run_everywhere(
        run_on_ranks,
        (mesh, start, told),
        (conditions, drive, FaceWeights.of(mesh), options, is_served()),
    )
    message = _message(result, options)
    if not result.is_periodic and options.on_failure == "raise":
        raise NotConvergedError(message)
    logger.info("%s", message)
    return _solution(mesh, boundaries, result, period, message, time.perf_counter() - started)


def _period(boundaries: Boundaries, options: TransientOptions) -> float:
    """Length of the cycle [s]: that of the waveforms, or the options'."""
    known, asked = boundaries.period_s, options.period_s
    if known is None and asked is None:
        raise ConfigError(
            "Nothing in the boundaries varies in time, so the length of a cycle is unknown: give "
            "a waveform, TransientOptions.period_s, or solve with SteadyOptions.",
            field="period_s",
        )
    if known is not None and asked is not None and abs(known - asked) > SAME_PERIOD * known:
        raise ConfigError(
            f"TransientOptions.period_s is {asked:g} s but the waveforms repeat after {known:g} s; "
            "leave it out or give the same.",
            field="period_s",
        )
    return float(known if known is not None else asked)  # type: ignore[arg-type]


def _require_folder(options: TransientOptions) -> None:
    """Refuse a checkpoint that could not be written, before anything is computed."""
    if options.checkpoint is not None and not Path(options.checkpoint).parent.is_dir():
        raise InputError(
            "The folder of the checkpoint does not exist; create it first.",
            file=options.checkpoint,
        )


def _drive(
    mesh: LumenMesh,
    boundaries: Boundaries,
    conditions: FlowConditions,
    options: TransientOptions,
    period: float,
) -> Drive:
    """Conditions of every step of the cycle, made dimensionless."""
    scales = Scales(boundaries.blood.density)
    n_steps = options.steps_per_cycle
    step = period / n_steps
    times: FloatArray = step * np.arange(1, n_steps + 1, dtype=np.float64)
    nodes, velocity, inflow = _inlet(mesh, boundaries, times)
    outlets = [
        boundaries.outlet(face.removeprefix("outlet:"))
        for face in mesh.faces
        if face.startswith("outlet:")
    ]
    circuits: list[Circuit | None] = [
        None if isinstance(outlet, FlowOutlet) else outlet.circuit() for outlet in outlets
    ]
    targets = np.zeros((n_steps, len(outlets)))
    for column, outlet in enumerate(outlets):
        if isinstance(outlet, FlowOutlet):
            targets[:, column] = outlet.flow_rate_at(times)
    known = [circuit for circuit in circuits if circuit is not None]
    if isinstance(boundaries.inlet, FlowInlet):
        states = periodic_states(known, times, inflow=inflow - targets.sum(axis=1))
    else:
        states = periodic_states(known, times, pressure=boundaries.inlet.pressure_at(times))
        circuits.insert(0, PressureOutlet(boundaries.inlet.pressure_mmhg).circuit())
        targets = np.column_stack([np.zeros(n_steps), targets])
        states.insert(0, np.empty(0))
    starts = iter(states)
    return Drive(
        step=step / scales.time,
        blood=boundaries.blood,
        inlet_nodes=nodes,
        inlet_velocity=velocity / VELOCITY,
        inflow=inflow / scales.flow,
        beds=[
            None
            if circuit is None
            else Bed(
                circuit,
                step_s=step,
                steps_per_cycle=n_steps,
                scales=scales,
                start=next(starts) if options.start == "mean" else None,
            )
            for circuit in circuits
        ],
        targets=targets / scales.flow,
        backflow=Backflow(
            [RoundProfile.on(mesh, face) for face in mesh.faces if face.startswith("outlet:")]
        ),
        reference_pressure=conditions.reference_pressure / scales.pressure,
    )


def _inlet(
    mesh: LumenMesh, boundaries: Boundaries, times: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Nodes (n,), velocity (m, n, 3) [m/s] and flow (m,) [m3/s] of a driven inlet, else none."""
    inlet = boundaries.inlet
    if not isinstance(inlet, FlowInlet):
        return np.empty(0, dtype=np.int64), np.empty((len(times), 0, 3)), np.empty(0)
    flows = inlet.flow_rate_at(times)
    if inlet.profile == "womersley":
        step = times[1] - times[0]
        nodes, velocity = womersley_velocity(
            mesh, flows, step * len(times), boundaries.blood.kinematic_viscosity
        )
        return nodes, velocity, flows
    nodes, unit = inlet_velocity(mesh, 1.0, inlet.profile)
    return nodes, flows[:, None, None] * unit, flows


def _solution(
    mesh: LumenMesh,
    boundaries: Boundaries,
    result: TransientResult,
    period: float,
    message: str,
    seconds: float,
) -> TransientSolution:
    """The dimensional solution; fields are empty on ranks that only serve."""
    scales = Scales(boundaries.blood.density)
    assert result.mean is not None
    assert result.final is not None
    log = result.log
    steps = len(result.flows)
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
        times=period / (steps // result.cycles) * np.arange(1, steps + 1, dtype=np.float64),
        flows=result.flows * scales.flow,
        pressures=result.pressures * scales.pressure,
        cycles=result.cycles,
        cycle_change=result.change,
        final_velocity=result.final[:, :3] * VELOCITY,
        final_pressure=result.final[:, 3] * scales.pressure,
        wall=result.wall,
    )


def _message(result: TransientResult, options: TransientOptions) -> str:
    log = result.log
    effort = (
        f"{len(result.flows)} steps, {log.linear_solves} linear solves, {log.krylov_steps} Krylov "
        f"steps, {log.refreshes} Jacobians"
    )
    if result.is_periodic:
        return f"Periodic after {result.cycles} cycles: {effort}, last change {result.change:.1e}."
    change = "unknown" if result.change is None else f"{result.change:.1e}"
    return (
        f"The flow is not periodic after {result.cycles} cycles ({effort}): last change {change}, "
        f"wanted {options.periodicity:.1e}. Raise max_cycles, or continue from a checkpoint."
    )
