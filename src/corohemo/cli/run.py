"""``corohemo run``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from corohemo.cli.console import (
    logs_shown,
    progress_shown,
    settings_table,
    standard_output,
    vessels_table,
)
from corohemo.cli.failures import FAILED
from corohemo.config import read_case


def run_one(
    input_file: Path,
    output: Path | None,
    *,
    length_unit: str | None,
    overrides: Sequence[str],
    verbosity: int,
    quiet: bool,
) -> None:
    """Solve one case, show its settings before and its vessels after."""
    config = read_case(input_file, length_unit=length_unit, overrides=overrides)
    directory = output or Path("out") / config.case_id
    console = standard_output()
    if not quiet:
        console.print(settings_table(config.settings, title=f"Case {config.case_id}"))
    with logs_shown(verbosity), progress_shown(quiet=quiet) as progress:
        from corohemo.case import run_case

        result = run_case(config, directory, progress=progress)
    if not quiet:
        console.print(vessels_table(result.document))
        page = directory / "report.html"
        where = f"Report: {page}" if config.report.page else f"Folder: {directory}"
        console.print(f"{result.message} {where}", soft_wrap=True, markup=False)
    if not result.has_numbers:
        raise typer.Exit(FAILED)
