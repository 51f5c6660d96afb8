"""``corohemo compare``: agreement with invasive measurements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from corohemo.cli.console import standard_output
from corohemo.errors import InputError

if TYPE_CHECKING:
    from corohemo.agreement import CompareOptions


def compare_all(
    source: Path,
    invasive: Path | None,
    output: Path,
    *,
    quantities: Sequence[str],
    threshold: float | None,
    options: CompareOptions,
    quiet: bool,
) -> None:
    """Compare every quantity that was measured, write the folder and show the main numbers."""
    from corohemo.agreement import QUANTITIES, compare, make_pairs, read_vessels, write_comparison
    from corohemo.agreement.compare import LEAST_PAIRS
    from corohemo.agreement.quantities import quantity_named

    table = read_vessels(source, invasive)
    wanted = [quantity_named(name) for name in quantities] or [
        one for one in QUANTITIES.values() if set(one.invasive) & set(table.columns)
    ]
    if not wanted:
        names = ", ".join(name for one in QUANTITIES.values() for name in one.invasive)
        raise InputError(
            f"The table has no measured values; name a column {names}, or give a table with them.",
            file=invasive or table.file,
            field="invasive",
        )
    if threshold is not None:
        if len(wanted) > 1:
            raise InputError("--threshold is for one quantity; name it with --quantity.")
        wanted = [wanted[0].with_threshold(threshold)]
    compared = {}
    for quantity in wanted:
        pairs = make_pairs(table, quantity)
        if len(pairs) < LEAST_PAIRS and not quantities:
            typer.echo(f"{quantity.name}: {len(pairs)} pairs, too few to compare", err=True)
            continue
        compared[quantity.name] = (pairs, compare(pairs, options))
    if not compared:
        raise InputError(
            f"No quantity has {LEAST_PAIRS} pairs of computed and measured values.",
            file=invasive or table.file,
            field="invasive",
        )
    inputs = {"vessels": table.file} | ({} if invasive is None else {"invasive": invasive})
    page = write_comparison(compared, output, inputs=inputs)
    if not quiet:
        console = standard_output()
        console.print(_shown({name: document for name, (_, document) in compared.items()}))
        for name, (pairs, document) in compared.items():
            for sentence in document["notes"]:
                console.print(sentence, soft_wrap=True, markup=False)
            if pairs.left_out:
                typer.echo(f"{name}: {len(pairs.left_out)} vessels without a pair, see {page}")
        typer.echo(str(page))


def _shown(documents: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False)
    columns = ("quantity", "vessels", "r", "bias", "limits", "AUC", "sens", "spec", "acc")
    for column in columns:
        table.add_column(column, justify="left" if column == "quantity" else "right")
    for name, document in documents.items():
        part = document["vessel"]
        limits, verdicts = part["bland_altman"], part["diagnostic"]
        rates = (
            f"{100 * verdicts[k]['value']:.1f}" for k in ("sensitivity", "specificity", "accuracy")
        )
        table.add_row(
            name,
            str(part["n"]),
            f"{part['pearson']['value']:.3f}",
            f"{limits['bias']['value']:.3g}",
            f"{limits['lower']['value']:.3g} to {limits['upper']['value']:.3g}",
            f"{part['auc']['value']:.3f}",
            *rates,
        )
    return table
