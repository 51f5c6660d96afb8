"""Krylov solver of the linearised flow: incomplete factors below, a coarse level above."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corohemo.solvers.block_factors import factors_of
from corohemo.solvers.block_matrix import BlockMatrix
from corohemo.solvers.cell_jacobian import Jacobian
from corohemo.solvers.environment import repeat_sums

if TYPE_CHECKING:
    from corohemo.solvers.coarse import CoarseSpace
    from corohemo.solvers.local_openings import LocalOpenings
    from corohemo.solvers.vertex_level import RestrictedOpenings, VertexLevel

    type AnyOpenings = LocalOpenings | RestrictedOpenings

FloatArray = NDArray[np.float64]

RESTART = 200
MAX_STEPS = 600


class LinearSolver:
    """Flexible GMRES for ``A + B diag(R) B^T``.

    The preconditioner is two-level: incomplete factors of A, and a coarse level.

    Args:
        jacobian: Whose sparsity A has.
        factors: Which factors, one of ``corohemo.solvers.options.FACTORS``.
    """

    def __init__(self, jacobian: Jacobian, factors: str = "blocks") -> None:
        from petsc4py import PETSc

        repeat_sums()
        self.matrix = BlockMatrix(jacobian)
        self._multiply = self.matrix.multiply
        self._factors = factors_of(self.matrix, factors)
        self._openings: AnyOpenings | None = None
        self._coarse: CoarseSpace | VertexLevel | None = None
        n = 4 * self.matrix.n_owned
        self._borrowed = _Borrowed(self)
        self.operator = PETSc.Mat().createPython(
            ((n, None), (n, None)), self._borrowed, comm=self.matrix.comm
        )
        self.operator.setUp()
        self.krylov = PETSc.KSP().create(self.matrix.comm)
        self.krylov.setType(PETSc.KSP.Type.FGMRES)
        self.krylov.setGMRESRestart(RESTART)
        self.krylov.getPC().setType(PETSc.PC.Type.PYTHON)
        self.krylov.getPC().setPythonContext(self._borrowed)
        self.krylov.setOperators(self.operator)

    def prepare(
        self,
        openings: AnyOpenings,
        coarse: CoarseSpace | VertexLevel,
        *,
        is_single: bool = False,
    ) -> None:
        """Factorise after the matrix has changed; collective.

        Args:
            openings: What is added to the matrix.
            coarse: The level below.
            is_single: Whether products with the matrix may be of single precision.
        """
        self._multiply = self.matrix.multiply_single if is_single else self.matrix.multiply
        if is_single:
            self.matrix.copy_single()
        self._openings = openings
        self._coarse = coarse
        coarse.refresh(self)
        self._factors.refresh()
        self._fold_in_resistances(openings)
        self.krylov.setUp()

    def solve(self, right: Any, result: Any, limit: float) -> int:
        """Solve until the norm of the residual is below ``limit``; collective.

        Returns:
            Krylov steps taken.
        """
        self.krylov.setTolerances(rtol=1e-14, atol=limit, max_it=MAX_STEPS)
        self.krylov.solve(right, result)
        return int(self.krylov.getIterationNumber())

    def reduce(self, right: Any, result: Any, share: float, steps: int) -> None:
        """Bring the residual down to a ``share``, in no more than so many ``steps``; collective."""
        self.krylov.setTolerances(rtol=share, atol=0.0, max_it=steps)
        self.krylov.solve(right, result)

    def mult(self, values: FloatArray, result: FloatArray) -> None:
        """Product of the operator with owned ``values``; collective."""
        self._multiply(values, result)
        if self._openings is None:
            return
        response = self._openings.response
        if response.any():
            self._openings.add(response @ self._openings.flows(values), result)

    def apply(self, right: FloatArray, result: FloatArray) -> None:
        """Preconditioner: coarse correction, then the factors on what is left; collective."""
        assert self._coarse is not None
        correction, left = self._coarse.split(right)
        self._factors.apply(left, result)
        flows = self._openings.flows(result) if self._openings else np.zeros(0)
        result += correction - self._images @ (self._answer @ flows)

    def _fold_in_resistances(self, openings: AnyOpenings) -> None:
        """Prepare the factors' rank-one terms (Woodbury): z = y - Z (1 + R B^T Z)^-1 R B^T y."""
        count, n = openings.count, 4 * self.matrix.n_owned
        self._images = np.zeros((n, count))
        through = np.zeros((count, count))
        image = np.zeros(n)
        for column, unit in enumerate(np.eye(count)):
            load = np.zeros(n)
            openings.add(unit, load)
            self._factors.apply(load, image)
            self._images[:, column] = image
            through[:, column] = openings.flows(image)
        response = openings.response
        self._answer = np.linalg.solve(np.eye(count) + response @ through, response)


class _Borrowed:
    """What PETSc calls back.

    It must not own the solver, which owns PETSc's objects: neither side's collector would see such
    a circle, and every mesh that was solved on would stay in memory.
    """

    def __init__(self, solver: LinearSolver) -> None:
        self._solver = weakref.ref(solver)

    def mult(self, _: Any, vector: Any, result: Any) -> None:
        solver = self._solver()
        assert solver is not None
        solver.mult(vector.array_r, result.array)

    def apply(self, _: Any, right: Any, result: Any) -> None:
        solver = self._solver()
        assert solver is not None
        solver.apply(right.array_r, result.array)
