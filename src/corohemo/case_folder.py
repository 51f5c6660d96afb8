"""The folder of a case before and during its run: old files away, the log into it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corohemo.errors import InputError

PRODUCTS = (
    "result.json",
    "case.toml",
    "sections.csv",
    "lesions.csv",
    "outlets.csv",
    "wall_sectors.csv",
    "cycle.csv",
    "cycle_readings.csv",
    "cycle_pullback.csv",
    "thermodilution.csv",
    "lumen.vtp",
    "wall.vtp",
    "flow.vtu",
    "flow-resting.vtu",
    "report.html",
    "methods.md",
    "references.bib",
    "provenance.json",
    "log.txt",
)


def prepare_folder(directory: Path) -> None:
    """Make the folder and clear the files of an earlier run.

    Raises:
        InputError: If the folder cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name in PRODUCTS:
            (directory / name).unlink(missing_ok=True)
        (directory / "log.txt").touch()
    except OSError as error:
        raise InputError(
            f"The output folder cannot be written: {error.strerror}; choose another with -o.",
            file=directory,
            field="output",
        ) from error


@contextmanager
def log_file(path: Path) -> Iterator[None]:
    """Copy the package's log records into ``path``."""
    package = logging.getLogger("corohemo")
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    level = package.level
    package.addHandler(handler)
    package.setLevel(min(level or logging.INFO, logging.INFO))
    try:
        yield
    finally:
        package.setLevel(level)
        package.removeHandler(handler)
        handler.close()
