"""Linear elements on the cells of a mesh, and their functions as quadratic ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.solvers.domain import ROOT, FlowDomain
from corohemo.solvers.form import FlowForm, compile_form
from corohemo.solvers.linear import LinearSolver

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class VertexSpace:
    """What a mesh with linear elements needs, whatever its conditions.

    Attributes:
        nodes: The distributed mesh with its quadratic space.
        vertices: The same with its linear space.
        form: The form on linear elements.
        solver: Of systems with its Jacobian's sparsity.
        prolongation: P, which takes linear functions as quadratic ones.
    """

    nodes: FlowDomain
    vertices: FlowDomain
    form: FlowForm
    solver: LinearSolver
    prolongation: Any

    @classmethod
    def under(cls, nodes: FlowDomain, *, backflow: float) -> VertexSpace:
        """Compile the form and allocate the matrices; collective.

        Args:
            nodes: The distributed mesh with its quadratic space.
            backflow: As ``compile_form`` takes it.
        """
        from dolfinx.fem import petsc

        vertices = nodes.linear()
        form = compile_form(vertices, quadrature_degree=2, backflow=backflow)
        solver = LinearSolver(form.jacobian)
        prolongation = petsc.interpolation_matrix(vertices.space, nodes.space)
        prolongation.assemble()
        return cls(nodes, vertices, form, solver, prolongation)

    def prolonged(self, values: FloatArray) -> FloatArray:
        """P of owned values on the vertices; collective."""
        linear, quadratic = self.prolongation.createVecs()
        linear.array[:] = values
        self.prolongation.mult(linear, quadratic)
        return np.array(quadratic.array_r)

    def restricted(self, loads: FloatArray) -> FloatArray:
        """P^T of nodal loads (n_nodes, 3), which every rank has; collective, zero off vertices."""
        linear, quadratic = self.prolongation.createVecs()
        nodes, vertices = self.nodes, self.vertices
        quadratic.array.reshape(-1, 4)[:, :3] = loads[nodes.nodes[: nodes.n_owned]]
        self.prolongation.multTranspose(quadratic, linear)
        whole = vertices.gather(linear.array_r.reshape(-1, 4)[:, :3])
        return np.asarray(vertices.mesh.comm.bcast(whole, root=ROOT))

    def is_vertex(self) -> NDArray[np.bool_]:
        """Whether each node of the mesh is a vertex (n_nodes,); collective."""
        vertices = self.vertices
        marks = vertices.gather(np.ones((vertices.n_owned, 1)))
        return np.asarray(vertices.mesh.comm.bcast(marks, root=ROOT)[:, 0] > 0.0)
