"""Krylov solver of the linearised flow: block ILU below, a centerline coarse space above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from corohemo.solvers.coarse import CoarseSpace
    from corohemo.solvers.problem import LocalOpenings

RESTART = 200
MAX_STEPS = 600


class LinearSolver:
    """Right-preconditioned GMRES for ``A + B diag(R) B^T``.

    A is stored in 4x4 blocks, one block a node pair. The preconditioner is two-level: incomplete
    block LU factors of A, one per rank with an overlap of one layer, and a coarse space.
    """

    def __init__(self, matrix: Any) -> None:
        from petsc4py import PETSc

        self.matrix = matrix
        self._openings: LocalOpenings | None = None
        self._coarse: CoarseSpace | None = None
        self.operator = PETSc.Mat().createPython(matrix.getSizes(), self, comm=matrix.comm)
        self.operator.setUp()
        right: Any = PETSc.PC.Side.RIGHT
        self.krylov = PETSc.KSP().create(matrix.comm)
        self.krylov.setOperators(self.operator, matrix)
        self.krylov.setType(PETSc.KSP.Type.GMRES)
        self.krylov.setGMRESRestart(RESTART)
        self.krylov.setPCSide(right)
        self.krylov.getPC().setType(PETSc.PC.Type.PYTHON)
        self.krylov.getPC().setPythonContext(self)
        self.factors = PETSc.PC().create(matrix.comm)
        if matrix.comm.size == 1:
            self.factors.setType(PETSc.PC.Type.ILU)
        else:
            self.factors.setType(PETSc.PC.Type.ASM)
            self.factors.setASMOverlap(1)
        self._corrected, self._left = matrix.createVecs()

    def prepare(self, openings: LocalOpenings, coarse: CoarseSpace) -> None:
        """Factorise after the matrix has changed; collective."""
        self._openings = openings
        self._coarse = coarse
        coarse.refresh(self.operator)
        self.factors.setOperators(self.matrix, self.matrix)
        self.factors.setUp()
        self._fold_in_resistances(openings)
        self.krylov.setOperators(self.operator, self.matrix)
        self.krylov.setUp()

    def solve(self, right: Any, result: Any, limit: float) -> int:
        """Solve until the norm of the residual is below ``limit``; collective.

        Returns:
            Krylov steps taken.
        """
        self.krylov.setTolerances(rtol=1e-14, atol=limit, max_it=MAX_STEPS)
        self.krylov.solve(right, result)
        return int(self.krylov.getIterationNumber())

    def mult(self, _: Any, vector: Any, result: Any) -> None:
        """Product of the operator, called by PETSc."""
        self.matrix.mult(vector, result)
        openings = self._openings
        if openings is not None and np.any(openings.response):
            openings.add(openings.response @ openings.flows(vector.array_r), result.array)

    def apply(self, _: Any, right: Any, result: Any) -> None:
        """Preconditioner, called by PETSc: coarse correction, then the factors on what is left."""
        assert self._coarse is not None
        correction, self._left.array[:] = self._coarse.split(right.array_r)
        self.factors.apply(self._left, result)
        flows = self._openings.flows(result.array_r) if self._openings else np.zeros(0)
        result.array[:] += correction - self._images @ (self._answer @ flows)

    def _fold_in_resistances(self, openings: LocalOpenings) -> None:
        """Prepare the factors' rank-one terms (Woodbury): z = y - Z (1 + R B^T Z)^-1 R B^T y."""
        count = openings.count
        self._images = np.zeros((self._left.getLocalSize(), count))
        through = np.zeros((count, count))
        for column in range(count):
            self._left.set(0.0)
            openings.add(np.eye(count)[column], self._left.array)
            self.factors.apply(self._left, self._corrected)
            self._images[:, column] = self._corrected.array_r
            through[:, column] = openings.flows(self._corrected.array_r)
        response = openings.response
        self._answer = np.linalg.solve(np.eye(count) + response @ through, response)
