"""A cohort from its manifest to its tables."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from corohemo.case_key import code_version
from corohemo.cohort.collect import CohortResult, collect, write_tables
from corohemo.cohort.dask_jobs import run_on_dask
from corohemo.cohort.manifest import Manifest, read_manifest
from corohemo.cohort.options import DASK, SLURM, CohortOptions
from corohemo.cohort.plan import COMPUTE, SKIP, Plan, make_plans
from corohemo.cohort.pool import Nursery, rest
from corohemo.cohort.worker import Outcome
from corohemo.errors import ConfigError, InputError
from corohemo.provenance import provenance
from corohemo.report.files import write_json

SUMMARY = "cohort.json"
FOR_THE_END = ("pyarrow.parquet", "pandas", "matplotlib.pyplot", "jinja2")
"""Loaded while cases run; pyarrow itself loads pandas where it is installed."""


class CohortProgress(Protocol):
    """What a listener offers."""

    def begin(self, plans: Sequence[Plan]) -> None:
        """The plan is made and the cases begin."""

    def started(self, case_id: str) -> None:
        """A case begins."""

    def ended(self, outcome: Outcome) -> None:
        """A case ended."""


class NullCohortProgress:
    """Listens to nothing."""

    def begin(self, plans: Sequence[Plan]) -> None:
        """Ignore the plan."""

    def started(self, case_id: str) -> None:
        """Ignore the begin of a case."""

    def ended(self, outcome: Outcome) -> None:
        """Ignore the end of a case."""


def run_cohort(
    manifest: Manifest | Path | str,
    output: Path | str,
    options: CohortOptions | None = None,
    *,
    progress: CohortProgress | None = None,
    nursery: Nursery | None = None,
) -> CohortResult:
    """Compute the cases of a manifest and write the tables of the cohort.

    Whatever ends this process, finished cases stay: with ``resume`` the next call computes only
    what has no finished result of the same inputs, settings and version.

    Args:
        manifest: The cases, or the file they stand in.
        output: Folder of the cohort: ``cases/<case_id>/``, vessels, lesions and cases as tables,
            ``dashboard.html``.
        options: How the cases are run.
        progress: Listener; none by default.
        nursery: Runs the cases, and is ended with them; by default one is started here. Whoever
            starts it before importing this module saves the time of that import.

    Returns:
        The rows of the tables.

    Raises:
        ConfigError: If the scheduler is "slurm-array", which runs nothing here.
        InputError: If the manifest cannot be used or the folder cannot be written.
        MissingDependencyError: If the scheduler needs a package that is not installed.
    """
    options = options or CohortOptions()
    _require_to_run(options)
    progress = progress or NullCohortProgress()
    if not isinstance(manifest, Manifest):
        manifest = read_manifest(manifest)
    output = Path(output)
    if nursery is None and not options.scheduler.startswith(DASK):
        nursery = Nursery(threads=options.threads)
    with nursery or nullcontext():
        plans = make_plans(manifest, output, options)
        _prepare(output)
        progress.begin(plans)
        return _run(plans, manifest, output, options, progress, nursery)


def _require_to_run(options: CohortOptions) -> None:
    if options.scheduler == SLURM:
        raise ConfigError(
            f"scheduler {SLURM!r} makes a job script and runs no case; print it with corohemo "
            f"batch --scheduler {SLURM}, or take local or dask://HOST:PORT.",
            field="scheduler",
        )


def _run(
    plans: Sequence[Plan],
    manifest: Manifest,
    output: Path,
    options: CohortOptions,
    progress: CohortProgress,
    nursery: Nursery | None,
) -> CohortResult:
    """Compute what is planned, and write the tables whatever ends it."""
    begin = time.monotonic()
    outcomes: dict[str, Outcome] = {}
    if options.only_index is not None:
        plans = [plan for plan in plans if plan.action != SKIP]
    try:
        for outcome in _outcomes(plans, options, progress, nursery):
            outcomes[outcome["case_id"]] = outcome
            progress.ended(outcome)
    finally:
        if nursery is not None:
            nursery.end()
        result = collect(plans, outcomes, output)
        if options.only_index is None:
            write_tables(result, manifest)
            seconds = time.monotonic() - begin
            write_json(output / SUMMARY, _summary(result, outcomes, manifest, options, seconds))
            _show(output)
    return result


def _outcomes(
    plans: Sequence[Plan],
    options: CohortOptions,
    progress: CohortProgress,
    nursery: Nursery | None,
) -> Iterator[Outcome]:
    minutes = options.time_limit_min
    limits = {
        "reuse_steps": options.resume,
        "time_limit_s": None if minutes is None else 60.0 * minutes,
        "memory_limit_gb": options.memory_limit_gb,
    }
    tasks = [plan.task() | limits for plan in plans if plan.action == COMPUTE]
    if not tasks:
        return
    if nursery is None:
        yield from run_on_dask(
            tasks, options.scheduler, threads=options.threads, started=progress.started
        )
    else:
        meanwhile = rest if options.only_index is not None else _load_for_the_end
        yield from nursery.run(
            tasks, jobs=options.jobs, started=progress.started, meanwhile=meanwhile
        )


def _load_for_the_end() -> None:
    """Import what tables and dashboard are written with, while the cases run."""
    import_module("corohemo.report.dashboard")
    for name in FOR_THE_END:
        with suppress(ImportError):
            import_module(name)


def _show(output: Path) -> None:
    """Write the dashboard; the page reads the cohort's tables, so it is imported when they are."""
    from corohemo.report.dashboard import write_dashboard

    write_dashboard(output)


def _prepare(output: Path) -> None:
    try:
        (output / "cases").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The output folder cannot be made: {error.strerror}; choose another with -o.",
            file=output,
            field="output",
        ) from error


def _summary(
    result: CohortResult,
    outcomes: dict[str, Outcome],
    manifest: Manifest,
    options: CohortOptions,
    seconds: float,
) -> dict[str, Any]:
    """What a reader of the folder must know beside the tables: how, when, why, how long."""
    statuses = [str(row["status"]) for row in result.cases]
    return {
        "schema_version": 1,
        "code": code_version(),
        "manifest": str(manifest.file.resolve()),
        "options": asdict(options),
        "counts": {status: statuses.count(status) for status in sorted(set(statuses))},
        "covariates": list(manifest.covariate_names),
        "reasons": result.reasons,
        "seconds": {name: outcome["seconds"] for name, outcome in outcomes.items()},
        "total_seconds": seconds,
        "provenance": provenance(inputs={"manifest": manifest.file}),
    }
