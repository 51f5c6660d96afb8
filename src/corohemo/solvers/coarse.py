"""Coarse space that knows the centerline: hats along each branch for pressure and velocity.

Incomplete factors carry information a few cells at a time; along a vessel of hundreds of cells the
Krylov solver stalls on what a network model would solve at once. The coarse space is that network
model, made of the matrix itself: E = W^T A W, where the columns of W are hat functions in the
abscissa of a branch, constant over the section for pressure and vanishing at the wall for each
velocity component. The preconditioner corrects on the coarse space first and applies the factors M
to what is left: ``z = Q r + M^-1 (r - A Q r)``, Q = W E^-1 W^T. A W is kept: it
is sparser than A, and the correction costs a quarter of a product with A instead of a whole one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.blocks import multiply_blocks
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.domain import FlowDomain
from corohemo.solvers.flux_loads import summed

if TYPE_CHECKING:
    from corohemo.solvers.linear import LinearSolver

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

VERTICES_PER_KNOT = 80
"""Vertices between two knots of a branch: about two elements along the vessel, so that hats stay
independent on linear elements too."""
SHIFT = 1e-8
"""Share of its largest entry that is added to the diagonal of a singular E."""


@dataclass(frozen=True)
class CoarseGrid:
    """Place of every mesh node among the knots of its branch.

    Attributes:
        knots: The knots around each node (n_nodes, 2).
        shares: Values of their hats there, which sum to 1 (n_nodes, 2).
        profile: Velocity profile, 0 at the wall and 1 in the middle (n_nodes,).
        colors: Knots of one color touch no common cell (n_knots,).
        neighbors: Pairs of knots that share a cell (m, 2).
    """

    knots: IntArray
    shares: FloatArray
    profile: FloatArray
    colors: IntArray
    neighbors: IntArray

    @classmethod
    def along(cls, mesh: LumenMesh) -> CoarseGrid:
        """Knots along the branches of a mesh."""
        depth = _wall_distance(mesh)
        n = len(mesh.points)
        knots, shares, profile = np.zeros((n, 2), np.int64), np.zeros((n, 2)), np.zeros(n)
        count = 0
        is_vertex = np.zeros(n, dtype=bool)
        is_vertex[mesh.vertex_ids] = True
        for branch in np.unique(mesh.node_branch):
            mine = np.flatnonzero(mesh.node_branch == branch)
            abscissa = mesh.node_abscissa[mine]
            corners = abscissa[is_vertex[mine]] if is_vertex[mine].any() else abscissa
            n_gaps = max(len(corners) // VERTICES_PER_KNOT, 1)
            places = np.unique(np.quantile(corners, np.linspace(0.0, 1.0, n_gaps + 1)))
            gap = np.clip(np.searchsorted(places, abscissa, side="right") - 1, 0, len(places) - 2)
            gap = np.maximum(gap, 0)
            last = np.minimum(gap + 1, len(places) - 1)
            width = np.where(last > gap, places[last] - places[gap], 1.0)
            share = np.clip((abscissa - places[gap]) / width, 0.0, 1.0)
            knots[mine] = count + np.stack([gap, last], axis=1)
            shares[mine] = np.stack([1.0 - share, share], axis=1)
            deepest = np.zeros(len(places))
            np.maximum.at(deepest, gap, depth[mine])
            relative = depth[mine] / np.maximum(deepest[gap], 1e-300)
            profile[mine] = relative * (2.0 - relative)
            count += len(places)
        neighbors = _neighbors(mesh.cells, knots, count)
        return cls(knots, shares, profile, _colors(neighbors, count), neighbors)


def _wall_distance(mesh: LumenMesh) -> FloatArray:
    from scipy.spatial import cKDTree

    wall = np.unique(mesh.facets[mesh.facet_face == len(mesh.faces) - 1])
    distance, _ = cKDTree(mesh.points[wall]).query(mesh.points)
    return np.asarray(distance)


def _neighbors(cells: IntArray, knots: IntArray, count: int) -> IntArray:
    """Pairs of knots whose hats meet in a cell, both ways and each with itself (m, 2)."""
    of_cell = np.sort(knots[cells].reshape(len(cells), -1), axis=1)
    new = np.ones_like(of_cell, dtype=bool)
    new[:, 1:] = of_cell[:, 1:] != of_cell[:, :-1]
    width = int(new.sum(axis=1).max())
    compact = np.repeat(of_cell[:, :1], width, axis=1)
    row, _ = np.nonzero(new)
    position = (np.cumsum(new, axis=1) - 1)[new]
    compact[row, position] = of_cell[new]
    keys = (compact[:, :, None] * count + compact[:, None, :]).ravel()
    unique = np.unique(keys)
    return np.stack([unique // count, unique % count], axis=1)


def _colors(neighbors: IntArray, count: int) -> IntArray:
    """Greedy coloring in which no two knots of a color have a common neighbor (count,)."""
    adjacent: list[list[int]] = [[] for _ in range(count)]
    for a, b in neighbors.tolist():
        adjacent[a].append(b)
    colors = np.full(count, -1, dtype=np.int64)
    for knot in range(count):
        taken = {int(colors[k]) for near in adjacent[knot] for k in adjacent[near]}
        color = 0
        while color in taken:
            color += 1
        colors[knot] = color
    return colors


class CoarseSpace:
    """The coarse correction Q on the ranks.

    Args:
        domain: The distributed mesh.
        grid: Knots of the mesh's nodes.
        fixed: Whether the velocity is prescribed at each mesh node (n_nodes,).
    """

    def __init__(self, domain: FlowDomain, grid: CoarseGrid, fixed: NDArray[np.bool_]) -> None:
        from scipy.sparse import csr_matrix

        self.comm = domain.mesh.comm
        owned = domain.nodes[: domain.n_owned]
        self.n_knots = len(grid.colors)
        profile = np.where(fixed, 0.0, grid.profile)[owned]
        block = np.arange(domain.n_owned)
        rows, columns, values = [], [], []
        for component in range(4):
            scale = profile if component < 3 else np.ones(domain.n_owned)
            for side in range(2):
                rows.append(4 * block + component)
                columns.append(4 * grid.knots[owned, side] + component)
                values.append(scale * grid.shares[owned, side])
        self.weights = csr_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
            shape=(4 * domain.n_owned, 4 * self.n_knots),
        )
        self.transposed = self.weights.T.tocsr()
        self.grid = grid
        self._sources = _sources(grid)[:, grid.knots[owned, 0]]
        self._images: Any = None
        self._factors: Any = None

    def refresh(self, solver: LinearSolver) -> None:
        """Rebuild A W and E = W^T A W for the operator of a solver; collective."""
        from scipy.sparse import coo_matrix, identity
        from scipy.sparse.linalg import splu

        images = self._images_under(solver.operator)
        self._images = (
            images.indptr,
            images.indices,
            images.data.reshape(-1, 16).astype(np.float32),
        )
        matrix = self.comm.allreduce((self.transposed @ images).tocsr()).tocsc()
        size = 4 * self.n_knots
        empty = np.asarray(abs(matrix).sum(axis=0)).ravel() == 0
        matrix += coo_matrix((empty.astype(float), (np.arange(size), np.arange(size)))).tocsc()
        try:
            self._factors = splu(matrix)
        except RuntimeError:
            shift = SHIFT * float(abs(matrix).max())
            self._factors = splu((matrix + shift * identity(size)).tocsc())

    def _images_under(self, operator: Any) -> Any:
        """A W in blocks of node and knot, from one product per color and component; collective."""
        from scipy.sparse import bsr_matrix

        left, right = operator.createVecs()
        n_colors, n_nodes = self._sources.shape
        images = np.empty((n_nodes, n_colors, 4, 4))
        for color in range(n_colors):
            knots = np.flatnonzero(self.grid.colors == color)
            for component in range(4):
                probe = np.zeros(4 * self.n_knots)
                probe[4 * knots + component] = 1.0
                left.array[:] = self.weights @ probe
                operator.mult(left, right)
                images[:, color, :, component] = right.array_r.reshape(-1, 4)
        seen = self._sources.T >= 0
        ends = np.concatenate([[0], np.cumsum(seen.sum(axis=1))])
        shape = (4 * n_nodes, 4 * self.n_knots)
        return bsr_matrix((images[seen], self._sources.T[seen], ends), shape=shape)

    def restrict(self, values: FloatArray) -> FloatArray:
        """W^T of owned values, summed over the ranks; collective (4 n_knots,)."""
        return summed(self.comm, np.asarray(self.transposed @ values))

    def correct(self, values: FloatArray) -> FloatArray:
        """Q of owned values; collective."""
        return np.asarray(self.weights @ self._coefficients(values))

    def split(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Q of owned values and what it leaves of them, r - A Q r; collective."""
        coefficients = self._coefficients(values)
        image = np.empty(values.size, dtype=np.float32)
        multiply_blocks(*self._images, coefficients.astype(np.float32), image)
        return np.asarray(self.weights @ coefficients), values - image

    def _coefficients(self, values: FloatArray) -> FloatArray:
        return np.asarray(self._factors.solve(self.restrict(values)))


def _sources(grid: CoarseGrid) -> IntArray:
    """The knot of each color that shares a cell with each knot, -1 for none (colors, knots)."""
    near, source = grid.neighbors.T
    sources = np.full((int(grid.colors.max()) + 1, len(grid.colors)), -1, dtype=np.int64)
    sources[grid.colors[source], near] = source
    return sources
