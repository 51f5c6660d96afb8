"""Read a flow field anywhere: at points, over faces, over sections of the lumen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError, InputError
from corohemo.indices.results import Pullback
from corohemo.kernels.cell_hash import CellGrid, cell_boxes, cell_planes, hash_cells
from corohemo.kernels.sections import disk_rule, section_points
from corohemo.kernels.tetrahedra import interpolate, locate_points
from corohemo.lumen import Lumen, LumenBranch
from corohemo.meshing.mesh import LumenMesh
from corohemo.section_shape import relative_radii
from corohemo.solvers.solution import FlowSolution
from corohemo.units import ML_PER_MIN, MM, MMHG

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BIN = 0.45
"""Width of a bin over the median size of a cell."""
MOST_BINS = 4_000_000
N_RINGS, N_ANGLES = 4, 12
STRAY = 0.05
"""Part of the radius that a section's point may lie outside the mesh and still be read."""


@dataclass(frozen=True)
class PointLocator:
    """Cells of a mesh, hashed for fast point location.

    Attributes:
        mesh: The mesh.
        grid: Boxes and planes of its cells, and bins [m].
        starts, members: Cells in each bin, as compressed rows.
    """

    mesh: LumenMesh
    grid: CellGrid
    starts: IntArray
    members: IntArray

    @classmethod
    def of(cls, mesh: LumenMesh) -> PointLocator:
        """Hash the cells of ``mesh`` into bins of about their size."""
        lower, upper = cell_boxes(mesh.points, mesh.cells)
        extent = upper.max(axis=0) - lower.min(axis=0)
        step = BIN * float(np.median((upper - lower).max(axis=1)))
        step = max(step, float(np.cbrt(np.prod(extent) / MOST_BINS)))
        shape = np.floor(extent / step).astype(np.int64) + 1
        planes = cell_planes(mesh.points, mesh.cells)
        grid = CellGrid(lower, upper, planes, lower.min(axis=0), step, shape)
        return cls(mesh, grid, *hash_cells(grid))

    def locate(self, targets: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """Cell (k,), reference coordinates (k, 3) and distance to the mesh (k,) [m] of points."""
        cell, reference, distance = locate_points(
            np.ascontiguousarray(targets),
            self.mesh.points,
            self.mesh.cells,
            self.grid,
            self.starts,
            self.members,
        )
        return cell, reference, distance

    def interpolate(self, values: FloatArray, cell: IntArray, reference: FloatArray) -> FloatArray:
        """A nodal field (n, c) at located points (k, c)."""
        field: FloatArray = interpolate(values, self.mesh.cells, cell, reference)
        return field


def face_means(solution: FlowSolution, face: str) -> tuple[float, float]:
    """Area-mean pressure [Pa] of a face and flow through it, ostium to outlet [m3/s]."""
    pressure = solution.face_pressure_mmhg(face) * MMHG
    return pressure, solution.face_flow_ml_min(face) * ML_PER_MIN


def check_lumen(solution: FlowSolution, lumen: Lumen) -> None:
    """Refuse a flow that was computed on the mesh of another lumen.

    Raises:
        InputError: If the faces of the mesh are not those of the lumen.
    """
    expected = ("inlet", *(f"outlet:{name}" for name in lumen.outlet_names), "wall")
    if tuple(solution.mesh.faces) != expected:
        raise InputError(
            f"The flow has the faces {', '.join(solution.mesh.faces)} but the lumen has "
            f"{', '.join(expected)}: give the lumen that was meshed."
        )


def branch_flows(solution: FlowSolution, lumen: Lumen) -> FloatArray:
    """Flow through each branch, the sum of the outlets behind it (n_branches,) [m3/s]."""
    flows = np.zeros(len(lumen.branches))
    for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
        _, flow = face_means(solution, f"outlet:{name}")
        flows[list(lumen.path(outlet))] += flow
    return flows


def sample_branch(
    solution: FlowSolution, locator: PointLocator, branch: LumenBranch, *, step: float = 0.5 * MM
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Section means along one branch.

    Args:
        solution: Flow field.
        locator: Locator of the field's mesh.
        branch: Branch whose sections are read.
        step: Least distance between sections [m].

    Returns:
        Area-mean pressure (k,) [Pa], flow through the section (k,) [m3/s], section index (k,).

    Raises:
        GeometryError: If less than half of a section lies in the mesh.
    """
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
    fields = np.column_stack([solution.velocity, solution.pressure])
    values = locator.interpolate(fields, cell, reference).reshape(len(chosen), disk.shape[-2], 4)
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
    pressure = np.sum(share * values[..., 3], axis=1) / covered
    axial = np.einsum("kqd,kd->kq", values[..., :3], branch.tangents[chosen])
    flow = np.pi * branch.radii[chosen] ** 2 * np.sum(share * axial, axis=1)
    return pressure, flow, chosen


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


def sample_pullbacks(
    solution: FlowSolution, lumen: Lumen, locator: PointLocator, *, step: float = 0.5 * MM
) -> tuple[Pullback, ...]:
    """Section means along every branch, with the faces' means at the inlet and the outlets.

    Args:
        solution: Flow field.
        lumen: Lumen the mesh came from.
        locator: Locator of the field's mesh.
        step: Least distance between sections [m].

    Returns:
        One pullback per branch, in the lumen's order.

    Raises:
        InputError: If the field belongs to another lumen, or the inlet pressure is not positive.
        GeometryError: If a section lies outside the mesh.
    """
    check_lumen(solution, lumen)
    aortic_pressure, inflow = face_means(solution, "inlet")
    if aortic_pressure <= 0:
        raise InputError(
            f"The mean pressure at the inlet is {aortic_pressure:.4g} Pa; FFR needs a positive "
            "one: give the outlets their pressures above atmosphere."
        )
    pullbacks = []
    for index, branch in enumerate(lumen.branches):
        pressure, flow, chosen = sample_branch(solution, locator, branch, step=step)
        if branch.parent < 0:
            pressure[0], flow[0] = aortic_pressure, inflow
        if index in lumen.outlets:
            pressure[-1], flow[-1] = face_means(solution, f"outlet:{branch.name}")
        pullbacks.append(
            Pullback(
                branch=branch.name,
                abscissa=branch.abscissas[chosen],
                radius=branch.radii[chosen],
                pressure=pressure,
                ffr=pressure / aortic_pressure,
                flow=flow,
            )
        )
    return tuple(pullbacks)
