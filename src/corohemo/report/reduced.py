"""The case folder of the reduced model: the same files, without mesh and wall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corohemo.io.results import write_centerline_sections
from corohemo.report.document import (
    Document,
    add_circumstances,
    add_indices,
    converged_message,
    empty_document,
    outlet_entry,
    state_entries,
)
from corohemo.report.page import write_pages
from corohemo.report.tables import write_numbers

if TYPE_CHECKING:
    from corohemo.indices.reduced import ReducedIndices
    from corohemo.solvers.reduced_solution import ReducedSolution
    from corohemo.uncertainty.results import Uncertainty

NO_MESH = "The reduced model needs no mesh."


def reduced_document(indices: ReducedIndices, *, case_id: str) -> Document:
    """``result.json`` of a case solved by the reduced model."""
    document = empty_document(
        case_id, status="converged", message=converged_message(indices.states)
    )
    document["states"] = {name: _state(name, state) for name, state in indices.states.items()}
    add_indices(document, indices)
    document["notes"]["mesh"] = NO_MESH
    return document


def write_reduced_report(
    indices: ReducedIndices,
    directory: Path,
    *,
    case_id: str,
    page: bool = True,
    pictures: bool = True,
    interactive: bool = True,
    picture_width_px: int = 1200,
    uncertainty: Uncertainty | str | None = None,
    settings: Sequence[Mapping[str, Any]] = (),
    timing_s: Mapping[str, float] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Document:
    """Write result.json, tables, lumen.vtp, methods and, if wanted, report.html.

    Args:
        indices: Everything computed of the case.
        directory: The case folder, which exists.
        case_id: Name of the case.
        page: Whether report.html is written.
        pictures: Whether the report shows rendered views of the tree.
        interactive: Whether the tree can be turned and read in the report.
        picture_width_px: Width of a view.
        uncertainty: Uncertainty of the case, or why there is none.
        settings: Rows (section, name, value, unit, source, given) for the report.
        timing_s: Seconds per stage so far.
        provenance: Versions and machine.

    Returns:
        The content of result.json.

    Raises:
        InputError: If a file cannot be written.
    """
    document = reduced_document(indices, case_id=case_id)
    add_circumstances(
        document,
        uncertainty=uncertainty,
        settings=settings,
        timing_s=timing_s,
        provenance=provenance,
    )
    write_numbers(directory, document, indices)
    write_centerline_sections(
        directory / "lumen.vtp", indices.lumen, next(iter(indices.pullbacks.values()))
    )
    write_pages(
        directory,
        document,
        page=page,
        pictures=pictures,
        interactive=interactive,
        picture_width_px=picture_width_px,
    )
    return document


def _state(name: str, solution: ReducedSolution) -> Document:
    inlet_pressure = solution.face_pressure_mmhg("inlet")
    inflow = solution.face_flow_ml_min("inlet")
    outlets = [face for face in solution.faces if face != "inlet"]
    rows = [outlet_entry(name, solution, face, inlet_pressure) for face in outlets]
    flows = [inflow, *(row["flow_ml_min"] for row in rows)]
    return {
        "model": "reduced",
        "inlet": {"flow_ml_min": inflow, "pressure_mmhg": inlet_pressure},
        "outlets": rows,
        "mass_balance_relative": abs(inflow - sum(flows[1:])) / max(map(abs, flows)),
        "newton_iterations": solution.iterations,
        "residual_relative": solution.change_relative,
        **state_entries(name, solution.boundaries),
    }
