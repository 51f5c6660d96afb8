"""Sensors and catheter tips in a lumen mesh, as weights of its nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError
from corohemo.indices.sampling import STRAY, PointLocator, section_rule
from corohemo.kernels.quadratic import tetrahedron_shapes
from corohemo.kernels.sections import section_points
from corohemo.lumen import Lumen
from corohemo.lumen_branch import Section
from corohemo.solvers.solution import FlowSolution
from corohemo.units import MM

FloatArray = NDArray[np.float64]


def section_on_path(lumen: Lumen, vessel: str, abscissa: float) -> Section:
    """The section of a vessel at a path length from the ostium [m]."""
    branches = [lumen.branches[index] for index in lumen.path(lumen.index(vessel))]
    holding = next((b for b in branches if abscissa <= b.abscissas[-1]), branches[-1])
    return holding.section_at(min(abscissa, float(holding.abscissas[-1])))


def section_sensor(solution: FlowSolution, locator: PointLocator, section: Section) -> FloatArray:
    """Weights of the nodes (n_nodes,) in the mean over a section's flow, which sum to one.

    Raises:
        GeometryError: If the section lies outside the mesh, or nothing flows through it.
    """
    mesh = solution.mesh
    disk, parts = section_rule(section.shape[None])
    places = section_points(
        section.center[None],
        section.normal[None],
        section.binormal[None],
        np.array([section.radius]),
        disk,
    )[0]
    shapes, nodes = _shapes_at(locator, places, STRAY * section.radius)
    velocity = np.einsum("qa,qad->qd", shapes, solution.velocity[nodes])
    flux = parts[0] * (velocity @ section.tangent)
    if flux.sum() <= 0.0:
        raise GeometryError(
            "nothing flows forwards through the section of the sensor.",
            branch=section.branch,
            abscissa=section.abscissa,
        )
    return _spread(len(mesh.points), nodes, (flux / flux.sum())[:, None] * shapes)


def axis_sensor(solution: FlowSolution, locator: PointLocator, section: Section) -> FloatArray:
    """Weights of the nodes (n_nodes,) in the value on the axis, which sum to one.

    Raises:
        GeometryError: If the place lies outside the mesh.
    """
    shapes, nodes = _shapes_at(locator, section.center[None], STRAY * section.radius)
    return _spread(len(solution.mesh.points), nodes, shapes)


def tip_source(solution: FlowSolution, section: Section, spread: float) -> FloatArray:
    """Density (n_nodes,) of a source (1 - (d / r)^2)^2 around a catheter's tip on the axis.

    Args:
        solution: The flow.
        section: Section of the tip.
        spread: r over the lumen's radius.

    Raises:
        GeometryError: If no node of the mesh lies in it.
    """
    reach = spread * section.radius
    distance = np.linalg.norm(solution.mesh.points - section.center, axis=1) / reach
    vertices = solution.mesh.vertex_ids
    if distance[vertices].min() >= 1.0:
        raise GeometryError(
            f"no vertex of the mesh lies within {reach / MM:.2f} mm of the infusion catheter's "
            "tip; raise infusion_spread or refine the mesh.",
            branch=section.branch,
            abscissa=section.abscissa,
        )
    return np.asarray(np.maximum(1.0 - distance**2, 0.0) ** 2)


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
    shapes = np.array([tetrahedron_shapes(*point) for point in reference])
    return shapes, locator.mesh.cells[cell]


def _spread(n_nodes: int, nodes: NDArray[np.int64], weights: FloatArray) -> FloatArray:
    return np.bincount(nodes.ravel(), weights=weights.ravel(), minlength=n_nodes)
