"""The Jacobian of a flow form: its cells by a kernel, its faces and its inertia compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.curved_cells import Functions
from corohemo.kernels.flow_jacobian import Blocks, Coefficients, add_flow_jacobian
from corohemo.solvers.domain import FlowDomain
from corohemo.solvers.form_data import Drift, Inertia

FloatArray = NDArray[np.float64]

GEOMETRY_DEGREE = 2


@dataclass(frozen=True)
class Regime:
    """Fields and numbers of a form that its cells' Jacobian depends on.

    Attributes:
        state, carrier: Fields, on one space.
        viscosity, convection, sharpness: Constants.
        inertia: What a time step adds, None in a steady form.
        inverse_constant: Factor of nu^2 G:G in tau.
        longest_tau: Most time steps that tau may last.
    """

    state: Any
    carrier: Any
    viscosity: Any
    convection: Any
    sharpness: Any
    inertia: Inertia | None
    inverse_constant: float
    longest_tau: float

    def numbers(self) -> Coefficients:
        """Their values now."""
        rate = frequency = 0.0
        if self.inertia is not None:
            rate, frequency = float(self.inertia.rate.value), float(self.inertia.frequency.value)
        return Coefficients(
            viscosity=float(self.viscosity.value),
            convection=float(self.convection.value),
            sharpness=float(self.sharpness.value),
            inverse_constant=self.inverse_constant,
            rate=rate,
            slowest=frequency / self.longest_tau,
        )

    def past(self) -> FloatArray:
        """What inertia takes off the rate times the velocity; empty without."""
        if self.inertia is None:
            return np.zeros(0)
        values: FloatArray = self.inertia.past.x.array
        return values


class CellJacobian:
    """Derivative of the cells' terms of a form with a constant viscosity.

    Args:
        domain: The distributed mesh with the space of the state.
        basis: The same with the space of test and trial functions.
        degree: Degree of the quadrature rule.
        regime: Fields and numbers of the form.
    """

    def __init__(self, domain: FlowDomain, basis: FlowDomain, degree: int, regime: Regime) -> None:
        import basix

        places, self._weights = basix.make_quadrature(basix.CellType.tetrahedron, degree)
        self._geometry, self._regime = domain.mesh.geometry, regime
        n = domain.mesh.topology.index_map(3).size_local
        self._corners = _functions(self._geometry.dofmaps[0][:n], GEOMETRY_DEGREE, places)
        self._fields, self._basis = (
            _functions(d.space.dofmap.list[:n], d.space.ufl_element().degree, places)
            for d in (domain, basis)
        )

    def add(self, matrix: Blocks, is_fixed: NDArray[np.bool_]) -> None:
        """Add it to ``matrix`` at the current state, but for velocities that are fixed."""
        regime = self._regime
        add_flow_jacobian(
            self._geometry.x,
            self._corners,
            self._fields,
            self._basis,
            self._weights,
            regime.state.x.array,
            regime.carrier.x.array,
            regime.past(),
            regime.numbers(),
            is_fixed,
            matrix,
        )


def _functions(dofs: Any, degree: int, places: FloatArray) -> Functions:
    """Lagrange functions in the points ``places`` of the reference cell."""
    import basix
    import basix.ufl

    element = basix.ufl.element("Lagrange", "tetrahedron", degree)
    order = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    order += [(2, 0, 0), (1, 1, 0), (1, 0, 1), (0, 2, 0), (0, 1, 1), (0, 0, 2)]
    values = element.tabulate(2, places)[[basix.index(*powers) for powers in order]]
    table = np.ascontiguousarray(np.moveaxis(values, 0, -1))
    return Functions(np.ascontiguousarray(dofs), table, 4 if degree <= 2 else table.shape[-1])


@dataclass(frozen=True)
class Jacobian:
    """Derivative of a form's residual, between the functions of one space.

    Attributes:
        pattern: Compiled form that couples what the derivative couples.
        compiled: What of it is compiled.
        drift: That of a step of pseudo-time, None in an unsteady form.
        cells: The cells' terms, None where they are compiled too.
    """

    pattern: Any
    compiled: Any
    drift: Drift | None = None
    cells: CellJacobian | None = None

    def assemble(self, matrix: Any, bcs: list[Any]) -> None:
        """Into a matrix of DOLFINx's, with ones on the diagonal of ``bcs``; not yet summed."""
        from dolfinx import fem

        matrix.set_value(0.0)
        if self.cells is not None:
            rows = matrix.index_map(0)
            is_fixed = np.zeros(rows.size_local + rows.num_ghosts, dtype=bool)
            for condition in bcs:
                is_fixed[condition.dof_indices()[0] // 4] = True
            blocks = matrix.data.reshape(-1, 16)
            self.cells.add(Blocks(matrix.indptr, matrix.indices, blocks), is_fixed)
        if self.drift is not None and self.drift.is_on:
            fem.assemble_matrix(matrix, self.drift.compiled, bcs=bcs, diag=0.0)
        fem.assemble_matrix(matrix, self.compiled, bcs=bcs)
