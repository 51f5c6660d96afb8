"""How a failure is told on the command line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corohemo.errors import CorohemoError, GeometryError, InputError

DONE = 0
FAILED = 1
BAD_INPUT = 2

logger = logging.getLogger(__name__)


def exit_code_of(error: Exception) -> int:
    """2 for what the user can mend in the input, 1 for a case that failed."""
    return BAD_INPUT if isinstance(error, InputError | GeometryError) else FAILED


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Put ``file`` before the sentence of an error that does not name it."""
    try:
        yield
    except CorohemoError as error:
        if file.name not in str(error):
            error.args = (f"{file}: {error}",)
        raise


def sentence_of(error: Exception) -> str:
    """What went wrong, without a traceback; that goes to the log."""
    if isinstance(error, CorohemoError):
        return str(error)
    logger.debug("unexpected", exc_info=error)
    return (
        f"unexpected {type(error).__name__}: {error}. "
        "This is a defect of corohemo; -vv shows where, and so does log.txt of the case."
    )
