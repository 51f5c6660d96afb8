"""Sparse matrices of 4x4 blocks: products, incomplete factors without fill, their substitution.

Blocks are rows of sixteen numbers, row by row. Matrices of a flow are read from memory far slower
than they are multiplied: single precision halves that, and triangles apart from each other, in the
order in which they are used (the upper one from its last row on), do as much again.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.lanes import WIDTH, set_product, subtract_product

FloatArray = NDArray[np.float32] | NDArray[np.float64]
IntArray = NDArray[np.int32] | NDArray[np.int64]

type Four = tuple[float, float, float, float]


@nb.njit(inline="always")
def _add(sums: Four, block: FloatArray, row: int, x: Four) -> Four:
    """A row of a block times ``x``, entry by entry; each sum is a chain of its own."""
    return (
        sums[0] + block[row] * x[0],
        sums[1] + block[row + 1] * x[1],
        sums[2] + block[row + 2] * x[2],
        sums[3] + block[row + 3] * x[3],
    )


@nb.njit(inline="always")
def _total(sums: Four) -> float:
    return (sums[0] + sums[1]) + (sums[2] + sums[3])


@nb.njit(inline="always")
def _row_product(
    first: int, end: int, columns: IntArray, blocks: FloatArray, vector: FloatArray
) -> Four:
    """Blocks ``first`` to ``end``, all of one row, times their parts of a vector."""
    zero = vector.dtype.type(0)
    a = b = c = d = (zero, zero, zero, zero)
    for k in range(first, end):
        block, j = blocks[k], WIDTH * columns[k]
        x = (vector[j], vector[j + 1], vector[j + 2], vector[j + 3])
        a, b = _add(a, block, 0, x), _add(b, block, 4, x)
        c, d = _add(c, block, 8, x), _add(d, block, 12, x)
    return _total(a), _total(b), _total(c), _total(d)


@nb.njit(cache=True, fastmath={"contract"})
def multiply_blocks(
    ends: IntArray, columns: IntArray, blocks: FloatArray, vector: FloatArray, result: FloatArray
) -> None:
    """Product of a matrix and a vector.

    Args:
        ends: Where the blocks of each row begin (n + 1,).
        columns: Column of each block (m,).
        blocks: The blocks (m, 16).
        vector: Factor (4 n_columns,).
        result: Filled with the product (4 n,).
    """
    for i in range(ends.size - 1):
        values = _row_product(ends[i], ends[i + 1], columns, blocks, vector)
        for r in range(WIDTH):
            result[WIDTH * i + r] = values[r]


@nb.njit(cache=True, fastmath={"contract"})
def multiply_numbers(
    ends: IntArray,
    columns: IntArray,
    blocks: FloatArray,
    other_ends: IntArray,
    other_columns: IntArray,
    numbers: FloatArray,
    result_ends: IntArray,
    result_columns: IntArray,
    result: FloatArray,
    place: IntArray,
) -> None:
    """Product of a matrix and a sparse one of single numbers, each for a multiple of a unit block.

    Args:
        ends: Where the blocks of each row begin (n + 1,).
        columns: Column of each block (m,).
        blocks: The blocks (m, 16).
        other_ends: The same of the numbers' rows, one for each column of the blocks.
        other_columns: Column of each number (k,).
        numbers: The numbers (k,).
        result_ends: Where the blocks of each row of the product begin (n + 1,).
        result_columns: Column of each of them (l,).
        result: Filled with the product (l, 16).
        place: Room for a number a column; -1 everywhere, and so it is left.
    """
    for i in range(ends.size - 1):
        for k in range(result_ends[i], result_ends[i + 1]):
            place[result_columns[k]] = k
            for r in range(16):
                result[k, r] = 0.0
        for k in range(ends[i], ends[i + 1]):
            for m in range(other_ends[columns[k]], other_ends[columns[k] + 1]):
                at, number = place[other_columns[m]], numbers[m]
                for r in range(16):
                    result[at, r] += number * blocks[k, r]
        for k in range(result_ends[i], result_ends[i + 1]):
            place[result_columns[k]] = -1


@nb.njit(cache=True)
def pick_blocks(blocks: FloatArray, places: IntArray, result: FloatArray) -> None:
    """Copy the blocks (m, 16) at ``places`` (n,) to ``result`` (n, 16), of whatever precision."""
    for i in range(places.size):
        for r in range(16):
            result[i, r] = blocks[places[i], r]


@nb.njit(cache=True, fastmath={"contract"})
def factorise_blocks(
    lower_ends: IntArray,
    lower_columns: IntArray,
    lower: FloatArray,
    upper_ends: IntArray,
    upper_columns: IntArray,
    upper: FloatArray,
    pivots: FloatArray,
) -> int:
    """Incomplete LU factors in place of a matrix, on its own places alone (ILU(0)).

    Args:
        lower_ends: Where the blocks left of the diagonal begin in each row (n + 1,).
        lower_columns: Their columns, ascending in a row.
        lower: The blocks (m, 16); L without its unit diagonal afterwards.
        upper_ends: The same right of the diagonal, the last row first.
        upper_columns: Their columns, ascending in a row.
        upper: The blocks; those of U afterwards.
        pivots: The diagonal (n, 16); the inverses of U's diagonal blocks afterwards.

    Returns:
        The first row whose pivot is singular, or -1.
    """
    n = pivots.shape[0]
    place_left, place_right = np.full(n, -1), np.full(n, -1)
    product = np.empty((1, 16), dtype=pivots.dtype)
    work = np.empty((WIDTH, 2 * WIDTH), dtype=pivots.dtype)
    for i in range(n):
        for k in range(lower_ends[i], lower_ends[i + 1]):
            place_left[lower_columns[k]] = k
        for k in range(upper_ends[n - 1 - i], upper_ends[n - i]):
            place_right[upper_columns[k]] = k
        for k in range(lower_ends[i], lower_ends[i + 1]):
            j = lower_columns[k]
            set_product(lower, k, pivots, j, product, 0)
            for r in range(16):
                lower[k, r] = product[0, r]
            for m in range(upper_ends[n - 1 - j], upper_ends[n - j]):
                column = upper_columns[m]
                if column == i:
                    subtract_product(product, 0, upper, m, pivots, i)
                elif column < i and place_left[column] >= 0:
                    subtract_product(product, 0, upper, m, lower, place_left[column])
                elif column > i and place_right[column] >= 0:
                    subtract_product(product, 0, upper, m, upper, place_right[column])
        for k in range(lower_ends[i], lower_ends[i + 1]):
            place_left[lower_columns[k]] = -1
        for k in range(upper_ends[n - 1 - i], upper_ends[n - i]):
            place_right[upper_columns[k]] = -1
        if not _invert(pivots[i], work):
            return i
    return -1


@nb.njit
def _invert(block: FloatArray, work: FloatArray) -> bool:
    """Gauss and Jordan, with row exchanges, in place; whether the block is regular."""
    for r in range(WIDTH):
        for c in range(WIDTH):
            work[r, c] = block[WIDTH * r + c]
            work[r, WIDTH + c] = 1.0 if r == c else 0.0
    for c in range(WIDTH):
        best = c
        for r in range(c + 1, WIDTH):
            if abs(work[r, c]) > abs(work[best, c]):
                best = r
        if not abs(work[best, c]) > 0.0:
            return False
        for k in range(2 * WIDTH):
            work[c, k], work[best, k] = work[best, k], work[c, k]
        scale = 1 / work[c, c]
        for k in range(2 * WIDTH):
            work[c, k] *= scale
        for r in range(WIDTH):
            share = work[r, c]
            if r != c and share != 0.0:
                for k in range(2 * WIDTH):
                    work[r, k] -= share * work[c, k]
    for r in range(WIDTH):
        for c in range(WIDTH):
            block[WIDTH * r + c] = work[r, WIDTH + c]
    return True


@nb.njit(cache=True, fastmath={"contract"})
def substitute_blocks(
    lower_ends: IntArray,
    lower_columns: IntArray,
    lower: FloatArray,
    upper_ends: IntArray,
    upper_columns: IntArray,
    upper: FloatArray,
    pivots: FloatArray,
    vector: FloatArray,
) -> None:
    """Replace ``vector`` (4 n,) by (L U)^-1 times it; the factors of ``factorise_blocks``."""
    n = pivots.shape[0]
    for i in range(n):
        known = _row_product(lower_ends[i], lower_ends[i + 1], lower_columns, lower, vector)
        for r in range(WIDTH):
            vector[WIDTH * i + r] -= known[r]
    for row in range(n):
        known = _row_product(upper_ends[row], upper_ends[row + 1], upper_columns, upper, vector)
        i = n - 1 - row
        j = WIDTH * i
        left = (
            vector[j] - known[0],
            vector[j + 1] - known[1],
            vector[j + 2] - known[2],
            vector[j + 3] - known[3],
        )
        pivot = pivots[i]
        for r in range(WIDTH):
            vector[j + r] = (pivot[4 * r] * left[0] + pivot[4 * r + 1] * left[1]) + (
                pivot[4 * r + 2] * left[2] + pivot[4 * r + 3] * left[3]
            )
