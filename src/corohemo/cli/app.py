"""The verbs of the command line; what they do lives in the package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from corohemo.cli.cohort_verbs import batch, compare
from corohemo.cli.options import (
    MESH_TARGET,
    Input,
    LengthUnit,
    Linear,
    Overrides,
    Quiet,
    ToUnit,
    Verbosity,
)
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
    from corohemo.cli.failures import naming
    from corohemo.cli.launch import is_under_mpi, root_only, spawn, without_np
    from corohemo.cli.run import run_one

    if np > 1 and not is_under_mpi():
        raise typer.Exit(spawn(np, without_np(sys.argv[1:])))
    with naming(input_file), root_only() as is_root:
        if is_root:
            run_one(
                input_file,
                output,
                length_unit=length_unit,
                overrides=overrides or (),
                verbosity=verbose,
                quiet=quiet,
            )


app.command()(batch)
app.command()(compare)


@app.command()
def check(
    input_file: Input,
    length_unit: LengthUnit = None,
    overrides: Overrides = None,
    verbose: Verbosity = 0,
) -> None:
    """Check a case without solving it: file, unit, outlets, settings, mesh size, memory, time."""
    from corohemo.cli.check import check_one
    from corohemo.cli.failures import naming

    with naming(input_file):
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
    from corohemo.cli.failures import naming

    if output is None and not study:
        raise InputError("Give -o FILE for the mesh, or --study.", field="output")
    with naming(input_file):
        if output is not None:
            from corohemo.cli.files import mesh_one

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
            from corohemo.cli.study import study_one

            study_one(
                input_file, length_unit=length_unit, overrides=overrides or (), verbosity=verbose
            )


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
    source: Annotated[Path, typer.Argument(help="Centerline, case or mesh file to read.")],
    target: Annotated[Path, typer.Argument(help="File to write; the suffix is the format.")],
    length_unit: LengthUnit = None,
    to_unit: ToUnit = None,
    linear: Linear = False,
) -> None:
    """Convert a centerline (SWC, CSV, VTP), a mesh (VTU, MSH, XDMF, mesh-complete) or a case.

    To a target of the name .json a case's reduced model is written for svZeroDSolver.
    """
    from corohemo.cli.files import convert_file

    convert_file(source, target, length_unit=length_unit, to_unit=to_unit, linear=linear)
