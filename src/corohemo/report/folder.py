"""From indices to the files of a case folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import InputError
from corohemo.indices.reduced import ReducedIndices
from corohemo.indices.wall_nodes import nodal_wall_shear
from corohemo.io.results import write_centerline_sections, write_flow_vtu, write_wall_vtp
from corohemo.report.circumstances import add_circumstances
from corohemo.report.document import Document, result_document
from corohemo.report.page import write_pages
from corohemo.report.pulse import (
    pulse_entry,
    write_cycle,
    write_cycle_pullback,
    write_readings,
)
from corohemo.report.reduced import reduced_document
from corohemo.report.tables import write_numbers
from corohemo.report.thermodilution import write_curves
from corohemo.report.wall_sectors import write_wall_sectors

if TYPE_CHECKING:
    from corohemo.error_bar import FfrErrors
    from corohemo.indices.pulse import PulseIndices
    from corohemo.indices.results import Indices
    from corohemo.solvers.solution import FlowSolution
    from corohemo.thermodilution.vessels import VesselThermodilution
    from corohemo.uncertainty.results import Uncertainty

FloatArray = NDArray[np.float64]


def write_report(
    indices: Indices | ReducedIndices,
    directory: str | Path,
    *,
    case_id: str | None = None,
    page: bool = True,
    flow_field: bool = True,
    resting_flow_field: bool = False,
    pictures: bool = True,
    interactive: bool = True,
    picture_width_px: int = 1200,
    numerical_error: FfrErrors | str | None = None,
    uncertainty: Uncertainty | str | None = None,
    territories: Sequence[Mapping[str, Any]] | str | None = None,
    thermodilution: Sequence[VesselThermodilution] | str | None = None,
    pulses: Mapping[str, PulseIndices] | None = None,
    settings: Sequence[Mapping[str, Any]] = (),
    timing_s: Mapping[str, float] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Document:
    """Write result.json, tables, fields, methods and report.html.

    Args:
        indices: Everything computed of the case; the reduced model has no fields to write.
        directory: The case folder; made if it is not there, files of the same name are replaced.
        case_id: Name of the case; the folder's name if None.
        page: Whether report.html is written.
        flow_field: Whether flow.vtu is written.
        resting_flow_field: Whether flow-resting.vtu is written, if there is a resting state.
        pictures: Whether the report shows rendered views of the tree.
        interactive: Whether the tree can be turned and read in the report.
        picture_width_px: Width of a view.
        numerical_error: Error bars of the FFRs, or why there are none.
        uncertainty: Uncertainty of the case, or why there is none.
        territories: Perfusion by territory, or why there is none.
        thermodilution: Virtual thermodilution by vessel, or why there is none.
        pulses: Pulsatile indices by state, of those that pulsate.
        settings: Rows (section, name, value, unit, source, given) for the report.
        timing_s: Seconds per stage so far.
        provenance: Versions and machine.

    Returns:
        The content of result.json.

    Raises:
        InputError: If the folder cannot be written.
    """
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder cannot be made: {error.strerror}.", file=directory) from error
    case_id = case_id or directory.resolve().name
    if isinstance(indices, ReducedIndices):
        document = reduced_document(indices, case_id=case_id)
    else:
        document = result_document(indices, case_id=case_id)
    add_circumstances(
        document,
        numerical_error=numerical_error,
        uncertainty=uncertainty,
        territories=territories,
        thermodilution=thermodilution,
        settings=settings,
        timing_s=timing_s,
        provenance=provenance,
    )
    for name, pulse in (pulses or {}).items():
        state = document["states"][name]
        state["pulse"] = pulse_entry(indices.cycles[name], pulse)
        del state["notes"]["pulse"]
    if pulses:
        write_cycle(directory / "cycle.csv", {name: indices.cycles[name] for name in pulses})
        write_readings(directory / "cycle_readings.csv", pulses)
        write_cycle_pullback(directory / "cycle_pullback.csv", pulses, indices.pullbacks)
    if thermodilution and not isinstance(thermodilution, str):
        write_curves(directory / "thermodilution.csv", thermodilution)
    write_numbers(directory, document, indices)
    main = next(iter(indices.states))
    write_centerline_sections(directory / "lumen.vtp", indices.lumen, indices.pullbacks[main])
    if not isinstance(indices, ReducedIndices):
        _write_fields(
            indices,
            directory,
            flow_field=flow_field,
            resting=resting_flow_field,
            pulses=pulses or {},
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


def _write_fields(
    indices: Indices,
    directory: Path,
    *,
    flow_field: bool,
    resting: bool,
    pulses: Mapping[str, PulseIndices],
) -> None:
    main = next(iter(indices.states))
    pulse = pulses.get(main)
    solution = indices.states[main]
    ffr = nodal_ffr(solution)
    write_wall_vtp(
        directory / "wall.vtp",
        solution,
        indices.wall,
        aps=lesion_axial_stress(indices),
        ffr=ffr,
        pulse=pulse.wall if pulse else None,
        nodal=nodal_wall_shear(solution)[1],
    )
    write_wall_sectors(directory / "wall_sectors.csv", indices, pulses)
    if flow_field:
        write_flow_vtu(directory / "flow.vtu", solution, ffr=ffr)
    if resting and "resting" in indices.states and main != "resting":
        write_flow_vtu(directory / "flow-resting.vtu", indices.states["resting"])


def nodal_ffr(solution: FlowSolution) -> FloatArray:
    """Pressure over the inlet's mean pressure at each node (n,) [-]."""
    from corohemo.units import MMHG

    return solution.pressure / (solution.face_pressure_mmhg("inlet") * MMHG)


def lesion_axial_stress(indices: Indices) -> FloatArray:
    """Axial stress p (n . t) + tau . t at the wall points, NaN outside of lesions (n,) [Pa]."""
    wall, lumen = indices.wall, indices.lumen
    names = [branch.name for branch in lumen.branches]
    references = {stress.lesion: stress.reference_pressure for stress in indices.plaque_stress}
    stress = np.full(len(wall.points), np.nan)
    for lesion in lumen.lesions:
        index = names.index(lesion.branch)
        branch = lumen.branches[index]
        at = wall.abscissa
        inside = (wall.branch == index) & (at >= lesion.start) & (at <= lesion.end)
        tangents = np.column_stack(
            [np.interp(at[inside], branch.abscissas, axis) for axis in branch.tangents.T]
        )
        tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
        pressure = wall.pressure[inside] - references.get(lesion.name, 0.0)
        normal_part = pressure * np.sum(wall.normals[inside] * tangents, axis=1)
        stress[inside] = normal_part + np.sum(wall.traction[inside] * tangents, axis=1)
    return stress
