"""One program on rank 0 and helping ranks, or the same script on every rank.

Under ``mpirun -n N``, code inside ``session()`` runs on rank 0 only; the other ranks wait in it for
solves and join them. Without a session every rank must call ``solve_flow`` itself.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from corohemo.errors import CorohemoError
from corohemo.solvers.environment import require_dolfinx

ROOT = 0
PAUSE_S = 0.002

Job = tuple[Callable[..., Any], tuple[Any, ...]]


@dataclass(frozen=True)
class Ranks:
    """The ranks of a session."""

    rank: int
    size: int

    @property
    def is_root(self) -> bool:
        """Whether this rank runs the program."""
        return self.rank == ROOT


_sessions: list[Ranks] = []


def world() -> Any:
    """The communicator of all ranks."""
    require_dolfinx()
    from mpi4py import MPI

    return MPI.COMM_WORLD


@contextmanager
def session() -> Iterator[Ranks]:
    """Run the body on rank 0 while the others serve its solves; they enter the body when it ends.

    Yields:
        The ranks; ask ``is_root`` before doing anything.
    """
    comm = world()
    ranks = Ranks(comm.rank, comm.size)
    if comm.size > 1 and not ranks.is_root:
        _serve(comm)
        yield ranks
        return
    _sessions.append(ranks)
    try:
        yield ranks
    finally:
        _sessions.remove(ranks)
        if comm.size > 1:
            _hand_out(comm, None)


def run_everywhere(
    function: Callable[..., Any], local: tuple[Any, ...], shared: tuple[Any, ...]
) -> Any:
    """Call ``function(comm, *local, *shared)`` on every rank; the others get None for ``local``.

    Args:
        function: A collective function, importable.
        local: Arguments that only rank 0 needs.
        shared: Arguments that every rank needs.

    Returns:
        The result on this rank.
    """
    comm = world()
    if comm.size > 1 and _sessions:
        _hand_out(comm, (function, (*(None for _ in local), *shared)))
    with _together(comm):
        return function(comm, *local, *shared)


def is_served() -> bool:
    """Whether other ranks wait for the solves of this one."""
    return bool(_sessions)


def _hand_out(comm: Any, job: Job | None) -> None:
    comm.Ibarrier().Wait()
    comm.bcast(job, root=ROOT)


def _serve(comm: Any) -> None:
    """Join the jobs of rank 0 until it hands out None; sleep in between."""
    while True:
        bell = comm.Ibarrier()
        while not bell.Test():
            time.sleep(PAUSE_S)
        job: Job | None = comm.bcast(None, root=ROOT)
        if job is None:
            return
        function, arguments = job
        try:
            with _together(comm):
                function(comm, *arguments)
        except CorohemoError:
            continue


@contextmanager
def _together(comm: Any) -> Iterator[None]:
    """Let errors of ours pass, which all ranks raise alike; anything else stops every rank."""
    try:
        yield
    except CorohemoError:
        raise
    except BaseException:
        if comm.size > 1:
            traceback.print_exc()
            sys.stderr.flush()
            comm.Abort(1)
        raise
