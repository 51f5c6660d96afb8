"""Incomplete factors of a block matrix: those of this package, and PETSc's by name."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NotConvergedError
from corohemo.kernels.blocks import factorise_blocks, pick_blocks, substitute_blocks
from corohemo.solvers.block_matrix import BlockMatrix

FloatArray = NDArray[np.float64]

SHIFT = 0.1
"""Share of its diagonal that is added to A before incomplete factors are taken of it. Without it a
few pivots in ten thousand vanish or change sign on fine meshes, and the Krylov solver stalls."""
OPTION_SETS: dict[str, dict[str, int | str]] = {
    "ilu0": {},
    "ilu1": {"pc_factor_levels": 1},
    "mumps": {"pc_type": "lu", "pc_factor_mat_solver_type": "mumps"},
}
"""PETSc's options of factors; those that are in its database under the prefix ``corohemo_NAME_`` go
before them."""


class Factors(Protocol):
    """What preconditions below the coarse level."""

    def refresh(self) -> None:
        """Factorise after the matrix has changed; collective."""

    def apply(self, values: FloatArray, result: FloatArray) -> None:
        """The factors' inverse times owned ``values`` (4 n_owned,), into ``result``; collective."""


def factors_of(matrix: BlockMatrix, name: str) -> Factors:
    """The factors called ``name``: "blocks" or a key of ``OPTION_SETS``."""
    return SingleFactors(matrix) if name == "blocks" else PetscFactors(matrix, name)


class SingleFactors:
    """Block ILU(0) in single precision, of the square of each rank's own nodes."""

    def __init__(self, matrix: BlockMatrix) -> None:
        self._matrix = matrix
        n, ends, columns = matrix.n_owned, matrix.ends, matrix.columns
        rows = np.repeat(np.arange(n), np.diff(ends))
        lower, upper = columns < rows, (columns > rows) & (columns < n)
        below, above = np.flatnonzero(lower), np.flatnonzero(upper)
        above = above[np.argsort(-rows[above], kind="stable")]
        self._parts = below, above, np.flatnonzero(columns == rows)
        self._pattern = (
            _ends(np.bincount(rows[lower], minlength=n)),
            columns[below],
            _ends(np.bincount(rows[upper], minlength=n)[::-1]),
            columns[above],
        )
        self._values = tuple(np.empty((len(part), 16), dtype=np.float32) for part in self._parts)
        self._vector = np.zeros(4 * n, dtype=np.float32)

    def refresh(self) -> None:
        """Factorise; collective.

        Raises:
            NotConvergedError: If a pivot is singular.
        """
        lower, upper, pivots = self._values
        for part, values in zip(self._parts, self._values, strict=True):
            pick_blocks(self._matrix.blocks, part, values)
        pivots[:, ::5] *= 1.0 + SHIFT
        below, left, above, right = self._pattern
        singular = factorise_blocks(below, left, lower, above, right, upper, pivots)
        if singular >= 0:
            raise NotConvergedError(
                f"The linearised flow is singular at node {singular} of this rank; check the mesh "
                "for flat cells and the boundary conditions for zeros."
            )

    def apply(self, values: FloatArray, result: FloatArray) -> None:
        """Forward and backward substitution on each rank."""
        below, left, above, right = self._pattern
        lower, upper, pivots = self._values
        self._vector[:] = values
        substitute_blocks(below, left, lower, above, right, upper, pivots, self._vector)
        result[:] = self._vector


def _ends(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)])


class PetscFactors:
    """Factors by PETSc, one per rank with an overlap of one layer where they are local."""

    def __init__(self, matrix: BlockMatrix, name: str) -> None:
        self._matrix, self._name = matrix, name
        self._shift = 0.0 if name == "mumps" else SHIFT
        self._pc: Any = None

    def refresh(self) -> None:
        """Copy the matrix to PETSc and factorise; collective."""
        from petsc4py import PETSc

        matrix = self._matrix.to_petsc()
        matrix.setDiagonal((1.0 + self._shift) * matrix.getDiagonal())
        self._pc = PETSc.PC().create(matrix.comm)
        if matrix.comm.size == 1:
            self._pc.setType(PETSc.PC.Type.ILU)
        else:
            self._pc.setType(PETSc.PC.Type.ASM)
            self._pc.setASMOverlap(1)
        self._configure(matrix.comm.size)
        self._pc.setOperators(matrix, matrix)
        self._pc.setUp()
        self._right, self._left = matrix.createVecs()

    def _configure(self, ranks: int) -> None:
        """Apply a set of options and what the user has given PETSc for it."""
        from petsc4py import PETSc

        prefix = f"corohemo_{self._name}_"
        options = PETSc.Options(prefix)
        settings = OPTION_SETS[self._name]
        is_of_blocks = ranks > 1 and "pc_type" not in settings
        for key, value in settings.items():
            key = f"sub_{key}" if is_of_blocks else key
            if not options.hasName(key):
                options.setValue(key, value)
        self._pc.setOptionsPrefix(prefix)
        self._pc.setFromOptions()

    def apply(self, values: FloatArray, result: FloatArray) -> None:
        """What PETSc makes of ``values``; collective."""
        self._right.array[:] = values
        self._pc.apply(self._right, self._left)
        result[:] = self._left.array_r
