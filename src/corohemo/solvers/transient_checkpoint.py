"""Checkpoints: written whole or not at all, and exact to resume from on the same ranks."""

from __future__ import annotations

import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError, InputError
from corohemo.solvers.domain import ROOT
from corohemo.solvers.options import TransientOptions
from corohemo.solvers.transient_step import StepLog

if TYPE_CHECKING:
    from corohemo.solvers.transient_run import TransientRun

FloatArray = NDArray[np.float64]

VERSION = 5
MARKED = (
    *("version", "halving of time steps", "mesh", "mesh"),
    *("conditions or options", "sections to read", "sections to read"),
)
"""What each of the first marks is of; those behind them are the time steps."""
DECIMALS = 6
"""Decimals of a section's mean that must agree: more than rounding on another machine changes."""
LOGGED = {name: type(value) for name, value in asdict(StepLog()).items()}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """Where and how often the state of a run is written.

    After writing, the run drops its Jacobian: a run that resumes has none either, so both take
    the same steps to the last bit.

    Attributes:
        path: The file.
        every: Steps between two checkpoints.
        marks: What a run must have in common with the one that wrote the file.
    """

    path: Path
    every: int
    marks: FloatArray

    @classmethod
    def of(
        cls, options: TransientOptions, run: TransientRun, sections: Any = None
    ) -> Checkpoint | None:
        """The checkpoints that ``options`` ask for of a run that reads ``sections``, None if none.

        ``sections`` are the weights of all nodes (k, n_nodes), the same on every rank.
        """
        if options.checkpoint is None:
            return None
        grid, read = run.drive.grid, (run.record.sections.shape[1], _checksum(sections))
        drive = run.drive
        known = [VERSION, drive.halvings, run.domain.n_nodes, *drive.fingerprints, *read]
        marks = np.array([*known, *grid.steps])
        every = int(options.checkpoint_steps or grid.n_steps)
        return cls(Path(options.checkpoint), every, marks)

    def offer(self, run: TransientRun) -> None:
        """Write the state if it is time to; collective.

        Raises:
            InputError: If the file cannot be written.
        """
        steps = run.record.steps
        if steps % self.every and not run.record.is_cycle_complete:
            return
        state = _state_of(run)
        failure = None
        if state is not None:
            try:
                self._write(state | {"marks": self.marks})
            except OSError as error:
                failure = str(error)
        failure = run.problem.domain.mesh.comm.bcast(failure, root=ROOT)
        if failure:
            raise InputError(f"The checkpoint cannot be written: {failure}.", file=self.path)
        run.stepper.renew()

    def restore(self, run: TransientRun) -> bool:
        """Take up the state that the file holds; collective.

        Returns:
            False if there is no file.

        Raises:
            FileFormatError: If the file is damaged.
            InputError: If it belongs to another mesh, other conditions, steps or sections.
        """
        comm = run.problem.domain.mesh.comm
        state: dict[str, Any] | None = None
        failure: Exception | None = None
        if comm.rank == ROOT and self.path.exists():
            try:
                state = self._read()
            except (InputError, FileFormatError) as error:
                failure = error
        failure = comm.bcast(failure, root=ROOT)
        if failure is not None:
            raise failure
        if not comm.bcast(state is not None, root=ROOT):
            return False
        _resume(run, state)
        logger.info("Resumed after step %d from %s", run.record.steps, self.path)
        return True

    def _write(self, state: dict[str, Any]) -> None:
        partial = self.path.with_name(self.path.name + ".partial")
        with partial.open("wb") as stream:
            np.savez(stream, **state)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(self.path)

    def _read(self) -> dict[str, Any]:
        try:
            with np.load(self.path, allow_pickle=False) as stored:
                state = {name: stored[name] for name in stored.files}
            marks = state["marks"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise FileFormatError(
                f"This is not a checkpoint, or it is damaged ({error}); remove it to start afresh.",
                file=self.path,
            ) from error
        if marks.shape != self.marks.shape or np.any(marks != self.marks):
            raise InputError(
                "This checkpoint was written by another version, or with another mesh, period or "
                "number of steps per cycle, or other sections to read, conditions or options "
                f"(what differs: {self._difference(marks)}); remove it to start afresh, or give "
                "another file.",
                file=self.path,
            )
        return state

    def _difference(self, marks: FloatArray) -> str:
        """The first thing that ``marks`` of a file say otherwise."""
        for what, own, other in zip(MARKED, self.marks, marks, strict=False):
            if own != other:
                return what
        return "time steps"


def _checksum(sections: Any) -> int:
    """One number for weights (k, n_nodes): of their means of a field that no two nodes share."""
    if sections is None:
        return 0
    means = sections @ np.sin(1.0 + np.arange(sections.shape[1]))
    return crc32((np.round(means, DECIMALS) + 0.0).tobytes())


def halvings_in(path: Path) -> int:
    """How often the steps of the run that wrote a checkpoint had been halved; 0 if none is there.

    A file that cannot be read is left to ``restore``, which says so.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return max(int(stored["marks"][1]), 0)
    except (OSError, ValueError, KeyError, EOFError, IndexError, BadZipFile):
        return 0


def _state_of(run: TransientRun) -> dict[str, Any] | None:
    """All that the next step depends on, fields by mesh node, on rank 0; collective."""
    problem, stepper, record = run.problem, run.stepper, run.record
    n = 4 * problem.domain.n_owned
    history = [problem.domain.gather(x[:n].reshape(-1, 4)) for x in stepper.history]
    mean = problem.domain.gather(record.mean.reshape(-1, 4))
    rows = run.wall.rows() if run.wall else None
    if mean is None:
        return None
    state = {
        "history": np.array(history),
        "driven": np.array([x[n:] for x in stepper.history]),
        "reference": stepper.reference,
        "log": np.array(list(asdict(stepper.log).values())),
        "mean": mean,
        "flows": record.flows,
        "pressures": record.pressures,
        "sections": record.sections,
        "imbalance": run.imbalance,
        **{f"drive_{name}": values for name, values in run.drive.state().items()},
    }
    if rows is not None and run.wall is not None:
        sums = run.wall.sums
        state |= {"wall": rows, "wall_samples": np.array([sums.samples, sums.preceding])}
    return state


def _resume(run: TransientRun, state: dict[str, Any] | None) -> None:
    """Put ``state`` of rank 0 back into ``run``; collective."""
    problem, stepper, record = run.problem, run.stepper, run.record
    domain = problem.domain
    comm = domain.mesh.comm
    fields = ("history", "mean", "wall")
    small = comm.bcast(
        None if state is None else {k: v for k, v in state.items() if k not in fields}, root=ROOT
    )
    large: dict[str, Any] = state or dict.fromkeys(fields)
    mean = domain.scatter(large["mean"])[: domain.n_owned]
    record.mean = mean.ravel().copy()
    record.flows, record.pressures = small["flows"], small["pressures"]
    record.sections = small["sections"]
    run.imbalance = float(small["imbalance"])
    history = []
    for index, driven in enumerate(small["driven"]):
        field = domain.scatter(None if state is None else large["history"][index])
        history.append(np.concatenate([field[: domain.n_owned].ravel(), driven]))
    problem.set_field(history[0])
    stepper.start(history, reference=float(small["reference"]))
    counts = small["log"]
    stepper.log = StepLog(
        **{name: kind(count) for (name, kind), count in zip(LOGGED.items(), counts, strict=True)}
    )
    run.drive.restore(
        {k.removeprefix("drive_"): v for k, v in small.items() if k.startswith("drive_")}
    )
    if run.wall is not None and "wall_samples" in small:
        samples, preceding = small["wall_samples"].tolist()
        run.wall.restore(large.get("wall"), samples, preceding)
