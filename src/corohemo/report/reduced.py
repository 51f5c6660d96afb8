"""``result.json`` of the reduced model: the same keys, without mesh and wall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
    from corohemo.solvers.reduced_cycle_solution import ReducedCycle
    from corohemo.solvers.reduced_solution import ReducedSolution

NO_MESH = "The reduced model needs no mesh."
STEPS = (
    "The iterations of time steps are not kept; a step whose flows still change by more than 1e-10 "
    "of themselves stops the run."
)


def reduced_document(indices: ReducedIndices, *, case_id: str) -> Document:
    """``result.json`` of a case solved by the reduced model."""
    document = empty_document(
        case_id, status="converged", message=converged_message(indices.states)
    )
    document["states"] = {
        name: _state(name, state, indices.cycles.get(name))
        for name, state in indices.states.items()
    }
    add_indices(document, indices)
    document["notes"]["mesh"] = NO_MESH
    return document


def _state(name: str, solution: ReducedSolution, cycle: ReducedCycle | None) -> Document:
    inlet_pressure = solution.face_pressure_mmhg("inlet")
    outlets = [face for face in solution.faces if face != "inlet"]
    rows = [outlet_entry(name, solution, face, inlet_pressure) for face in outlets]
    state = {
        "model": "reduced",
        "inlet": {
            "flow_ml_min": solution.face_flow_ml_min("inlet"),
            "pressure_mmhg": inlet_pressure,
        },
        "outlets": rows,
        "mass_balance_relative": _imbalance(cycle or solution),
        "newton_iterations": solution.iterations,
        "residual_relative": solution.change_relative,
        **state_entries(name, solution.boundaries),
    }
    if cycle is not None:
        state["notes"] |= dict.fromkeys(("newton_iterations", "residual_relative"), STEPS)
    return state


def _imbalance(flow: ReducedSolution | ReducedCycle) -> float:
    """Largest net flow out of all faces, at any time, over the largest flow."""
    flows = np.array([flow.face_flow_ml_min(face) for face in flow.faces])
    largest = np.abs(flows).max()
    return float(np.abs(flows[0] - flows[1:].sum(axis=0)).max() / largest) if largest else 0.0
