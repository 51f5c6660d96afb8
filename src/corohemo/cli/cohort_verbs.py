"""The verbs that take many cases."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from corohemo.cli.options import Overrides, Quiet


def batch(
    manifest: Annotated[Path, typer.Argument(help="Table of cases, CSV or Parquet.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the cohort.")],
    jobs: Annotated[int, typer.Option(min=1, help="Cases at a time.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each case.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Keep finished cases.")] = False,
    scheduler: Annotated[
        str, typer.Option(help="local, dask://HOST:PORT, or slurm-array to print a job script.")
    ] = "local",
    only: Annotated[
        list[str] | None, typer.Option(help="Case id or pattern; may be repeated.")
    ] = None,
    only_index: Annotated[
        int | None, typer.Option(min=0, help="Position of one case, for array jobs.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be computed, and why.")
    ] = False,
    solver: Annotated[
        str | None, typer.Option(help="elements or reduced, for cases that do not say it.")
    ] = None,
    memory_limit: Annotated[
        float | None, typer.Option(help="Memory at which a case is ended [GB].", metavar="GB")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Time at which a case is ended [min].", metavar="MIN")
    ] = None,
    allow_outside: Annotated[
        bool, typer.Option("--allow-outside", help="Allow files outside the manifest's folder.")
    ] = False,
    overrides: Overrides = None,
    quiet: Quiet = False,
) -> None:
    """Solve the cases of a table and write one row per vessel and per lesion."""
    from corohemo.cohort.pool import Nursery

    is_run_here = scheduler == "local" and not dry_run
    with Nursery(threads=threads) if is_run_here else nullcontext() as nursery:
        from corohemo.cli.batch import batch_many
        from corohemo.cohort import CohortOptions

        options = CohortOptions(
            jobs=jobs,
            threads=threads,
            memory_limit_gb=memory_limit,
            time_limit_min=time_limit,
            resume=resume,
            only=tuple(only or ()),
            only_index=only_index,
            scheduler=scheduler,
            solver=solver,
            overrides=tuple(overrides or ()),
            allow_outside=allow_outside,
        )
        batch_many(manifest, output, options, nursery=nursery, dry_run=dry_run, quiet=quiet)


def compare(
    source: Annotated[Path, typer.Argument(help="Folder of a cohort, or a table of its vessels.")],
    invasive: Annotated[
        Path | None, typer.Argument(help="Table with case_id, vessel and measured values.")
    ] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the comparison.")
    ] = Path("compare"),
    quantity: Annotated[
        list[str] | None, typer.Option(help="FFR, IMR, CFR, MRR or resistance; default all.")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="Another cut-off of disease.")] = None,
    level: Annotated[float, typer.Option(help="Confidence of the intervals.")] = 0.95,
    draws: Annotated[int, typer.Option(min=0, help="Bootstrap draws of patients.")] = 2000,
    screening: Annotated[
        float, typer.Option(help="Sensitivity that the screening threshold must reach.")
    ] = 0.95,
    subgroup: Annotated[
        list[str] | None, typer.Option(help="Covariate whose classes are compared.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Compare computed indices with the pressure wire and thermodilution."""
    from corohemo.agreement import CompareOptions
    from corohemo.cli.compare import compare_all

    options = CompareOptions(
        level=level,
        draws=draws,
        screening_sensitivity=screening,
        subgroup_columns=tuple(subgroup) if subgroup else None,
    )
    compare_all(
        source,
        invasive,
        output,
        quantities=quantity or (),
        threshold=threshold,
        options=options,
        quiet=quiet,
    )
