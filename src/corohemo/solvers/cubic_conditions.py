"""Conditions of a quadratic solve for cubic elements on the same cells.

Every node of a cubic face is told by the quadratic functions of that face: taken as cubic ones,
those of its prescribed nodes sum to one exactly where the cubic node is prescribed too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.solvers.conditions import FlowConditions, Opening
from corohemo.solvers.domain import INLET, OUTLET, FlowDomain
from corohemo.solvers.vertex_space import VertexSpace

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

FLUX_DEGREE = 6
"""Degree of the rule on the faces: a cubic velocity through a curved facet is of degree 5."""
ROUNDING = 1e-6
"""Far below the least distance of a quadratic shape function from 0 and 1 at a cubic node, 1/9."""


def cubic_conditions(conditions: FlowConditions, space: VertexSpace) -> FlowConditions:
    """``conditions`` of the mesh's nodes for the nodes of ``space``; collective.

    Args:
        conditions: Those of the quadratic elements, by the nodes of the mesh.
        space: Cubic elements, with the quadratic ones as the level below.
    """
    fixed = np.abs(_taken_up(conditions.fixed[:, None], space)[:, 0] - 1.0) < ROUNDING
    velocity = np.where(fixed[:, None], _taken_up(conditions.velocity, space), 0.0)
    loads = np.where(fixed[:, None], 0.0, _face_loads(space.nodes))
    openings = tuple(_opening(opening, loads, space) for opening in conditions.openings)
    profile = None
    if conditions.profile is not None:
        nodes = openings[0].nodes
        shape = _taken_up(_spread(*conditions.profile, conditions), space)[nodes]
        profile = nodes, shape / float(np.sum(shape * openings[0].weights))
    return replace(conditions, fixed=fixed, velocity=velocity, openings=openings, profile=profile)


def _opening(opening: Opening, loads: FloatArray, space: VertexSpace) -> Opening:
    """The flux functional of cubic functions on the face whose free nodes ``opening`` has."""
    mark = np.zeros((space.vertices.n_nodes, 1))
    mark[opening.nodes] = 1.0
    is_here = np.abs(_taken_up(mark, space)[:, 0]) > ROUNDING
    nodes = np.flatnonzero(is_here & np.any(loads != 0.0, axis=1))
    return replace(opening, nodes=nodes, weights=loads[nodes])


def _spread(nodes: IntArray, values: FloatArray, conditions: FlowConditions) -> FloatArray:
    """Values at some nodes, zero at the others (n_nodes, 3)."""
    field = np.zeros_like(conditions.velocity)
    field[nodes] = values
    return field


def _taken_up(values: NDArray[Any], space: VertexSpace) -> FloatArray:
    """Values (n_nodes, c) of quadratic functions at all cubic nodes (n, c); collective."""
    below, count = space.vertices, values.shape[1]
    padded = np.zeros((below.n_owned, 4))
    padded[:, :count] = values[below.nodes[: below.n_owned]]
    owned = space.prolonged(padded.ravel()).reshape(-1, 4)
    return space.nodes.gather_all(owned[:, :count])


def _face_loads(domain: FlowDomain) -> FloatArray:
    """Integrals of shape function times outward normal over the open faces (n, 3); collective."""
    import ufl
    from dolfinx import fem
    from dolfinx.fem import petsc
    from petsc4py import PETSc

    test = ufl.TestFunction(domain.space)
    faces = ufl.Measure(
        "ds",
        domain=domain.mesh,
        subdomain_data=domain.facet_tags,
        metadata={"quadrature_degree": FLUX_DEGREE},
    )
    normal = ufl.FacetNormal(domain.mesh)
    outwards = ufl.dot(ufl.as_vector([test[i] for i in range(3)]), normal)
    load = petsc.assemble_vector(fem.form(outwards * faces((INLET, OUTLET))))
    load.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    return domain.gather_all(load.array_r.reshape(-1, 4)[:, :3])
