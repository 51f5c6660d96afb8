"""From flow fields to everything that is reported of a case."""

from __future__ import annotations

import numpy as np

from corohemo.errors import InputError, NotConvergedError
from corohemo.indices.ffr import compute_ffr
from corohemo.indices.lesions import at_rest, lesion_indices
from corohemo.indices.locator import PointLocator
from corohemo.indices.options import IndexOptions
from corohemo.indices.plaque_stress import compute_plaque_stress
from corohemo.indices.results import AT_REST, Indices
from corohemo.indices.vessels import vessel_indices
from corohemo.indices.volume_to_mass import ratio_of_case
from corohemo.indices.wall_sectors import sector_wall_shear
from corohemo.indices.wall_shear import compute_wall_shear
from corohemo.indices.wire import StateReading
from corohemo.kernels.quadratic import facet_quadrature
from corohemo.lumen import Lumen
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.solution import FlowSolution
from corohemo.units import MM


def compute_indices(
    solution: FlowSolution,
    lumen: Lumen,
    *,
    resting: FlowSolution | None = None,
    myocardial_mass_g: float | None = None,
    options: IndexOptions | None = None,
) -> Indices:
    """Every index of a case: pullbacks, lesions, vessels, wall, volume.

    Args:
        solution: Hyperemic flow (or the only one there is).
        lumen: Lumen the mesh came from.
        resting: Resting flow on the same lumen, for CFR and MRR.
        myocardial_mass_g: Left ventricular mass for the volume-to-mass ratio.
        options: Conventions.

    Returns:
        The indices; what could not be computed is None, with the reason in ``notes``.

    Raises:
        NotConvergedError: If a flow did not converge (unless ``options.allow_unconverged``).
        InputError: If the states are exchanged, the mass is not positive, the inlet pressure is not
            positive or the field belongs to another lumen.
        GeometryError: If a section of the lumen lies outside the mesh.
    """
    options = options or IndexOptions()
    states = _states(solution, resting)
    if not options.allow_unconverged:
        for name, state in states.items():
            _require_converged(name, state)
    if myocardial_mass_g is not None and not (0 < myocardial_mass_g < np.inf):
        raise InputError(
            f"myocardial_mass_g must be positive, got {myocardial_mass_g!r}.",
            field="myocardial_mass_g",
        )
    locator = PointLocator.of(solution.mesh)
    readings = {
        name: StateReading.of(
            state,
            lumen,
            compute_ffr(
                state, lumen, options, locator=locator if state.mesh is locator.mesh else None
            ),
        )
        for name, state in states.items()
    }
    wall = compute_wall_shear(solution, lumen, locator=locator)
    pieces = compute_wall_shear(solution, lumen, at="pieces", locator=locator)
    plaque = compute_plaque_stress(
        solution, lumen, reference=options.plaque_stress_reference, locator=locator
    )
    name, main = next(iter(readings.items()))
    lesions = lesion_indices(lumen, main.pullbacks, wall, plaque, options)
    volume = lumen_volume(solution.mesh) / MM**3
    ratio, said = ratio_of_case(lumen, volume, myocardial_mass_g, options)
    return Indices(
        lumen=lumen,
        states=states,
        pullbacks={name: reading.pullbacks for name, reading in readings.items()},
        wall=wall,
        sectors=sector_wall_shear(pieces, lumen),
        lesions=lesions if name == "hyperemic" else tuple(map(at_rest, lesions)),
        vessels=vessel_indices(lumen, readings, options),
        lumen_volume_mm3=volume,
        volume_to_mass_mm3_g=ratio,
        notes=_notes(states, said, options),
        plaque_stress=plaque,
    )


def lumen_volume(mesh: LumenMesh) -> float:
    r"""Volume of the mesh by the divergence theorem, \int x . n dA / 3 over its boundary [m3]."""
    positions, vectors = facet_quadrature(mesh.points, mesh.facets)
    return float(np.sum((positions - mesh.points.mean(axis=0)) * vectors) / 3.0)


def _states(solution: FlowSolution, resting: FlowSolution | None) -> dict[str, FlowSolution]:
    """States by name, the one that lesions and wall are read from first."""
    own = solution.boundaries.state
    if resting is None:
        return {"resting" if own == "resting" else "hyperemic": solution}
    if own == "resting" or resting.boundaries.state == "hyperemic":
        raise InputError(
            f"The first flow is {own} and the one given as resting is "
            f"{resting.boundaries.state}: give the hyperemic one first."
        )
    return {"hyperemic": solution, "resting": resting}


def _require_converged(name: str, solution: FlowSolution) -> None:
    if not solution.is_usable:
        raise NotConvergedError(
            f"The {name} flow is {solution.status.value} ({solution.message}), so its indices mean "
            "nothing; solve it, or look at them with IndexOptions(allow_unconverged=True)."
        )


def _notes(states: dict[str, FlowSolution], said: str, options: IndexOptions) -> dict[str, str]:
    """What a reader must know of the whole case."""
    notes = {
        "aps": f"Plaque stress is measured from {options.plaque_stress_reference} pressure.",
        "volume_to_mass_mm3_g": said,
    }
    if next(iter(states)) == "resting":
        notes["state"] = f"Only a resting flow was given. {AT_REST}"
    elif states["hyperemic"].boundaries.state == "unspecified":
        notes["state"] = "The boundaries do not name their state; it is taken as hyperemic."
    for name, state in states.items():
        if state.average is not None:
            notes[f"status.{name}"] = state.message
    if not all(state.is_usable for state in states.values()):
        notes["status"] = "A flow did not converge: these numbers are for looking, not for use."
    return notes
