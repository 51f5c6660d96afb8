"""A wall of a million facets and, by NumPy, its frames and the shear on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.cell_hash import EDGES
from corohemo.kernels.quadratic import triangle_gradients, triangle_shapes
from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PIECE = 20_000
VISCOSITY = 3.5e-3


@dataclass(frozen=True)
class Wall:
    """Facets and the cells behind them, with a velocity.

    Attributes:
        points: Nodes (n, 3) [m].
        cells: Cells behind the facets (k, 10).
        facets: Facets (k, 6).
        velocity: At the nodes (n, 3) [m/s].
    """

    points: FloatArray
    cells: IntArray
    facets: IntArray
    velocity: FloatArray

    @classmethod
    def many(cls, mesh: LumenMesh, n: int) -> Wall:
        """The wall of a mesh again and again, side by side, until there are ``n`` facets."""
        chosen = mesh.facet_face == mesh.faces.index("wall")
        cells, facets = mesh.cells[mesh.facet_cell[chosen]], mesh.facets[chosen]
        used, compact = np.unique(cells, return_inverse=True)
        place = np.full(len(mesh.points), -1)
        place[used] = np.arange(len(used))
        copies = -(-n // len(facets))
        shift = np.repeat(np.arange(copies) * len(used), len(facets))[:n, None]
        points = np.tile(mesh.points[used], (copies, 1))
        points[:, 0] += np.repeat(np.arange(copies) * np.ptp(points[:, 0]), len(used))
        return cls(
            points,
            np.tile(compact.reshape(cells.shape), (copies, 1))[:n] + shift,
            np.tile(place[facets], (copies, 1))[:n] + shift,
            np.random.default_rng(1).normal(size=points.shape),
        )

    def pieces(self) -> Iterator[Wall]:
        """The same in pieces that keep to the cache."""
        for start in range(0, len(self.facets), PIECE):
            part = slice(start, start + PIECE)
            yield replace(self, cells=self.cells[part], facets=self.facets[part])


def by_pieces(
    action: Callable[[Wall], tuple[FloatArray, ...]], wall: Wall
) -> tuple[FloatArray, ...]:
    """An action on pieces of the wall that keep to the cache, put together."""
    parts = [action(piece) for piece in wall.pieces()]
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))


def facet_frames(
    wall: Wall, rule: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Positions and both tangents (k, q, 3) and unit normals at a rule's points, by NumPy."""
    shapes = np.array([triangle_shapes(*point) for point in rule])
    slopes = np.array([triangle_gradients(*point) for point in rule])
    nodes = wall.points[wall.facets]
    first, second = (np.einsum("qa,kad->kqd", slopes[..., i], nodes) for i in (0, 1))
    normals = np.cross(first, second)
    return np.einsum("qa,kad->kqd", shapes, nodes), first, second, normals


def numpy_shear(wall: Wall, positions: FloatArray, normals: FloatArray) -> FloatArray:
    """Tangential part of -2 mu D n at points (k, q, 3) of the cells' polynomials, by NumPy."""
    nodes, values = wall.points[wall.cells], wall.velocity[wall.cells]
    inverse = np.linalg.inv(np.swapaxes(nodes[:, 1:4] - nodes[:, :1], 1, 2))
    inner = np.einsum("kde,kne->knd", inverse, nodes[:, 4:] - nodes[:, :1])
    parts = np.concatenate([1.0 - inner.sum(axis=2, keepdims=True), inner], axis=2)
    bubbles = np.stack([4.0 * parts[..., a] * parts[..., b] for a, b in EDGES], axis=2)
    rest = values[:, 4:] - np.einsum("knp,kpd->knd", parts, values[:, :4])
    heights = np.linalg.solve(bubbles, rest)
    inner = np.einsum("kde,kqe->kqd", inverse, positions - nodes[:, :1])
    parts = np.concatenate([1.0 - inner.sum(axis=2, keepdims=True), inner], axis=2)
    slopes = np.concatenate([-inverse.sum(axis=1, keepdims=True), inverse], axis=1)
    gradient = np.einsum("kpd,kpe->kde", values[:, :4], slopes)[:, None]
    for e, (a, b) in enumerate(EDGES):
        slope = parts[..., a, None] * slopes[:, None, b] + parts[..., b, None] * slopes[:, None, a]
        gradient = gradient + 4.0 * heights[:, None, e, :, None] * slope[:, :, None, :]
    viscous = -VISCOSITY * np.einsum(
        "kqij,kqj->kqi", gradient + np.swapaxes(gradient, 2, 3), normals
    )
    return viscous - np.sum(viscous * normals, axis=2, keepdims=True) * normals
