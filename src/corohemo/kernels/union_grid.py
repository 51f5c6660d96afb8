"""Values of united tubes (``kernels.union``) on a grid about their wall."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.union import Union, blended_value, near_spans

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BLOCK = 4
"""Grid points along the side of a block."""
PART = 2
"""The same of the parts that a block near the wall is cut into."""
SWELLING = 0.1
"""How far a fillet may reach beyond the walls [radii]; a quarter of the greatest fillet is true."""
STEEPEST = 2.0
"""No value changes faster than this with the place."""


@nb.njit(cache=True)
def _side_of_block(
    x: FloatArray, half: float, margin: float, union: Union, spans: IntArray
) -> float:
    """-1 for a block of points all inside, +1 for one all outside, 0 for one that may be cut.

    Args:
        x: Middle of the block (3,).
        half: Distance of its farthest point.
        margin: Distance from the wall up to which a block counts as cut.
        union: The tubes.
        spans: Their spans, or the part of them that comes near the block (m, 3).
    """
    if _is_apart(x, half + margin, union, spans):
        return 1.0
    value, _, _, _ = blended_value(x, union, near_spans(x, 0.0, union, spans))
    return -1.0 if value < -STEEPEST * half - margin else 0.0


@nb.njit(cache=True)
def _is_apart(x: FloatArray, reach: float, union: Union, spans: IntArray) -> bool:
    """Whether no section of the spans, swollen, comes within ``reach`` of a point."""
    centers, extents = union.sections.centers, union.extents
    for m in range(spans.shape[0]):
        for i in range(spans[m, 0], spans[m, 1] + 1):
            limit = reach + (1.0 + SWELLING) * extents[i]
            square = 0.0
            for d in range(3):
                square += (x[d] - centers[i, d]) ** 2
            if square <= limit * limit:
                return False
    return True


@nb.njit(cache=True)
def sample_grid(
    shape: tuple[int, int, int], origin: FloatArray, spacing: float, union: Union
) -> FloatArray:
    """``blended_value`` at the points of a grid (nx, ny, nz) near the wall; a few spacings at most.

    Blocks of points that are well inside or outside are not looked into, nor such parts of them.
    """
    nx, ny, nz = shape
    beyond = 4.0 * spacing
    grid = np.empty((nx, ny, nz))
    x = np.empty(3)
    middle = 0.5 * (BLOCK - 1) * spacing
    half = np.sqrt(3.0) * middle
    for bx in range(0, nx, BLOCK):
        for by in range(0, ny, BLOCK):
            for bz in range(0, nz, BLOCK):
                x[0] = origin[0] + bx * spacing + middle
                x[1] = origin[1] + by * spacing + middle
                x[2] = origin[2] + bz * spacing + middle
                side = _side_of_block(x, half, 2.0 * spacing, union, union.spans)
                if side != 0.0:
                    grid[bx : bx + BLOCK, by : by + BLOCK, bz : bz + BLOCK] = side * beyond
                    continue
                near = near_spans(x, half + 2.0 * spacing, union, union.spans)
                for px in range(bx, min(bx + BLOCK, nx), PART):
                    for py in range(by, min(by + BLOCK, ny), PART):
                        for pz in range(bz, min(bz + BLOCK, nz), PART):
                            _sample_part(grid, (px, py, pz), origin, spacing, union, near)
    return grid


@nb.njit(cache=True)
def _sample_part(
    grid: FloatArray,
    first: tuple[int, int, int],
    origin: FloatArray,
    spacing: float,
    union: Union,
    spans: IntArray,
) -> None:
    """Fill a part of a block of the grid from its ``first`` point on."""
    beyond = 4.0 * spacing
    middle = 0.5 * (PART - 1) * spacing
    x = np.empty(3)
    for d in range(3):
        x[d] = origin[d] + first[d] * spacing + middle
    half = np.sqrt(3.0) * middle
    side = _side_of_block(x, half, 2.0 * spacing, union, spans)
    near = near_spans(x, half, union, spans)
    for ix in range(first[0], min(first[0] + PART, grid.shape[0])):
        x[0] = origin[0] + ix * spacing
        for iy in range(first[1], min(first[1] + PART, grid.shape[1])):
            x[1] = origin[1] + iy * spacing
            for iz in range(first[2], min(first[2] + PART, grid.shape[2])):
                if side != 0.0:
                    grid[ix, iy, iz] = side * beyond
                    continue
                x[2] = origin[2] + iz * spacing
                value, _, _, _ = blended_value(x, union, near)
                grid[ix, iy, iz] = min(max(value, -beyond), beyond)
