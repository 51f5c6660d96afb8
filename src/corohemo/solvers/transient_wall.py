"""Wall shear accumulated while the time steps go by: no field is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Blood
from corohemo.kernels.divergence import add_edge_fluxes, edge_fluxes, flux_divergence
from corohemo.kernels.facets import facet_edges
from corohemo.kernels.quadratic import TRIANGLE_POINTS, TRIANGLE_WEIGHTS
from corohemo.kernels.wall import wall_stress
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.domain import ROOT, FlowDomain
from corohemo.solvers.scales import VELOCITY
from corohemo.solvers.shear_sums import ShearSums
from corohemo.solvers.transient_solution import LEAST_SHEAR_PA, WallStatistics

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class WallAccumulator:
    """Sums over the samples of a cycle, at the wall's quadrature points in this rank's cells.

    Args:
        domain: The distributed mesh.
        mesh: The mesh on rank 0; ignored elsewhere.
        blood: The blood.
    """

    def __init__(self, domain: FlowDomain, mesh: LumenMesh | None, blood: Blood) -> None:
        self.comm, self.blood = domain.mesh.comm, blood
        self._points = domain.scatter(None if mesh is None else mesh.points)
        tables: _WallTables = self.comm.bcast(
            None if mesh is None else _WallTables.of(mesh), root=ROOT
        )
        owned = domain.mesh.topology.index_map(3).size_local
        here = np.isin(tables.behind, domain.mesh.topology.original_cell_index[:owned])
        self._mine, self._total = np.flatnonzero(here), len(here)
        place = np.full(domain.n_nodes, -1)
        place[domain.nodes] = np.arange(len(domain.nodes))
        self._facets, self._cells = place[tables.facets[here]], place[tables.cells[here]]
        self._edges, self._signs = tables.edges[here], tables.signs[here]
        self._shares = tables.shares
        self._positions, vectors, _ = self._stress(np.zeros_like(self._points))
        self._areas = np.linalg.norm(vectors, axis=2)
        self._normals = vectors / self._areas[..., None]
        self.sums = ShearSums(self._normals)

    def begin_cycle(self) -> None:
        """Forget all samples but their mean, which tells the sides of those to come."""
        self.sums.begin()

    def add(self, state: FloatArray) -> None:
        """Take in the velocity of the unknowns on this rank, ghosts included; collective.

        Args:
            state: Unknowns (4 n_local,).
        """
        velocity = np.ascontiguousarray(VELOCITY * state.reshape(-1, 4)[:, :3])
        _, _, shear = self._stress(velocity)
        self.sums.add(self.blood.wall_shear(shear), self._divergence(velocity))

    def gather(self) -> WallStatistics | None:
        """Statistics of all ranks on rank 0; collective."""
        place = [self._positions, self._normals, self._areas[..., None]]
        values = self._collect(np.concatenate(place, axis=2))
        rows = self.rows()
        if values is None or rows is None:
            return None
        whole = ShearSums(values[..., 3:6])
        whole.take(rows, self.sums.samples, self.sums.preceding)
        return whole.statistics(values[..., :3], values[..., 6])

    def rows(self) -> FloatArray | None:
        """The sums, one row per facet, on rank 0, for a checkpoint; collective."""
        return self._collect(self.sums.rows())

    def restore(self, rows: FloatArray | None, samples: int, preceding: int) -> None:
        """Take up ``rows`` of rank 0 where a checkpoint left them; collective."""
        self.sums.take(self.comm.bcast(rows, root=ROOT)[self._mine], samples, preceding)

    def _stress(self, velocity: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Positions, area vectors and Newtonian shear at the points of this rank's facets."""
        behind = np.arange(len(self._cells))
        positions, vectors, shear, _ = wall_stress(
            *(self._points, self._cells, self._facets, behind),
            velocity,
            np.zeros(len(velocity)),
            self.blood.dynamic_viscosity,
            TRIANGLE_POINTS,
            TRIANGLE_WEIGHTS,
        )
        return positions, vectors, shear

    def _divergence(self, velocity: FloatArray) -> FloatArray:
        """Surface divergence of the shear's direction on this rank's facets (k,); collective."""
        fluxes = edge_fluxes(
            *(self._points, self._cells, self._facets, np.arange(len(self._cells))),
            velocity,
            self.blood.dynamic_viscosity,
            LEAST_SHEAR_PA,
        )
        here = np.zeros_like(self._shares)
        add_edge_fluxes(fluxes, self._edges, self._signs, self._shares, here)
        through = np.empty_like(here)
        self.comm.Allreduce(here, through)
        areas = self._areas.sum(axis=1)
        return np.asarray(flux_divergence(through, self._edges, self._signs, areas))

    def _collect(self, local: FloatArray) -> FloatArray | None:
        """Rows of this rank's facets (k, ...) as those of all facets on rank 0."""
        pieces: Any = self.comm.gather((self._mine, local), root=ROOT)
        if pieces is None:
            return None
        result = np.empty((self._total, *local.shape[1:]))
        for rows, values in pieces:
            result[rows] = values
        return result


@dataclass(frozen=True)
class _WallTables:
    """The wall of a mesh.

    Attributes:
        facets: Its facets (k, 6).
        cells: Cells behind them (k, 10).
        behind: Indices of these (k,).
        edges, signs, shares: Its edges, as from ``facet_edges``.
    """

    facets: IntArray
    cells: IntArray
    behind: IntArray
    edges: IntArray
    signs: FloatArray
    shares: FloatArray

    @classmethod
    def of(cls, mesh: LumenMesh) -> _WallTables:
        wall = np.flatnonzero(mesh.facet_face == mesh.faces.index("wall"))
        behind, facets = mesh.facet_cell[wall], mesh.facets[wall]
        return cls(facets, mesh.cells[behind], behind, *facet_edges(facets))
