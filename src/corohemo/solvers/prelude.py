"""A first flow on linear elements, from which the quadratic ones start.

Linear elements of the same cells have an eighth of the unknowns, and their extra diffusion makes
the iteration tame: the vortices find their places there for a fraction of the cost, and Newton's
method on quadratic elements starts close to its solution. Linear functions on a curved cell are
quadratic functions on it, so flows through faces and prescribed values carry over exactly.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NonFiniteError
from corohemo.solvers.coarse import CoarseGrid
from corohemo.solvers.conditions import FlowConditions, Opening
from corohemo.solvers.newton import NewtonLog, solve_newton
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.vertex_space import VertexSpace

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TOLERANCE = 1e-4
"""Residual at which the linear flow is good enough to start from."""


def linear_start(
    space: VertexSpace, grid: CoarseGrid, conditions: FlowConditions, options: SteadyOptions
) -> tuple[FloatArray | None, NewtonLog | None]:
    """Owned unknowns to start the quadratic solve from; collective.

    Args:
        space: Linear elements on the mesh.
        grid: Knots of the mesh's nodes.
        conditions: Conditions of the quadratic solve.
        options: Limits of the solve.

    Returns:
        Velocity and pressure of the owned nodes (4 n_owned,), None if the iteration left the finite
        numbers; the log.
    """
    problem = FlowProblem(
        space.vertices, space.form, space.solver, linear_conditions(conditions, space), grid
    )
    loose = replace(options, tolerance=TOLERANCE, mass_tolerance=1.0)
    try:
        _, log = solve_newton(problem, loose, None)
    except NonFiniteError:
        return None, None
    return space.prolonged(problem.nodal), log


def linear_conditions(conditions: FlowConditions, space: VertexSpace) -> FlowConditions:
    """The same conditions for fields that are linear along every edge; collective."""
    openings = tuple(_linear_opening(o, conditions, space) for o in conditions.openings)
    return replace(
        conditions, openings=openings, profile=_linear_profile(conditions, openings, space)
    )


def _linear_opening(opening: Opening, conditions: FlowConditions, space: VertexSpace) -> Opening:
    """The flux functional of linear functions; prescribed vertices have no weight in it."""
    weights = np.zeros_like(conditions.velocity)
    weights[opening.nodes] = opening.weights
    weights = space.restricted(weights)
    weights[conditions.fixed] = 0.0
    kept = np.flatnonzero(np.any(weights != 0.0, axis=1))
    return replace(opening, nodes=kept, weights=weights[kept])


def _linear_profile(
    conditions: FlowConditions, openings: tuple[Opening, ...], space: VertexSpace
) -> tuple[IntArray, FloatArray] | None:
    """The inlet's profile at its vertices, scaled to one unit of flow again."""
    if conditions.profile is None:
        return None
    nodes, values = conditions.profile
    is_vertex = space.is_vertex()[nodes]
    field = np.zeros_like(conditions.velocity)
    field[nodes[is_vertex]] = values[is_vertex]
    flow = float(np.sum(openings[0].weights * field[openings[0].nodes]))
    return nodes[is_vertex], values[is_vertex] / flow
