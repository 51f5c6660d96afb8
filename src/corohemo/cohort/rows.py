"""Rows of the cohort's tables from the case folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corohemo.cohort.manifest import CohortCase
from corohemo.cohort.table_files import Cell
from corohemo.errors import CorohemoError
from corohemo.report.document import has_numbers
from corohemo.report.page import read_result
from corohemo.report.pulse import resting_ratios
from corohemo.report.tables import LESION_COLUMNS as CASE_LESION_COLUMNS
from corohemo.report.tables import lesion_rows
from corohemo.report.verdict import path_of
from corohemo.vessel_names import match_vessels

CASE_COLUMNS = ("case_id", "status", "message", "input")
VESSEL_COLUMNS = (
    "case_id",
    "vessel",
    "status",
    "model",
    "ffr_ct",
    "ffr_ct_position_mm",
    "ffr_ct_branch",
    "ffr_band",
    "ffr_ct_distal",
    "ffr_ct_wire",
    "ppg",
    "imr_ct_u",
    "imr_ct_corrected_u",
    "microvascular_resistance_wu",
    "cfr",
    "mrr",
    "endotype",
    "wire_position_mm",
    "ifr",
    "rfr",
    "transit_time_s",
    "flow_source",
    "microvascular_informative",
    "outlet_flow_ml_min",
    "percent_diameter_stenosis",
    "minimum_lumen_area_mm2",
    "wss_max_pa",
    "aps_net_pa",
    "lumen_volume_mm3",
    "volume_to_mass_mm3_g",
    "message",
)
LESION_COLUMNS = (
    *("case_id", "lesion", "status"),
    *(name for name in CASE_LESION_COLUMNS if name != "name"),
)
Row = dict[str, Cell]


def case_rows(
    case: CohortCase, directory: Path, status: str, message: str
) -> tuple[Row, list[Row], list[Row]]:
    """Rows of one case: its own, those of its vessels, those of its lesions.

    A case without a result has one row among the vessels, with its status and sentence.
    """
    own: Row = {
        "case_id": case.case_id,
        "status": status,
        "message": message,
        "input": str(case.input),
    }
    document = _document(directory) if status in ("converged", "not_converged") else None
    if document is None:
        failed = own | {"vessel": None} | covariates(case, None, VESSEL_COLUMNS)
        return own, [failed], []
    called = _called(case, [entry["name"] for entry in document["vessels"]])
    vessels = [
        _vessel(case, entry, document, called.get(entry["name"]))
        | covariates(case, called.get(entry["name"]), VESSEL_COLUMNS)
        for entry in document["vessels"]
    ]
    lesions = [
        {"case_id": case.case_id, "lesion": row.pop("name"), "status": status}
        | row
        | covariates(case, None, LESION_COLUMNS)
        for row in lesion_rows(document)
    ]
    return own, vessels, lesions


def covariates(case: CohortCase, vessel: str | None, columns: tuple[str, ...]) -> Row:
    """Covariates of a case or vessel; a name that the table has already gets ``manifest_``."""
    values = {**case.covariates, **(case.vessels.get(vessel, {}) if vessel is not None else {})}
    return {covariate_column(name, columns): cell for name, cell in values.items()}


def covariate_column(name: str, columns: tuple[str, ...]) -> str:
    """Column in which a covariate of the manifest stands."""
    return f"manifest_{name}" if name in columns else name


def _called(case: CohortCase, names: Sequence[str]) -> dict[str, str]:
    """What the manifest calls the vessels of the result that it is clear about."""
    found = {wanted: match_vessels(wanted, names) for wanted in case.vessels}
    return {matches[0]: wanted for wanted, matches in found.items() if len(matches) == 1}


def _document(directory: Path) -> Mapping[str, Any] | None:
    try:
        document = read_result(directory)
    except CorohemoError:
        return None
    return document if has_numbers(document) else None


def _vessel(
    case: CohortCase,
    entry: Mapping[str, Any],
    document: Mapping[str, Any],
    called: str | None,
) -> Row:
    """Row of one vessel, which the manifest calls ``called``."""
    main = next(iter(document["states"].values()))
    flow = next(o["flow_ml_min"] for o in main["outlets"] if o["name"] == entry["name"])
    path = path_of(entry["name"], document)
    lesions = [lesion for lesion in document["lesions"] if lesion["branch"] in path]
    derived: Row = {
        "case_id": case.case_id,
        "vessel": entry["name"],
        "status": document["status"],
        "model": main.get("model", "elements"),
        "ffr_ct_wire": entry.get("ffr_ct_wire") if called in case.wires else None,
        "outlet_flow_ml_min": flow,
        "percent_diameter_stenosis": _extreme(lesions, "percent_diameter_stenosis", largest=True),
        "minimum_lumen_area_mm2": _extreme(lesions, "minimum_lumen_area_mm2", largest=False),
        "wss_max_pa": _extreme(lesions, "wss_max_pa", largest=True),
        "aps_net_pa": _extreme(lesions, "aps_net_pa", largest=True),
        "lumen_volume_mm3": document["lumen_volume_mm3"],
        "volume_to_mass_mm3_g": document["volume_to_mass_mm3_g"],
        "message": document["message"],
        **resting_ratios(document, "vessels").get(entry["name"], {}),
    }
    return {name: derived.get(name, entry.get(name)) for name in VESSEL_COLUMNS}


def _extreme(lesions: list[Mapping[str, Any]], key: str, *, largest: bool) -> float | None:
    values = [float(lesion[key]) for lesion in lesions if lesion[key] is not None]
    return (max if largest else min)(values, default=None)
