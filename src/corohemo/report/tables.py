"""The numbers of a case folder: result.json and one table of sections, lesions and outlets each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corohemo.report.document import LESION_VALUES
from corohemo.report.files import write_csv, write_json
from corohemo.report.pulse import RESTING_RATIOS, resting_ratios
from corohemo.units import ML_PER_MIN, MM, MMHG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from corohemo.indices.reduced import ReducedIndices
    from corohemo.indices.results import Indices, Pullback
    from corohemo.lumen import LumenBranch

SECTION_COLUMNS = (
    "state",
    "branch",
    "abscissa_mm",
    "x_mm",
    "y_mm",
    "z_mm",
    "radius_mm",
    "reference_radius_mm",
    "pressure_mmhg",
    "ffr",
    "flow_ml_min",
)
LESION_COLUMNS = (*LESION_VALUES, *RESTING_RATIOS)
OUTLET_COLUMNS = (
    "state",
    "name",
    "flow_ml_min",
    "pressure_mmhg",
    "ffr_ct",
    "pressure_ratio",
    "model",
    "resistance_wu",
)


def write_numbers(
    directory: Path, document: dict[str, Any], indices: Indices | ReducedIndices
) -> None:
    """``result.json`` and the three tables that go with it."""
    write_json(directory / "result.json", document)
    write_sections(directory / "sections.csv", indices)
    write_lesions(directory / "lesions.csv", document)
    write_outlets(directory / "outlets.csv", document)


def write_sections(path: Path, indices: Indices | ReducedIndices) -> None:
    """One row per state, branch and section: place, radius, pressure, FFR and flow.

    The column ``ffr`` of the resting state holds the resting Pd/Pa.
    """
    rows = [
        row
        for state, pullbacks in indices.pullbacks.items()
        for pullback, branch in zip(pullbacks, indices.lumen.branches, strict=True)
        for row in _section_rows(state, pullback, branch)
    ]
    write_csv(path, SECTION_COLUMNS, rows)


def _section_rows(state: str, pullback: Pullback, branch: LumenBranch) -> list[list[Any]]:
    at = pullback.abscissa
    reference = np.interp(at, branch.abscissas, branch.reference_radii)
    place = [np.interp(at, branch.abscissas, branch.points[:, axis]) for axis in range(3)]
    columns = [
        at / MM,
        *(axis / MM for axis in place),
        pullback.radius / MM,
        reference / MM,
        pullback.pressure / MMHG,
        pullback.ffr,
        pullback.flow / ML_PER_MIN,
    ]
    values = np.column_stack(columns)
    return [[state, pullback.branch, *(f"{value:.6g}" for value in row)] for row in values]


def write_lesions(path: Path, document: dict[str, Any]) -> None:
    """One row per lesion, as in ``result.json``, with the iFR and RFR of a pulsatile rest."""
    rows = [[row[key] for key in LESION_COLUMNS] for row in lesion_rows(document)]
    write_csv(path, LESION_COLUMNS, rows)


def lesion_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Cells of each lesion of a ``result.json`` by column; None where it has no such value."""
    ratios = resting_ratios(document, "lesions")
    return [
        {key: (entry | ratios.get(entry["name"], {})).get(key) for key in LESION_COLUMNS}
        for entry in document["lesions"]
    ]


def write_outlets(path: Path, document: dict[str, Any]) -> None:
    """One row per state and outlet, as in ``result.json``."""
    rows = [
        [name, *(outlet[key] for key in OUTLET_COLUMNS[1:])]
        for name, state in document["states"].items()
        for outlet in state["outlets"]
    ]
    write_csv(path, OUTLET_COLUMNS, rows)
