"""Cases on an existing Dask cluster that shares the file system and the environment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from corohemo.cohort.options import DASK
from corohemo.cohort.pool import Listener, Nursery, Task, ignore
from corohemo.cohort.worker import Outcome
from corohemo.errors import InputError, MissingDependencyError

PATIENCE = "20s"


def run_on_dask(
    tasks: Sequence[Task], address: str, *, threads: int = 1, started: Listener = ignore
) -> Iterator[Outcome]:
    """Outcome of each task, in the order in which they end.

    Each worker thread of the cluster runs one case at a time, in a process of its own. The cases of
    a worker that dies are given to others by the scheduler.

    Args:
        tasks: Tasks as ``Plan.task`` gives them.
        address: ``dask://HOST:PORT``.
        threads: Threads of each case.
        started: Told the name of each case when it is handed over.

    Raises:
        MissingDependencyError: If distributed is not installed.
        InputError: If no scheduler answers.
    """
    client = _connected(address)
    futures = []
    try:
        from distributed import as_completed

        for task in tasks:
            futures.append(client.submit(run_one, json.dumps(task), threads, pure=False, retries=2))
            started(task["case_id"])
        names = {future.key: task["case_id"] for future, task in zip(futures, tasks, strict=True)}
        for future in as_completed(futures):
            yield _outcome(future, names[future.key])
    finally:
        client.cancel(futures)
        client.close()


def run_one(task: str, threads: int) -> str:
    """One case on a worker, in a process of its own; JSON in and out."""
    with Nursery(threads=threads) as nursery:
        return json.dumps(next(nursery.run([json.loads(task)], jobs=1)))


def _outcome(future: Any, case_id: str) -> Outcome:
    if future.status == "finished":
        outcome: Outcome = json.loads(future.result())
        return outcome
    reason = future.exception() if future.status == "error" else future.status
    return {
        "case_id": case_id,
        "status": "failed",
        "message": f"The Dask cluster lost the case: {reason}",
        "seconds": 0.0,
    }


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingDependencyError(
            "distributed",
            needed_for="A Dask scheduler",
            how_to_install="pip install 'corohemo[dask]'",
        ) from error
    try:
        return Client(f"tcp://{address.removeprefix(DASK)}", timeout=PATIENCE)
    except (OSError, TimeoutError) as error:
        raise InputError(
            f"No Dask scheduler answers at {address} ({error or 'no answer'}); start one with dask "
            "scheduler, or check host and port.",
            field="scheduler",
        ) from error
