"""Krylov solver of the linearised flow: block ILU of the volume part, outlets by rank-one terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from corohemo.solvers.problem import LocalOpenings

RESTART = 200
MAX_STEPS = 600


class LinearSolver:
    """Right-preconditioned GMRES for ``A + B diag(R) B^T``.

    A is stored in 4x4 blocks, one block a node pair; its incomplete block LU factors, one per rank
    with an overlap of one layer, precondition.
    """

    def __init__(self, matrix: Any) -> None:
        from petsc4py import PETSc

        self.matrix = matrix
        self._openings: LocalOpenings | None = None
        self.operator = PETSc.Mat().createPython(matrix.getSizes(), self, comm=matrix.comm)
        self.operator.setUp()
        self.krylov = PETSc.KSP().create(matrix.comm)
        self.krylov.setOperators(self.operator, matrix)
        self.krylov.setType(PETSc.KSP.Type.GMRES)
        self.krylov.setGMRESRestart(RESTART)
        self.krylov.setPCSide(PETSc.PC.Side.RIGHT)
        preconditioner = self.krylov.getPC()
        if matrix.comm.size == 1:
            preconditioner.setType(PETSc.PC.Type.ILU)
        else:
            preconditioner.setType(PETSc.PC.Type.ASM)
            preconditioner.setASMOverlap(1)

    def prepare(self, openings: LocalOpenings) -> None:
        """Factorise after the matrix has changed; collective."""
        self._openings = openings
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
        if openings is not None and np.any(openings.resistance):
            openings.add(openings.resistance * openings.flows(vector.array_r), result.array)
