"""The lumen: circular sections along every branch, healthy radius, lesions.

A lumen is made by ``build_lumen``, and edited copies of it by ``with_stent`` and
``without_lesion``. Everything downstream (mesh, reduced model, indices, report) reads the arrays
of this file and nothing of the tree it came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError
from corohemo.lumen_branch import LumenBranch, Section
from corohemo.lumen_options import LumenOptions
from corohemo.units import ML, MM

__all__ = ["Lesion", "Lumen", "LumenBranch", "LumenOptions", "Section"]


@dataclass(frozen=True)
class Lesion:
    """A narrowing against the healthy radius, on one branch.

    Attributes:
        name: ``<branch>-1`` for the most proximal one of its branch, then ``<branch>-2``, ...
        branch: Name of the branch.
        start: Abscissa of its proximal border [m].
        throat: Abscissa of the greatest narrowing, which is the minimum lumen area but for the
            vessel's taper [m].
        end: Abscissa of its distal border [m].
        percent_diameter_stenosis: Narrowing of the diameter at the throat [%].
        percent_area_stenosis: Narrowing of the area at the throat [%].
        minimum_lumen_area: Area at the throat [m2].
        reference_diameter: Healthy diameter at the throat [m].
        radius_gradient_upstream: (r_start - r_throat) / (throat - start) [-].
        radius_gradient_downstream: (r_end - r_throat) / (end - throat) [-].
    """

    name: str
    branch: str
    start: float
    throat: float
    end: float
    percent_diameter_stenosis: float
    percent_area_stenosis: float
    minimum_lumen_area: float
    reference_diameter: float
    radius_gradient_upstream: float
    radius_gradient_downstream: float

    @property
    def length(self) -> float:
        """Distance between the borders [m]."""
        return self.end - self.start

    @property
    def minimum_lumen_diameter(self) -> float:
        """Diameter at the throat [m]."""
        return float(2.0 * np.sqrt(self.minimum_lumen_area / np.pi))


@dataclass(frozen=True)
class Lumen:
    """A tree of lumen branches; ``branches[0]`` starts at the ostium, parents precede daughters.

    Attributes:
        branches: The branches, in the order of the tree.
        lesions: The lesions, branch by branch, proximal first.
        source: Where the tree came from, for messages and provenance.
        notes: One sentence per thing that was repaired, edited or is unusual.
        options: The choices it was built with; they also grade its edited copies.
        surface: Points (n, 3) [m] and outward triangles (m, 3) of the closed surface it was made
            from, None for others.
    """

    branches: tuple[LumenBranch, ...]
    lesions: tuple[Lesion, ...]
    source: str = "arrays"
    notes: tuple[str, ...] = ()
    options: LumenOptions = field(default_factory=LumenOptions)
    surface: tuple[NDArray[np.float64], NDArray[np.int64]] | None = None

    def children(self, index: int) -> tuple[int, ...]:
        """Indices of the daughters of branch ``index``."""
        return tuple(i for i, branch in enumerate(self.branches) if branch.parent == index)

    @cached_property
    def outlets(self) -> tuple[int, ...]:
        """Indices of the branches without daughters, in order."""
        parents = {branch.parent for branch in self.branches}
        return tuple(i for i in range(len(self.branches)) if i not in parents)

    @cached_property
    def outlet_names(self) -> tuple[str, ...]:
        """Names of the branches without daughters, in order."""
        return tuple(self.branches[i].name for i in self.outlets)

    def path(self, index: int) -> tuple[int, ...]:
        """Branch indices from the ostium to branch ``index``, inclusive."""
        path = [index]
        while self.branches[path[-1]].parent >= 0:
            path.append(self.branches[path[-1]].parent)
        return tuple(reversed(path))

    def vessel(self, index: int) -> tuple[int, ...]:
        """Indices of the branches that continue one another through ``index``, proximal first."""
        vessel = [index]
        while self.branches[vessel[0]].continues:
            vessel.insert(0, self.branches[vessel[0]].parent)
        while further := [i for i in self.children(vessel[-1]) if self._continues(i)]:
            vessel += further
        return tuple(vessel)

    def index(self, name: str) -> int:
        """Index of the branch called ``name``.

        Raises:
            GeometryError: If there is none.
        """
        names = [branch.name for branch in self.branches]
        if name not in names:
            known = ", ".join(names)
            raise GeometryError(
                f"There is no branch {name!r} in {self.source}; there are: {known}."
            )
        return names.index(name)

    def branch(self, name: str) -> LumenBranch:
        """The branch called ``name``.

        Raises:
            GeometryError: If there is none.
        """
        return self.branches[self.index(name)]

    def lesion(self, name: str) -> Lesion:
        """The lesion called ``name``.

        Raises:
            GeometryError: If there is none.
        """
        for candidate in self.lesions:
            if candidate.name == name:
                return candidate
        known = ", ".join(lesion.name for lesion in self.lesions) or "none"
        raise GeometryError(f"There is no lesion {name!r} in {self.source}; there are: {known}.")

    def section_at(self, branch: str, abscissa: float) -> Section:
        """The section of a branch at a path length from the ostium [m].

        Raises:
            GeometryError: If there is no such branch, or the abscissa is not on it.
        """
        return self.branch(branch).section_at(abscissa)

    @property
    def inlet_plane(self) -> Section:
        """The section at the ostium; its tangent points into the lumen."""
        return self.branches[0].section_at(float(self.branches[0].abscissas[0]))

    def outlet_plane(self, name: str) -> Section:
        """The section at the end of outlet ``name``; its tangent points out of the lumen.

        Raises:
            GeometryError: If there is no such outlet.
        """
        if name not in self.outlet_names:
            known = ", ".join(self.outlet_names)
            raise GeometryError(
                f"There is no outlet {name!r} in {self.source}; there are: {known}."
            )
        branch = self.branch(name)
        return branch.section_at(float(branch.abscissas[-1]))

    def with_stent(
        self,
        branch: str,
        start_mm: float,
        end_mm: float,
        diameter_mm: float,
        *,
        transition_mm: float | None = None,
    ) -> Lumen:
        """A new lumen with a stent expanded in it; healthy radii and lesions are found anew.

        The lumen becomes as wide as the stent where it is narrower and stays as it is where it is
        wider. Centers and frames stay, and so do all radii beyond the transitions.

        Args:
            branch: Name of the branch.
            start_mm: Path length from the ostium to the stent's proximal edge [mm].
            end_mm: Path length from the ostium to its distal edge [mm].
            diameter_mm: Inner diameter of the expanded stent [mm].
            transition_mm: Length beyond each edge over which the widening fades, smoothly [mm];
                half the stent's diameter if None.

        Returns:
            The edited lumen; its ``notes`` say what was done.

        Raises:
            InputError: If a length is not a positive number.
            GeometryError: If there is no such branch, the span is not on it or passes a
                bifurcation, or the lumen is wider than the stent all along it.
        """
        from corohemo.lumen_edit import place_stent

        return place_stent(self, branch, start_mm, end_mm, diameter_mm, transition_mm=transition_mm)

    def without_lesion(self, *names: str, transition_mm: float | None = None) -> Lumen:
        """A new lumen at its healthy radius along lesions; the others are found and named anew.

        Args:
            names: Names of lesions of this lumen.
            transition_mm: Length beyond each border over which the widening fades, smoothly [mm];
                half the healthy diameter if None.

        Returns:
            The edited lumen; its ``notes`` say what was done.

        Raises:
            InputError: If no lesion is named, or the transition is not a positive number.
            GeometryError: If there is no lesion of that name.
        """
        from corohemo.lumen_edit import remove_lesions

        return remove_lesions(self, names, transition_mm=transition_mm)

    @property
    def length(self) -> float:
        """Length of all branches together [m]."""
        return sum(branch.length for branch in self.branches)

    def volume(self) -> float:
        """Volume of the tubes [m3], daughters counted from where they leave their parent.

        The sections are taken as frusta, so bifurcations are exact only to the size of their
        blend; a bent tube's volume is its area times its length (Pappus).
        """
        total = 0.0
        for index, branch in enumerate(self.branches):
            inner, outer = branch.radii[:-1], branch.radii[1:]
            area = np.pi / 3.0 * (inner**2 + inner * outer + outer**2)
            kept = self.is_outside_parent(index)[1:]
            total += float(np.sum(area * np.diff(branch.abscissas) * kept))
        return total

    def is_outside_parent(self, index: int) -> NDArray[np.bool_]:
        """Whether each section center of a branch lies outside the vessel it leaves (n,).

        True everywhere on the first branch and on branches that continue their parent.
        """
        branch = self.branches[index]
        outside = np.ones(len(branch.radii), dtype=bool)
        if branch.parent < 0 or branch.continues:
            return outside
        vessel = [self.branches[branch.parent]]
        vessel += [self.branches[i] for i in self.children(branch.parent) if self._continues(i)]
        centers = np.concatenate([part.points for part in vessel])
        radii = np.concatenate([part.radii for part in vessel])
        for i, point in enumerate(branch.points):
            outside[i] = np.all(np.linalg.norm(centers - point, axis=1) > radii)
            if outside[i]:
                break
        return outside

    def summary(self) -> str:
        """Branches and lesions as text, in millimetres."""
        lines = [repr(self)]
        for branch in self.branches:
            start, end = 2.0 * branch.radii[[0, -1]] / MM
            extent = f"{branch.length / MM:.1f} mm, diameter {start:.2f} to {end:.2f} mm"
            lines.append(f"  {branch.name}: {extent}")
        lines += [
            f"  lesion {lesion.name}: {lesion.percent_diameter_stenosis:.0f} % of the diameter, "
            f"{lesion.length / MM:.1f} mm long, throat at {lesion.throat / MM:.1f} mm"
            for lesion in self.lesions
        ]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def _continues(self, index: int) -> bool:
        return self.branches[index].continues

    def __repr__(self) -> str:
        """One line: what and how much."""
        return (
            f"<Lumen of {self.source}: {len(self.branches)} branches, {len(self.outlets)} outlets, "
            f"{len(self.lesions)} lesions, {self.length / MM:.0f} mm, {self.volume() / ML:.2f} mL>"
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary())}</pre>"
