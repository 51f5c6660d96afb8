"""The verbs of the command line; what they do lives in the package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from corohemo.errors import InputError

app = typer.Typer(
    name="corohemo",
    help="Computational coronary hemodynamics: from a centerline to CT-FFR, APS, WSS and IMR_CT. "
    "Research use only.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Input = Annotated[
    Path,
    typer.Argument(help="Case file (.toml), or a bare centerline, contours or closed surface."),
]
LengthUnit = Annotated[
    str | None, typer.Option(help="Unit of the input: m, cm, mm or um.", metavar="UNIT")
]
ToUnit = Annotated[
    str | None,
    typer.Option(help="Unit of the output; default mm, and cm for mesh-complete.", metavar="UNIT"),
]
Linear = Annotated[
    bool, typer.Option("--linear", help="Straight cells on the same nodes (mesh-complete only).")
]
MESH_TARGET = (
    "Mesh file .vtu, .msh, .xdmf, .stl or .inp; a name without suffix is a mesh-complete folder."
)
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a setting, section.key=value; may be repeated."),
]
Verbosity = Annotated[
    int, typer.Option("-v", "--verbose", count=True, help="Show the steps; -vv shows all.")
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Show errors only.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"corohemo {version('corohemo')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before the verb."""


@app.command()
def run(
    input_file: Input,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Case folder; default out/<case id>.")
    ] = None,
    length_unit: LengthUnit = None,
    overrides: Overrides = None,
    np: Annotated[int, typer.Option("--np", min=1, help="MPI ranks of the flow solve.")] = 1,
    verbose: Verbosity = 0,
    quiet: Quiet = False,
) -> None:
    """Solve one case and write its folder with result.json and report.html."""
    from corohemo.cli.launch import is_under_mpi, root_only, spawn
    from corohemo.cli.run import run_one

    if np > 1 and not is_under_mpi():
        raise typer.Exit(spawn(np, _without_np(sys.argv[1:])))
    with root_only() as is_root:
        if is_root:
            run_one(
                input_file,
                output,
                length_unit=length_unit,
                overrides=overrides or (),
                verbosity=verbose,
                quiet=quiet,
            )


@app.command()
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
    batch_many(manifest, output, options, dry_run=dry_run, quiet=quiet)


@app.command()
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


@app.command()
def check(
    input_file: Input,
    length_unit: LengthUnit = None,
    overrides: Overrides = None,
    verbose: Verbosity = 0,
) -> None:
    """Check a case without solving it: file, unit, outlets, settings, mesh size, memory, time."""
    from corohemo.cli.check import check_one

    check_one(input_file, length_unit=length_unit, overrides=overrides or (), verbosity=verbose)


@app.command()
def mesh(
    input_file: Input,
    output: Annotated[Path | None, typer.Option("-o", "--output", help=MESH_TARGET)] = None,
    study: Annotated[
        bool, typer.Option("--study", help="Solve on three meshes; print order and error.")
    ] = False,
    length_unit: LengthUnit = None,
    to_unit: ToUnit = None,
    linear: Linear = False,
    overrides: Overrides = None,
    verbose: Verbosity = 0,
    quiet: Quiet = False,
) -> None:
    """Mesh the lumen of a case and write the mesh, or study whether it is fine enough."""
    from corohemo.cli.files import mesh_one
    from corohemo.cli.study import study_one

    if output is None and not study:
        raise InputError("Give -o FILE for the mesh, or --study.", field="output")
    if output is not None:
        mesh_one(
            input_file,
            output,
            length_unit=length_unit,
            to_unit=to_unit,
            linear=linear,
            overrides=overrides or (),
            verbosity=verbose,
            quiet=quiet,
        )
    if study:
        study_one(input_file, length_unit=length_unit, overrides=overrides or (), verbosity=verbose)


@app.command()
def report(
    directory: Annotated[Path, typer.Argument(help="Folder of a case or of a cohort.")],
    all_pages: Annotated[
        bool, typer.Option("--all", help="Render the reports of a cohort's cases again too.")
    ] = False,
) -> None:
    """Render the page of a case, or dashboard and missing pages of a cohort, without solving."""
    from corohemo.report import render_report
    from corohemo.report.dashboard import is_cohort, render_cohort

    if is_cohort(directory):
        typer.echo(render_cohort(directory, all_pages=all_pages))
    else:
        typer.echo(render_report(directory))


@app.command()
def cite(
    directory: Annotated[Path, typer.Argument(help="Folder of a case, cohort or comparison.")],
) -> None:
    """Print the methods text and BibTeX of what a result used."""
    from corohemo.cite_study import cite_folder

    typer.echo(cite_folder(directory))


@app.command()
def crate(
    directory: Annotated[Path, typer.Argument(help="Folder of a case, cohort or comparison.")],
    license_url: Annotated[
        str, typer.Option("--license", help="URL of the license it is shared under.")
    ],
    name: Annotated[str | None, typer.Option(help="Title; default the folder's name.")] = None,
) -> None:
    """Describe a folder of results as an RO-Crate, for archives."""
    from corohemo.crate import write_crate

    typer.echo(write_crate(directory, license_url=license_url, name=name))


@app.command()
def init(
    output: Annotated[
        Path | None, typer.Argument(help="File to write; standard output if not given.")
    ] = None,
) -> None:
    """Write a case file that lists every setting with its default, unit and source."""
    from corohemo.cli.files import write_template

    write_template(output)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Say what is installed, what is missing and how to get it, and solve a small tube."""
    from corohemo.cli.check import show_doctor

    show_doctor(as_json=as_json)


@app.command()
def convert(
    source: Annotated[Path, typer.Argument(help="Centerline or mesh file to read.")],
    target: Annotated[Path, typer.Argument(help="File to write; the suffix is the format.")],
    length_unit: LengthUnit = None,
    to_unit: ToUnit = None,
    linear: Linear = False,
) -> None:
    """Convert a centerline (SWC, CSV, VTP) or a mesh (VTU, MSH, XDMF, mesh-complete)."""
    from corohemo.cli.files import convert_file

    convert_file(source, target, length_unit=length_unit, to_unit=to_unit, linear=linear)


def _without_np(arguments: list[str]) -> list[str]:
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
