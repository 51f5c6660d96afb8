"""Work through seeds in processes that may hang or die, and keep a line for each in a file."""

import json
import multiprocessing as mp
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np

Record = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """What is done with a seed.

    Attributes:
        run: Record of a seed; called in a worker.
        label: What is known of a seed whose worker was lost.
        limit_s: Wall time that one seed has.
        first: Seed that a worker warms up with.
    """

    run: Callable[[int], Record]
    label: Callable[[int], Record]
    limit_s: float
    first: int = 0


def _work(pipe: Connection, job: Job) -> None:
    """Do the seeds that come through the pipe until it closes; the first one warms up."""
    os.environ["NUMBA_NUM_THREADS"] = "1"
    job.run(job.first)
    pipe.send(None)
    while True:
        try:
            pipe.send(job.run(pipe.recv()))
        except EOFError:
            return


class _Worker:
    """A process that does one seed after the other."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.seed: int | None = None
        self.start()

    def start(self) -> None:
        self.pipe, other = mp.Pipe()
        self.process = mp.Process(target=_work, args=(other, self.job), daemon=True)
        self.process.start()
        other.close()
        self.ready = False
        self.deadline = time.monotonic() + 10 * self.job.limit_s

    def give(self, seed: int) -> None:
        self.seed = seed
        self.deadline = time.monotonic() + self.job.limit_s
        self.pipe.send(seed)

    def take(self) -> Record | None:
        """What came of its seed, if anything did; a lost process is replaced."""
        lost = ""
        try:
            if self.pipe.poll():
                record: Record | None = self.pipe.recv()
                self.ready = True
                self.seed = None
                return record
        except (EOFError, ConnectionResetError):
            lost = "died"
        if not lost and time.monotonic() < self.deadline:
            return None
        self.process.kill()
        self.process.join()
        seed, self.seed = self.seed, None
        if seed is None:
            raise SystemExit("A worker could not do the first seed.")
        self.start()
        return {"seed": seed, **self.job.label(seed), "outcome": lost or "hung", "message": "",
                "seconds": self.job.limit_s}  # fmt: skip


def run(seeds: list[int], job: Job, jobs: int) -> Iterator[Record]:
    """Records of the seeds, as they are done."""
    todo = list(reversed(seeds))
    workers = [_Worker(job) for _ in range(min(jobs, len(seeds)))]
    left = len(seeds)
    while left:
        wait([worker.pipe for worker in workers], timeout=0.5)
        for worker in workers:
            record = worker.take()
            if record is not None:
                left -= 1
                yield record
            if worker.ready and worker.seed is None and todo:
                worker.give(todo.pop())


def read(path: Path) -> dict[int, Record]:
    """Records by seed."""
    if not path.exists():
        return {}
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return {record["seed"]: record for record in records}


def complete(path: Path, seeds: Sequence[int], job: Job, jobs: int) -> list[Record]:
    """All records of ``path`` after those of ``seeds`` that were missing have been appended."""
    path.parent.mkdir(parents=True, exist_ok=True)
    done = read(path)
    missing = [seed for seed in seeds if seed not in done]
    with path.open("a") as store:
        for record in run(missing, job, jobs):
            store.write(json.dumps(record) + "\n")
            store.flush()
    return list(read(path).values())


def ranges(numbers: list[int]) -> Iterator[str]:
    """Runs of numbers that follow one another."""
    ordered = np.unique(numbers)
    for part in np.split(ordered, np.flatnonzero(np.diff(ordered) > 1) + 1):
        yield f"{part[0]} to {part[-1]}" if len(part) > 1 else str(part[0])


def version(sources: list[str]) -> str:
    """The last commit that touched one of the sources, by which results are kept."""
    command = ["git", "log", "-1", "--format=%h", "--", *sources]
    root = Path(__file__).resolve().parents[1]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout[:7]
