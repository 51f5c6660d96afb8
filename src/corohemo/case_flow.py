"""The flow of every state of a case on its mesh: steady, or over the cardiac cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from corohemo.boundary import Boundaries
from corohemo.indices.pulse import PulseIndices, pulse_indices
from corohemo.indices.results import Indices
from corohemo.indices.section_weights import section_probes
from corohemo.progress import Progress
from corohemo.solvers.options import TransientOptions
from corohemo.solvers.solution import FlowSolution
from corohemo.solvers.steady import solve_flow
from corohemo.solvers.transient import solve_transient
from corohemo.solvers.transient_solution import TransientSolution

if TYPE_CHECKING:
    from corohemo.config import CaseConfig
    from corohemo.config.pulsatile_options import PulsatileOptions
    from corohemo.lumen import Lumen
    from corohemo.meshing.mesh import LumenMesh


def case_flow(
    config: CaseConfig,
    lumen: Lumen,
    mesh: LumenMesh,
    boundaries: Mapping[str, Boundaries],
    *,
    directory: Path,
    progress: Progress,
) -> dict[str, FlowSolution]:
    """Solve the states one after the other.

    Args:
        config: The case.
        lumen: Its lumen, along which a pulsatile flow is read in every step.
        mesh: Its mesh.
        boundaries: Conditions by state; a steady state starts from the one before.
        directory: The case folder, where a relative path of a checkpoint starts.
        progress: Told of the steps of a pulsatile flow.
    """
    solutions: dict[str, FlowSolution] = {}
    previous = None
    probes = section_probes(mesh, lumen, config.indices) if config.pulsatile.on else None
    for name, conditions in boundaries.items():
        if config.pulsatile.on:
            options = transient_options(config.pulsatile, name, directory)
            told = progress.clock(name)
            solutions[name] = solve_transient(mesh, conditions, options, told=told, probes=probes)
        else:
            previous = solve_flow(mesh, conditions, config.solver, initial=previous)
            solutions[name] = previous
    return solutions


def transient_options(options: PulsatileOptions, state: str, directory: Path) -> TransientOptions:
    """What the solver is asked for in one state; every state has a checkpoint of its own."""
    given = {field.name: getattr(options, field.name) for field in fields(TransientOptions)}
    asked = TransientOptions(**given)
    if asked.checkpoint is None:
        return asked
    path = directory / asked.checkpoint
    return replace(asked, checkpoint=path.with_stem(f"{path.stem}-{state}"))


def _end_systole(config: CaseConfig, solution: TransientSolution) -> float | None:
    """Part of the cycle after which diastole begins, None where it is not known."""
    if solution.heart is not None:
        return solution.heart.end_systole
    return None if config.boundaries.is_given else config.heartbeat.end_systole


def case_pulses(config: CaseConfig, indices: Indices) -> dict[str, PulseIndices]:
    """Pulsatile indices of the states that pulsate."""
    return {
        name: pulse_indices(
            solution,
            indices.lumen,
            indices.wall,
            end_systole=_end_systole(config, solution),
            means=indices.pullbacks[name],
            options=config.indices,
        )
        for name, solution in indices.states.items()
        if isinstance(solution, TransientSolution)
    }
