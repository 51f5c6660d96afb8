"""Flux functionals of the openings as a thin sparse matrix, and sums over the ranks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def summed(comm: Any, values: FloatArray) -> FloatArray:
    """Sum of an array over the ranks; collective."""
    if comm.size == 1:
        return values
    result = np.empty_like(values)
    comm.Allreduce(np.ascontiguousarray(values), result)
    return result


class FluxLoads:
    """The columns b of B on the rows that this rank owns.

    Args:
        comm: MPI communicator.
        rows: Row of each entry (m,); a row may come several times.
        columns: Its column (m,).
        values: The entry (m,).
        count: Number of columns.
    """

    def __init__(
        self, comm: Any, rows: IntArray, columns: IntArray, values: FloatArray, count: int
    ) -> None:
        from scipy.sparse import csr_matrix

        self._comm = comm
        self._rows, place = np.unique(rows, return_inverse=True)
        self._matrix = csr_matrix((values, (place, columns)), shape=(len(self._rows), count))
        self._transposed = self._matrix.T.tocsr()

    def flows(self, field: FloatArray) -> FloatArray:
        """B^T of owned values; collective (count,)."""
        return summed(self._comm, np.asarray(self._transposed @ field[self._rows]))

    def add(self, pressures: FloatArray, residual: FloatArray) -> None:
        """Add B times ``pressures`` (count,) to owned rows."""
        residual[self._rows] += self._matrix @ pressures
