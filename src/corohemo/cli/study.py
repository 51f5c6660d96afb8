"""``corohemo mesh --study``: the case on several meshes, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from corohemo.study import MeshStudy


def study_one(
    input_file: Path, *, length_unit: str | None, overrides: Sequence[str], verbosity: int
) -> None:
    """Mesh and solve the hyperemic state of a case at several sizes and print what they say."""
    from corohemo.case_boundaries import case_boundaries
    from corohemo.cli.console import RichProgress, logs_shown, standard_error, standard_output
    from corohemo.config import read_case
    from corohemo.lumen_build import build_lumen
    from corohemo.lumen_edit import edited
    from corohemo.study import study_mesh

    config = read_case(input_file, length_unit=length_unit, overrides=overrides)
    with logs_shown(verbosity):
        tree = config.read_tree()
        before = build_lumen(tree, config.lumen)
        study = study_mesh(
            edited(before, config.edit),
            next(iter(case_boundaries(config, before).values())),
            config.mesh,
            solver=config.solver,
            progress=RichProgress(standard_error()),
        )
    console = standard_output()
    console.print(_levels(study))
    console.print(_quantities(study))
    console.print(
        f"Wall shear stress by sectors of 3 mm and 45 degrees, studied against finest mesh: "
        f"{100 * study.wss_mean_difference:.1f} % in the mean, "
        f"95 % of the area below {100 * study.wss_high_difference:.1f} %."
    )


def _levels(study: MeshStudy) -> Table:
    table = Table("mesh", "refinement", "cells", "unknowns", "seconds")
    for k, level in enumerate(study.levels):
        table.add_row(
            "studied" if k == study.studied else "",
            f"{level.refinement:g}",
            str(level.cells),
            str(level.unknowns),
            f"{level.seconds:.1f}",
        )
    return table


def _quantities(study: MeshStudy) -> Table:
    values = [f"at {level.refinement:g}" for level in study.levels]
    table = Table("quantity", "unit", *values, "observed order", "estimated error", "from")
    for quantity in study.quantities:
        table.add_row(
            quantity.name,
            quantity.unit,
            *(f"{value:.4f}" for value in quantity.values),
            "none" if quantity.order is None else f"{quantity.order:.1f}",
            f"{quantity.error:.4f}",
            quantity.note,
        )
    return table
