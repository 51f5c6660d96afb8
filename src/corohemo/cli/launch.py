"""Starting and recognising MPI runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corohemo.errors import MissingDependencyError
from corohemo.threads import pinned_environment

_RANK_VARIABLES = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "MPI_LOCALRANKID")


def is_under_mpi() -> bool:
    """Whether this process was started by mpirun or srun."""
    return any(name in os.environ for name in _RANK_VARIABLES)


@contextmanager
def root_only() -> Iterator[bool]:
    """True on the rank that runs the program; the others serve its solves and then get False."""
    if not is_under_mpi():
        yield True
        return
    from corohemo.solvers.parallel import session

    with session() as ranks:
        yield ranks.is_root


def find_mpirun() -> str | None:
    """Path of the mpirun beside this Python, else of the one on PATH."""
    beside = Path(sys.executable).with_name("mpirun")
    return str(beside) if beside.is_file() else shutil.which("mpirun")


def spawn(ranks: int, arguments: Sequence[str]) -> int:
    """Exit code of ``corohemo`` with ``arguments`` on ``ranks`` MPI ranks.

    Raises:
        MissingDependencyError: If there is no mpirun.
    """
    mpirun = find_mpirun()
    if mpirun is None:
        raise MissingDependencyError(
            "mpirun",
            needed_for=f"A run on {ranks} ranks",
            how_to_install="pip install 'corohemo[fem]', or install your system's MPI",
        )
    command = [mpirun, "-n", str(ranks), sys.executable, "-m", "corohemo", *arguments]
    return subprocess.run(command, env=pinned_environment(), check=False).returncode


def without_np(arguments: Sequence[str]) -> list[str]:
    """Arguments of the command line less ``--np`` and its value."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if skip or argument.startswith("--np="):
            skip = False
        elif argument == "--np":
            skip = True
        else:
            kept.append(argument)
    return kept
