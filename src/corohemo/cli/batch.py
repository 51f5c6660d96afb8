"""``corohemo batch``: a manifest of cases to tables of vessels and lesions."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from corohemo.checks import listed
from corohemo.cli.console import standard_error, standard_output
from corohemo.cli.failures import FAILED

if TYPE_CHECKING:
    from rich.console import Console

    from corohemo.cohort.options import CohortOptions
    from corohemo.cohort.plan import Plan
    from corohemo.cohort.pool import Nursery
    from corohemo.cohort.rows import Row
    from corohemo.cohort.worker import Outcome


REASONS_SHOWN = 5
"""Different reasons to compute cases, and refused cases, that are told before they begin."""


class _Bar:
    """A bar with the time left, and one line per case that failed."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        shown = console.is_terminal and not quiet
        self.progress = Progress(*columns, console=console, transient=True, disable=not shown)
        self._quiet = quiet
        self._console = console
        self._task = self.progress.add_task("cases", total=None)
        self._running: list[str] = []

    def begin(self, plans: Sequence[Plan]) -> None:
        from corohemo.cohort.plan import COMPUTE, KEEP, REFUSE

        total = sum(plan.action == COMPUTE for plan in plans)
        kept = sum(plan.action == KEEP for plan in plans)
        if not self._quiet:
            self._console.print(f"{total} cases to compute, {kept} finished ones kept")
            reasons = Counter(plan.reason for plan in plans if plan.action == COMPUTE)
            for reason, count in reasons.most_common(REASONS_SHOWN):
                self._console.print(escape(f"  {count}: {reason}"), soft_wrap=True)
            refused = [plan for plan in plans if plan.action == REFUSE]
            for plan in refused[:REASONS_SHOWN]:
                line = f"{plan.case.case_id}: refused: {plan.reason}"
                self._console.print(escape(line), soft_wrap=True)
            if len(refused) > REASONS_SHOWN:
                more = len(refused) - REASONS_SHOWN
                self._console.print(f"{more} more are refused; see cases.csv")
        self.progress.update(self._task, total=total)

    def started(self, case_id: str) -> None:
        self._running.append(case_id)
        self._describe()

    def ended(self, outcome: Outcome) -> None:
        if outcome["case_id"] in self._running:
            self._running.remove(outcome["case_id"])
        self.progress.advance(self._task)
        self._describe()
        if outcome["status"] != "converged" and not self._quiet:
            line = f"{outcome['case_id']}: {outcome['status']}: {outcome['message']}"
            self.progress.console.print(escape(line), soft_wrap=True)

    def _describe(self) -> None:
        names = ", ".join(self._running[:3]) + (" ..." if len(self._running) > 3 else "")
        self.progress.update(self._task, description=escape(names) or "cases")


def batch_many(
    manifest_file: Path,
    output: Path,
    options: CohortOptions,
    *,
    nursery: Nursery | None,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Run a cohort in a nursery, or say what would be run, or print its job script."""
    from corohemo.cohort import read_manifest, run_cohort
    from corohemo.cohort.options import SLURM
    from corohemo.cohort.plan import make_plans, wanted_places
    from corohemo.cohort.slurm import slurm_script

    manifest = read_manifest(manifest_file)
    if options.scheduler == SLURM:
        places = wanted_places(manifest, options)
        typer.echo(slurm_script(manifest_file, output, places, options), nl=False)
        return
    console = standard_error()
    if not quiet:
        if manifest.covariate_names:
            names = listed(manifest.covariate_names)
            console.print(escape(f"kept as covariates: {names}"), soft_wrap=True)
        for remark in manifest.remarks:
            console.print(escape(remark), soft_wrap=True)
    if dry_run:
        for plan in make_plans(manifest, output, options):
            typer.echo(f"{plan.case.case_id}: {plan.action}: {plan.reason}")
        return
    bar = _Bar(console, quiet=quiet)
    with _termination_is_an_interrupt(), bar.progress:
        try:
            result = run_cohort(manifest, output, options, progress=bar, nursery=nursery)
        except KeyboardInterrupt:
            console.print("interrupted; finished cases are kept, --resume goes on with the rest")
            raise typer.Exit(FAILED) from None
    if not quiet:
        done = sum(row["status"] == "converged" for row in result.cases)
        where = output / "vessels.csv" if options.only_index is None else output / "cases"
        standard_output().print(
            f"{done} of {len(result.cases)} cases converged, {len(result.vessels)} vessel rows, "
            f"{len(result.lesions)} lesions: {where}",
            soft_wrap=True,
            markup=False,
        )
    if not result.is_complete and not _asked_for_less(result.cases, options):
        raise typer.Exit(FAILED)


def _asked_for_less(cases: Sequence[Row], options: CohortOptions) -> bool:
    """Whether all that is missing was left out by --only."""
    partial = bool(options.only)
    return partial and all(row["status"] in ("converged", "not_run") for row in cases)


@contextmanager
def _termination_is_an_interrupt() -> Iterator[None]:
    """Take SIGTERM, as batch systems send it, for Ctrl-C."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
