"""Open faces and sections, read from the field of the ranks in each step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.domain import FlowDomain
from corohemo.solvers.openings import area_weights, flux_weights
from corohemo.solvers.scales import LENGTH

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class FaceWeights:
    """Functionals of the open faces of a mesh, dimensionless.

    Attributes:
        names: The open faces.
        nodes: Nodes of each face.
        fluxes: Weights whose product with the velocity is the flow, ostium to outlet (n, 3) each.
        means: Weights whose product with the pressure is its area mean (n,) each.
    """

    names: tuple[str, ...]
    nodes: tuple[IntArray, ...]
    fluxes: tuple[FloatArray, ...]
    means: tuple[FloatArray, ...]

    @classmethod
    def of(cls, mesh: LumenMesh) -> FaceWeights:
        """Weights of all faces but the wall."""
        names = tuple(face for face in mesh.faces if face != "wall")
        nodes, fluxes, means = [], [], []
        for face in names:
            where, flux = flux_weights(mesh, face)
            _, area = area_weights(mesh, face)
            nodes.append(where)
            fluxes.append((-flux if face == "inlet" else flux) / LENGTH**2)
            means.append(area[:, 0] / area.sum())
        return cls(names, tuple(nodes), tuple(fluxes), tuple(means))


class FlowProbes:
    """The part of the functionals that this rank owns.

    Args:
        domain: The distributed mesh.
        weights: Functionals of the open faces.
        sections: Weights of the nodes in means over sections (k, n_nodes), sparse; None for none.
    """

    def __init__(self, domain: FlowDomain, weights: FaceWeights, sections: Any = None) -> None:
        self.comm = domain.mesh.comm
        owned = domain.nodes[: domain.n_owned]
        self._sections = None if sections is None else sections[:, owned]
        place = np.full(domain.n_nodes, -1)
        place[owned] = np.arange(domain.n_owned)
        self._parts = []
        for nodes, flux, mean in zip(weights.nodes, weights.fluxes, weights.means, strict=True):
            local = place[nodes]
            mine = local >= 0
            self._parts.append((local[mine], flux[mine], mean[mine]))

    def read(self, nodal: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Of the owned unknowns (4 n_owned,); collective.

        Returns:
            Flows (f,) and mean pressures (f,) of the faces, mean pressures of the sections (k,).
        """
        field = nodal.reshape(-1, 4)
        faces = [
            ((field[at, :3] * flux).sum(), field[at, 3] @ mean) for at, flux, mean in self._parts
        ]
        sections = np.empty(0) if self._sections is None else self._sections @ field[:, 3]
        local = np.append(np.transpose(faces), sections)
        summed = np.empty_like(local)
        self.comm.Allreduce(local, summed)
        flows, pressures, sections = np.split(summed, [len(faces), 2 * len(faces)])
        return flows, pressures, sections
