"""Coarse level of linear elements under the quadratic ones.

What is smooth over a few cells, factors on quadratic elements hardly reduce, and the more cells a
section has the more of the error is of that kind. The vertices carry it with an eighth of the
unknowns: E = P^T A P, where P takes linear functions of the same cells as quadratic ones, is
assembled from the form itself. A few Krylov steps on E, with its own factors and the centerline's
coarse space (``corohemo.solvers.coarse``), serve as well as its inverse and cost less; they make
the preconditioner vary from step to step, which the outer iteration has to allow.

Corrections are as those of the coarse space: ``z = Q r + M^-1 (r - A Q r)``, Q about P E^-1 P^T.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo.solvers.cell_jacobian import Jacobian
from corohemo.solvers.coarse import CoarseSpace
from corohemo.solvers.flux_loads import FluxLoads
from corohemo.solvers.local_openings import LocalOpenings
from corohemo.solvers.prolonged import ProlongedMatrix
from corohemo.solvers.vertex_space import VertexSpace

if TYPE_CHECKING:
    from corohemo.solvers.linear import LinearSolver

FloatArray = NDArray[np.float64]

STEPS, REDUCTION = 8, 0.3
"""Most Krylov steps on the vertices in one correction, and the residual that suffices."""


class RestrictedOpenings:
    """Openings as the vertices see them: flux functionals ``P^T b`` and the same resistances."""

    def __init__(self, openings: LocalOpenings, loads: list[FloatArray]) -> None:
        matrix = np.column_stack(loads)
        rows, columns = np.nonzero(matrix)
        self._openings = openings
        self._loads = FluxLoads(openings.comm, rows, columns, matrix[rows, columns], openings.count)
        self.count = openings.count

    @property
    def response(self) -> FloatArray:
        """Pressures that unit flows cause (k, k)."""
        return self._openings.response

    def flows(self, field: FloatArray) -> FloatArray:
        """Flow out of each opening by the owned unknowns ``field``; collective (k,)."""
        return self._loads.flows(field)

    def add(self, pressures: FloatArray, residual: FloatArray) -> None:
        """Add the load of ``pressures`` (k,) to the owned rows of ``residual``."""
        self._loads.add(pressures, residual)


class VertexLevel:
    """The correction Q on the ranks.

    Args:
        space: Linear elements on the mesh.
        jacobian: Jacobian between linear functions, without the openings' part.
        fixed: Whether the velocity is prescribed at each node of ``space.nodes``.
        below: The same of ``space.vertices``.
        openings: Flux functionals and resistances of the quadratic problem.
        knots: Coarse space of the vertices.
    """

    def __init__(
        self,
        space: VertexSpace,
        jacobian: Jacobian,
        fixed: NDArray[np.bool_],
        below: NDArray[np.bool_],
        openings: LocalOpenings,
        knots: CoarseSpace,
    ) -> None:
        self._jacobian, self._knots = jacobian, knots
        self._bcs = space.vertices.no_slip(below)
        self._fixed = space.vertices.velocity_rows(below)
        self._fixed_fine = space.nodes.velocity_rows(fixed)
        self._up, self._solver = space.prolongation, space.solver
        self._answer, self._fine = self._up.createVecs()
        self._load = self._answer.duplicate()
        self._image = np.empty(self._fine.getLocalSize(), dtype=np.float32)
        self._images: ProlongedMatrix | None = None
        self._space, self._fine_openings = space, openings
        self._openings = RestrictedOpenings(openings, self._restricted(openings))

    def _restricted(self, openings: LocalOpenings) -> list[FloatArray]:
        """P^T of each opening's flux functional, owned rows."""
        loads = []
        for unit in np.eye(openings.count):
            self._fine.set(0.0)
            openings.add(unit, self._fine.array)
            self._restrict()
            loads.append(np.array(self._load.array_r))
        return loads

    def refresh(self, solver: LinearSolver) -> None:
        """Assemble and factorise E at the current field, multiply A P; collective."""
        if self._images is None:
            self._images = ProlongedMatrix(solver.matrix, self._up, self._space.vertices)
        self._images.refresh(solver.matrix)
        self._solver.matrix.assemble(self._jacobian, self._bcs)
        self._solver.prepare(self._openings, self._knots, is_single=True)

    def split(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Q of owned values and what it leaves of them, r - A Q r; collective."""
        assert self._images is not None
        correction, below = self.correct(values), self._answer.array_r
        self._images.multiply(below, self._image)
        left = values - self._image
        openings = self._fine_openings
        openings.add(-openings.response @ self._openings.flows(below), left)
        left[self._fixed_fine] = values[self._fixed_fine]
        return correction, left

    def correct(self, values: FloatArray) -> FloatArray:
        """Q of owned values; collective."""
        self._fine.array[:] = values
        self._restrict()
        self._solver.reduce(self._load, self._answer, REDUCTION, STEPS)
        self._up.mult(self._answer, self._fine)
        self._fine.array[self._fixed_fine] = 0.0
        return np.array(self._fine.array_r)

    def _restrict(self) -> None:
        """P^T of the nodal values in ``_fine``, into ``_load``."""
        self._up.multTranspose(self._fine, self._load)
        self._load.array[self._fixed] = 0.0
