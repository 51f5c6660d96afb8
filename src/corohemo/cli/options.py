"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
