"""Swept hexahedra in the stenosis tube: a square core and rings around it, graded to the wall.

The section is mapped from the square [-2, 2]^2 of the plane: [-1, 1]^2 is the core, the four
trapezoids around it are the rings. The mapping is smooth in each of these five blocks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tube_case import Case, FloatArray

IntArray = NDArray[np.int64]
CORE = 0.55
"""Half side of the core along the axes over the radius."""
BULGE = 0.35
"""Of the core's sides: 0 leaves it a square, 0.5 makes it a circle."""


@dataclass(frozen=True)
class Size:
    """Cells along a side of the core, from the core to the wall, and along the axis."""

    core: int
    rings: int
    along: int
    wall_power: float = 1.5
    """Ring borders go with 1 - (1 - t)^power, 1 for equal ones."""
    lesion_density: float = 3.0
    """How many times denser than at the ends sections are at the lesion, less one."""


@dataclass(frozen=True)
class Grid:
    """Points (n, 3) [m], hexahedra (m, 8) and boundary quadrilaterals by face, normals outward."""

    points: FloatArray
    cells: IntArray
    faces: dict[str, IntArray]


def section(size: Size) -> tuple[FloatArray, IntArray]:
    """Points (n, 2) of the square [-2, 2]^2 and quadrilaterals (m, 4), counter-clockwise."""
    side = np.linspace(-1.0, 1.0, size.core + 1)
    b, a = np.meshgrid(side, side, indexing="ij")
    core = np.column_stack([a.ravel(), b.ravel()])
    index = np.arange(len(core)).reshape(a.shape)
    border = np.concatenate([index[0, :-1], index[:-1, -1], index[-1, :0:-1], index[:0:-1, 0]])
    spread = 2.0 - (1.0 - np.arange(1, size.rings + 1) / size.rings) ** size.wall_power
    rings = [core[border] * factor for factor in spread]
    count = len(border)
    circles = np.concatenate(
        [border[None], len(core) + np.arange(size.rings * count).reshape(size.rings, count)]
    )
    return np.concatenate([core, *rings]), np.concatenate([_quads(index), _ring_quads(circles)])


def _quads(index: IntArray) -> IntArray:
    corners = (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1])
    return np.column_stack([corner.ravel() for corner in corners])


def _ring_quads(circles: IntArray) -> IntArray:
    turned = np.roll(circles, -1, axis=1)
    corners = (circles[:-1], circles[1:], turned[1:], turned[:-1])
    return np.column_stack([corner.ravel() for corner in corners])


def disc(plane: FloatArray) -> FloatArray:
    """Points (n, 2) of the unit disc for points (n, 2) of the square [-2, 2]^2."""
    ring = np.maximum(np.abs(plane).max(axis=1), 1.0)
    inner = plane / ring[:, None]
    core = CORE * inner * np.sqrt(1.0 - BULGE * inner[:, ::-1] ** 2)
    larger = np.abs(inner[:, 0]) >= np.abs(inner[:, 1])
    slope = np.where(larger, inner[:, 1], inner[:, 0]) * 0.25 * np.pi
    sign = np.sign(np.where(larger, inner[:, 0], inner[:, 1]))
    first, second = sign * np.cos(slope), np.sin(slope)
    arc = np.where(
        larger[:, None], np.column_stack([first, second]), np.column_stack([second, first])
    )
    return core + (ring - 1.0)[:, None] * (arc - core)


def stations(case: Case, size: Size) -> FloatArray:
    """Axial positions (along + 1,) [m], dense at the lesion and in its wake."""
    x = np.linspace(0.0, case.length, 4001)
    behind = (x - case.lesion_center) / case.lesion_length - 0.1
    density = 1.0 + size.lesion_density * np.exp(-2.0 * behind**2)
    passed = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]))])
    return np.interp(np.linspace(0.0, 1.0, size.along + 1), passed / passed[-1], x)


def straight_grid(case: Case, size: Size) -> Grid:
    """Cells with straight edges; each section is scaled to the area of its circle."""
    plane, quads = section(size)
    sectors = 4 * size.core
    keep = np.sqrt(2.0 * np.pi / sectors / np.sin(2.0 * np.pi / sectors))
    x = stations(case, size)
    yz = keep * case.lumen_radius(x)[:, None, None] * disc(plane)
    points = np.concatenate([np.broadcast_to(x[:, None, None], (*yz.shape[:2], 1)), yz], axis=2)
    return Grid(points.reshape(-1, 3), *swept(quads, len(plane), size))


def swept(quads: IntArray, count: int, size: Size) -> tuple[IntArray, dict[str, IntArray]]:
    """Hexahedra and boundary faces of a section of ``count`` points carried along the axis."""
    layers = count * np.arange(size.along)[:, None, None]
    cells = np.concatenate([quads + layers, quads + layers + count], axis=2).reshape(-1, 8)
    rim = count - 4 * size.core + np.arange(4 * size.core)
    edges = np.column_stack([rim, np.roll(rim, -1)])
    wall = np.concatenate([edges + layers, edges[:, ::-1] + layers + count], axis=2)
    faces = {
        "inlet": quads[:, ::-1],
        "outlet": quads + count * size.along,
        "wall": wall.reshape(-1, 4),
    }
    return cells, faces


def tetrahedra(grid: Grid) -> Grid:
    """The same points with each hexahedron in six tetrahedra, each boundary facet in two."""
    bottom, top = grid.cells[:, :4], grid.cells[:, 4:]
    turn = np.argmin(bottom, axis=1)[:, None] + np.arange(4)
    bottom, top = (np.take_along_axis(side, turn % 4, axis=1) for side in (bottom, top))
    cells = [_prism(bottom[:, half], top[:, half]) for half in ([0, 1, 2], [0, 2, 3])]
    return Grid(grid.points, np.concatenate(cells), {n: _halves(q) for n, q in grid.faces.items()})


def _prism(bottom: IntArray, top: IntArray) -> IntArray:
    """Three tetrahedra (3 n, 4) for prisms of triangles (n, 3); neighbours get equal diagonals."""
    order = np.argsort(bottom, axis=1)
    (a, b, c), (d, e, f) = (np.take_along_axis(side, order, axis=1).T for side in (bottom, top))
    swap = np.linalg.det(np.eye(3)[order])[:, None] < 0
    cells = np.stack([[a, b, c, f], [a, b, f, e], [a, e, f, d]]).transpose(0, 2, 1)
    return np.where(swap, cells[..., [1, 0, 2, 3]], cells).reshape(-1, 4)


def _halves(quads: IntArray) -> IntArray:
    """Triangles (2 n, 3) of quadrilaterals, divided from their smallest corner."""
    turn = np.argmin(quads, axis=1)[:, None] + np.arange(4)
    turned = np.take_along_axis(quads, turn % 4, axis=1)
    return np.concatenate([turned[:, [0, 1, 2]], turned[:, [0, 2, 3]]])
