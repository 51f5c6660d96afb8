"""A P: what corrections of the level below take off a residual, without a product with A."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.blocks import multiply_blocks, multiply_numbers
from corohemo.solvers.block_matrix import BlockMatrix
from corohemo.solvers.domain import FlowDomain

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NEGLIGIBLE = 1e-12
"""Entries of P below this are rounding."""


class ProlongedMatrix:
    """A P on the ranks, in single precision: it serves in a preconditioner.

    Between linear functions below and quadratic ones it has a quarter of the blocks of A.

    Args:
        matrix: A, whose sparsity counts here.
        prolongation: P, four equal numbers in each block.
        below: Functions that P takes.
    """

    def __init__(self, matrix: BlockMatrix, prolongation: Any, below: FlowDomain) -> None:
        from dolfinx import la
        from scipy.sparse import csr_matrix

        ends, parents, self._shares = _rows_of(prolongation, matrix.column_numbers)
        index_map, parents = _local_map(below, parents)
        self._below = la.vector(index_map, 4, dtype=np.float32)
        self._parents = ends, parents
        count = index_map.size_local + index_map.num_ghosts
        children, shape = np.ones(len(parents), dtype=np.int8), (len(ends) - 1, count)
        below_of = csr_matrix((children > 0, parents, ends), shape=shape)
        couples = np.ones(len(matrix.columns), dtype=bool)
        pattern = csr_matrix(
            (couples, matrix.columns, matrix.ends), shape=(matrix.n_owned, len(ends) - 1)
        )
        pattern = (pattern @ below_of).tocsr()
        pattern.sort_indices()
        self._pattern = pattern.indptr, pattern.indices
        self._blocks = np.empty((pattern.nnz, 16), dtype=np.float32)
        self._place = np.full(count, -1)

    def refresh(self, matrix: BlockMatrix) -> None:
        """Multiply after A has changed."""
        multiply_numbers(
            matrix.ends,
            matrix.columns,
            matrix.blocks,
            *self._parents,
            self._shares,
            *self._pattern,
            self._blocks,
            self._place,
        )

    def multiply(self, values: FloatArray, result: NDArray[np.float32]) -> None:
        """Product with owned ``values`` of the level below, into owned ``result``; collective."""
        local = self._below.array
        local[: values.size] = values
        self._below.scatter_forward()
        multiply_blocks(*self._pattern, self._blocks, local, result)


def _rows_of(prolongation: Any, numbers: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows of P for blocks of these global ``numbers``: ends, columns, values; collective."""
    from petsc4py import PETSc

    comm = prolongation.comm
    first, end = prolongation.getOwnershipRangeColumn()
    rows = PETSc.IS().createGeneral((4 * numbers).tolist(), comm=comm)
    columns = PETSc.IS().createStride((end - first) // 4, first, 4, comm=comm)
    ends, parents, values = prolongation.createSubMatrix(rows, columns).getValuesCSR()
    counts = np.abs(values) > NEGLIGIBLE
    passed = np.concatenate([[0], np.cumsum(counts)])
    return passed[ends], np.asarray(parents[counts], dtype=np.int64), values[counts]


def _local_map(below: FlowDomain, numbers: IntArray) -> tuple[Any, IntArray]:
    """Owned blocks of ``below`` and ghosts for all ``numbers``; these as local ones; collective."""
    from dolfinx import common

    comm, (first, end) = below.mesh.comm, below.space.dofmap.index_map.local_range
    is_owned = (numbers >= first) & (numbers < end)
    ghosts = np.unique(numbers[~is_owned])
    ends = np.array(comm.allgather(end))
    owners = np.searchsorted(ends, ghosts, side="right").astype(np.int32)
    local = np.where(is_owned, numbers - first, end - first + np.searchsorted(ghosts, numbers))
    return common.IndexMap(comm, end - first, ghosts, owners, 1), local
