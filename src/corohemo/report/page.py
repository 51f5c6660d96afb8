"""``report.html`` and ``methods.md`` from the files of a case folder, without solving."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corohemo.citation import bibtex, methods_markdown, methods_text, references_of
from corohemo.errors import FileFormatError, InputError, MissingDependencyError
from corohemo.report.cycle_figure import cycle_svgs
from corohemo.report.explore import explorer
from corohemo.report.figures import convergence_svg, pullback_svg
from corohemo.report.files import write_text
from corohemo.report.sections import Sections, joined, read_sections
from corohemo.report.stills import stills
from corohemo.report.surface import read_surface, tree_surface
from corohemo.report.template import load_template
from corohemo.report.thermodilution_figure import thermodilution_svg
from corohemo.report.verdict import path_of, verdict_of
from corohemo.units import DYN_PER_CM2

logger = logging.getLogger(__name__)


def render_report(
    directory: str | Path,
    *,
    pictures: bool = True,
    interactive: bool = True,
    picture_width_px: int = 1200,
) -> Path:
    """Write report.html, methods.md and references.bib from the files in a case folder.

    Args:
        directory: Folder with result.json, sections.csv and wall.vtp, or lumen.vtp if the reduced
            model solved the case.
        pictures: Whether the tree is rendered; needs VTK's off-screen rendering.
        interactive: Whether the tree can be turned and read in the page, which takes 5 MB; without
            plotly the page says how to get it.
        picture_width_px: Width of a view.

    Returns:
        Path of report.html.

    Raises:
        InputError: If the folder is not that of a solved case.
    """
    directory = Path(directory)
    document = read_result(directory)
    if not document["states"]:
        raise InputError(
            f"The case {document['status']}, so there is nothing to report: {document['message']}",
            file=directory / "result.json",
        )
    sections = read_sections(directory / "sections.csv")
    surface = None
    if pictures or interactive:
        surface = read_surface(directory, has_wall=bool(document["mesh"]["cells"]))
    context = {
        "result": document,
        "states": document["states"],
        "main": next(iter(document["states"])),
        "verdicts": [verdict_of(vessel, document) for vessel in document["vessels"]],
        "pullbacks": _pullbacks(document, sections),
        "convergence": _convergence(document),
        "cycles": cycle_svgs(directory / "cycle_readings.csv"),
        "views": stills(surface, sections, picture_width_px) if pictures else [],
        **_interactive(document, sections, surface if interactive else None),
        "lesion_notes": distinct_notes(document["lesions"]),
        "bolus_curves": thermodilution_svg(directory / "thermodilution.csv"),
        "thermodilution_notes": distinct_notes(document.get("thermodilution", [])),
        "territory_notes": distinct_notes(document.get("territories", [])),
        "microvascular_notes": distinct_notes(document["vessels"]),
        "methods": methods_text(document),
        "references": references_of(document),
    }
    write_methods(directory, document)
    page = directory / "report.html"
    write_text(page, page_template("report.html.j2").render(context))
    return page


def write_pages(
    directory: Path,
    document: Mapping[str, Any],
    *,
    page: bool,
    pictures: bool,
    interactive: bool,
    picture_width_px: int,
) -> None:
    """Write what is for reading: methods, references and, if ``page``, report.html."""
    if page:
        render_report(
            directory,
            pictures=pictures,
            interactive=interactive,
            picture_width_px=picture_width_px,
        )
    else:
        write_methods(directory, document)


def write_methods(directory: Path, document: Mapping[str, Any]) -> None:
    """Write methods.md and references.bib of a case."""
    write_text(directory / "methods.md", methods_markdown(document))
    write_text(directory / "references.bib", bibtex(document))


def read_result(directory: Path) -> dict[str, Any]:
    """The content of result.json.

    Raises:
        InputError: If it is missing or not that of a case.
    """
    path = directory / "result.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            "There is no result.json here; give the folder of a finished case.", file=directory
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The file cannot be read: {error}.", file=path) from error
    except json.JSONDecodeError as error:
        raise FileFormatError(f"This is not JSON: {error}.", file=path) from error
    if not isinstance(document, dict) or "schema_version" not in document:
        raise FileFormatError("This is not the result of a case.", file=path)
    return document


def _interactive(
    document: Mapping[str, Any], sections: Sections, surface: Any
) -> dict[str, dict[str, Any] | str | None]:
    """The interactive tree, or the sentence that says why there is none."""
    if surface is None:
        return {"explore": None, "no_explore": None}
    try:
        return {
            "explore": explorer(document, sections, tree_surface(surface)),
            "no_explore": None,
        }
    except MissingDependencyError as error:
        return {"explore": None, "no_explore": str(error)}


def _pullbacks(document: Mapping[str, Any], sections: Sections) -> list[dict[str, str]]:
    figures = []
    for vessel in document["vessels"]:
        path = path_of(vessel["name"], document)
        curves = {
            state: joined([sections[state, branch] for branch in path])
            for state in document["states"]
        }
        main = next(iter(document["states"]))
        joints = [sections[main, branch]["abscissa_mm"][0] for branch in path[1:]]
        lesions = [lesion for lesion in document["lesions"] if lesion["branch"] in path]
        svg = pullback_svg(
            curves,
            lesions,
            vessel=vessel,
            path=path,
            bifurcations_mm=np.array(joints, dtype=np.float64),
        )
        figures.append({"name": vessel["name"], "path": " › ".join(path), "svg": svg})
    return figures


def _convergence(document: Mapping[str, Any]) -> str:
    """Plot of the residuals; empty where none are kept: reduced model, pulsatile flow."""
    histories = {
        name: state["residual_history"]
        for name, state in document["states"].items()
        if state.get("residual_history")
    }
    return convergence_svg(histories) if histories else ""


def page_template(name: str) -> Any:
    """A template of this package, with its filters."""
    return load_template(
        name, {"number": _number, "dyn": _dyn_per_cm2, "signed_percent": _signed_percent}
    )


def distinct_notes(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each remark once, in order of appearance, with the entries it is on unless on all."""
    names: dict[str, list[str]] = {}
    for entry in entries:
        for sentence in dict.fromkeys(entry["notes"].values()):
            names.setdefault(sentence, []).append(entry["name"])
    return [
        sentence if len(on) == len(entries) else f"{', '.join(on)}: {sentence}"
        for sentence, on in names.items()
    ]


def _dyn_per_cm2(value: float | None) -> str:
    return _number(None if value is None else value / DYN_PER_CM2, 0)


def _signed_percent(value: float | None) -> str:
    return "–" if value is None else f"{100.0 * value:+.1f} %"


def _number(value: Any, digits: int = 2) -> str:
    """A number for people; a dash where nothing was computed."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.{digits}f}" if isinstance(value, int | float) else str(value)
