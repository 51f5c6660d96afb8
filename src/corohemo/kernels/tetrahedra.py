"""Find points in curved quadratic tetrahedra and interpolate nodal fields there.

Cells are hashed by their boxes and planes into a uniform grid (compressed rows); a point is
inverted with Newton's method, x(xi) = sum_a N_a(xi) x_a, in the cells whose planes hold it.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.cell_hash import CellGrid, bin_of, height, lowest
from corohemo.kernels.cell_map import clamp, distance_from, fill_polynomial, invert
from corohemo.kernels.quadratic import fill_tetrahedron_shapes
from corohemo.kernels.space import Vector

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FAR = 1e300


@nb.njit(cache=True)
def _box_distance(x: Vector, low: FloatArray, high: FloatArray) -> float:
    """Distance of ``x`` to a box, zero inside."""
    total = 0.0
    for d in range(3):
        gap = max(max(low[d] - x[d], x[d] - high[d]), 0.0)
        total += gap * gap
    distance: float = np.sqrt(total)
    return distance


@nb.njit(cache=True)
def _nearest_in_ring(
    x: Vector,
    best: float,
    ring: int,
    bin_of_x: tuple[int, int, int],
    mesh: tuple[FloatArray, IntArray],
    grid: CellGrid,
    rows: tuple[IntArray, IntArray],
    reference: FloatArray,
) -> tuple[int, float]:
    """Cell nearer than ``best`` in the shell of bins at ``ring``, or -1; writes ``reference``."""
    lower, upper, shape = grid.lower, grid.upper, grid.shape
    starts, members = rows
    nearest = -1
    xi, terms = np.empty(3), np.empty((10, 3))
    i0, j0, k0 = bin_of_x
    for i in range(max(i0 - ring, 0), min(i0 + ring, shape[0] - 1) + 1):
        for j in range(max(j0 - ring, 0), min(j0 + ring, shape[1] - 1) + 1):
            for k in range(max(k0 - ring, 0), min(k0 + ring, shape[2] - 1) + 1):
                if max(abs(i - i0), max(abs(j - j0), abs(k - k0))) < ring:
                    continue
                row = (i * shape[1] + j) * shape[2] + k
                for index in range(starts[row], starts[row + 1]):
                    m = members[index]
                    if _box_distance(x, lower[m], upper[m]) >= best:
                        continue
                    fill_polynomial(mesh[0], mesh[1][m], terms)
                    xi[:] = 0.25
                    invert(x, terms, xi, False)
                    clamp(xi)
                    distance = distance_from(x, terms, xi)
                    if distance < best:
                        best = distance
                        nearest = m
                        reference[:] = xi
    return nearest, best


@nb.njit(cache=True)
def _holding_cell(
    x: Vector,
    row: int,
    points: FloatArray,
    cells: IntArray,
    planes: FloatArray,
    starts: IntArray,
    members: IntArray,
    terms: FloatArray,
    xi: FloatArray,
) -> int:
    """Cell of a bin that holds ``x``, or -1; writes ``xi``.

    A hasty search finds nearly all; what it does not is looked for with patience.
    """
    for is_hasty in (True, False):
        for index in range(starts[row], starts[row + 1]):
            m = members[index]
            if lowest(planes[m], x) < 0.0:
                continue
            fill_polynomial(points, cells[m], terms)
            for d in range(3):
                near = height(planes[m, d + 1], x) + planes[m, d + 1, 4]
                xi[d] = near if is_hasty else 0.25
            if invert(x, terms, xi, is_hasty):
                return int(m)
    return -1


@nb.njit(cache=True)
def locate_points(
    targets: FloatArray,
    points: FloatArray,
    cells: IntArray,
    grid: CellGrid,
    starts: IntArray,
    members: IntArray,
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Cell and reference coordinates of each target.

    A target outside the mesh gets the cell whose clamped coordinates come nearest, and the distance
    from there, which the true distance does not exceed; the distance is zero inside.

    Args:
        targets: Points to find (k, 3).
        points: Nodes (n, 3).
        cells: Quadratic tetrahedra (m, 10).
        grid: Their boxes, planes and bins.
        starts: Row starts of ``hash_cells``.
        members: Cells of ``hash_cells``.

    Returns:
        Cell index (k,), reference coordinates (k, 3), distance (k,).
    """
    planes, origin, step, shape = grid.planes, grid.origin, grid.step, grid.shape
    n_targets = targets.shape[0]
    found = np.full(n_targets, -1, dtype=np.int64)
    reference = np.zeros((n_targets, 3))
    distance = np.zeros(n_targets)
    mesh, rows = (points, cells), (starts, members)
    terms, xi = np.empty((10, 3)), np.empty(3)
    for n in range(n_targets):
        x = (targets[n, 0], targets[n, 1], targets[n, 2])
        home = bin_of(x, origin, step, shape)
        row = (home[0] * shape[1] + home[1]) * shape[2] + home[2]
        found[n] = _holding_cell(x, row, points, cells, planes, starts, members, terms, xi)
        if found[n] >= 0:
            reference[n, 0], reference[n, 1], reference[n, 2] = xi[0], xi[1], xi[2]
            continue
        distance[n], ring = FAR, 0
        while distance[n] > max(ring - 1, 0) * step and ring <= np.max(shape):
            nearest, distance[n] = _nearest_in_ring(
                x, distance[n], ring, home, mesh, grid, rows, reference[n]
            )
            if nearest >= 0:
                found[n] = nearest
            ring += 1
    return found, reference, distance


@nb.njit(cache=True)
def shapes_at(reference: FloatArray) -> FloatArray:
    """Weights (k, 10) of a cell's nodes in the values at reference coordinates (k, 3)."""
    result = np.empty((reference.shape[0], 10))
    for k in range(reference.shape[0]):
        fill_tetrahedron_shapes(reference[k, 0], reference[k, 1], reference[k, 2], result[k])
    return result


@nb.njit(cache=True)
def interpolate(
    values: FloatArray, cells: IntArray, cell: IntArray, reference: FloatArray
) -> FloatArray:
    """A nodal field (n, c) at reference coordinates (k, 3) of cells (k,): (k, c)."""
    result = np.empty((cell.shape[0], values.shape[1]))
    shapes = np.empty(10)
    for k in range(cell.shape[0]):
        fill_tetrahedron_shapes(reference[k, 0], reference[k, 1], reference[k, 2], shapes)
        nodes = cells[cell[k]]
        for c in range(values.shape[1]):
            total = 0.0
            for a in range(10):
                total += shapes[a] * values[nodes[a], c]
            result[k, c] = total
    return result
