"""Wall shear stress, from the velocity gradient at the quadrature points of the wall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.results import WallShear
from corohemo.kernels.centerline import place_on_centerline
from corohemo.kernels.quadratic import (
    TRIANGLE_POINTS,
    TRIANGLE_WEIGHTS,
    facet_values,
)
from corohemo.kernels.wall import wall_stress
from corohemo.lumen import Lumen
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.solution import FlowSolution

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def compute_wall_shear(solution: FlowSolution, lumen: Lumen | None = None) -> WallShear:
    r"""Wall shear stress vector at the six quadrature points of every wall facet.

    \tau = f - (f . n) n with f = -2 \mu D(u) n, the force of the blood on the wall per area, from
    the quadratic velocity of the cell behind the facet. Nothing is projected onto a continuous
    space, which would over- and undershoot (Brunatova et al., Int J Numer Methods Biomed Eng 2025).

    Args:
        solution: Flow field.
        lumen: If given, points are placed on its centerline by the section plane they lie in;
            otherwise their abscissa is interpolated from the mesh's nodes.

    Returns:
        Traction (n, 3) [Pa] with positions [m], weights [m2], normals, wall pressure [Pa], branch
        and abscissa [m].
    """
    mesh = solution.mesh
    wall = np.flatnonzero(mesh.facet_face == mesh.faces.index("wall"))
    branch = np.repeat(facet_branches(mesh, wall), len(TRIANGLE_WEIGHTS))
    positions, vectors, shear, pressure = facet_stress(solution, wall)
    points, areas = positions.reshape(-1, 3), vectors.reshape(-1, 3)
    weights = np.linalg.norm(areas, axis=1)
    if lumen is None:
        abscissa = facet_values(mesh.node_abscissa[:, None], mesh.facets[wall]).reshape(-1)
    else:
        abscissa, _ = place_on_lumen(points, branch, lumen)
    return WallShear(
        points=points,
        traction=shear.reshape(-1, 3),
        weights=weights,
        normals=areas / weights[:, None],
        pressure=pressure.reshape(-1),
        branch=branch,
        abscissa=abscissa,
    )


def facet_stress(
    solution: FlowSolution,
    facets: IntArray,
    *,
    rule_points: FloatArray = TRIANGLE_POINTS,
    rule_weights: FloatArray = TRIANGLE_WEIGHTS,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Positions, area vectors, shear and pressure at a rule's points of chosen facets."""
    mesh = solution.mesh
    stress: tuple[FloatArray, FloatArray, FloatArray, FloatArray] = wall_stress(
        mesh.points,
        mesh.cells,
        np.ascontiguousarray(mesh.facets[facets]),
        np.ascontiguousarray(mesh.facet_cell[facets]),
        solution.velocity,
        solution.pressure,
        solution.boundaries.blood.dynamic_viscosity,
        rule_points,
        rule_weights,
    )
    return stress


def facet_branches(mesh: LumenMesh, facets: IntArray) -> IntArray:
    """Lumen branch of each facet: the one most of its vertices belong to, else the first's (k,)."""
    first, second, third = mesh.node_branch[mesh.facets[facets, :3]].T
    branches: IntArray = np.where(second == third, second, first)
    return branches


def place_on_lumen(
    points: FloatArray, branch: IntArray, lumen: Lumen
) -> tuple[FloatArray, FloatArray]:
    """Abscissa (n,) [m] and unit tangent (n, 3) of the section plane through each point.

    Args:
        points: Positions (n, 3) [m].
        branch: Lumen branch of each point (n,).
        lumen: Lumen whose sections are used.
    """
    abscissa = np.empty(len(points))
    tangents = np.empty((len(points), 3))
    for index, line in enumerate(lumen.branches):
        mine = branch == index
        abscissa[mine], tangents[mine] = place_on_centerline(
            points[mine], line.points, line.tangents, line.abscissas
        )
    return abscissa, tangents
