"""From comparisons to a folder: compare.json, tables, figures and a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from corohemo.agreement.compare import flat_rows
from corohemo.agreement.figures import figures
from corohemo.agreement.pairs import Pairs
from corohemo.errors import InputError
from corohemo.io.replacing import replacing
from corohemo.provenance import provenance
from corohemo.report.figures import svg_text
from corohemo.report.files import plain, write_csv, write_json, write_text
from corohemo.report.template import load_template

Document = Mapping[str, Any]
DOTS_PER_INCH = 300


def write_comparison(
    compared: Mapping[str, tuple[Pairs, Document]],
    directory: Path | str,
    *,
    inputs: Mapping[str, Path] | None = None,
) -> Path:
    """Write what ``compare`` found.

    Args:
        compared: Pairs and document by the quantity's name.
        directory: Folder; made if it is not there.
        inputs: Files the pairs came from, for the provenance.

    Returns:
        Path of compare.html.

    Raises:
        InputError: If the folder cannot be written.
    """
    directory = Path(directory)
    try:
        (directory / "figures").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder cannot be made: {error.strerror}.", file=directory) from error
    drawn = {}
    for name, (pairs, document) in compared.items():
        _write_tables(directory, name, pairs, document)
        drawn[name] = _write_figures(directory, name, pairs, document)
    whole = {
        "schema_version": 1,
        "quantities": {name: document for name, (_, document) in compared.items()},
        "provenance": provenance(inputs=dict(inputs or {})),
    }
    write_json(directory / "compare.json", whole)
    page = directory / "compare.html"
    cut_offs = {name: pairs.quantity.cut_off for name, (pairs, _) in compared.items()}
    write_text(page, _page(plain(whole), drawn, cut_offs))
    return page


def _write_tables(directory: Path, name: str, pairs: Pairs, document: Document) -> None:
    header = ("level", "measure", "value", "low", "high", "interval")
    write_csv(directory / f"measures-{name}.csv", header, plain(flat_rows(document)))
    values = zip(pairs.names, pairs.patients, pairs.computed, pairs.invasive, strict=True)
    rows = [[vessel, patient, float(a), float(b)] for vessel, patient, a, b in values]
    write_csv(directory / f"pairs-{name}.csv", ("vessel", "patient", "computed", "invasive"), rows)


def _write_figures(
    directory: Path, name: str, pairs: Pairs, document: Document
) -> list[tuple[str, str]]:
    """Write each figure as PNG and SVG; the SVG texts for the page."""
    import matplotlib.pyplot as plt

    texts = []
    for kind, figure in figures(pairs, document):
        with replacing(directory / "figures" / f"{name}-{kind}.png") as path:
            figure.savefig(path, dpi=DOTS_PER_INCH)
        svg = svg_text(figure)
        plt.close(figure)
        write_text(directory / "figures" / f"{name}-{kind}.svg", svg)
        texts.append((kind, svg))
    return texts


def _page(
    document: Document,
    drawn: Mapping[str, list[tuple[str, str]]],
    cut_offs: Mapping[str, Callable[[float], str]],
) -> str:
    filters: dict[str, Callable[..., str]] = {
        "chance": _chance,
        "interval": _interval,
        "percent": _percent,
    }
    template = load_template("compare.html.j2", filters, "corohemo.agreement")
    page: str = template.render(
        quantities=document["quantities"],
        drawn=drawn,
        made=document["provenance"],
        cut_offs=cut_offs,
    )
    return page


def _chance(p_value: float | None) -> str:
    """A p-value as p = 0.28; one that is tiny is only said to be."""
    if p_value is None:
        return "p not computed"
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100.0 * share:.1f} %"


def _interval(estimate: Document, digits: int = 2) -> str:
    """An estimate as 0.81 (0.75 to 0.86)."""
    if estimate["value"] is None:
        return "–"
    if estimate["low"] is None or estimate["high"] is None:
        return f"{estimate['value']:.{digits}f}"
    return (
        f"{estimate['value']:.{digits}f} ({estimate['low']:.{digits}f} to "
        f"{estimate['high']:.{digits}f})"
    )
