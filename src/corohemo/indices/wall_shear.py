"""Wall shear stress, from the velocity gradient at the quadrature points of the wall."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import InputError
from corohemo.indices.locator import PointLocator
from corohemo.indices.results import WallShear
from corohemo.indices.wall_slope import cubic_slope, evenness
from corohemo.kernels.centerline import place_on_centerline
from corohemo.kernels.quadratic import (
    TRIANGLE_POINTS,
    TRIANGLE_WEIGHTS,
    triangle_shapes,
)
from corohemo.kernels.wall import wall_stress
from corohemo.lumen import Lumen
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.solution import FlowSolution

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CUTS = 4
"""Parts that each edge of a facet is cut into for pieces."""
PIECES = CUTS**2
"""Pieces of a facet."""


def compute_wall_shear(
    solution: FlowSolution,
    lumen: Lumen | None = None,
    *,
    at: Literal["facets", "points", "pieces"] = "facets",
    locator: PointLocator | None = None,
) -> WallShear:
    r"""Wall shear stress vector: its mean over every wall facet, or at points of each.

    \tau = f - (f . n) n with f = -2 \mu D(u) n, the force of the blood on the wall per area, from
    the velocity of the cell behind the facet and the next one inwards (a cubic along the normal:
    a stenosis' boundary layer is thinner than a cell). Nothing is projected onto a continuous
    space, which would over- and undershoot (Brunatova et al., Int J Numer Methods Biomed Eng 2025).
    Within a facet the gradient of a quadratic is least accurate at its corners: at the throat of a
    50 to 70 % stenosis the largest facet mean is within 1 % of the true peak on the default mesh,
    while single points scatter more.

    Args:
        solution: Flow field.
        lumen: If given, points are placed on its centerline by the section plane they lie in;
            otherwise their abscissa is interpolated from the mesh's nodes.
        at: One value per facet; its six quadrature points (6 k to 6 k + 5 belong to facet k), which
            are best for integrals over whole facets; or the middles of its 16 equal pieces (16 k to
            16 k + 15), for means over parts of the wall that cut through facets.
        locator: Locator of the flow's mesh; made if None.

    Returns:
        Traction (n, 3) [Pa] with positions [m], weights [m2], normals, wall pressure [Pa], branch
        and abscissa [m].

    Raises:
        InputError: If ``at`` is none of them.
    """
    if at not in ("facets", "points", "pieces"):
        raise InputError(f"at must be 'facets', 'points' or 'pieces', got {at!r}.", field="at")
    mesh = solution.mesh
    wall = np.flatnonzero(mesh.facet_face == mesh.faces.index("wall"))
    branch = facet_branches(mesh, wall)
    rule_points, rule_weights = _pieces() if at == "pieces" else (TRIANGLE_POINTS, TRIANGLE_WEIGHTS)
    positions, vectors, shear, pressure = facet_stress(
        solution,
        wall,
        locator or PointLocator.of(mesh),
        rule_points=rule_points,
        rule_weights=rule_weights,
    )
    shapes = np.array([triangle_shapes(r, s) for r, s in rule_points])
    places = mesh.node_abscissa[mesh.facets[wall]] @ shapes.T
    if at == "facets":
        area = np.linalg.norm(vectors, axis=2)
        shear, pressure, places = (_facet_mean(v, area) for v in (shear, pressure, places))
        positions = _facet_centers(mesh.points[mesh.facets[wall]])
        vectors, weights = vectors.sum(axis=1), area.sum(axis=1)
    else:
        branch = np.repeat(branch, len(rule_weights))
        weights = np.linalg.norm(vectors, axis=2).reshape(-1)
    points, areas, abscissa = positions.reshape(-1, 3), vectors.reshape(-1, 3), places.reshape(-1)
    if lumen is not None:
        abscissa, _ = place_on_lumen(points, branch, lumen)
    return WallShear(
        points=points,
        traction=shear.reshape(-1, 3),
        weights=weights,
        normals=areas / np.linalg.norm(areas, axis=1)[:, None],
        pressure=pressure.reshape(-1),
        branch=branch,
        abscissa=abscissa,
    )


def _pieces() -> tuple[FloatArray, FloatArray]:
    """Middles (16, 2) and weights (16,) of the equal pieces of the reference triangle."""
    upright = [(i + 1 / 3, j + 1 / 3) for i in range(CUTS) for j in range(CUTS - i)]
    turned = [(i + 2 / 3, j + 2 / 3) for i in range(CUTS) for j in range(CUTS - i - 1)]
    return np.array(upright + turned) / CUTS, np.full(PIECES, 0.5 / PIECES)


def _facet_centers(nodes: FloatArray) -> FloatArray:
    """Points of curved facets with nodes (k, 6, 3) at the center of the reference triangle."""
    return np.asarray((4.0 * nodes[:, 3:].sum(axis=1) - nodes[:, :3].sum(axis=1)) / 9.0)


def _facet_mean(values: FloatArray, area: FloatArray) -> FloatArray:
    """Area means (k, ...) of values at the points of each facet (k, q, ...)."""
    share = area / area.sum(axis=1, keepdims=True)
    return np.einsum("kq,kq...->k...", share, values)


def facet_stress(
    solution: FlowSolution,
    facets: IntArray,
    locator: PointLocator,
    *,
    rule_points: FloatArray = TRIANGLE_POINTS,
    rule_weights: FloatArray = TRIANGLE_WEIGHTS,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Positions, area vectors, shear and pressure at a rule's points of chosen wall facets.

    The shear is that of the cell behind, plus the cubic term that the next cell inwards adds, where
    the shear is even across the facet.
    """
    mesh = solution.mesh
    chosen = np.ascontiguousarray(mesh.facets[facets])
    behind = np.ascontiguousarray(mesh.facet_cell[facets])
    viscosity = solution.boundaries.blood.dynamic_viscosity
    positions, vectors, shear, pressure = wall_stress(
        mesh.points,
        mesh.cells,
        chosen,
        behind,
        solution.velocity,
        solution.pressure,
        viscosity,
        rule_points,
        rule_weights,
    )
    normals = vectors / np.linalg.norm(vectors, axis=2)[..., None]
    apex = mesh.cells[behind, :4].sum(axis=1) - chosen[:, :3].sum(axis=1)
    height = np.einsum("kqd,kqd->kq", positions - mesh.points[apex, None], normals).mean(axis=1)
    slope = cubic_slope(solution, locator, behind, positions, normals, height)
    slope *= evenness(mesh.points, chosen[:, :3], vectors, shear)[:, None, None]
    shear = solution.boundaries.blood.wall_shear(shear + viscosity * slope)
    return positions, vectors, shear, pressure


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
