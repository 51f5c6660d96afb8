"""Krylov solver of the linearised flow: block ILU below, a coarse level above."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from corohemo.solvers.coarse import CoarseSpace
    from corohemo.solvers.local_openings import LocalOpenings
    from corohemo.solvers.vertex_level import RestrictedOpenings, VertexLevel

    type AnyOpenings = LocalOpenings | RestrictedOpenings

RESTART = 200
MAX_STEPS = 600
SHIFT = 0.1
"""Share of its diagonal that is added to A before incomplete factors are taken of it. Without it a
few pivots in ten thousand vanish or change sign on fine meshes, and the Krylov solver stalls."""
OPTION_SETS: dict[str, dict[str, int | str]] = {
    "ilu0": {},
    "ilu1": {"pc_factor_levels": 1},
    "mumps": {"pc_type": "lu", "pc_factor_mat_solver_type": "mumps"},
}
"""PETSc's options of the factors below the coarse space; those that are in its database under the
prefix ``corohemo_NAME_`` go before them."""


class LinearSolver:
    """Flexible GMRES for ``A + B diag(R) B^T``.

    A is stored in 4x4 blocks, one block a node pair. The preconditioner is two-level: incomplete
    block LU factors of A, one per rank with an overlap of one layer, and a coarse level.

    Args:
        matrix: A.
        factors: Which factors, a key of ``OPTION_SETS``.
    """

    def __init__(self, matrix: Any, factors: str = "ilu0") -> None:
        from petsc4py import PETSc

        self.matrix = matrix
        self._openings: AnyOpenings | None = None
        self._coarse: CoarseSpace | VertexLevel | None = None
        borrowed = _Borrowed(self)
        self.operator = PETSc.Mat().createPython(matrix.getSizes(), borrowed, comm=matrix.comm)
        self.operator.setUp()
        self.krylov = PETSc.KSP().create(matrix.comm)
        self.krylov.setOperators(self.operator, matrix)
        self.krylov.setType(PETSc.KSP.Type.FGMRES)
        self.krylov.setGMRESRestart(RESTART)
        self.krylov.getPC().setType(PETSc.PC.Type.PYTHON)
        self.krylov.getPC().setPythonContext(borrowed)
        self.factors = PETSc.PC().create(matrix.comm)
        if matrix.comm.size == 1:
            self.factors.setType(PETSc.PC.Type.ILU)
        else:
            self.factors.setType(PETSc.PC.Type.ASM)
            self.factors.setASMOverlap(1)
        self._configure(factors)
        self._shift = 0.0 if factors == "mumps" else SHIFT
        self._corrected, self._left = matrix.createVecs()

    def _configure(self, name: str) -> None:
        """Apply a set of options and what the user has given PETSc for it."""
        from petsc4py import PETSc

        prefix = f"corohemo_{name}_"
        options = PETSc.Options(prefix)
        settings = OPTION_SETS[name]
        is_of_blocks = self.matrix.comm.size > 1 and "pc_type" not in settings
        for key, value in settings.items():
            key = f"sub_{key}" if is_of_blocks else key
            if not options.hasName(key):
                options.setValue(key, value)
        self.factors.setOptionsPrefix(prefix)
        self.factors.setFromOptions()

    def prepare(self, openings: AnyOpenings, coarse: CoarseSpace | VertexLevel) -> None:
        """Factorise after the matrix has changed; collective."""
        self._openings = openings
        self._coarse = coarse
        coarse.refresh(self.operator)
        self._factorise()
        self._fold_in_resistances(openings)
        self.krylov.setOperators(self.operator, self.matrix)
        self.krylov.setUp()

    def _factorise(self) -> None:
        """Factors of A with its diagonal raised, which keeps incomplete pivots from vanishing."""
        diagonal = self.matrix.getDiagonal()
        self.matrix.setDiagonal((1.0 + self._shift) * diagonal)
        self.factors.setOperators(self.matrix, self.matrix)
        self.factors.setReusePreconditioner(False)
        self.factors.setUp()
        self.factors.setReusePreconditioner(True)
        self.matrix.setDiagonal(diagonal)

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

    def mult(self, vector: Any, result: Any) -> None:
        """Product of the operator."""
        self.matrix.mult(vector, result)
        openings = self._openings
        if openings is None:
            return
        response = openings.response
        if np.any(response):
            openings.add(response @ openings.flows(vector.array_r), result.array)

    def apply(self, right: Any, result: Any) -> None:
        """Preconditioner: coarse correction, then the factors on what is left."""
        assert self._coarse is not None
        correction, self._left.array[:] = self._coarse.split(right.array_r)
        self.factors.apply(self._left, result)
        flows = self._openings.flows(result.array_r) if self._openings else np.zeros(0)
        result.array[:] += correction - self._images @ (self._answer @ flows)

    def _fold_in_resistances(self, openings: AnyOpenings) -> None:
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
        solver.mult(vector, result)

    def apply(self, _: Any, right: Any, result: Any) -> None:
        solver = self._solver()
        assert solver is not None
        solver.apply(right, result)
