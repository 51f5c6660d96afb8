"""The algebraic flow problem on the ranks: residual, linear systems, flows through the faces."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NonFiniteError
from corohemo.solvers.conditions import FlowConditions, Opening
from corohemo.solvers.domain import FlowDomain
from corohemo.solvers.form import FlowForm
from corohemo.solvers.linear import LinearSolver

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class LocalOpenings:
    """The part of the openings that this rank owns.

    The flux functionals are the columns b of a thin matrix B; the outlets add
    ``B diag(resistance) B^T`` to the Jacobian.
    """

    def __init__(self, domain: FlowDomain, openings: tuple[Opening, ...]) -> None:
        self.comm = domain.mesh.comm
        place = np.full(domain.n_nodes, -1)
        place[domain.nodes[: domain.n_owned]] = np.arange(domain.n_owned)
        rows, columns, values = [], [], []
        for column, opening in enumerate(openings):
            local = place[opening.nodes]
            mine = local >= 0
            rows.append((4 * local[mine][:, None] + np.arange(3)).ravel())
            values.append(opening.weights[mine].ravel())
            columns.append(np.full(rows[-1].size, column))
        self.rows = np.concatenate(rows)
        self.columns = np.concatenate(columns)
        self.values = np.concatenate(values)
        self.count = len(openings)
        self.resistance = np.array([opening.resistance for opening in openings])
        self.offset = np.array([opening.offset for opening in openings])
        self.target = np.array([opening.flow or 0.0 for opening in openings])
        self.has_target = np.array([opening.flow is not None for opening in openings])

    def flows(self, field: FloatArray) -> FloatArray:
        """Flow out of each opening by the owned unknowns ``field``; collective (k,)."""
        local = np.bincount(
            self.columns, weights=self.values * field[self.rows], minlength=self.count
        )
        return np.asarray(self.comm.allreduce(local))

    def pressures(self, flows: FloatArray) -> FloatArray:
        """Pressure at each opening (k,)."""
        return self.offset + self.resistance * (flows - self.target)

    def add(self, pressures: FloatArray, residual: FloatArray) -> None:
        """Add the load of ``pressures`` (k,) to the owned rows of ``residual``."""
        np.add.at(residual, self.rows, self.values * pressures[self.columns])

    def settle(self, flows: FloatArray) -> None:
        """Move the pressure of prescribed outflows to what was reached."""
        self.offset = np.where(self.has_target, self.pressures(flows), self.offset)


class FlowProblem:
    """Residual and Newton step of one domain under one set of conditions."""

    def __init__(
        self,
        domain: FlowDomain,
        form: FlowForm,
        solver: LinearSolver,
        conditions: FlowConditions,
    ) -> None:
        from dolfinx import fem
        from dolfinx.fem import petsc

        self.domain, self.form, self.solver = domain, form, solver
        self.openings = LocalOpenings(domain, conditions.openings)
        self.viscosity = conditions.viscosity
        self.inflow = conditions.inflow
        fixed = np.flatnonzero(conditions.fixed[domain.nodes]).astype(np.int32)
        self.bcs = [
            fem.dirichletbc(0.0, np.asarray(4 * fixed + i, dtype=np.int32), domain.space.sub(i))
            for i in range(3)
        ]
        owned = fixed[fixed < domain.n_owned]
        self.fixed_rows = (4 * owned[:, None] + np.arange(3)).ravel()
        self.fixed_velocity = conditions.velocity
        self.residual = petsc.create_vector(domain.space)
        self.step = self.residual.duplicate()
        self.set_flow_regime()

    @property
    def field(self) -> FloatArray:
        """Owned unknowns, a view (4 n_owned,)."""
        view: FloatArray = self.form.state.x.array[: 4 * self.domain.n_owned]
        return view

    def set_field(self, values: FloatArray) -> None:
        """Replace the owned unknowns and refresh the ghosts; collective."""
        self.field[:] = values
        self.form.state.x.scatter_forward()

    def set_flow_regime(self, *, convection: float = 1.0, viscosity_factor: float = 1.0) -> None:
        """Weaken convection or strengthen viscosity, for starts and continuation."""
        self.form.convection.value = convection
        self.form.viscosity.value = viscosity_factor * self.viscosity

    def rest(self) -> FloatArray:
        """Blood at rest but for the prescribed velocity (4 n_owned,)."""
        values = np.zeros((self.domain.n_owned, 4))
        values[:, :3] = self.fixed_velocity[self.domain.nodes[: self.domain.n_owned]]
        return values.ravel()

    def evaluate(self) -> float:
        """Norm of the residual at the current field; collective.

        Raises:
            NonFiniteError: If it is not a number.
        """
        from dolfinx.fem import petsc
        from petsc4py import PETSc

        with self.residual.localForm() as local:
            local.set(0.0)
        petsc.assemble_vector(self.residual, self.form.residual)
        self.residual.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        rows = self.residual.array
        self.openings.add(self.openings.pressures(self.openings.flows(self.field)), rows)
        rows[self.fixed_rows] = 0.0
        norm = float(self.residual.norm())
        if not np.isfinite(norm):
            raise NonFiniteError(
                "The flow field stopped being finite during the iteration; check radii and boundary "
                "values for a lumen that is nearly closed or a flow far above the physiological."
            )
        return norm

    def linearise(self) -> None:
        """Assemble the Jacobian at the current field and prepare its solver; collective."""
        from dolfinx.fem import petsc

        matrix = self.solver.matrix
        matrix.zeroEntries()
        petsc.assemble_matrix(matrix, self.form.jacobian, bcs=self.bcs)
        matrix.assemble()
        self.solver.prepare(self.openings)

    def newton_step(self, tolerance: float) -> tuple[FloatArray, int]:
        """Solution of the linear system for the current residual; collective.

        Returns:
            The step to subtract (4 n_owned,) and the Krylov steps it took.
        """
        iterations = self.solver.solve(self.residual, self.step, tolerance)
        return np.array(self.step.array), iterations

    def imbalance(self) -> float:
        """Net flow out of all faces over the largest of them; collective."""
        flows = self.openings.flows(self.field)
        if self.inflow is not None:
            flows = np.append(flows, -self.inflow)
        largest = float(np.abs(flows).max())
        return abs(float(flows.sum())) / largest if largest > 0 else 0.0
