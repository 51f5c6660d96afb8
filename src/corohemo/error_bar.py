"""How far from the exact solution is each FFR? The change that cubic elements on its cells make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corohemo.errors import ConfigError
from corohemo.indices.distal import read_distal
from corohemo.indices.ffr import compute_ffr, main_path, vessel_path
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import Pullback
from corohemo.indices.sampling import PointLocator
from corohemo.indices.vessels import lesion_specific
from corohemo.lumen import Lumen
from corohemo.solvers.cubic import solve_cubic
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.solution import FlowSolution, SolveStats
from corohemo.solvers.transient_solution import TransientSolution
from corohemo.units import MM

FLOOR = 1.0 / 3.0
"""Least bar over the largest change of an FFR in the tree: some changes are small by chance, and
cubic elements too have an error, which was up to 0.4 of it on the trees of the benchmark."""


@dataclass(frozen=True)
class FfrErrors:
    """Numerical error bars of the FFRs of one flow, as magnitudes.

    Attributes:
        outlets: Of the FFR at each outlet, by its name [-].
        lesions: Of the FFR behind each lesion, by its name [-].
        vessels: Of the FFR that stands for each vessel, by the name of its outlet [-].
        outlet_changes: What cubic elements add to the FFR at each outlet, with sign [-].
        lesion_changes: The same behind each lesion [-].
        stats: Effort of the cubic solve.
    """

    outlets: Mapping[str, float]
    lesions: Mapping[str, float]
    vessels: Mapping[str, float]
    outlet_changes: Mapping[str, float]
    lesion_changes: Mapping[str, float]
    stats: SolveStats


def estimate_ffr_error(
    solution: FlowSolution,
    lumen: Lumen,
    options: IndexOptions | None = None,
    *,
    solver: SteadyOptions | None = None,
) -> FfrErrors:
    """Numerical error of each FFR, from the same flow with cubic elements on the same cells.

    The cubic flow is of higher order, so that its distance from the quadratic one is about the
    error of the latter on these cells, for all outlets and lesions at once. A bar is the change of
    its FFR, and no less than a third of the largest change at an outlet or behind a lesion of the
    tree. What is not in it: the mesh's wall against the lumen's, and whatever is wrong with the
    lumen or the boundary conditions.

    Args:
        solution: A steady flow with the pressures of FFR.
        lumen: Lumen the mesh came from.
        options: Where FFR is read.
        solver: Options that the flow was solved with.

    Returns:
        The error bars. The cubic solve takes two to three times as long as the flow itself, and
        its matrix five to six times the room.

    Raises:
        ConfigError: If the flow is pulsatile.
        InputError: If the field belongs to another lumen, or the inlet pressure is not positive.
        MissingDependencyError: If DOLFINx is not installed.
        NotConvergedError: If the flow did not converge, or cubic elements find none near it.
    """
    if isinstance(solution, TransientSolution):
        raise ConfigError(
            "The numerical error is estimated of steady flows only; this one is pulsatile.",
            field="solution",
        )
    options = options or IndexOptions()
    cubic = solve_cubic(solution, solver)
    locator = PointLocator.of(solution.mesh)
    own = compute_ffr(solution, lumen, options, locator=locator)
    better = compute_ffr(cubic, lumen, options, locator=locator)
    change = [replace(a, ffr=b.ffr - a.ffr) for a, b in zip(own, better, strict=True)]
    outlets = {
        name: float(change[outlet].ffr[-1])
        for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True)
    }
    lesions = _at_lesions(own, change, lumen, options)
    least = FLOOR * max(abs(value) for value in (*outlets.values(), *lesions.values()))

    def bars(changes: Mapping[str, float]) -> dict[str, float]:
        return {name: max(abs(value), least) for name, value in changes.items()}

    return FfrErrors(
        outlets=bars(outlets),
        lesions=bars(lesions),
        vessels=bars(_at_vessels(own, change, lumen, options)),
        outlet_changes=outlets,
        lesion_changes=lesions,
        stats=cubic.stats,
    )


def _at_lesions(
    own: Sequence[Pullback], change: Sequence[Pullback], lumen: Lumen, options: IndexOptions
) -> dict[str, float]:
    """Change of FFR where that of each lesion is read."""
    found = {}
    for lesion in lumen.lesions:
        branches = main_path(lumen, lumen.index(lesion.branch))
        place = read_distal(
            vessel_path(own, lumen, branches),
            lesion,
            distance=options.distal_reading_mm * MM,
            lesions=lumen.lesions,
        )
        found[lesion.name] = vessel_path(change, lumen, branches).ffr_at(place.abscissa)
    return found


def _at_vessels(
    own: Sequence[Pullback], change: Sequence[Pullback], lumen: Lumen, options: IndexOptions
) -> dict[str, float]:
    """Change of FFR where that of each vessel is read."""
    found = {}
    for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
        branches = lumen.path(outlet)
        place = lesion_specific(lumen, vessel_path(own, lumen, branches), options, {})
        found[name] = vessel_path(change, lumen, branches).ffr_at(place.abscissa)
    return found
