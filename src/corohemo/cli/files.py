"""``corohemo mesh``, ``convert`` and ``init``: files in, files out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from corohemo.errors import FileFormatError, InputError

CENTERLINES = (".swc", ".csv", ".txt", ".vtp")
NETWORK = ".json"


def mesh_one(
    input_file: Path,
    output: Path,
    *,
    length_unit: str | None,
    to_unit: str | None,
    linear: bool,
    overrides: Sequence[str],
    verbosity: int,
    quiet: bool,
) -> None:
    """Mesh the lumen of a case, write it and say what it holds."""
    from corohemo.cli.console import logs_shown
    from corohemo.config import read_case
    from corohemo.io import write_mesh
    from corohemo.lumen_build import build_lumen
    from corohemo.lumen_edit import edited
    from corohemo.meshing.lumen_mesher import mesh_lumen

    config = read_case(input_file, length_unit=length_unit, overrides=overrides)
    _require_folder(output)
    with logs_shown(verbosity):
        tree = config.read_tree()
        lumen = edited(build_lumen(tree, config.lumen), config.edit)
        mesh = mesh_lumen(lumen, config.mesh)
        write_mesh(mesh, output, length_unit=to_unit, linear=linear)
    if not quiet:
        typer.echo(f"{output}: {len(mesh.cells)} curved tetrahedra, {len(mesh.points)} nodes")


def convert_file(
    source: Path,
    target: Path,
    *,
    length_unit: str | None,
    to_unit: str | None = None,
    linear: bool = False,
) -> None:
    """Convert a mesh, a centerline or a case's reduced model by the names of both files."""
    from corohemo.io import read_centerline, read_mesh, write_centerline, write_mesh
    from corohemo.io.mesh_files import is_mesh

    _require_folder(target)
    if target.suffix.lower() == NETWORK and not is_mesh(source):
        _write_networks(source, target, length_unit=length_unit)
        return
    if is_mesh(source):
        mesh = read_mesh(source, length_unit=length_unit)
        write_mesh(mesh, target, length_unit=to_unit, linear=linear)
    elif target.suffix.lower() in CENTERLINES:
        tree = read_centerline(source, length_unit=length_unit)
        write_centerline(tree, target, length_unit=to_unit or "mm")
    else:
        raise FileFormatError(
            f"A centerline is converted to {', '.join(CENTERLINES)}, not {target.suffix!r}; "
            "corohemo mesh makes a mesh of it.",
            file=target,
        )
    typer.echo(str(target))


def _write_networks(source: Path, target: Path, *, length_unit: str | None) -> None:
    """Write the reduced model of each state for svZeroDSolver, the first as ``target``."""
    from corohemo.case_boundaries import case_boundaries
    from corohemo.config import read_case
    from corohemo.io import write_svzerod
    from corohemo.lumen_build import build_lumen
    from corohemo.lumen_edit import edited
    from corohemo.solvers.network_export import build_network

    config = read_case(source, length_unit=length_unit)
    before = build_lumen(config.read_tree(), config.lumen)
    lumen, place = edited(before, config.edit), target
    for state, boundaries in case_boundaries(config, before).items():
        write_svzerod(build_network(lumen, boundaries), place)
        typer.echo(f"{place}: reduced model for svZeroDSolver, {state}, cgs units")
        place = target.with_stem(f"{target.stem}-resting")


def write_template(output: Path | None) -> None:
    """Write the commented case file, never over an existing one."""
    from corohemo.config import template
    from corohemo.report.files import write_text

    if output is None:
        typer.echo(template(), nl=False)
        return
    if output.exists():
        raise InputError("The file exists; choose another name or remove it.", file=output)
    _require_folder(output)
    write_text(output, template())
    typer.echo(str(output))


def _require_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise InputError("There is no such folder; make it first.", file=path.parent)
