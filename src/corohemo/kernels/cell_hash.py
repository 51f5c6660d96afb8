"""Curved quadratic tetrahedra in the bins of a uniform grid: boxes, planes, compressed rows."""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.quadratic import fill_tetrahedron_gradients
from corohemo.kernels.space import Vector

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

EDGES = ((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))
"""Vertices that each middle node lies between."""
ROUNDING = 1e-6
"""Part of its size by which a box is grown."""


class CellGrid(NamedTuple):
    """Cells by their boxes and planes, and the bins of a uniform grid over them.

    Attributes:
        lower: Lower corners of the cells' boxes (m, 3).
        upper: Upper corners (m, 3).
        planes: Planes of ``cell_planes`` (m, 4, 5).
        origin: Lower corner of the grid (3,).
        step: Width of a bin.
        shape: Bins along each axis (3,).
    """

    lower: FloatArray
    upper: FloatArray
    planes: FloatArray
    origin: FloatArray
    step: float
    shape: IntArray


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
def cell_planes(points: FloatArray, cells: IntArray) -> FloatArray:
    """Four planes around each curved cell (m, 4, 5): p[:4] . (x, 1) is not negative in the cell.

    These heights are the barycentric coordinates of the map's linear part at the cell's middle,
    less their least values in the hull of the Bezier points, which the fifth numbers add back.
    """
    planes = np.zeros((cells.shape[0], 4, 5))
    slopes, jacobian, inverse = np.empty((10, 3)), np.empty((3, 3)), np.empty((3, 3))
    hull, middle = np.empty((10, 3)), np.empty(3)
    fill_tetrahedron_gradients(0.25, 0.25, 0.25, slopes)
    for m in range(cells.shape[0]):
        for d in range(3):
            for a in range(10):
                hull[a, d] = points[cells[m, a], d]
            for e in range(3):
                jacobian[d, e] = 0.0
                for a in range(10):
                    jacobian[d, e] += hull[a, d] * slopes[a, e]
            middle[d] = 0.0
            for a in range(10):
                middle[d] += hull[a, d] * (-0.125 if a < 4 else 0.25)
            for a in range(4, 10):
                first, second = EDGES[a - 4]
                hull[a, d] = 2.0 * hull[a, d] - 0.5 * (hull[first, d] + hull[second, d])
        if not _invert3(jacobian, inverse):
            continue
        for d in range(3):
            planes[m, d + 1, 3] = planes[m, 0, 3] = 0.25
            for e in range(3):
                planes[m, d + 1, e] = inverse[d, e]
                planes[m, 0, e] -= inverse[d, e]
        for f in range(4):
            for e in range(3):
                planes[m, f, 3] -= planes[m, f, e] * middle[e]
            least = 0.0
            for a in range(10):
                least = min(least, height(planes[m, f], hull[a]))
            planes[m, f, 4] = least - ROUNDING
            planes[m, f, 3] -= planes[m, f, 4]
    return planes


@nb.njit(cache=True)
def height(plane: FloatArray, x: FloatArray | Vector) -> float:
    """Height of ``x`` above a plane (5,)."""
    height: float = plane[0] * x[0] + plane[1] * x[1] + plane[2] * x[2] + plane[3]
    return height


@nb.njit(cache=True, error_model="numpy")
def _invert3(matrix: FloatArray, inverse: FloatArray) -> bool:
    """Write the inverse of a matrix (3, 3); False if it is singular."""
    determinant = 0.0
    for d in range(3):
        e, f = (d + 1) % 3, (d + 2) % 3
        for i in range(3):
            k, m = (i + 1) % 3, (i + 2) % 3
            inverse[d, i] = matrix[k, e] * matrix[m, f] - matrix[m, e] * matrix[k, f]
        determinant += matrix[0, d] * inverse[d, 0]
    if determinant == 0.0:
        return False
    for d in range(3):
        for i in range(3):
            inverse[d, i] /= determinant
    return True


@nb.njit(cache=True)
def hash_cells(grid: CellGrid) -> tuple[IntArray, IntArray]:
    """Cells in each bin of a grid, as compressed rows; the likeliest come first.

    Returns:
        Row starts (n_bins + 1,) and cell indices, bin after bin.
    """
    lower, upper, planes, origin, step, shape = grid
    starts = np.zeros(shape[0] * shape[1] * shape[2] + 1, dtype=np.int64)
    members = np.empty(0, dtype=np.int64)
    cursor, depths = np.empty(0, dtype=np.int64), np.empty(0)
    corner, middle = np.empty(3), np.empty(3)
    for phase in range(2):
        if phase == 1:
            starts = np.cumsum(starts)
            members, depths = np.empty(starts[-1], dtype=np.int64), np.empty(starts[-1])
            cursor = starts.copy()
        for m in range(lower.shape[0]):
            i0, j0, k0 = bin_of(lower[m], origin, step, shape)
            i1, j1, k1 = bin_of(upper[m], origin, step, shape)
            for i in range(i0, i1 + 1):
                corner[0] = origin[0] + i * step
                for j in range(j0, j1 + 1):
                    corner[1] = origin[1] + j * step
                    for k in range(k0, k1 + 1):
                        corner[2] = origin[2] + k * step
                        if not _may_touch(planes[m], corner, step):
                            continue
                        row = (i * shape[1] + j) * shape[2] + k
                        if phase == 0:
                            starts[row + 1] += 1
                        else:
                            for d in range(3):
                                middle[d] = corner[d] + 0.5 * step
                            depth = lowest(planes[m], middle)
                            _insert(members, depths, starts[row], cursor[row], m, depth)
                            cursor[row] += 1
    return starts, members


@nb.njit(cache=True)
def lowest(planes: FloatArray, x: FloatArray | Vector) -> float:
    """Least height of ``x`` above a cell's planes (4, 5), without a branch to mispredict."""
    first = min(height(planes[0], x), height(planes[1], x))
    return min(first, min(height(planes[2], x), height(planes[3], x)))


@nb.njit(cache=True)
def _insert(
    members: IntArray, depths: FloatArray, start: int, end: int, cell: int, depth: float
) -> None:
    """Put a cell among those of a row from ``start`` to ``end``, which fall in depth."""
    place = end
    while place > start and depths[place - 1] < depth:
        members[place], depths[place] = members[place - 1], depths[place - 1]
        place -= 1
    members[place], depths[place] = cell, depth


@nb.njit(cache=True)
def _may_touch(planes: FloatArray, corner: FloatArray, step: float) -> bool:
    """False if a bin lies beyond one of a cell's planes."""
    for f in range(4):
        highest = height(planes[f], corner)
        for d in range(3):
            highest += max(planes[f, d] * step, 0.0)
        if highest < 0.0:
            return False
    return True


@nb.njit(cache=True)
def bin_of(
    x: FloatArray | Vector, origin: FloatArray, step: float, shape: IntArray
) -> tuple[int, int, int]:
    """Bin that holds ``x``, clamped to the grid."""
    i = min(max(int(np.floor((x[0] - origin[0]) / step)), 0), shape[0] - 1)
    j = min(max(int(np.floor((x[1] - origin[1]) / step)), 0), shape[1] - 1)
    k = min(max(int(np.floor((x[2] - origin[2]) / step)), 0), shape[2] - 1)
    return i, j, k
