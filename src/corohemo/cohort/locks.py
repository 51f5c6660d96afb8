"""One process per case folder: locks that the system frees when their owner dies."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corohemo.errors import InputError

NAME = ".lock"
PATIENCE_S = 20.0
"""How long to wait for an owner that may be about to end."""


@contextmanager
def case_lock(directory: Path, *, patience: float = PATIENCE_S) -> Iterator[None]:
    """Hold the lock of a case folder.

    The lock is one of the system (flock) on a file that stays: a dead owner has lost it, however it
    died, so a stale file never blocks. The file names the owner for the message.

    Raises:
        InputError: If another process keeps the lock, or the folder cannot be written.
    """
    path = directory / NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise InputError(
            f"The case folder cannot be locked: {error.strerror}.", file=directory
        ) from error
    try:
        _acquire(descriptor, path, patience)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise InputError(
                    f"Another process computes this case ({_owner(path)}); wait for it or end it.",
                    file=path.parent,
                ) from None
            time.sleep(0.1)
        except OSError as error:
            raise InputError(
                f"The file system gives no locks ({error.strerror}); use one that does.", file=path
            ) from error
    owner = {"host": socket.gethostname(), "pid": os.getpid()}
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(owner).encode(), 0)


def _owner(path: Path) -> str:
    try:
        owner = json.loads(path.read_text())
        return f"process {int(owner['pid'])} on {owner['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "owner unknown"
