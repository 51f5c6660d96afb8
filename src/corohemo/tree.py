"""The vessel tree as it was read: branches of centerline points with radii, in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corohemo.errors import GeometryError
from corohemo.units import length_factor

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Branch:
    """One unbranched run of centerline, proximal to distal.

    Attributes:
        name: Label, unique in the tree.
        points: Centerline points (n, 3) [m]. The first point of a daughter is the bifurcation point
            on its parent.
        radii: Lumen radius at each point (n,) [m]: of the circle of equal area, or of the maximum
            inscribed sphere, as the file says.
        parent: Index of the parent branch, -1 at the ostium.
        start_abscissa: Path length from the ostium to the first point [m].
        contours: Closed contours of the lumen across the branch, each (m, 3) [m], proximal first;
            none where only the radius is known.
    """

    name: str
    points: FloatArray
    radii: FloatArray
    parent: int
    start_abscissa: float
    contours: tuple[FloatArray, ...] = ()

    @cached_property
    def abscissas(self) -> FloatArray:
        """Path length from the ostium at each point (n,) [m]."""
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return self.start_abscissa + np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length(self) -> float:
        """Length of the branch [m]."""
        return float(self.abscissas[-1] - self.abscissas[0])


@dataclass(frozen=True)
class VesselTree:
    """A tree of branches; ``branches[0]`` starts at the ostium, parents precede daughters.

    Attributes:
        branches: The branches.
        source: Where the tree came from (a file name, or "arrays"), for messages and provenance.
        notes: One sentence per thing that was repaired or decided when it was read.
        surface: Points (n, 3) [m] and outward triangles (m, 3) of the closed surface it was made
            from, None for others.
    """

    branches: tuple[Branch, ...]
    source: str = "arrays"
    notes: tuple[str, ...] = ()
    surface: tuple[FloatArray, NDArray[np.int64]] | None = None

    @classmethod
    def from_arrays(
        cls,
        points: ArrayLike,
        radii: ArrayLike,
        parents: ArrayLike,
        *,
        length_unit: str,
        names: Sequence[str] | None = None,
        contours: Sequence[FloatArray | None] | None = None,
        source: str = "arrays",
        check_scale: bool = True,
    ) -> VesselTree:
        """Build a tree from points that each name their parent.

        Branches end where a point has two or more children, and come in depth-first order with the
        widest daughter first. They are called ``branch0``, ``branch1``, ... in that order, or after
        ``names``; a label that covers several branches is numbered from the ostium on: ``LAD``,
        ``LAD.2``, ``LAD.3``.

        Points on top of their parent are merged. Where that happens at a bifurcation, the daughter
        starts with the radius of the merged point; every other daughter starts with the radius of
        the bifurcation point.

        Args:
            points: Centerline points in any order (n, 3) [``length_unit``].
            radii: Lumen radius at each point (n,) [``length_unit``].
            parents: Index of each point's parent (n,), -1 at the ostium.
            length_unit: "mm", "cm", "m" or "um".
            names: Label of the branch that each point belongs to (n,); "" for none.
            contours: Closed contour of the lumen at each point (n,), each (m, 3)
                [``length_unit``], None where there is none. One at a bifurcation is the parent's.
            source: Where the arrays came from, for messages and provenance.
            check_scale: Refuse radii that no coronary artery has. Turn it off for other vessels.

        Returns:
            The tree in metres.

        Raises:
            InputError: If an array has the wrong shape or a value that is not a finite number.
            UnitError: If the unit is unknown, or the radii are implausible in it.
            GeometryError: If a radius is not positive, or the parents do not form one tree that
                has an outlet.
        """
        from corohemo import nodes as node_list
        from corohemo.topology import split_branches

        nodes = node_list.check_nodes(points, radii, parents, names=names, source=source)
        factor = length_factor(length_unit)
        if check_scale:
            node_list.check_scale(nodes, length_unit, source=source)
        runs = split_branches(nodes, source=source)
        branches: list[Branch] = []
        for run in runs:
            start = branches[run.parent].abscissas[-1] if run.parent >= 0 else 0.0
            branches.append(
                Branch(
                    name=run.name,
                    points=nodes.points[run.nodes] * factor,
                    radii=run.radii * factor,
                    parent=run.parent,
                    start_abscissa=float(start),
                    contours=_contours(contours, run.nodes[int(run.parent >= 0) :], factor),
                )
            )
        return cls(branches=tuple(branches), source=source)

    def children(self, index: int) -> tuple[int, ...]:
        """Indices of the daughters of branch ``index``."""
        return tuple(i for i, branch in enumerate(self.branches) if branch.parent == index)

    @cached_property
    def outlets(self) -> tuple[int, ...]:
        """Indices of the branches without daughters."""
        parents = {branch.parent for branch in self.branches}
        return tuple(i for i in range(len(self.branches)) if i not in parents)

    @cached_property
    def outlet_names(self) -> tuple[str, ...]:
        """Names of the branches without daughters, in order."""
        return tuple(self.branches[i].name for i in self.outlets)

    @property
    def length(self) -> float:
        """Length of all branches together [m]."""
        return sum(branch.length for branch in self.branches)

    def branch(self, name: str) -> Branch:
        """The branch called ``name``.

        Raises:
            GeometryError: If there is none.
        """
        for candidate in self.branches:
            if candidate.name == name:
                return candidate
        known = ", ".join(branch.name for branch in self.branches)
        raise GeometryError(f"There is no branch {name!r} in {self.source}; there are: {known}.")

    def path(self, index: int) -> tuple[int, ...]:
        """Branch indices from the ostium to branch ``index``, inclusive."""
        path = [index]
        while self.branches[path[-1]].parent >= 0:
            path.append(self.branches[path[-1]].parent)
        return tuple(reversed(path))


def _contours(
    contours: Sequence[FloatArray | None] | None, nodes: NDArray[np.int64], factor: float
) -> tuple[FloatArray, ...]:
    """Contours of the nodes that have one [m]."""
    if not contours:
        return ()
    found = (contours[node] for node in nodes)
    return tuple(factor * contour for contour in found if contour is not None)
