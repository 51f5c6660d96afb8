"""``dashboard.html`` of a cohort from its tables and case folders, without solving."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

from corohemo.bands import band_of
from corohemo.cohort.table_files import read_cells
from corohemo.errors import CorohemoError, InputError
from corohemo.report.cohort_figures import lesions_svg, ratios_svg, seconds_svg
from corohemo.report.files import write_text
from corohemo.report.page import page_template, read_result, render_report
from corohemo.report.pulse import RESTING_RATIOS
from corohemo.report.verdict import WORDS

TABLES = ("cases", "vessels", "lesions")
SUMMARY = "cohort.json"
DASHBOARD = "dashboard.html"
BANDS = ("abnormal", "grey", "normal", "unknown")
NUMBERS = (
    ("ffr_ct_distal", "Distal tip", 2),
    ("ifr", "iFR", 2),
    ("rfr", "RFR", 2),
    ("ppg", "PPG", 2),
    ("percent_diameter_stenosis", "DS [%]", 0),
    ("minimum_lumen_area_mm2", "MLA [mm²]", 2),
    ("wss_max_pa", "WSS max [Pa]", 1),
    ("aps_net_pa", "APS net [Pa]", 0),
    ("imr_ct_u", "IMR [U]", 1),
    ("cfr", "CFR", 2),
)
"""Columns of the table of vessels: name, title and decimals; those without a value are left out."""
TEXTS = ("case_id", "vessel", "lesion", "status", "model", "branch", "flow_source", "message")
Row = dict[str, Any]


def render_cohort(directory: str | Path, *, all_pages: bool = False, pictures: bool = True) -> Path:
    """Write the reports of a cohort's solved cases that have none, and its dashboard.

    Args:
        directory: Folder of ``corohemo batch``.
        all_pages: Whether reports that are there are written again.
        pictures: Whether the reports show rendered views of the tree.

    Returns:
        Path of dashboard.html.

    Raises:
        InputError: If the folder is not that of a cohort, or a file cannot be read or written.
    """
    directory = Path(directory)
    for row in _table(directory, "cases"):
        case = directory / "cases" / str(row["case_id"])
        missing = not (case / "report.html").is_file()
        if row["status"] == "converged" and (all_pages or missing):
            render_report(case, pictures=pictures)
    return write_dashboard(directory)


def is_cohort(directory: str | Path) -> bool:
    """Whether a folder holds the tables of a cohort."""
    return all((Path(directory) / f"{name}.csv").is_file() for name in TABLES)


def write_dashboard(directory: str | Path) -> Path:
    """Write dashboard.html: figures, failures, and a table that can be sorted, of every vessel.

    Args:
        directory: Folder of ``corohemo batch``.

    Raises:
        InputError: If the folder is not that of a cohort, or the file cannot be written.
    """
    directory = Path(directory)
    cases, vessels, lesions = (_table(directory, name) for name in TABLES)
    links = {str(row["case_id"]): _link(directory, str(row["case_id"])) for row in cases}
    solved = [_numbers(row) for row in vessels if row["status"] == "converged"]
    for row in solved:
        row["band"] = band_of(row["ffr_ct"])
        row["words"] = WORDS[row["band"]]
    stages = [
        _seconds(directory, str(row["case_id"])) for row in cases if row["status"] == "converged"
    ]
    totals = [total for stage in stages if (total := stage.get("total"))]
    filled = [one for one in NUMBERS if any(row.get(one[0]) is not None for row in solved)]
    missing = [one for one in NUMBERS if one not in filled and one[0] not in RESTING_RATIOS]
    context = {
        "name": directory.resolve().name,
        "counts": _counts(cases),
        "bands": [(band, sum(row["band"] == band for row in solved)) for band in BANDS],
        "vessels": solved,
        "columns": filled,
        "without_column": [title for _, title, _ in missing],
        "failures": [row for row in cases if row["status"] != "converged"],
        "links": links,
        "without_page": sum(
            not links[str(row["case_id"])].endswith("report.html")
            for row in cases
            if row["status"] == "converged"
        ),
        "figures": _figures(solved, [_numbers(row) for row in lesions], totals, links),
        "stages": _medians(stages, least=median(totals) / 100.0 if totals else 0.0),
        "total_median": median(totals) if totals else None,
        "total_largest": max(totals, default=None),
        "summary": _summary(directory),
        "script": files("corohemo.report").joinpath("templates/sort.js").read_text("utf-8"),
    }
    page = directory / DASHBOARD
    write_text(page, page_template("dashboard.html.j2").render(context))
    return page


def _table(directory: Path, name: str) -> list[Row]:
    path = directory / f"{name}.csv"
    if not path.is_file():
        raise InputError(
            f"There is no {name}.csv here; give the folder of a case or of corohemo batch.",
            file=directory,
        )
    return list(read_cells(path).rows)


def _numbers(row: Row) -> Row:
    """The row with numbers where its cells are numbers; names stay text."""
    return {key: cell if key in TEXTS else _number(cell) for key, cell in row.items()}


def _number(cell: Any) -> Any:
    try:
        return None if cell is None else float(cell)
    except ValueError:
        return cell


def _link(directory: Path, case_id: str) -> str:
    """Address of a case's report beside the dashboard, else of its result; empty without both."""
    for name in ("report.html", "result.json"):
        if (directory / "cases" / case_id / name).is_file():
            return f"cases/{quote(case_id, safe='')}/{name}"
    return ""


def _counts(cases: list[Row]) -> list[tuple[str, int]]:
    statuses = [str(row["status"]) for row in cases]
    return [
        (status.replace("_", " "), statuses.count(status))
        for status in sorted(set(statuses), key=lambda one: (one != "converged", one))
    ]


def _seconds(directory: Path, case_id: str) -> Mapping[str, float | None]:
    """Seconds per stage of a case; empty if its result cannot be read."""
    try:
        return dict(read_result(directory / "cases" / case_id)["timing_s"])
    except CorohemoError:
        return {}


def _medians(stages: list[Mapping[str, float | None]], *, least: float) -> list[tuple[str, float]]:
    """Median seconds of each stage that takes ``least``."""
    names = dict.fromkeys(name for stage in stages for name in stage if name != "total")
    known = {name: [one for stage in stages if (one := stage.get(name))] for name in names}
    medians = {name: median(values) for name, values in known.items() if values}
    return [(name, value) for name, value in medians.items() if value >= least]


def _figures(
    vessels: list[Row], lesions: list[Row], totals: list[float], links: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Title and SVG of each figure that has something to show."""
    ratios = [row["ffr_ct"] for row in vessels if row["ffr_ct"] is not None]
    shown = [
        row
        for row in lesions
        if row["ffr_ct"] is not None and row["percent_diameter_stenosis"] is not None
    ]
    found = []
    if ratios:
        found.append(("FFR of the vessels", ratios_svg(ratios)))
    if shown:
        found.append(("FFR behind the lesions", lesions_svg(shown, links)))
    if totals:
        found.append(("Time of a case", seconds_svg(totals)))
    return found


def _summary(directory: Path) -> Mapping[str, Any]:
    """Content of cohort.json; empty where it cannot be read."""
    try:
        found = json.loads((directory / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
