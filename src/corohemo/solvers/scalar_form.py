r"""Passive scalar in a steady velocity: matrices that conserve it and keep a constant.

dc/dt + div(u c) - D laplace(c) = 0. At the inlet the whole flux is given (Danckwerts), so that
nothing diffuses out of it; walls are tight; through outlets the scalar leaves with the blood.

A computed velocity is free of divergence in its own discrete sense only: as it is, a scheme either
keeps a constant or conserves. Its projection v = u - grad(phi) with

.. math:: (v, \nabla w) = \langle u \cdot n, w \rangle_{open faces} for all test functions w

makes ``-(c v, grad w) + <c u.n, w>`` do both, since c = 1 and w = 1 are both in the space. SUPG
terms (Brooks and Hughes, Comput Methods Appl Mech Eng 1982;32:199) vanish for either. What leaves
is then counted without error, and the mean age of what leaves is volume over flow for any velocity
(Danckwerts, Chem Eng Sci 1953;2:1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from corohemo.solvers.domain import INLET, OUTLET, ROOT, FlowDomain
from corohemo.solvers.form import INVERSE_CONSTANTS

TINY = 1e-12
"""Keeps the root in tau away from zero."""


@dataclass(frozen=True)
class ScalarForm:
    """Assembled on the ranks, dimensionless.

    Attributes:
        transport: Matrix of what the flow and diffusion carry.
        inertia: Matrix of dc/dt.
        inflow: Load of a unit concentration at the inlet.
        outflow: Weights whose product with c is what leaves per time.
        content: Weights whose product with c is what is inside.
        flow: Flow into the lumen.
    """

    transport: Any
    inertia: Any
    inflow: Any
    outflow: Any
    content: Any
    flow: float


def assemble_scalar_form(scalar: FlowDomain, velocity: Any, diffusivity: float) -> ScalarForm:
    """Assemble in a velocity; collective.

    Args:
        scalar: The distributed mesh with the scalar's space.
        velocity: Vector field of three components on the same mesh, or more.
        diffusivity: D over scales of length and velocity.
    """
    import ufl
    from dolfinx import fem
    from ufl import dot, grad

    mesh, space = scalar.mesh, scalar.space
    degree = space.ufl_element().degree
    rule = {"quadrature_degree": 2 * degree + 2}
    dx = ufl.Measure("dx", domain=mesh, metadata=rule)
    ds = ufl.Measure("ds", domain=mesh, subdomain_data=scalar.facet_tags, metadata=rule)
    carrier = ufl.as_vector([velocity[i] for i in range(3)])
    through = dot(carrier, ufl.FacetNormal(mesh))
    net = [_total(mesh, through * ds(tag)) for tag in (INLET, OUTLET)]
    share = fem.Constant(mesh, -net[0] / net[1])
    faces = ((through, ds(INLET)), (share * through, ds(OUTLET)))
    flow = carrier - grad(_potential(scalar, carrier, faces, dx))
    c, w = ufl.TrialFunction(space), ufl.TestFunction(space)
    inverse = ufl.JacobianInverse(mesh)
    metric, along = inverse.T * inverse, inverse * flow
    viscous = INVERSE_CONSTANTS[degree] * diffusivity**2 * ufl.inner(metric, metric)
    upwind = dot(flow, grad(w)) / ufl.sqrt(4 * dot(along, along) + viscous + TINY**2)
    residual = dot(flow, grad(c)) - diffusivity * ufl.div(grad(c))
    transport = (diffusivity * dot(grad(c), grad(w)) - c * dot(flow, grad(w))) * dx
    transport += upwind * residual * dx
    leaving = sum((abs(g) + g) / 2 * w * face for g, face in faces)
    entering = (abs(through) - through) / 2 * w * ds(INLET)
    transport += sum((abs(g) + g) / 2 * c * w * face for g, face in faces)
    return ScalarForm(
        transport=_matrix(transport),
        inertia=_matrix(c * (w + upwind) * dx),
        inflow=_vector(entering),
        outflow=_vector(leaving),
        content=_vector(w * dx),
        flow=_total(mesh, (abs(through) - through) / 2 * ds(INLET)),
    )


def factorised(matrix: Any) -> Any:
    """Direct solver of a matrix; collective."""
    from petsc4py import PETSc

    solver = PETSc.KSP().create(matrix.comm)
    solver.setOperators(matrix)
    solver.setType(PETSc.KSP.Type.PREONLY)
    solver.getPC().setType(PETSc.PC.Type.LU)
    solver.getPC().setFactorSolverType("mumps")
    solver.setUp()
    return solver


def _potential(scalar: FlowDomain, carrier: Any, faces: tuple[Any, ...], dx: Any) -> Any:
    """What the projection takes off: (grad phi, grad w) = (u, grad w) - <u.n, w>."""
    import ufl
    from dolfinx import fem
    from dolfinx.fem import petsc
    from ufl import dot, grad

    space, comm = scalar.space, scalar.mesh.comm
    trial, w = ufl.TrialFunction(space), ufl.TestFunction(space)
    pinned = np.zeros(1 if comm.rank == ROOT else 0, dtype=np.int32)
    level = fem.dirichletbc(0.0, pinned, space)
    matrix = petsc.assemble_matrix(fem.form(dot(grad(trial), grad(w)) * dx), bcs=[level])
    matrix.assemble()
    load = dot(carrier, grad(w)) * dx
    for through, face in faces:
        load -= through * w * face
    right = _vector(load)
    if comm.rank == ROOT:
        right.array[0] = 0.0
    potential = fem.Function(space)
    factorised(matrix).solve(right, potential.x.petsc_vec)
    potential.x.scatter_forward()
    return potential


def _matrix(form: Any) -> Any:
    from dolfinx import fem
    from dolfinx.fem import petsc

    matrix = petsc.assemble_matrix(fem.form(form))
    matrix.assemble()
    return matrix


def _vector(form: Any) -> Any:
    from dolfinx import fem
    from dolfinx.fem import petsc
    from petsc4py import PETSc

    vector = petsc.assemble_vector(fem.form(form))
    vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    return vector


def _total(mesh: Any, form: Any) -> float:
    from dolfinx import fem

    return float(mesh.comm.allreduce(fem.assemble_scalar(fem.form(form))))
