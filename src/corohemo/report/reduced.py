"""``result.json`` of the reduced model: the same keys, without mesh and wall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corohemo.report.document import (
    Document,
    add_indices,
    converged_message,
    empty_document,
    outlet_entry,
    state_entries,
)

if TYPE_CHECKING:
    from corohemo.indices.reduced import ReducedIndices
    from corohemo.solvers.reduced_solution import ReducedSolution

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


def _state(name: str, solution: ReducedSolution) -> Document:
    inlet_pressure = solution.face_pressure_mmhg("inlet")
    inflow = solution.face_flow_ml_min("inlet")
    outlets = [face for face in solution.faces if face != "inlet"]
    rows = [outlet_entry(name, solution, face, inlet_pressure) for face in outlets]
    flows = [inflow, *(row["flow_ml_min"] for row in rows)]
    largest = max(map(abs, flows))
    return {
        "model": "reduced",
        "inlet": {"flow_ml_min": inflow, "pressure_mmhg": inlet_pressure},
        "outlets": rows,
        "mass_balance_relative": abs(inflow - sum(flows[1:])) / largest if largest else 0.0,
        "newton_iterations": solution.iterations,
        "residual_relative": solution.change_relative,
        **state_entries(name, solution.boundaries),
    }
