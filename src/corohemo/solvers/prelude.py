"""A first flow on linear elements, from which the quadratic ones start.

Linear elements of the same cells have an eighth of the unknowns, and their extra diffusion makes
the iteration tame: the vortices find their places there for a fraction of the cost, and Newton's
method on quadratic elements starts close to its solution. Linear functions on a curved cell are
quadratic functions on it, so flows through faces and prescribed values carry over exactly.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NonFiniteError
from corohemo.meshing.mesh import VTK_EDGES, LumenMesh
from corohemo.solvers.coarse import CoarseGrid
from corohemo.solvers.conditions import FlowConditions, Opening
from corohemo.solvers.domain import ROOT, FlowDomain
from corohemo.solvers.form import FlowForm
from corohemo.solvers.linear import LinearSolver
from corohemo.solvers.newton import NewtonLog, solve_newton
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.problem import FlowProblem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TOLERANCE = 1e-4
"""Residual at which the linear flow is good enough to start from."""


def mesh_edges(mesh: LumenMesh) -> tuple[IntArray, IntArray]:
    """Nodes on edges (e,) and the vertices at the ends of each (e, 2)."""
    middles = mesh.cells[:, 4:].ravel()
    ends = mesh.cells[:, np.array(VTK_EDGES)].reshape(-1, 2)
    nodes, first = np.unique(middles, return_index=True)
    return nodes, ends[first]


def linear_conditions(
    conditions: FlowConditions, edges: tuple[IntArray, IntArray]
) -> FlowConditions:
    """The same conditions for fields that are linear along every edge."""
    nodes, ends = edges
    openings = tuple(_linear_opening(o, nodes, ends, conditions) for o in conditions.openings)
    return replace(
        conditions, openings=openings, profile=_linear_profile(conditions, nodes, openings)
    )


def _linear_profile(
    conditions: FlowConditions, edge_nodes: IntArray, openings: tuple[Opening, ...]
) -> tuple[IntArray, FloatArray] | None:
    """The inlet's profile at its vertices, scaled to one unit of flow again."""
    if conditions.profile is None:
        return None
    nodes, values = conditions.profile
    is_vertex = ~np.isin(nodes, edge_nodes)
    field = np.zeros_like(conditions.velocity)
    field[nodes[is_vertex]] = values[is_vertex]
    flow = float(np.sum(openings[0].weights * field[openings[0].nodes]))
    return nodes[is_vertex], values[is_vertex] / flow


def _linear_opening(
    opening: Opening, nodes: IntArray, ends: IntArray, conditions: FlowConditions
) -> Opening:
    """Half of the weight of each edge node goes to either end; prescribed ends take none."""
    weights = np.zeros_like(conditions.velocity)
    weights[opening.nodes] = opening.weights
    half = 0.5 * weights[nodes]
    weights[nodes] = 0.0
    for end in ends.T:
        np.add.at(weights, end, half)
    weights[conditions.fixed] = 0.0
    kept = np.flatnonzero(np.any(weights != 0.0, axis=1))
    return replace(opening, nodes=kept, weights=weights[kept])


def linear_start(
    domain: FlowDomain,
    form: FlowForm,
    solver: LinearSolver,
    grid: CoarseGrid,
    conditions: FlowConditions,
    edges: tuple[IntArray, IntArray] | None,
    options: SteadyOptions,
) -> tuple[FloatArray | None, NewtonLog | None]:
    """Nodal field to start the quadratic solve from; collective.

    Args:
        domain: The mesh with its linear space.
        form: The form on it.
        solver: Its linear solver.
        grid: Knots of the mesh's nodes.
        conditions: Conditions of the quadratic solve.
        edges: Edge nodes and their ends, on rank 0.
        options: Limits of the solve.

    Returns:
        Field (n_nodes, 4), on rank 0 alone, None if the iteration left the finite numbers; the log.
    """
    comm = domain.mesh.comm
    edges = comm.bcast(edges, root=ROOT)
    problem = FlowProblem(domain, form, solver, linear_conditions(conditions, edges), grid)
    loose = replace(options, tolerance=TOLERANCE, mass_tolerance=1.0)
    try:
        _, log = solve_newton(problem, loose, None)
    except NonFiniteError:
        return None, None
    start = prolonged(domain.gather(problem.nodal.reshape(-1, 4)), edges)
    if start is not None:
        start[conditions.fixed, :3] = conditions.velocity[conditions.fixed]
    return start, log


def prolonged(field: Any, edges: tuple[IntArray, IntArray]) -> FloatArray | None:
    """Vertex values of a nodal field (n_nodes, c) with the means of their ends on the edges."""
    if field is None:
        return None
    nodes, ends = edges
    field[nodes] = field[ends].mean(axis=1)
    return np.asarray(field)
