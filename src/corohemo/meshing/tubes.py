"""Tubes: chains of lumen branches that continue one another, as arrays the kernels can read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.implicit import Sections
from corohemo.lumen import Lumen, LumenBranch
from corohemo.section_shape import extents, widened

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PAD = 12
"""Straight sections added beyond each open end, for the implicit surface only."""
PAD_STEP = 0.25
"""Their spacing [radii]."""


@dataclass(frozen=True)
class Tube:
    """Sections of one chain of branches, with straight pads beyond its open ends.

    Attributes:
        name: Name of the chain's last branch.
        centers: Section centers (n, 3) [m].
        tangents, normals, binormals: Frames (n, 3) [-].
        radii: Section radii, circle of equal area (n,) [m].
        shapes: Polar coefficients of the sections (n, 2 k); k = 0 where all are circles.
        extents: Greatest distance of each section's wall from its center (n,) [m].
        abscissas: Path length from the ostium (n,) [m].
        branch: Lumen branch index of each section (n,).
        first, last: First and last section that is lumen, not pad.
        parent: Index of the tube this one leaves, -1 for the one that holds the inlet.
        attachment: Section of the parent nearest to the start.
    """

    name: str
    centers: FloatArray
    tangents: FloatArray
    normals: FloatArray
    binormals: FloatArray
    radii: FloatArray
    shapes: FloatArray
    extents: FloatArray
    abscissas: FloatArray
    branch: IntArray
    first: int
    last: int
    parent: int
    attachment: int

    @property
    def has_ball(self) -> bool:
        """Whether the tube starts inside another one, rounded."""
        return self.parent >= 0

    @property
    def walls(self) -> Sections:
        """The sections as the implicit surface reads them."""
        return Sections(self.centers, self.tangents, self.normals, self.radii, self.shapes)

    def place(self, coordinate: float) -> tuple[int, float]:
        """Branch index and abscissa [m] at a section coordinate."""
        low = int(np.clip(np.floor(coordinate), self.first, self.last))
        high = min(low + 1, self.last)
        u = float(np.clip(coordinate - low, 0.0, 1.0))
        abscissa = (1 - u) * self.abscissas[low] + u * self.abscissas[high]
        return int(self.branch[low if u < 0.5 else high]), float(abscissa)


def _chains(lumen: Lumen) -> list[list[int]]:
    """Branch indices of each chain; the chain of the inlet first, parents before daughters."""
    chains: list[list[int]] = []
    chain_of: dict[int, int] = {}
    for index, branch in enumerate(lumen.branches):
        if branch.parent >= 0 and branch.continues:
            chain = chain_of[branch.parent]
            chains[chain].append(index)
        else:
            chain = len(chains)
            chains.append([index])
        chain_of[index] = chain
    return chains


def _joined(
    branches: list[LumenBranch], indices: list[int], harmonics: int
) -> dict[str, NDArray[np.generic]]:
    """Sections of consecutive branches; the shared section is kept once, as the parent's."""
    names = ("points", "tangents", "normals", "binormals", "radii", "abscissas")
    columns: dict[str, list[NDArray[np.generic]]] = {
        name: [] for name in (*names, "shapes", "branch")
    }
    for k, (branch, index) in enumerate(zip(branches, indices, strict=True)):
        start = 0 if k == 0 else 1
        for name in names:
            columns[name].append(getattr(branch, name)[start:])
        columns["shapes"].append(widened(branch.shapes[start:], harmonics))
        columns["branch"].append(np.full(len(branch.radii) - start, index))
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def _pad(columns: dict[str, NDArray[np.generic]], *, before: int, after: int) -> None:
    """Add straight sections at the open ends, in place."""
    for count, end, sign in ((before, 0, -1.0), (after, -1, 1.0)):
        if not count:
            continue
        step = sign * PAD_STEP * columns["radii"][end] * np.arange(1, count + 1)
        moved = columns["points"][end] + step[:, None] * columns["tangents"][end]
        for name, column in columns.items():
            added = np.repeat(column[[end]], count, axis=0)
            if name == "points":
                added = moved
            elif name == "abscissas":
                added = column[end] + step
            columns[name] = (
                np.concatenate([added[::-1], column])
                if sign < 0
                else np.concatenate([column, added])
            )


def build_tubes(lumen: Lumen, extensions: dict[str, float] | None = None) -> tuple[Tube, ...]:
    """Tubes of a lumen.

    Args:
        lumen: The lumen.
        extensions: Length [m] by which the inlet (key "inlet") or an outlet (key its branch) is
            drawn out straight.

    Returns:
        The tubes; the first one holds the inlet.
    """
    extensions = extensions or {}
    chains = _chains(lumen)
    tube_of = {index: k for k, chain in enumerate(chains) for index in chain}
    harmonics = max(branch.shapes.shape[1] // 2 for branch in lumen.branches)
    tubes: list[Tube] = []
    for chain in chains:
        branches = [lumen.branches[i] for i in chain]
        columns = _joined(branches, chain, harmonics)
        parent_branch = branches[0].parent
        longer = [
            int(np.ceil(extensions.get(key, 0.0) / (PAD_STEP * columns["radii"][end])))
            for key, end in (("inlet", 0), (branches[-1].name, -1))
        ]
        before = PAD + longer[0] if parent_branch < 0 else 0
        _pad(columns, before=before, after=PAD + longer[1])
        parent, attachment = -1, -1
        if parent_branch >= 0:
            parent = tube_of[parent_branch]
            gaps = np.linalg.norm(tubes[parent].centers - columns["points"][0], axis=1)
            attachment = int(np.argmin(gaps))
        radii = np.ascontiguousarray(columns["radii"], dtype=np.float64)
        shapes = np.ascontiguousarray(columns["shapes"], dtype=np.float64)
        tubes.append(
            Tube(
                name=branches[-1].name,
                centers=np.ascontiguousarray(columns["points"], dtype=np.float64),
                tangents=np.ascontiguousarray(columns["tangents"], dtype=np.float64),
                normals=np.ascontiguousarray(columns["normals"], dtype=np.float64),
                binormals=np.ascontiguousarray(columns["binormals"], dtype=np.float64),
                radii=radii,
                shapes=shapes,
                extents=radii * extents(shapes),
                abscissas=np.ascontiguousarray(columns["abscissas"], dtype=np.float64),
                branch=np.asarray(columns["branch"], dtype=np.int64),
                first=PAD if parent_branch < 0 else 0,
                last=len(columns["radii"]) - 1 - PAD,
                parent=parent,
                attachment=attachment,
            )
        )
    return tuple(tubes)
