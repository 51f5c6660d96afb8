"""The collective part of a pulsatile solve: start, steps, cycles, checkpoints."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.march_loop import LoopSeries
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.conditions import FlowConditions
from corohemo.solvers.domain import ROOT, FlowDomain
from corohemo.solvers.options import TransientOptions
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.steady import flow_assembly
from corohemo.solvers.transient_checkpoint import Checkpoint
from corohemo.solvers.transient_drive import Drive
from corohemo.solvers.transient_loop import LoopPartner
from corohemo.solvers.transient_probes import FaceWeights, FlowProbes
from corohemo.solvers.transient_record import CycleRecord
from corohemo.solvers.transient_solution import WallStatistics
from corohemo.solvers.transient_step import StepLog, TimeStepper
from corohemo.solvers.transient_wall import WallAccumulator

FloatArray = NDArray[np.float64]
Listener = Callable[["StepNews"], None]

WALL_SAMPLES = 100
"""Samples of the wall shear in a cycle, at least, where a cycle has as many steps."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StepNews:
    """How far a run is.

    Attributes:
        step: Steps done in this cycle.
        steps_per_cycle: Steps of a cycle.
        cycle: Number of this cycle, from 1.
        max_cycles: Cycles after which the run ends in any case.
        change: Change of the last whole cycle against the one before, None if not known yet.
    """

    step: int
    steps_per_cycle: int
    cycle: int
    max_cycles: int
    change: float | None


@dataclass(frozen=True)
class TransientResult:
    """What the ranks computed, dimensionless; fields (n_nodes, 4) on rank 0 alone if so asked.

    Attributes:
        mean: Cycle mean of velocity and pressure.
        final: Both at the end.
        flows, pressures: Series of the open faces (n, f).
        sections: Pressures of the sections after the steps of the last cycle (m, k).
        change: Change of the last cycle against the one before.
        is_periodic: Whether the cycles repeat.
        imbalance: Largest net flow of a step over the largest flow.
        log: Effort.
        wall: Statistics of the wall shear.
        ranks: Number of ranks.
        beat: Last beat of the heart of a closed loop, in SI.
    """

    mean: FloatArray | None
    final: FloatArray | None
    flows: FloatArray
    pressures: FloatArray
    sections: FloatArray
    cycles: int
    change: float | None
    is_periodic: bool
    imbalance: float
    log: StepLog
    wall: WallStatistics | None
    ranks: int
    beat: LoopSeries | None


class TransientRun:
    """Everything that changes while the steps go by, on one rank."""

    def __init__(
        self,
        domain: FlowDomain,
        problem: FlowProblem,
        drive: Drive,
        weights: FaceWeights,
        sections: Any,
        wall: WallAccumulator | None,
        options: TransientOptions,
    ) -> None:
        self.domain, self.problem, self.drive, self.options = domain, problem, drive, options
        self.probes, self.wall = FlowProbes(domain, weights, sections), wall
        self.record = CycleRecord(
            drive.grid.weights,
            len(weights.names),
            4 * domain.n_owned,
            0 if sections is None else sections.shape[0],
        )
        self.stepper = TimeStepper(
            problem,
            grid=drive.grid,
            tolerance=options.tolerance,
            max_iterations=options.max_iterations,
        )
        self.imbalance = 0.0
        self._samples = drive.grid.samples(WALL_SAMPLES)

    def begin(self, start: FloatArray | None) -> None:
        """Set the field before the first step: ``start`` (n,), or rest."""
        problem = self.problem
        problem.set_field(0.0 * problem.rest() if start is None else start)
        self.drive.begin(problem)
        self.stepper.start([problem.field])

    def advance(self) -> None:
        """Take one step and its statistics; collective."""
        problem, record, drive = self.problem, self.record, self.drive
        before = problem.form.state.x.array
        if self.wall is not None and not drive.grid.is_equal:
            before = before.copy()
        drive.load(problem, record.steps)
        self.stepper.advance(record.steps, lambda: drive.settles(problem))
        drive.accept(problem)
        flows, pressures, sections = self.probes.read(problem.nodal)
        nodal = problem.nodal.copy()
        nodal[3::4] += drive.level
        record.add(flows, pressures + drive.level, nodal, sections + drive.level)
        net = abs(float(flows[0] - flows[1:].sum()))
        largest = float(np.abs(record.flows).max())
        self.imbalance = max(self.imbalance, net / largest if largest else 0.0)
        self._sample_wall(before)

    def news(self) -> StepNews:
        """How far the run is."""
        n_steps, done = self.drive.grid.n_steps, self.record.steps - 1
        return StepNews(
            step=done % n_steps + 1,
            steps_per_cycle=n_steps,
            cycle=done // n_steps + 1,
            max_cycles=self.options.max_cycles,
            change=self.record.change(),
        )

    def _sample_wall(self, before: FloatArray) -> None:
        """Sample the wall at equal times, in a step that began with the unknowns ``before``."""
        if self.wall is None:
            return
        place = (self.record.steps - 1) % self.drive.grid.n_steps
        if place == 0:
            self.wall.begin_cycle()
        newest = self.problem.form.state.x.array
        for part in self._samples[place]:
            self.wall.add(newest if part == 1.0 else before + part * (newest - before))

    @property
    def is_periodic(self) -> bool:
        """Whether the last cycle repeats the one before, and the next would too."""
        change, distance = self.record.change(), self.record.distance()
        if change is None or distance is None or self.record.cycles < self.options.min_cycles:
            return False
        limit = self.options.periodicity
        return distance <= limit or change <= 0.1 * limit

    def final(self) -> FloatArray:
        """Owned unknowns with the pressure's level (n_owned, 4)."""
        field = self.problem.nodal.reshape(-1, 4).copy()
        field[:, 3] += self.drive.level
        return field


def run_on_ranks(
    comm: Any,
    mesh: LumenMesh | None,
    start: FloatArray | None,
    told: Listener | None,
    conditions: FlowConditions,
    drive: Drive,
    weights: FaceWeights,
    sections: Any,
    options: TransientOptions,
    root_only: bool,
) -> TransientResult:
    """Compute cycles until they repeat or the options' last; collective."""
    assembly = flow_assembly(
        comm, mesh, options, is_unsteady=True, is_thinning=conditions.thinning is not None
    )
    domain = assembly.domain
    problem = FlowProblem(domain, assembly.form, assembly.solver, conditions, assembly.grid)
    wall = WallAccumulator(domain, mesh, drive.blood) if options.wall_statistics else None
    run = TransientRun(domain, problem, drive, weights, sections, wall, options)
    checkpoint = Checkpoint.of(options, run, sections)
    if not (checkpoint and checkpoint.restore(run)):
        local = None
        if comm.bcast(start is not None, root=ROOT):
            local = problem.unknowns(domain.scatter(start)[: domain.n_owned])
        run.begin(local)
    while not run.record.is_cycle_complete or not _is_over(run):
        run.advance()
        if told and comm.rank == ROOT:
            told(run.news())
        if checkpoint:
            checkpoint.offer(run)
    return _result(run, comm, root_only)


def _is_over(run: TransientRun) -> bool:
    record = run.record
    change = record.change()
    logger.info(
        "Cycle %d: change %s", record.cycles, "unknown" if change is None else f"{change:.1e}"
    )
    return record.cycles >= run.options.max_cycles or run.is_periodic


def _result(run: TransientRun, comm: Any, root_only: bool) -> TransientResult:
    domain, record = run.domain, run.record
    mean = domain.gather(record.mean.reshape(-1, 4))
    final = domain.gather(run.final())
    wall = run.wall.gather() if run.wall else None
    if not root_only and comm.size > 1:
        mean, final, wall = comm.bcast((mean, final, wall), root=ROOT)
    return TransientResult(
        mean=mean,
        final=final,
        flows=record.flows,
        pressures=record.pressures,
        sections=record.sections,
        cycles=record.cycles,
        change=record.change(),
        is_periodic=run.is_periodic,
        imbalance=run.imbalance,
        log=run.stepper.log,
        wall=wall,
        ranks=comm.size,
        beat=run.drive.partner.series if isinstance(run.drive.partner, LoopPartner) else None,
    )
