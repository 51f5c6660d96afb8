"""Sensors in a lumen mesh, and what comes out of catheters, as weights of its nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError
from corohemo.indices.locator import PointLocator
from corohemo.indices.section_weights import STRAY
from corohemo.kernels.jacobian import cell_jacobians
from corohemo.kernels.quadratic import tetrahedron_shapes
from corohemo.kernels.tetrahedra import shapes_at
from corohemo.lumen import Lumen
from corohemo.lumen_branch import Section
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.solution import FlowSolution
from corohemo.units import MM

FloatArray = NDArray[np.float64]

LEAST_LENGTH = 1e-6
"""Half the length of a sensor at the end of a branch [m]."""
GRID = 14
"""Points along an edge that tell the part of a cell behind a section."""
SOURCE_LENGTH = 3.0
"""Half the length over which an infusate appears, over the radius; steps along vessels are that
long."""


def section_on_path(lumen: Lumen, vessel: str, abscissa: float) -> Section:
    """The section of a vessel at a path length from the ostium [m]."""
    branches = [lumen.branches[index] for index in lumen.path(lumen.index(vessel))]
    holding = next((b for b in branches if abscissa <= b.abscissas[-1]), branches[-1])
    return holding.section_at(min(abscissa, float(holding.abscissas[-1])))


def behind_section(lumen: Lumen, mesh: LumenMesh, section: Section) -> FloatArray:
    """How far each node lies behind a section (n_nodes,): 0 before, 1 behind, rising between.

    It rises over the lumen's width, but within the branch.
    """
    branch = lumen.branch(section.branch)
    room = min(section.abscissa - branch.abscissas[0], branch.abscissas[-1] - section.abscissa)
    half = min(section.radius, max(float(room), LEAST_LENGTH))
    is_behind = _branches_behind(lumen, section)
    ramp = 0.5 + 0.5 * (mesh.node_abscissa - section.abscissa) / half
    marks = np.where(is_behind[mesh.node_branch], np.clip(ramp, 0.0, 1.0), 0.0)
    for name in lumen.outlet_names:
        face = mesh.facets[mesh.facet_face == mesh.faces.index(f"outlet:{name}")]
        marks[np.unique(face)] = float(is_behind[lumen.index(name)])
    return marks


def volume_behind(lumen: Lumen, mesh: LumenMesh, section: Section) -> float:
    """Volume of the mesh behind a section [m3]; cells that it cuts count by a grid of points."""
    is_behind = _branches_behind(lumen, section)[mesh.node_branch[mesh.cells]].mean(axis=1) >= 0.5
    cells = mesh.cells[is_behind]
    ahead = mesh.node_abscissa[cells] > section.abscissa
    is_cut = ahead.any(axis=1) & ~ahead.all(axis=1)
    share = ahead[:, 0].astype(np.float64)
    share[is_cut] = np.mean(
        mesh.node_abscissa[cells[is_cut]] @ _grid_shapes().T > section.abscissa, axis=1
    )
    _, _, volumes = cell_jacobians(mesh.points, cells)
    return float(volumes @ share)


def _grid_shapes() -> FloatArray:
    """Shapes (q, 10) at equispaced points of the reference tetrahedron."""
    ticks = (np.arange(GRID) + 0.5) / GRID
    grid = np.stack(np.meshgrid(ticks, ticks, ticks), axis=-1).reshape(-1, 3)
    return np.array([tetrahedron_shapes(*point) for point in grid if point.sum() < 1.0])


def _branches_behind(lumen: Lumen, section: Section) -> NDArray[np.bool_]:
    """Whether each branch lies behind a section, its own included (n_branches,)."""
    own = lumen.index(section.branch)
    return np.array([own in lumen.path(index) for index in range(len(lumen.branches))])


def axis_sensor(solution: FlowSolution, locator: PointLocator, section: Section) -> FloatArray:
    """Weights of the nodes (n_nodes,) in the value on the axis, which sum to one.

    Raises:
        GeometryError: If the place lies outside the mesh.
    """
    shapes, nodes = _shapes_at(locator, section.center[None], STRAY * section.radius)
    return _spread(len(solution.mesh.points), nodes, shapes)


def stream_source(
    solution: FlowSolution, section: Section, index: int, spread: float
) -> FloatArray:
    """Density (n_nodes,) of a source that gives all of a stream the same concentration.

    It is the velocity times a bump along the vessel, six radii long, and times one across it if it
    does not spread over all of the lumen.

    Args:
        solution: The flow.
        section: Section of the catheter's tip.
        index: Its branch.
        spread: Part of the lumen's radius, around the axis, in which the infusate appears.

    Raises:
        GeometryError: If no vertex of the mesh lies in it.
    """
    mesh = solution.mesh
    offset = mesh.points - section.center
    along = (mesh.node_abscissa - section.abscissa) / (SOURCE_LENGTH * section.radius)
    aside = offset - np.outer(offset @ section.tangent, section.tangent)
    across = np.linalg.norm(aside, axis=1) / (spread * section.radius) if spread < 1.0 else 0.0
    bump = np.maximum(1.0 - along**2, 0.0) ** 2 * np.maximum(1.0 - across**2, 0.0)
    speed = np.maximum(solution.velocity @ section.tangent, 0.0)
    density = np.where(mesh.node_branch == index, bump * speed, 0.0)
    if not density[mesh.vertex_ids].any():
        raise GeometryError(
            "no vertex of the mesh lies where the infusion catheter gives its infusate off; raise "
            "infusion_spread or refine the mesh.",
            branch=section.branch,
            abscissa=section.abscissa,
        )
    return np.asarray(density)


def _shapes_at(
    locator: PointLocator, places: FloatArray, slack: float
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Shapes (q, 10) and nodes (q, 10) of the cells that hold places (q, 3)."""
    cell, reference, distance = locator.locate(places)
    if np.any(distance > slack):
        raise GeometryError(
            f"the sensor lies {distance.max() / MM:.2f} mm outside the mesh; give the lumen that "
            "was meshed."
        )
    return shapes_at(reference), locator.mesh.cells[cell]


def _spread(n_nodes: int, nodes: NDArray[np.int64], weights: FloatArray) -> FloatArray:
    return np.bincount(nodes.ravel(), weights=weights.ravel(), minlength=n_nodes)
