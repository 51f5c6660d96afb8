"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corohemo.errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path``, of the same suffixes, that takes its place on success.

    Raises:
        InputError: If anything cannot be written; the message names ``path``.
    """
    temporary = path.parent / f".{os.getpid()}.{path.name}"
    try:
        try:
            yield temporary
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).replace(str(temporary), str(path))
        raise InputError(f"The file cannot be written: {reason}.", file=path) from error


def remove_leftovers(directory: Path) -> None:
    """Remove what killed processes left under ``directory``; nobody may be writing there."""
    for path in directory.rglob(".*.*"):
        if path.name.split(".")[1].isdigit() and path.is_file():
            path.unlink(missing_ok=True)
