"""How far from the exact solution is each FFR?

Two changes tell: what cubic elements on the same cells make of it, and, given a flow on a coarser
mesh, what the other cells make of the cubic one. The first holds the error of the elements, the
second that of the mesh's wall, which no element on the same cells can see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corohemo.errors import ConfigError
from corohemo.indices.distal import read_distal
from corohemo.indices.ffr import compute_ffr, main_path, vessel_path
from corohemo.indices.locator import PointLocator
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import Pullback
from corohemo.indices.vessels import lesion_specific
from corohemo.lumen import Lumen
from corohemo.solvers.cubic import solve_cubic
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.solution import FlowSolution, SolveStats
from corohemo.solvers.transient_solution import TransientSolution
from corohemo.units import MM

COARSE = 0.7
"""Refinement of the coarser mesh over that of the flow; its cells are a third as many."""
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
        outlet_wall_changes: What the cells add to the cubic FFR at each outlet over a coarser
            mesh's, with sign [-]; None without one.
        lesion_wall_changes: The same behind each lesion [-].
        stats: Effort of the cubic solve.
    """

    outlets: Mapping[str, float]
    lesions: Mapping[str, float]
    vessels: Mapping[str, float]
    outlet_changes: Mapping[str, float]
    lesion_changes: Mapping[str, float]
    outlet_wall_changes: Mapping[str, float] | None
    lesion_wall_changes: Mapping[str, float] | None
    stats: SolveStats


def estimate_ffr_error(
    solution: FlowSolution,
    lumen: Lumen,
    options: IndexOptions | None = None,
    *,
    coarse: FlowSolution | None = None,
    solver: SteadyOptions | None = None,
) -> FfrErrors:
    """Numerical error of each FFR, from the same flow with cubic elements on the same cells.

    The cubic flow is of higher order, so that its distance from the quadratic one is about the
    error of the latter on these cells, for all outlets and lesions at once. With a flow on a
    coarser mesh the distance between both cubic flows tells what the mesh's wall does; without one
    it is not in the bars. A bar is the larger of both changes of its FFR, and no less than a third
    of the largest change by cubic elements at an outlet or behind a lesion of the tree. Whatever is
    wrong with the lumen or the boundary conditions is not in it.

    Args:
        solution: A steady flow with the pressures of FFR.
        lumen: Lumen the mesh came from.
        options: Where FFR is read.
        coarse: The same flow on a mesh of the same lumen with ``COARSE`` times the refinement.
        solver: Options that the flow was solved with.

    Returns:
        The error bars. The cubic solve takes two to three times as long as the flow itself, and
        its matrix five to six times the room; that of the coarser flow takes a third of both.

    Raises:
        ConfigError: If a flow is pulsatile.
        InputError: If a field belongs to another lumen, or the inlet pressure is not positive.
        MissingDependencyError: If DOLFINx is not installed.
        NotConvergedError: If a flow did not converge, or cubic elements find none near it.
    """
    if isinstance(solution, TransientSolution) or isinstance(coarse, TransientSolution):
        raise ConfigError(
            "The numerical error is estimated of steady flows only; this one is pulsatile.",
            field="solution",
        )
    options = options or IndexOptions()
    cubic = solve_cubic(solution, solver)
    locator = PointLocator.of(solution.mesh)
    own = compute_ffr(solution, lumen, options, locator=locator)
    better = compute_ffr(cubic, lumen, options, locator=locator)
    elements = _Changes.of(own, _less(better, own), lumen, options)
    wall = None
    if coarse is not None:
        other = compute_ffr(solve_cubic(coarse, solver), lumen, options)
        wall = _Changes.of(own, _less(better, other), lumen, options)
    least = FLOOR * max(map(abs, (*elements.outlets.values(), *elements.lesions.values())))

    def bars(group: str) -> dict[str, float]:
        found = {name: max(abs(value), least) for name, value in getattr(elements, group).items()}
        other = getattr(wall, group) if wall is not None else {}
        return {name: max(bar, abs(other.get(name, 0.0))) for name, bar in found.items()}

    return FfrErrors(
        outlets=bars("outlets"),
        lesions=bars("lesions"),
        vessels=bars("vessels"),
        outlet_changes=elements.outlets,
        lesion_changes=elements.lesions,
        outlet_wall_changes=None if wall is None else wall.outlets,
        lesion_wall_changes=None if wall is None else wall.lesions,
        stats=cubic.stats,
    )


def _less(one: Sequence[Pullback], other: Sequence[Pullback]) -> list[Pullback]:
    """Pullbacks that hold the differences of FFR."""
    return [replace(a, ffr=a.ffr - b.ffr) for a, b in zip(one, other, strict=True)]


@dataclass(frozen=True)
class _Changes:
    """Changes of FFR at the outlets, behind the lesions and where each vessel is read."""

    outlets: dict[str, float]
    lesions: dict[str, float]
    vessels: dict[str, float]

    @classmethod
    def of(
        cls,
        own: Sequence[Pullback],
        change: Sequence[Pullback],
        lumen: Lumen,
        options: IndexOptions,
    ) -> _Changes:
        """Read the changes where the flow's ``own`` FFRs are read."""
        ends = zip(lumen.outlets, lumen.outlet_names, strict=True)
        return cls(
            {name: float(change[outlet].ffr[-1]) for outlet, name in ends},
            _at_lesions(own, change, lumen, options),
            _at_vessels(own, change, lumen, options),
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
