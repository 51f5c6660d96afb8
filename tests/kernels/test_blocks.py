"""Products, incomplete factors and substitution of 4x4 blocks against dense matrices."""

import numpy as np
import pytest

from corohemo.kernels.blocks import (
    factorise_blocks,
    multiply_blocks,
    multiply_numbers,
    substitute_blocks,
)

RNG = np.random.default_rng(11)


def tridiagonal(n, dtype=np.float64):
    """Diagonally heavy; its factors fill nothing in."""
    places = [(i, j) for i in range(n) for j in range(max(i - 1, 0), min(i + 2, n))]
    return places, blocks_of(places, dtype)


def full(n, dtype=np.float64):
    places = [(i, j) for i in range(n) for j in range(n)]
    return places, blocks_of(places, dtype)


def blocks_of(places, dtype):
    blocks = RNG.standard_normal((len(places), 16))
    blocks[[i == j for i, j in places], ::5] += 12.0
    return blocks.astype(dtype)


def dense(places, blocks):
    n = 1 + max(i for i, _ in places)
    matrix = np.zeros((n, 4, n, 4))
    for (i, j), block in zip(places, blocks, strict=True):
        matrix[i, :, j, :] = block.reshape(4, 4)
    return matrix.reshape(4 * n, 4 * n)


def ends_of(rows, n):
    return np.searchsorted(rows, np.arange(n + 1))


def factors(places, blocks):
    """Pattern and factors as ``substitute_blocks`` takes them, and the row of a singular pivot."""
    n = 1 + max(i for i, _ in places)
    lower = [k for k, (i, j) in enumerate(places) if j < i]
    upper = sorted((k for k, (i, j) in enumerate(places) if j > i), key=lambda k: -places[k][0])
    below = ends_of([places[k][0] for k in lower], n)
    above = ends_of([n - 1 - places[k][0] for k in upper], n)
    left, right = (
        np.array([places[k][1] for k in part], dtype=np.int64) for part in (lower, upper)
    )
    pivots = blocks[[k for k, (i, j) in enumerate(places) if i == j]]
    parts = below, left, blocks[lower], above, right, blocks[upper], pivots
    return parts, factorise_blocks(*parts)


def test_product_is_that_of_the_dense_matrix():
    places, blocks = tridiagonal(7)
    vector, result = RNG.standard_normal(28), np.empty(28)
    ends = ends_of([i for i, _ in places], 7)
    multiply_blocks(ends, np.array([j for _, j in places]), blocks, vector, result)
    assert result == pytest.approx(dense(places, blocks) @ vector, rel=1e-12)


def test_product_with_numbers_is_that_of_the_dense_matrices():
    places, blocks = tridiagonal(7)
    numbers = RNG.standard_normal((7, 3)) * (RNG.random((7, 3)) < 0.5)
    row, column = np.nonzero(numbers)
    whole = [(i, j) for i in range(7) for j in range(3)]
    result, room = np.empty((21, 16), dtype=np.float32), np.full(3, -1)
    multiply_numbers(
        ends_of([i for i, _ in places], 7),
        np.array([j for _, j in places]),
        blocks,
        ends_of(row, 7),
        column,
        numbers[row, column],
        3 * np.arange(8),
        np.tile(np.arange(3), 7),
        result,
        room,
    )
    product = (dense(places, blocks) @ np.kron(numbers, np.eye(4))).reshape(7, 4, 3, 4)
    expected = [product[i, :, j].ravel() for i, j in whole]
    assert result == pytest.approx(np.array(expected), abs=1e-5)
    assert np.all(room == -1)


@pytest.mark.parametrize("pattern", [tridiagonal, full])
def test_factors_are_complete_where_nothing_fills_in(pattern):
    places, blocks = pattern(6)
    exact = RNG.standard_normal(24)
    vector = dense(places, blocks) @ exact
    parts, singular = factors(places, blocks)
    substitute_blocks(*parts, vector)
    assert singular == -1
    assert vector == pytest.approx(exact, rel=1e-10)


def test_single_precision_is_right_to_its_rounding():
    places, blocks = tridiagonal(40, np.float32)
    exact = RNG.standard_normal(160)
    vector = (dense(places, blocks) @ exact).astype(np.float32)
    parts, _ = factors(places, blocks)
    substitute_blocks(*parts, vector)
    assert vector == pytest.approx(exact, abs=1e-5)


def test_pivots_exchange_rows():
    places, blocks = tridiagonal(3)
    blocks[[i == j for i, j in places]] += 9.0 * np.eye(4)[[1, 0, 3, 2]].ravel()
    blocks[[i == j for i, j in places], ::5] = 0.0
    exact = RNG.standard_normal(12)
    vector = dense(places, blocks) @ exact
    parts, _ = factors(places, blocks)
    substitute_blocks(*parts, vector)
    assert vector == pytest.approx(exact, rel=1e-9)


def test_the_row_of_a_singular_pivot_is_told():
    places, blocks = tridiagonal(5)
    alone = [2 in place for place in places]
    blocks[alone] = 0.0
    assert factors(places, blocks)[1] == 2
