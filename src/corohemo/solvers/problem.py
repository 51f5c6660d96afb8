"""The algebraic flow problem on the ranks: residual, linear systems, flows through the faces."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NonFiniteError
from corohemo.solvers.coarse import CoarseGrid, CoarseSpace
from corohemo.solvers.conditions import FlowConditions
from corohemo.solvers.domain import FlowDomain
from corohemo.solvers.flux_loads import summed
from corohemo.solvers.form import FlowForm
from corohemo.solvers.linear import LinearSolver
from corohemo.solvers.local_openings import LocalOpenings
from corohemo.solvers.vertex_level import VertexLevel
from corohemo.solvers.vertex_space import VertexSpace

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PROFILE_HOLD = 1e4
"""Stiffness that holds the profile at the inlet, over that of the viscous stress in a cell."""


class FlowProblem:
    """Residual and Newton step of one domain under one set of conditions.

    The unknowns of a rank are velocity and pressure of its own nodes, then on every rank the
    pressures of the outlets whose flow is prescribed.

    Args:
        domain: The distributed mesh.
        form: Residual and Jacobian on it.
        solver: Of its linear systems.
        conditions: What holds on the faces.
        grid: Knots of the coarse space, where there is no level of vertices.
        space: Elements of a lower degree on the mesh, for the level below in the preconditioner.
        fixed_below: Whether the velocity is prescribed at each of their nodes; None where they
            share the numbers of ``domain``.
    """

    def __init__(
        self,
        domain: FlowDomain,
        form: FlowForm,
        solver: LinearSolver,
        conditions: FlowConditions,
        grid: CoarseGrid,
        space: VertexSpace | None = None,
        fixed_below: NDArray[np.bool_] | None = None,
    ) -> None:
        from dolfinx.fem import petsc

        self.domain, self.form, self.solver = domain, form, solver
        self.openings = LocalOpenings(domain, conditions.openings)
        self.viscosity = conditions.viscosity
        self.inflow = conditions.inflow
        self.bcs = domain.no_slip(conditions.fixed)
        self.fixed_rows = domain.velocity_rows(conditions.fixed)
        self._fixed_nodes = domain.nodes[self.fixed_rows[::3] // 4]
        self.fixed_velocity = conditions.velocity
        self.residual = petsc.create_vector(domain.space)
        self.step = self.residual.duplicate()
        self._right = self.residual.duplicate()
        self._profile = self._known = np.zeros(0)
        self._profile_rows = np.zeros(0, dtype=np.int64)
        form.hold.strength.value = 0.0
        if conditions.profile is not None:
            form.hold.strength.value = PROFILE_HOLD * self.viscosity
            self.hold_profile(*conditions.profile)
        if form.thinning is not None and conditions.thinning is not None:
            form.thinning.set(conditions.thinning)
        below = conditions.fixed if fixed_below is None else fixed_below
        self.coarse = self._coarse_level(grid, space, conditions.fixed, below)
        self.set_flow_regime()

    def _coarse_level(
        self,
        grid: CoarseGrid,
        space: VertexSpace | None,
        fixed: NDArray[np.bool_],
        below: NDArray[np.bool_],
    ) -> CoarseSpace | VertexLevel:
        if space is None:
            return CoarseSpace(self.domain, grid, fixed)
        knots = CoarseSpace(space.vertices, grid, below)
        jacobian = self.form.vertex_jacobian
        assert jacobian is not None
        return VertexLevel(space, jacobian, fixed, below, self.openings, knots)

    def hold_profile(
        self, nodes: IntArray, unit: FloatArray, known: FloatArray | None = None
    ) -> None:
        """Hold the velocity at the inlet to ``known`` and a multiple of ``unit``; collective.

        Args:
            nodes: Nodes of the inlet (m,).
            unit: Velocity there that carries a flow of one out of the lumen (m, 3).
            known: Velocity there that carries none (m, 3), None for none.
        """
        from dolfinx.fem import petsc
        from petsc4py import PETSc

        domain, hold = self.domain, self.form.hold
        profile = self._set_at(hold.profile, nodes, unit)
        load = petsc.assemble_vector(hold.load)
        load.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        mine = np.flatnonzero(np.isin(domain.nodes[: domain.n_owned], nodes))
        rows = np.setdiff1d((4 * mine[:, None] + np.arange(3)).ravel(), self.fixed_rows)
        self._profile_rows, self._profile = rows, profile[rows]
        self._known = np.zeros(rows.size)
        if known is not None:
            self._known = self._set_at(hold.known, nodes, known)[rows]
        self.openings.hold_first(rows, load.array[rows], self._profile, self._known)

    def _set_at(self, function: Any, nodes: IntArray, velocity: FloatArray) -> FloatArray:
        """Set a function's velocity to (m, 3) at the nodes (m,) and zero elsewhere; its values."""
        domain = self.domain
        field = np.zeros((domain.n_nodes, 3))
        field[nodes] = velocity
        values: FloatArray = function.x.array
        values.reshape(-1, 4)[:, :3] = field[domain.nodes]
        return values

    @property
    def nodal(self) -> FloatArray:
        """Owned velocity and pressure, a view (4 n_owned,)."""
        view: FloatArray = self.form.state.x.array[: 4 * self.domain.n_owned]
        return view

    @property
    def field(self) -> FloatArray:
        """All unknowns of this rank, a copy (n,)."""
        openings = self.openings
        return np.concatenate([self.nodal, openings.offset[openings.is_driven]])

    def set_field(self, values: FloatArray, *, follows: bool = True) -> None:
        """Replace the unknowns and refresh the ghosts; collective.

        Args:
            values: The new unknowns (n,).
            follows: Whether the carrier becomes the new field too.
        """
        n = 4 * self.domain.n_owned
        self.nodal[:] = values[:n]
        self.openings.offset[self.openings.is_driven] = values[n:]
        self.form.state.x.scatter_forward()
        if follows:
            self.form.carrier.x.array[:] = self.form.state.x.array

    def set_flow_regime(
        self,
        *,
        convection: float = 1.0,
        viscosity_factor: float = 1.0,
        sharpness: float = 1.0,
        slowness: float = 0.0,
    ) -> None:
        """Weaken convection, strengthen viscosity, hold the carrier or slow down, for starts."""
        self.form.sharpness.value = sharpness
        if self.form.drift is not None:
            self.form.drift.slowness.value = slowness
        self.form.convection.value = convection
        self.form.viscosity.value = viscosity_factor * self.viscosity

    def rest(self) -> FloatArray:
        """Blood at rest but for the prescribed velocity (n,)."""
        values = np.zeros((self.domain.n_owned, 4))
        values[:, :3] = self.fixed_velocity[self.domain.nodes[: self.domain.n_owned]]
        return self.unknowns(values)

    def unknowns(self, nodal: FloatArray) -> FloatArray:
        """Owned nodal values (n_owned, 4) with zero pressures of prescribed outflows (n,)."""
        return np.concatenate([nodal.ravel(), np.zeros(self.openings.is_driven.sum())])

    def imposed(self, values: FloatArray) -> FloatArray:
        """``values`` (n,) with prescribed velocities and inlet profile, a copy; collective."""
        result = np.array(values)
        result[self.fixed_rows] = self.fixed_velocity[self._fixed_nodes].ravel()
        if self.openings.is_held:
            outflow = self.openings.flows(result[: self.nodal.size])[0]
            result[self._profile_rows] = self._known + outflow * self._profile
        return result

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
        if self.form.drift is not None and self.form.drift.is_on:
            petsc.assemble_vector(self.residual, self.form.drift.compiled)
        self.residual.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        rows = self.residual.array
        flows = self.openings.flows(self.nodal)
        self.openings.add(self.openings.pressures(flows), rows)
        rows[self.fixed_rows] = 0.0
        norm = float(np.hypot(self.residual.norm(), np.linalg.norm(self.openings.excess(flows))))
        if not np.isfinite(norm):
            raise NonFiniteError(
                "The flow field stopped being finite during the iteration; check radii and "
                "boundary values for a nearly closed lumen or a flow above the physiological."
            )
        return norm

    def linearise(self) -> None:
        """Assemble the Jacobian at the current field and prepare its solver; collective."""
        self.solver.matrix.assemble(self.form.jacobian, self.bcs)
        self.solver.prepare(self.openings, self.coarse)

    @property
    def defect(self) -> FloatArray:
        """Residual of the last evaluation and flow above prescribed outflows, a copy (n,)."""
        openings = self.openings
        excess = openings.excess(openings.flows(self.nodal))
        return np.concatenate([self.residual.array, excess[openings.is_driven]])

    def products(self, left: FloatArray, right: FloatArray) -> FloatArray:
        """Inner products of rows of defects (k, n) with another one (n,); collective (k,)."""
        n = self.nodal.size
        owned = summed(self.domain.mesh.comm, left[:, :n] @ right[:n])
        return owned + left[:, n:] @ right[n:]

    def newton_step(self, defect: FloatArray, limit: float) -> tuple[FloatArray, int]:
        """Solution of the linear system; collective.

        The constraint of a prescribed outflow is softened by its resistance within the step; the
        softening vanishes with the step.

        Args:
            defect: What to remove, as ``defect`` has it (n,).
            limit: Norm that the residual of the linear system must fall below.

        Returns:
            The step to subtract (n,) and the Krylov steps it took.
        """
        openings, n = self.openings, self.nodal.size
        excess = np.zeros(openings.count)
        excess[openings.is_driven] = defect[n:]
        right = self._right.array
        right[:] = defect[:n]
        openings.add(openings.resistance * excess, right)
        iterations = self.solver.solve(self._right, self.step, limit)
        step = np.array(self.step.array)
        left = excess - openings.flows(step)
        return np.append(step, -(openings.resistance * left)[openings.is_driven]), iterations

    def size_of_terms(self) -> float:
        """Norm of the Jacobian times the current field; collective.

        It measures the terms that balance in a momentum equation, at rest outlets and inlets
        included, and serves as the unit of residuals where there is no start at rest to compare.
        Rows whose velocity is prescribed or held to a profile are left out.
        """
        image = np.empty_like(self.nodal)
        self.solver.matrix.multiply(self.nodal, image)
        image[self.fixed_rows] = image[self._profile_rows] = 0.0
        return float(np.sqrt(self.domain.mesh.comm.allreduce(float(image @ image))))

    def balance(self) -> None:
        """Take the coarse part of the current residual off the field; collective.

        The pressure hats of the coarse space sum to one, so that afterwards the flows through the
        faces balance to rounding, however loosely the system was solved.
        """
        correction = self.coarse.correct(self.residual.array_r)
        n = self.nodal.size
        self.set_field(np.concatenate([self.nodal - correction, self.field[n:]]))

    def imbalance(self) -> float:
        """Net flow out of all faces over the largest of them; collective."""
        flows = self.openings.face_flows(self.nodal)
        if self.inflow is not None:
            flows = np.append(flows, -self.inflow)
        largest = float(np.abs(flows).max())
        return abs(float(flows.sum())) / largest if largest > 0 else 0.0
