"""Sections of a lumen as weights of a mesh's nodal values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError
from corohemo.indices.locator import PointLocator
from corohemo.indices.options import IndexOptions
from corohemo.kernels.sections import disk_rule, section_points
from corohemo.kernels.tetrahedra import shapes_at
from corohemo.lumen import Lumen, LumenBranch
from corohemo.meshing.mesh import LumenMesh
from corohemo.probes import SectionProbes
from corohemo.section_shape import relative_radii
from corohemo.units import MM

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

N_RINGS, N_ANGLES = 4, 12
STRAY = 0.05
"""Part of the radius that a section's point may lie outside the mesh and still be read."""


@dataclass(frozen=True, eq=False)
class BranchSections:
    """Sections of one branch.

    Attributes:
        chosen: Their indices among the branch's points (k,).
        means: Weights of the nodal values in the means over them (k, n_nodes), sparse; those of a
            section sum to one.
        covered: Part of each section's area that lies in the mesh (k,).
    """

    chosen: IntArray
    means: Any
    covered: FloatArray


def branch_sections(
    locator: PointLocator, branch: LumenBranch, *, step: float = 0.5 * MM
) -> BranchSections:
    """Sections of a branch, at least about ``step`` [m] apart, both ends included.

    Raises:
        GeometryError: If less than half of a section lies in the mesh.
    """
    from scipy.sparse import csr_array

    chosen = _thin(branch.abscissas, step)
    disk, weights = _section_rule(branch.shapes[chosen])
    targets = section_points(
        branch.points[chosen],
        branch.normals[chosen],
        branch.binormals[chosen],
        branch.radii[chosen],
        disk,
    )
    cell, reference, distance = locator.locate(targets.reshape(-1, 3))
    inside = distance.reshape(len(chosen), -1) <= STRAY * branch.radii[chosen, None]
    share = inside * weights
    covered = share.sum(axis=1)
    if np.any(covered < 0.5):
        lost = chosen[np.argmin(covered)]
        raise GeometryError(
            "less than half of the section lies in the mesh; give the lumen that was meshed.",
            branch=branch.name,
            abscissa=float(branch.abscissas[lost]),
        )
    nodes = locator.mesh.cells[cell]
    values = (share / covered[:, None]).reshape(-1, 1) * shapes_at(reference)
    starts = np.arange(len(chosen) + 1) * (values.size // len(chosen))
    shape = (len(chosen), len(locator.mesh.points))
    means = csr_array((values.ravel(), nodes.ravel(), starts), shape=shape)
    means.sum_duplicates()
    return BranchSections(chosen, means, covered)


def section_probes(
    mesh: LumenMesh,
    lumen: Lumen,
    options: IndexOptions | None = None,
    *,
    locator: PointLocator | None = None,
) -> SectionProbes:
    """The sections that a pullback reads, for ``solve_flow`` to read in every time step.

    Args:
        mesh: The mesh.
        lumen: Lumen it came from.
        options: Section spacing.
        locator: Locator of the mesh; made if None.

    Raises:
        GeometryError: If a section lies outside the mesh.
    """
    from scipy.sparse import vstack

    options, locator = options or IndexOptions(), locator or PointLocator.of(mesh)
    step = options.section_step_mm * MM
    sections = [branch_sections(locator, branch, step=step) for branch in lumen.branches]
    parts = list(zip(lumen.branches, sections, strict=True))
    return SectionProbes(
        branches=tuple(branch.name for branch, found in parts for _ in found.chosen),
        abscissa=np.concatenate([branch.abscissas[found.chosen] for branch, found in parts]),
        weights=vstack([found.means for found in sections], format="csr"),
    )


def _section_rule(shapes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points (n, q, 2) of sections of unit radius, and parts of the area (n, q)."""
    disk, weights = disk_rule(N_RINGS, N_ANGLES)
    factors = relative_radii(shapes, np.arctan2(disk[:, 1], disk[:, 0]))
    parts = weights * factors**2
    return factors[..., None] * disk, parts / parts.sum(axis=1)[:, None]


def _thin(abscissas: FloatArray, step: float) -> IntArray:
    """Indices of points at least about ``step`` apart, both ends included."""
    n_steps = max(round(float(abscissas[-1] - abscissas[0]) / step), 1)
    wanted = np.linspace(abscissas[0], abscissas[-1], n_steps + 1)
    nearest = np.abs(abscissas[:, None] - wanted[None, :]).argmin(axis=0)
    return np.unique(nearest).astype(np.int64)
