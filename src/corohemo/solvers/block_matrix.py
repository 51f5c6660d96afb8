"""The Jacobian on the ranks, in blocks of a node pair, and products with it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.blocks import multiply_blocks
from corohemo.solvers.cell_jacobian import Jacobian

FloatArray = NDArray[np.float64]


class BlockMatrix:
    """A matrix with the sparsity of a form's Jacobian; each rank has the rows of its own nodes.

    It is double: with products in single precision the Krylov solver amplified rounding so much
    that the course of Newton's method differed from run to run.

    Args:
        jacobian: Of a form with four unknowns a node.

    Attributes:
        blocks: Entries of the owned rows, a view (m, 16).
        ends: Where the blocks of each owned row begin (n_owned + 1,).
        columns: Local column of each block (m,).
        column_numbers: Global number of each local column.
    """

    def __init__(self, jacobian: Jacobian) -> None:
        from dolfinx import fem, la

        self._assembled = fem.create_matrix(jacobian.pattern, block_mode=la.BlockMode.compact)
        rows, columns = (self._assembled.index_map(side) for side in (0, 1))
        self.comm = rows.comm
        self.n_owned: int = rows.size_local
        self.ends = np.asarray(self._assembled.indptr[: self.n_owned + 1])
        self.columns = np.asarray(self._assembled.indices[: self.ends[-1]])
        self.blocks: FloatArray = self._assembled.data.reshape(-1, 16)[: len(self.columns)]
        local = np.arange(columns.size_local + columns.num_ghosts, dtype=np.int32)
        self.column_numbers = np.asarray(columns.local_to_global(local), dtype=np.int64)
        self._factor, self._single_factor = (
            la.vector(columns, 4, dtype=kind) for kind in (np.float64, np.float32)
        )
        self._single: NDArray[np.float32] | None = None

    def assemble(self, jacobian: Jacobian, bcs: list[Any]) -> None:
        """Fill with ones on the diagonal of the rows of ``bcs``; collective."""
        jacobian.assemble(self._assembled, bcs)
        self._assembled.scatter_reverse()

    def multiply(self, values: FloatArray, result: FloatArray) -> None:
        """Product with owned ``values`` (4 n_owned,), into ``result``; collective."""
        local = self._factor.array
        local[: values.size] = values
        self._factor.scatter_forward()
        multiply_blocks(self.ends, self.columns, self.blocks, local, result)

    def copy_single(self) -> None:
        """Have products of single precision use the entries of now."""
        if self._single is None:
            self._single = np.empty_like(self.blocks, dtype=np.float32)
        self._single[:] = self.blocks

    def multiply_single(self, values: FloatArray, result: FloatArray) -> None:
        """The same in single precision, with the entries of the last copy; collective."""
        assert self._single is not None
        local = self._single_factor.array
        local[: values.size] = values
        self._single_factor.scatter_forward()
        multiply_blocks(self.ends, self.columns, self._single, local, result)

    def to_petsc(self) -> Any:
        """The same as a new matrix of PETSc's; collective."""
        from petsc4py import PETSc

        everywhere = self.column_numbers[self.columns]
        sizes = (4 * self.n_owned, None)
        return PETSc.Mat().createBAIJ(
            (sizes, sizes),
            4,
            csr=(
                self.ends.astype(PETSc.IntType),
                everywhere.astype(PETSc.IntType),
                self.blocks.ravel(),
            ),
            comm=self.comm,
        )
