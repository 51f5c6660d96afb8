"""Wall shear accumulated while the time steps go by: no field is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Blood
from corohemo.kernels.wall import wall_stress
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.domain import ROOT, FlowDomain
from corohemo.solvers.scales import VELOCITY
from corohemo.solvers.transient_solution import WallStatistics

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
        from corohemo.kernels.quadratic import TRIANGLE_POINTS, TRIANGLE_WEIGHTS

        self.comm, self.blood = domain.mesh.comm, blood
        self._rule = (TRIANGLE_POINTS, TRIANGLE_WEIGHTS)
        self._points = domain.scatter(None if mesh is None else mesh.points)
        facets, cells, behind, self._total = self.comm.bcast(
            None if mesh is None else _wall_tables(mesh), root=ROOT
        )
        owned = domain.mesh.topology.index_map(3).size_local
        here = np.isin(behind, domain.mesh.topology.original_cell_index[:owned])
        self._mine = np.flatnonzero(here)
        place = np.full(domain.n_nodes, -1)
        place[domain.nodes] = np.arange(len(domain.nodes))
        self._facets, self._cells = place[facets[here]], place[cells[here]]
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        shape = (len(self._mine), len(self._rule[1]))
        self.samples = 0
        self.vector = np.zeros((*shape, 3))
        self.magnitude, self.peak = np.zeros(shape), np.zeros(shape)

    def add(self, state: FloatArray) -> None:
        """Take in the velocity of the unknowns on this rank, ghosts included (4 n_local,)."""
        _, _, shear = self._stress(VELOCITY * state.reshape(-1, 4)[:, :3])
        magnitude = np.linalg.norm(shear, axis=2)
        self.samples += 1
        self.vector += shear
        self.magnitude += magnitude
        np.maximum(self.peak, magnitude, out=self.peak)

    def gather(self) -> WallStatistics | None:
        """Statistics of all ranks on rank 0; collective."""
        positions, areas, _ = self._stress(np.zeros_like(self._points))
        n = max(self.samples, 1)
        local = np.concatenate(
            [
                positions,
                np.linalg.norm(areas, axis=2)[..., None],
                self.vector / n,
                self.magnitude[..., None] / n,
                self.peak[..., None],
            ],
            axis=2,
        )
        values = self._collect(local)
        if values is None:
            return None
        flat = values.reshape(-1, 9)
        return WallStatistics(flat[:, :3], flat[:, 3], flat[:, 4:7], flat[:, 7], flat[:, 8])

    def sums(self) -> FloatArray | None:
        """The accumulated sums (facets, q, 5) on rank 0, for a checkpoint; collective."""
        return self._collect(
            np.concatenate([self.vector, self.magnitude[..., None], self.peak[..., None]], axis=2)
        )

    def restore(self, sums: FloatArray | None, samples: int) -> None:
        """Take up ``sums`` of rank 0 where a checkpoint left them; collective."""
        mine = self.comm.bcast(sums, root=ROOT)[self._mine]
        self.vector = np.array(mine[..., :3])
        self.magnitude, self.peak = np.array(mine[..., 3]), np.array(mine[..., 4])
        self.samples = samples

    def _stress(self, velocity: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        behind = np.arange(len(self._cells))
        positions, areas, shear, _ = wall_stress(
            self._points,
            self._cells,
            self._facets,
            behind,
            np.ascontiguousarray(velocity),
            np.zeros(len(velocity)),
            self.blood.dynamic_viscosity,
            *self._rule,
        )
        return positions, areas, self.blood.wall_shear(shear)

    def _collect(self, local: FloatArray) -> FloatArray | None:
        """Rows of this rank's facets (k, q, c) as those of all facets on rank 0."""
        pieces: Any = self.comm.gather((self._mine, local), root=ROOT)
        if pieces is None:
            return None
        result = np.empty((self._total, *local.shape[1:]))
        for rows, values in pieces:
            result[rows] = values
        return result


def _wall_tables(mesh: LumenMesh) -> tuple[IntArray, IntArray, IntArray, int]:
    """Wall facets (k, 6), cells behind them (k, 10), indices of these (k,), and k."""
    wall = np.flatnonzero(mesh.facet_face == mesh.faces.index("wall"))
    behind = mesh.facet_cell[wall]
    return mesh.facets[wall], mesh.cells[behind], behind, len(wall)
