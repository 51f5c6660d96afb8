"""The flow of every state of a case: steady, or over the cardiac cycle, on a mesh or reduced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from corohemo.boundary import Boundaries
from corohemo.config.sections import changed_settings
from corohemo.indices.pulse import PulseIndices, pulse_indices
from corohemo.indices.reduced import ReducedIndices
from corohemo.indices.results import Indices
from corohemo.indices.section_weights import section_probes
from corohemo.progress import Progress
from corohemo.solvers.options import TransientOptions
from corohemo.solvers.reduced import ReducedOptions, solve_reduced
from corohemo.solvers.reduced_cycle import ReducedCycleOptions, solve_reduced_cycle
from corohemo.solvers.reduced_cycle_solution import ReducedCycle
from corohemo.solvers.reduced_solution import ReducedSolution
from corohemo.solvers.solution import FlowSolution
from corohemo.solvers.steady import solve_flow
from corohemo.solvers.transient import solve_transient

if TYPE_CHECKING:
    from corohemo.config import CaseConfig
    from corohemo.config.pulsatile_options import PulsatileOptions
    from corohemo.indices.aortic_cycle import PulsatileFlow
    from corohemo.lumen import Lumen
    from corohemo.meshing.mesh import LumenMesh

REDUCED_SETTINGS = ("steps_per_cycle", "period_s")
"""Settings of [pulsatile] that the reduced model takes; it ends by a tolerance of its own."""


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


def reduced_flow(
    config: CaseConfig, lumen: Lumen, boundaries: Mapping[str, Boundaries]
) -> dict[str, ReducedSolution | ReducedCycle]:
    """Solve the states by the reduced model.

    Args:
        config: The case.
        lumen: Its lumen.
        boundaries: Conditions by state.
    """
    closure = ReducedOptions(losses=config.solver.losses)
    if not config.pulsatile.on:
        return {name: solve_reduced(lumen, one, closure) for name, one in boundaries.items()}
    options = ReducedCycleOptions(
        **{name: getattr(config.pulsatile, name) for name in REDUCED_SETTINGS}, closure=closure
    )
    return {name: solve_reduced_cycle(lumen, one, options) for name, one in boundaries.items()}


def idle_settings(config: CaseConfig) -> list[str]:
    """Settings of [pulsatile] other than the defaults that the reduced model has no use for."""
    used = (*REDUCED_SETTINGS, "on", "aortic_pressure")
    return [f"pulsatile.{name}" for name in changed_settings(config.pulsatile) if name not in used]


def told_reduced(solutions: Mapping[str, ReducedSolution | ReducedCycle]) -> str:
    """One line for the log."""
    return "; ".join(
        f"{name}: {flow.cycles} cycles of {flow.steps_per_cycle} steps"
        if isinstance(flow, ReducedCycle)
        else f"{name}: {flow.iterations} steps"
        for name, flow in solutions.items()
    )


def _end_systole(config: CaseConfig, solution: PulsatileFlow) -> float | None:
    """Part of the cycle after which diastole begins, None where it is not known."""
    if solution.heart is not None:
        return solution.heart.end_systole
    return None if config.boundaries.is_given else config.heartbeat.end_systole


def case_pulses(config: CaseConfig, indices: Indices | ReducedIndices) -> dict[str, PulseIndices]:
    """Pulsatile indices of the states that pulsate."""
    return {
        name: pulse_indices(
            solution,
            indices.lumen,
            indices.wall if isinstance(indices, Indices) else None,
            end_systole=_end_systole(config, solution),
            means=indices.pullbacks[name],
            options=config.indices,
        )
        for name, solution in indices.cycles.items()
    }
