"""Find points in curved quadratic tetrahedra and interpolate nodal fields there.

Cells are hashed by their bounding boxes into a uniform grid (compressed rows); a point is inverted
with Newton's method, x(xi) = sum_a N_a(xi) x_a, in the cells whose box holds it.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.quadratic import fill_tetrahedron_gradients, fill_tetrahedron_shapes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))
"""Vertices that each middle node lies between."""
ROUNDING = 1e-6
"""Part of its size by which a box is grown."""
INSIDE = -1e-8
"""Smallest barycentric coordinate of a point that counts as inside."""
NEWTON_STEPS = 20
ASTRAY = 4.0
"""Reference coordinate beyond which a Newton iterate is given up as outside."""
FAR = 1e300


@nb.njit(cache=True)
def cell_boxes(points: FloatArray, cells: IntArray) -> tuple[FloatArray, FloatArray]:
    """Lower and upper corners (m, 3) of boxes that hold the curved cells.

    A cell lies in the hull of its Bezier points: its vertices and, for each edge, twice the middle
    node less the mean of its ends.
    """
    n_cells = cells.shape[0]
    lower = np.empty((n_cells, 3))
    upper = np.empty((n_cells, 3))
    for m in range(n_cells):
        for d in range(3):
            low = points[cells[m, 0], d]
            high = low
            for a in range(1, 10):
                value = points[cells[m, a], d]
                if a >= 4:
                    first, second = EDGES[a - 4]
                    ends = points[cells[m, first], d] + points[cells[m, second], d]
                    value = 2.0 * value - 0.5 * ends
                low = min(low, value)
                high = max(high, value)
            lower[m, d] = low
            upper[m, d] = high
        padding = ROUNDING * np.max(upper[m] - lower[m])
        lower[m] -= padding
        upper[m] += padding
    return lower, upper


@nb.njit(cache=True)
def hash_boxes(
    lower: FloatArray, upper: FloatArray, origin: FloatArray, step: float, shape: IntArray
) -> tuple[IntArray, IntArray]:
    """Boxes in each bin of a uniform grid, as compressed rows.

    Args:
        lower: Lower corners (m, 3).
        upper: Upper corners (m, 3).
        origin: Lower corner of the grid (3,).
        step: Width of a bin.
        shape: Bins along each axis (3,).

    Returns:
        Row starts (n_bins + 1,) and box indices, bin after bin.
    """
    starts = np.zeros(shape[0] * shape[1] * shape[2] + 1, dtype=np.int64)
    members = np.empty(0, dtype=np.int64)
    cursor = np.empty(0, dtype=np.int64)
    for phase in range(2):
        if phase == 1:
            starts = np.cumsum(starts)
            members = np.empty(starts[-1], dtype=np.int64)
            cursor = starts.copy()
        for m in range(lower.shape[0]):
            i0, j0, k0 = _bin(lower[m], origin, step, shape)
            i1, j1, k1 = _bin(upper[m], origin, step, shape)
            for i in range(i0, i1 + 1):
                for j in range(j0, j1 + 1):
                    for k in range(k0, k1 + 1):
                        row = (i * shape[1] + j) * shape[2] + k
                        if phase == 0:
                            starts[row + 1] += 1
                        else:
                            members[cursor[row]] = m
                            cursor[row] += 1
    return starts, members


@nb.njit(cache=True)
def _bin(x: FloatArray, origin: FloatArray, step: float, shape: IntArray) -> tuple[int, int, int]:
    """Bin that holds ``x``, clamped to the grid."""
    i = min(max(int(np.floor((x[0] - origin[0]) / step)), 0), shape[0] - 1)
    j = min(max(int(np.floor((x[1] - origin[1]) / step)), 0), shape[1] - 1)
    k = min(max(int(np.floor((x[2] - origin[2]) / step)), 0), shape[2] - 1)
    return i, j, k


@nb.njit(cache=True)
def _box_distance(x: FloatArray, low: FloatArray, high: FloatArray) -> float:
    """Distance of ``x`` to a box, zero inside."""
    total = 0.0
    for d in range(3):
        gap = max(max(low[d] - x[d], x[d] - high[d]), 0.0)
        total += gap * gap
    distance: float = np.sqrt(total)
    return distance


@nb.njit(cache=True)
def _solve3(matrix: FloatArray, right: FloatArray, result: FloatArray) -> bool:
    """Cramer's rule for matrix @ result = right; False if the matrix is singular."""
    a, b, c = matrix[0], matrix[1], matrix[2]
    c0 = b[1] * c[2] - b[2] * c[1]
    c1 = b[2] * c[0] - b[0] * c[2]
    c2 = b[0] * c[1] - b[1] * c[0]
    determinant = a[0] * c0 + a[1] * c1 + a[2] * c2
    if determinant == 0.0:
        return False
    d0 = a[2] * c[1] - a[1] * c[2]
    d1 = a[0] * c[2] - a[2] * c[0]
    d2 = a[1] * c[0] - a[0] * c[1]
    e0 = a[1] * b[2] - a[2] * b[1]
    e1 = a[2] * b[0] - a[0] * b[2]
    e2 = a[0] * b[1] - a[1] * b[0]
    result[0] = (c0 * right[0] + d0 * right[1] + e0 * right[2]) / determinant
    result[1] = (c1 * right[0] + d1 * right[1] + e1 * right[2]) / determinant
    result[2] = (c2 * right[0] + d2 * right[1] + e2 * right[2]) / determinant
    return True


@nb.njit(cache=True)
def _residual(x: FloatArray, nodes: FloatArray, xi: FloatArray, gap: FloatArray) -> float:
    """Write x - x(xi) into ``gap`` (3,) and return its length."""
    shapes = np.empty(10)
    fill_tetrahedron_shapes(xi[0], xi[1], xi[2], shapes)
    for d in range(3):
        gap[d] = x[d]
        for a in range(10):
            gap[d] -= shapes[a] * nodes[a, d]
    length: float = np.sqrt(gap[0] ** 2 + gap[1] ** 2 + gap[2] ** 2)
    return length


@nb.njit(cache=True)
def _invert(x: FloatArray, nodes: FloatArray, xi: FloatArray) -> bool:
    """Newton for x(xi) = x from the cell's middle; True if ``xi`` lies inside.

    An outside ``xi`` is the last iterate, good enough to be clamped.
    """
    slopes = np.empty((10, 3))
    jacobian = np.empty((3, 3))
    gap = np.empty(3)
    step = np.empty(3)
    xi[:] = 0.25
    for _ in range(NEWTON_STEPS):
        _residual(x, nodes, xi, gap)
        fill_tetrahedron_gradients(xi[0], xi[1], xi[2], slopes)
        for i in range(3):
            for d in range(3):
                jacobian[i, d] = 0.0
                for a in range(10):
                    jacobian[i, d] += nodes[a, i] * slopes[a, d]
        if not _solve3(jacobian, gap, step):
            return False
        xi += step
        if np.max(np.abs(xi)) > ASTRAY:
            return False
        if np.max(np.abs(step)) < 1e-12:
            break
    least: float = min(min(xi[0], xi[1]), min(xi[2], 1.0 - xi[0] - xi[1] - xi[2]))
    return least >= INSIDE


@nb.njit(cache=True)
def _clamp(xi: FloatArray) -> None:
    """Move ``xi`` into the reference tetrahedron: negative barycentrics to zero, rescaled."""
    first = max(1.0 - xi[0] - xi[1] - xi[2], 0.0)
    for d in range(3):
        xi[d] = max(xi[d], 0.0)
    xi /= first + xi[0] + xi[1] + xi[2]


@nb.njit(cache=True)
def _gather(points: FloatArray, nodes: IntArray, result: FloatArray) -> None:
    """Write the positions of ten nodes into ``result`` (10, 3)."""
    for a in range(10):
        for d in range(3):
            result[a, d] = points[nodes[a], d]


@nb.njit(cache=True)
def _nearest_in_ring(
    x: FloatArray,
    best: float,
    ring: int,
    bin_of_x: tuple[int, int, int],
    mesh: tuple[FloatArray, IntArray],
    boxes: tuple[FloatArray, FloatArray],
    grid: tuple[IntArray, IntArray, IntArray],
    reference: FloatArray,
) -> tuple[int, float]:
    """Cell nearer than ``best`` in the shell of bins at ``ring``, or -1; writes ``reference``."""
    shape, starts, members = grid
    nearest = -1
    xi, gap, nodes = np.empty(3), np.empty(3), np.empty((10, 3))
    i0, j0, k0 = bin_of_x
    for i in range(max(i0 - ring, 0), min(i0 + ring, shape[0] - 1) + 1):
        for j in range(max(j0 - ring, 0), min(j0 + ring, shape[1] - 1) + 1):
            for k in range(max(k0 - ring, 0), min(k0 + ring, shape[2] - 1) + 1):
                if max(abs(i - i0), max(abs(j - j0), abs(k - k0))) < ring:
                    continue
                row = (i * shape[1] + j) * shape[2] + k
                for index in range(starts[row], starts[row + 1]):
                    m = members[index]
                    if _box_distance(x, boxes[0][m], boxes[1][m]) >= best:
                        continue
                    _gather(mesh[0], mesh[1][m], nodes)
                    _invert(x, nodes, xi)
                    _clamp(xi)
                    distance = _residual(x, nodes, xi, gap)
                    if distance < best:
                        best = distance
                        nearest = m
                        reference[:] = xi
    return nearest, best


@nb.njit(cache=True)
def locate_points(
    targets: FloatArray,
    points: FloatArray,
    cells: IntArray,
    lower: FloatArray,
    upper: FloatArray,
    origin: FloatArray,
    step: float,
    shape: IntArray,
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
        lower: Lower corners of the cells' boxes (m, 3).
        upper: Upper corners of the cells' boxes (m, 3).
        origin: Lower corner of the grid (3,).
        step: Width of a bin.
        shape: Bins along each axis (3,).
        starts: Row starts of ``hash_boxes``.
        members: Boxes of ``hash_boxes``.

    Returns:
        Cell index (k,), reference coordinates (k, 3), distance (k,).
    """
    n_targets = targets.shape[0]
    found = np.full(n_targets, -1, dtype=np.int64)
    reference = np.zeros((n_targets, 3))
    distance = np.full(n_targets, FAR)
    nodes = np.empty((10, 3))
    for n in range(n_targets):
        x = targets[n]
        home = _bin(x, origin, step, shape)
        row = (home[0] * shape[1] + home[1]) * shape[2] + home[2]
        for index in range(starts[row], starts[row + 1]):
            m = members[index]
            if _box_distance(x, lower[m], upper[m]) > 0.0:
                continue
            _gather(points, cells[m], nodes)
            if _invert(x, nodes, reference[n]):
                found[n] = m
                distance[n] = 0.0
                break
        ring = 0
        while distance[n] > max(ring - 1, 0) * step and ring <= np.max(shape):
            nearest, distance[n] = _nearest_in_ring(
                x, distance[n], ring, home, (points, cells), (lower, upper),
                (shape, starts, members), reference[n],
            )  # fmt: skip
            if nearest >= 0:
                found[n] = nearest
            ring += 1
    return found, reference, distance


@nb.njit(cache=True)
def interpolate(
    values: FloatArray, cells: IntArray, cell: IntArray, reference: FloatArray
) -> FloatArray:
    """A nodal field (n, c) at reference coordinates (k, 3) of cells (k,): (k, c)."""
    result = np.zeros((cell.shape[0], values.shape[1]))
    shapes = np.empty(10)
    for k in range(cell.shape[0]):
        fill_tetrahedron_shapes(reference[k, 0], reference[k, 1], reference[k, 2], shapes)
        for a in range(10):
            node = cells[cell[k], a]
            for c in range(values.shape[1]):
                result[k, c] += shapes[a] * values[node, c]
    return result
