"""``result.json``: every number of a case under the names of the contract.

A number that was not computed is null, and ``notes`` of the same entry says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from corohemo.bands import band_of
from corohemo.kernels.jacobian import cell_jacobians
from corohemo.units import MM

if TYPE_CHECKING:
    from corohemo.boundary import Boundaries
    from corohemo.indices.reduced import ReducedIndices
    from corohemo.indices.results import Indices, LesionIndices, VesselIndices
    from corohemo.lumen import Lumen
    from corohemo.meshing.mesh import LumenMesh
    from corohemo.solvers.reduced_solution import ReducedSolution
    from corohemo.solvers.solution import FlowSolution

SCHEMA_VERSION = 1
STAGES = (
    *("read", "lumen", "mesh", "boundaries", "solve", "indices"),
    *("numerical_error", "uncertainty", "thermodilution", "report"),
)
NUMERICAL_ERROR_NOTE = "The numerical error of FFR was not estimated."
TERRITORIES_NOTE = "No perfusion of territories was given."
THERMODILUTION_NOTE = "No virtual thermodilution was made."
UNCERTAINTY_NOTE = "The uncertainty of the inputs was not propagated."
PULSE_NOTE = (
    "TAWSS, OSI, RRT, ECAP, transWSS, cross-flow index, TSVI, iFR and RFR are those of a cycle: "
    "they need a pulsatile run, those of the wall by the 3-D solver."
)
RESTING_NOTE = "FFR is defined at hyperemia; pressure_ratio holds the resting Pd/Pa."

Document = dict[str, Any]


def result_document(indices: Indices, *, case_id: str) -> Document:
    """The result of a case that was solved.

    Args:
        indices: What was computed.
        case_id: Name of the case.

    Returns:
        A document whose timings and provenance are still empty.
    """
    document = empty_document(
        case_id, status="converged", message=converged_message(indices.states)
    )
    worst = [state for state in indices.states.values() if not state.is_converged]
    if worst:
        document |= {"status": worst[0].status.value, "message": worst[0].message}
    mesh = next(iter(indices.states.values())).mesh
    document["states"] = {name: _state(name, state) for name, state in indices.states.items()}
    add_indices(document, indices)
    document["mesh"] = _mesh(mesh)
    document["remarks"] += mesh.notes
    if "resting" not in indices.states:
        document["notes"]["states.resting"] = "The resting state was not solved."
    return document


def add_indices(document: Document, indices: Indices | ReducedIndices) -> None:
    """Put in what is computed alike with and without a mesh."""
    document["lesions"] = [lesion_entry(lesion) for lesion in indices.lesions]
    document["vessels"] = [vessel_entry(vessel) for vessel in indices.vessels]
    document["branches"] = branch_entries(indices.lumen)
    document["remarks"] = list(indices.lumen.notes)
    document["lumen_volume_mm3"] = indices.lumen_volume_mm3
    document["volume_to_mass_mm3_g"] = indices.volume_to_mass_mm3_g
    document["notes"] |= dict(indices.notes)


def empty_document(case_id: str, *, status: str, message: str) -> Document:
    """Every key of the contract with nothing computed: a failed case, or one to be filled."""
    return {
        "schema_version": SCHEMA_VERSION,
        "case_id": case_id,
        "status": status,
        "message": message,
        "states": {},
        "lesions": [],
        "vessels": [],
        "branches": [],
        "remarks": [],
        "territories": [],
        "thermodilution": [],
        "lumen_volume_mm3": None,
        "volume_to_mass_mm3_g": None,
        "numerical_error": {},
        "uncertainty": {},
        "mesh": {"cells": None, "nodes": None, "order": None},
        "timing_s": dict.fromkeys((*STAGES, "total")),
        "provenance": {},
        "settings": [],
        "notes": {
            "uncertainty": UNCERTAINTY_NOTE,
            "numerical_error": NUMERICAL_ERROR_NOTE,
            "territories": TERRITORIES_NOTE,
            "thermodilution": THERMODILUTION_NOTE,
        }
        | ({} if status == "converged" else {"states": message, "mesh": message}),
    }


def has_numbers(document: Mapping[str, Any]) -> bool:
    """Whether a ``result.json`` converged, or holds means in time where a flow does not settle."""
    states = document["states"].values()
    averaged = all(s.get("time_average") or s.get("status") == "converged" for s in states)
    return document["status"] == "converged" or bool(states and averaged)


def branch_entries(lumen: Lumen) -> list[Document]:
    """Name, parent and extent of each branch."""
    return [
        {
            "name": branch.name,
            "parent": lumen.branches[branch.parent].name if branch.parent >= 0 else None,
            "start_mm": float(branch.abscissas[0]) / MM,
            "end_mm": float(branch.abscissas[-1]) / MM,
        }
        for branch in lumen.branches
    ]


def converged_message(states: Iterable[str]) -> str:
    """That the flow of each state converged, as a sentence."""
    return f"{' and '.join(states)} flow converged".capitalize() + "."


def _state(name: str, solution: FlowSolution) -> Document:
    stats = solution.stats
    inlet_pressure = solution.face_pressure_mmhg("inlet")
    outlets = [face for face in solution.faces if face.startswith("outlet:")]
    rows = [outlet_entry(name, solution, face, inlet_pressure) for face in outlets]
    return {
        "inlet": {
            "flow_ml_min": solution.face_flow_ml_min("inlet"),
            "pressure_mmhg": inlet_pressure,
        },
        "outlets": rows,
        "mass_balance_relative": stats.mass_balance_relative,
        "newton_iterations": stats.newton_iterations,
        "linear_iterations": stats.linear_iterations,
        "residual_relative": stats.residual_relative,
        "residual_history": list(stats.residual_history),
        "unknowns": stats.unknowns,
        "ranks": stats.ranks,
        "seconds": stats.seconds,
        "status": solution.status.value,
        "time_average": None if solution.average is None else asdict(solution.average),
        **state_entries(name, solution.boundaries),
    }


def state_entries(name: str, boundaries: Boundaries) -> Document:
    """What a state's conditions say, whatever solved it."""
    return {
        "flow_source": boundaries.flow_source,
        "assumptions": list(boundaries.notes),
        "blood": asdict(boundaries.blood),
        "pulse": None,
        "notes": {"pulse": PULSE_NOTE}
        | ({"outlets.ffr_ct": RESTING_NOTE} if name == "resting" else {}),
    }


def outlet_entry(
    state: str, solution: FlowSolution | ReducedSolution, face: str, inlet_pressure: float
) -> Document:
    """Flow, pressure and bed of one outlet face."""
    pressure = solution.face_pressure_mmhg(face)
    ratio = pressure / inlet_pressure if inlet_pressure > 0 else None
    model = solution.boundaries.outlet(face.removeprefix("outlet:"))
    return {
        "name": face.removeprefix("outlet:"),
        "flow_ml_min": solution.face_flow_ml_min(face),
        "pressure_mmhg": pressure,
        "ffr_ct": None if state == "resting" else ratio,
        "ffr_ct_numerical_error": None,
        "pressure_ratio": ratio,
        "model": type(model).__name__,
        "resistance_wu": getattr(model, "resistance_wu", None),
    }


LESION_VALUES: Mapping[str, Callable[[LesionIndices], Any]] = {
    "name": lambda entry: entry.lesion.name,
    "branch": lambda entry: entry.lesion.branch,
    "start_mm": lambda entry: entry.lesion.start / MM,
    "throat_mm": lambda entry: entry.lesion.throat / MM,
    "end_mm": lambda entry: entry.lesion.end / MM,
    "percent_diameter_stenosis": lambda entry: entry.lesion.percent_diameter_stenosis,
    "percent_area_stenosis": lambda entry: entry.lesion.percent_area_stenosis,
    "minimum_lumen_area_mm2": lambda entry: entry.lesion.minimum_lumen_area / MM**2,
    "reference_diameter_mm": lambda entry: entry.lesion.reference_diameter / MM,
    "ffr_ct": lambda entry: entry.ffr_ct,
    "ffr_ct_numerical_error": lambda _: None,
    "ffr_ct_position_mm": lambda entry: _mm(entry.ffr_ct_position),
    "ffr_ct_branch": lambda entry: entry.ffr_ct_branch,
    "ffr_band": lambda entry: band_of(entry.ffr_ct),
    "delta_ffr": lambda entry: entry.delta_ffr,
    "wss_mean_pa": lambda entry: entry.wss_mean_pa,
    "wss_max_pa": lambda entry: entry.wss_max_pa,
    "aps_upstream_pa": lambda entry: entry.aps_upstream_pa,
    "aps_downstream_pa": lambda entry: entry.aps_downstream_pa,
    "aps_net_pa": lambda entry: entry.aps_net_pa,
    "aps_mean_magnitude_pa": lambda entry: entry.aps_mean_magnitude_pa,
    "axial_force_upstream_n": lambda entry: entry.axial_force_upstream_n,
    "axial_force_downstream_n": lambda entry: entry.axial_force_downstream_n,
    "radius_gradient_upstream": lambda entry: (
        entry.lesion.radius_gradient_upstream if entry.lesion.throat > entry.lesion.start else None
    ),
    "radius_gradient_downstream": lambda entry: (
        entry.lesion.radius_gradient_downstream if entry.lesion.end > entry.lesion.throat else None
    ),
}
"""Values of a lesion under the names of the contract; the columns of its tables follow them."""


def lesion_entry(entry: LesionIndices) -> Document:
    """One lesion under the names of the contract."""
    values = {name: value(entry) for name, value in LESION_VALUES.items()}
    return values | {"notes": dict(entry.notes)}


def vessel_entry(vessel: VesselIndices) -> Document:
    """One vessel under the names of the contract."""
    return {
        "name": vessel.name,
        "ffr_ct": vessel.ffr_ct,
        "ffr_ct_numerical_error": None,
        "ffr_ct_position_mm": _mm(vessel.ffr_ct_position),
        "ffr_ct_branch": vessel.ffr_ct_branch,
        "ffr_ct_distal": vessel.ffr_ct_distal,
        "ffr_ct_wire": vessel.ffr_ct_wire,
        "ffr_band": vessel.ffr_band,
        "ppg": vessel.ppg,
        "imr_ct_u": vessel.imr_ct_u,
        "imr_ct_corrected_u": vessel.imr_ct_corrected_u,
        "microvascular_resistance_wu": vessel.microvascular_resistance_wu,
        "cfr": vessel.cfr,
        "mrr": vessel.mrr,
        "endotype": vessel.endotype,
        "wire_position_mm": _mm(vessel.wire_position),
        "transit_time_s": vessel.transit_time_s,
        "flow_source": vessel.flow_source,
        "microvascular_informative": vessel.microvascular_informative,
        "notes": dict(vessel.notes),
    }


def _mesh(mesh: LumenMesh) -> Document:
    low, high, volume = cell_jacobians(mesh.points, mesh.cells)
    ratio = low / high
    return {
        "cells": len(mesh.cells),
        "nodes": len(mesh.points),
        "order": 2,
        "vertices": len(mesh.vertex_ids),
        "wall_facets": int((mesh.facet_face == mesh.faces.index("wall")).sum()),
        "volume_mm3": float(volume.sum()) / MM**3,
        "jacobian_ratio_min": float(ratio.min()),
        "jacobian_ratio_p01": float(np.percentile(ratio, 1)),
    }


def _mm(length: float | None) -> float | None:
    return None if length is None else length / MM
