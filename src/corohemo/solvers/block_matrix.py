"""The Jacobian on the ranks, in blocks of a node pair, and products with it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.blocks import multiply_blocks

FloatArray = NDArray[np.float64]
SingleArray = NDArray[np.float32]


class BlockMatrix:
    """A matrix with the sparsity of a form; each rank has the rows of its own nodes.

    Entries are summed up in double and multiplied in single precision: a product with them costs
    what reading them does. Newton's residuals never meet this matrix, only their corrections do.

    Args:
        form: A compiled bilinear form, four unknowns a node.

    Attributes:
        blocks: Entries in single precision (m, 16), owned rows.
        ends: Where the blocks of each owned row begin (n_owned + 1,).
        columns: Local column of each block (m,).
    """

    def __init__(self, form: Any) -> None:
        from dolfinx import fem, la

        self._assembled = fem.create_matrix(form, block_mode=la.BlockMode.compact)
        rows, columns = (self._assembled.index_map(side) for side in (0, 1))
        self.comm = rows.comm
        self.n_owned: int = rows.size_local
        self.ends = np.asarray(self._assembled.indptr[: self.n_owned + 1])
        self.columns = np.asarray(self._assembled.indices[: self.ends[-1]])
        self.blocks: SingleArray = np.zeros((len(self.columns), 16), dtype=np.float32)
        self._factor = la.vector(columns, 4, dtype=np.float32)
        self._product = np.zeros(4 * self.n_owned, dtype=np.float32)

    def assemble(self, form: Any, bcs: list[Any]) -> None:
        """Fill from ``form`` with ones on the diagonal of the rows of ``bcs``; collective."""
        from dolfinx import fem

        self._assembled.set_value(0.0)
        fem.assemble_matrix(self._assembled, form, bcs=bcs)
        self._assembled.scatter_reverse()
        self.blocks[:] = self._owned()

    def multiply(self, values: FloatArray, result: FloatArray) -> None:
        """Product with owned ``values`` (4 n_owned,), into ``result``; collective."""
        local = self._factor.array
        local[: values.size] = values
        self._factor.scatter_forward()
        multiply_blocks(self.ends, self.columns, self.blocks, local, self._product)
        result[:] = self._product

    def to_petsc(self) -> Any:
        """The same in double precision as a new matrix of PETSc's; collective."""
        from petsc4py import PETSc

        columns = self._assembled.index_map(1)
        everywhere = columns.local_to_global(self.columns)
        sizes = (4 * self.n_owned, None)
        return PETSc.Mat().createBAIJ(
            (sizes, sizes),
            4,
            csr=(
                self.ends.astype(PETSc.IntType),
                everywhere.astype(PETSc.IntType),
                self._owned().ravel(),
            ),
            comm=self.comm,
        )

    def _owned(self) -> FloatArray:
        """Owned rows in double precision, a view (m, 16)."""
        whole: FloatArray = self._assembled.data.reshape(-1, 16)
        return whole[: len(self.columns)]
