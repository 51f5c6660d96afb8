"""Cells' part of the Jacobian of the stabilised flow form, for a constant viscosity.

The form is that of ``corohemo.solvers.form``, differentiated by hand. In each point of a cell every
pair of functions has a block

    A[k, l] = delta_kl S + phi_j M[k, l] + d_l phi_j N[k]

for velocities, where M and N belong to the test function alone, and a row and a column for the
pressure. Few numbers a function and point thus make all blocks, which a general compiler of forms
cannot see.
"""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.curved_cells import (
    Functions,
    dot,
    gradient,
    invert_map,
    laplacian,
    pulled,
    stretched,
    sum_jets,
)
from corohemo.kernels.flow_pairs import N_TEST, N_TRIAL, sum_pair
from corohemo.kernels.space import Vector

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]


class Coefficients(NamedTuple):
    """Numbers in the form, dimensionless; ``corohemo.solvers.form`` explains them."""

    viscosity: float
    convection: float
    sharpness: float
    inverse_constant: float
    rate: float
    slowest: float


class Point(NamedTuple):
    """The flow in a point of a cell.

    Attributes:
        size: Volume that belongs to the point.
        velocity: u.
        rows: Gradients of its components.
        wind: w, which carries the momentum.
        rest: Momentum residual R.
        turn: Derivative of tau by the velocity.
        tau: Stabilising time.
        stiffness: Factor of div u div v.
        divergence: div u.
        half: Half of div w.
    """

    size: float
    velocity: Vector
    rows: tuple[Vector, Vector, Vector]
    wind: Vector
    rest: Vector
    turn: Vector
    tau: float
    stiffness: float
    divergence: float
    half: float


class Blocks(NamedTuple):
    """A sparse matrix of blocks; columns ascend in a row."""

    ends: NDArray[np.int64]
    columns: IntArray
    values: FloatArray


@nb.njit(cache=True, fastmath={"contract"}, error_model="numpy")
def add_flow_jacobian(
    points: FloatArray,
    geometry: Functions,
    fields: Functions,
    basis: Functions,
    weights: FloatArray,
    state: FloatArray,
    carrier: FloatArray,
    past: FloatArray,
    numbers: Coefficients,
    is_fixed: NDArray[np.bool_],
    matrix: Blocks,
) -> None:
    """Add the derivative of the cells' residual.

    Args:
        points: Nodes of the mesh (n_points, 3).
        geometry: Their functions.
        fields: Functions of the state, and of the carrier.
        basis: Test and trial functions.
        weights: Weights of the points in the reference cell (q,).
        state: Velocity and pressure of the fields' functions (4 n,).
        carrier: The same.
        past: What inertia takes off ``rate`` times the velocity, in the same places; empty in a
            steady form.
        numbers: Coefficients of the form.
        is_fixed: Whether the velocity of each basis function is prescribed; such rows and columns
            are left out.
        matrix: Blocks of basis functions, which is added to.
    """
    n, n_fields = basis.dofs.shape[1], fields.dofs.shape[1]
    order = np.empty(n, dtype=np.int64)
    tests = np.empty((n, weights.size, N_TEST))
    trials = np.empty((n, weights.size, N_TRIAL))
    corner = np.empty((geometry.dofs.shape[1], 3))
    nodal, others = np.empty((n_fields, 4)), np.empty((n_fields, 6))
    image, jets, other_jets = np.empty((3, 10)), np.empty((4, 10)), np.zeros((6, 10))
    needs_others = numbers.sharpness != 1.0 or past.size > 0
    inverse, bend, twice = np.empty((3, 3)), np.empty(3), np.empty(6)
    for cell in range(basis.dofs.shape[0]):
        for a in range(corner.shape[0]):
            corner[a] = points[geometry.dofs[cell, a]]
        for a in range(n_fields):
            first = 4 * fields.dofs[cell, a]
            for c in range(4):
                nodal[a, c] = state[first + c]
            for c in range(3):
                others[a, c] = carrier[first + c]
                others[a, 3 + c] = past[first + c] if past.size > 0 else 0.0
        for q in range(weights.size):
            sum_jets(corner, geometry, q, image)
            size = weights[q] * invert_map(image, inverse, bend, twice)
            sum_jets(nodal, fields, q, jets)
            if needs_others:
                sum_jets(others, fields, q, other_jets)
            point = _flow(size, jets, other_jets, inverse, bend, twice, numbers)
            for a in range(n):
                _function(basis.table, q, a, inverse, bend, twice, point, numbers, tests, trials)
        _add_pairs(basis.dofs, cell, tests, trials, order, is_fixed, matrix)


@nb.njit
def _flow(
    size: float,
    jets: FloatArray,
    others: FloatArray,
    inverse: FloatArray,
    bend: FloatArray,
    twice: FloatArray,
    numbers: Coefficients,
) -> Point:
    """Flow and stabilisation at a point."""
    velocity = (jets[0, 0], jets[1, 0], jets[2, 0])
    before = (others[0, 0], others[1, 0], others[2, 0])
    x, y, z = (
        gradient(jets, 0, inverse),
        gradient(jets, 1, inverse),
        gradient(jets, 2, inverse),
    )
    held = 1.0 - numbers.sharpness
    own, other = numbers.convection * numbers.sharpness, numbers.convection * held
    wind = (
        own * velocity[0] + other * before[0],
        own * velocity[1] + other * before[1],
        own * velocity[2] + other * before[2],
    )
    divergence = x[0] + y[1] + z[2]
    spread = own * divergence
    if other != 0.0:
        spread += other * (
            gradient(others, 0, inverse)[0]
            + gradient(others, 1, inverse)[1]
            + gradient(others, 2, inverse)[2]
        )
    along = stretched(wind, inverse)
    diagonal = twice[0], twice[3], twice[5]
    squares = dot(diagonal, diagonal) + 0.5 * (twice[1] ** 2 + twice[2] ** 2 + twice[4] ** 2)
    fastest = (
        4.0 * dot(along, along)
        + numbers.inverse_constant * numbers.viscosity**2 * squares
        + numbers.slowest**2
    )
    tau = 1.0 / np.sqrt(fastest)
    bent = -4.0 * own * tau**3
    turn = (
        bent * (inverse[0, 0] * along[0] + inverse[1, 0] * along[1] + inverse[2, 0] * along[2]),
        bent * (inverse[0, 1] * along[0] + inverse[1, 1] * along[1] + inverse[2, 1] * along[2]),
        bent * (inverse[0, 2] * along[0] + inverse[1, 2] * along[1] + inverse[2, 2] * along[2]),
    )
    pull = gradient(jets, 3, inverse)
    nu = numbers.viscosity
    slowed = (
        numbers.rate * velocity[0] - others[3, 0],
        numbers.rate * velocity[1] - others[4, 0],
        numbers.rate * velocity[2] - others[5, 0],
    )
    rest = (
        dot(x, wind) + slowed[0] + pull[0] - nu * laplacian(jets, 0, bend, twice),
        dot(y, wind) + slowed[1] + pull[1] - nu * laplacian(jets, 1, bend, twice),
        dot(z, wind) + slowed[2] + pull[2] - nu * laplacian(jets, 2, bend, twice),
    )
    return Point(
        size, velocity, (x, y, z), wind, rest, turn, tau,
        1.0 / (tau * (diagonal[0] + diagonal[1] + diagonal[2])), divergence, 0.5 * spread,
    )  # fmt: skip


@nb.njit
def _function(
    table: FloatArray,
    q: int,
    a: int,
    inverse: FloatArray,
    bend: FloatArray,
    twice: FloatArray,
    point: Point,
    numbers: Coefficients,
    tests: FloatArray,
    trials: FloatArray,
) -> None:
    """What a function brings to all its pairs at a point, tested with and tried."""
    size, tau, own = point.size, point.tau, numbers.convection * numbers.sharpness
    value = table[q, a, 0]
    slope = pulled((table[q, a, 1], table[q, a, 2], table[q, a, 3]), inverse)
    bent = table[q, a, 1] * bend[0] + table[q, a, 2] * bend[1] + table[q, a, 3] * bend[2]
    for d in range(6):
        bent += table[q, a, 4 + d] * twice[d]
    along = dot(point.wind, slope)
    trials[a, q, 0] = trials[a, q, 1] = trials[a, q, 2] = value
    trials[a, q, 3] = size * value
    for m in range(3):
        trials[a, q, 4 + m] = slope[m]
    trials[a, q, 7] = 0.0
    trials[a, q, 8] = (size * tau) * (along + numbers.rate * value - numbers.viscosity * bent)
    trials[a, q, 9] = size * (along + point.half * value)
    pushed = size * own * (value + tau * along)
    spread = size * point.stiffness
    raised = size * dot(point.rest, slope)
    for k in range(3):
        row, rest = point.rows[k], size * point.rest[k]
        for m in range(3):
            tests[a, q, 4 * k + m] = (
                pushed * row[m]
                + rest * (along * point.turn[m] + tau * own * slope[m])
                - spread / tau * point.divergence * point.turn[m] * slope[k]
            )
        tests[a, q, 4 * k + 3] = -slope[k]
        turned = (
            slope[0] * point.rows[0][k] + slope[1] * point.rows[1][k] + slope[2] * point.rows[2][k]
        )
        tests[a, q, 12 + k] = size * tau * own * turned + point.turn[k] * raised
        tests[a, q, 16 + k] = 0.5 * own * size * value * point.velocity[k] + spread * slope[k]
        tests[a, q, 20 + k] = slope[k]
        tests[a, q, 24 + k] = size * tau * along
    tests[a, q, 15] = tests[a, q, 23] = 0.0
    tests[a, q, 19] = size * value
    tests[a, q, 27] = size * tau
    tests[a, q, 28], tests[a, q, 29], tests[a, q, 30] = value, along, size * numbers.viscosity


@nb.njit
def _add_pairs(
    dofs: IntArray,
    cell: int,
    tests: FloatArray,
    trials: FloatArray,
    order: NDArray[np.int64],
    is_fixed: NDArray[np.bool_],
    matrix: Blocks,
) -> None:
    """Add the blocks of all pairs of a cell's functions."""
    values, columns, ends = matrix.values, matrix.columns, matrix.ends
    block = np.empty(16)
    _sort(dofs, cell, order)
    for i in range(order.size):
        row = dofs[cell, i]
        place = ends[row]
        for j in order:
            column = dofs[cell, j]
            while columns[place] < column:
                place += 1
            sum_pair(tests, i, trials, j, block)
            if is_fixed[row]:
                for k in range(12):
                    block[k] = 0.0
            if is_fixed[column]:
                for k in range(0, 16, 4):
                    block[k] = block[k + 1] = block[k + 2] = 0.0
            for k in range(16):
                values[place, k] += block[k]


@nb.njit
def _sort(dofs: IntArray, cell: int, order: NDArray[np.int64]) -> None:
    """Places of a cell's numbers in ascending order, by insertion."""
    for a in range(order.size):
        b = a
        while b > 0 and dofs[cell, order[b - 1]] > dofs[cell, a]:
            order[b] = order[b - 1]
            b -= 1
        order[b] = a
