"""A lumen mesh on the ranks: curved DOLFINx mesh, facet tags, and the way to its nodes and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BASIX_FROM_VTK = np.array([0, 1, 2, 3, 9, 8, 5, 7, 6, 4])
"""Column i of a DOLFINx cell is column ``BASIX_FROM_VTK[i]`` of a VTK cell."""
INLET, OUTLET, WALL = 1, 2, 3
"""Facet tags; every outlet has the same one, so that no form depends on their number."""
ROOT = 0


@dataclass(frozen=True)
class FlowDomain:
    """The distributed mesh.

    Attributes:
        mesh: DOLFINx mesh of geometric order 2, lengths divided by ``length_scale``.
        facet_tags: INLET, OUTLET or WALL on every boundary facet.
        space: Lagrange space; of velocity and pressure quadratic, with four unknowns a node.
        nodes: Node of the lumen mesh behind each owned and ghost block of ``space`` (n_local,).
        n_owned: Number of owned blocks.
        n_nodes: Number of nodes of the lumen mesh.
    """

    mesh: Any
    facet_tags: Any
    space: Any
    nodes: IntArray
    n_owned: int
    n_nodes: int

    @classmethod
    def distribute(cls, comm: Any, lumen: LumenMesh | None, length_scale: float) -> FlowDomain:
        """Spread a lumen mesh over the ranks; collective.

        Args:
            comm: MPI communicator.
            lumen: The mesh on rank 0; ignored elsewhere.
            length_scale: Metres in one unit of length of the DOLFINx mesh.
        """
        import basix.ufl
        from dolfinx import fem, mesh

        element = basix.ufl.element("Lagrange", "tetrahedron", 2, shape=(3,))
        cells, points = np.empty((0, 10), dtype=np.int64), np.empty((0, 3))
        if comm.rank == ROOT:
            assert lumen is not None
            cells = np.ascontiguousarray(lumen.cells[:, BASIX_FROM_VTK])
            points = lumen.points / length_scale
        domain = mesh.create_mesh(comm, cells, element, points)
        blocked = basix.ufl.element("Lagrange", "tetrahedron", 2, shape=(4,))
        space = fem.functionspace(domain, blocked)
        nodes = _nodes_of_blocks(domain, space)
        return cls(
            mesh=domain,
            facet_tags=_tag_facets(comm, domain, lumen),
            space=space,
            nodes=nodes,
            n_owned=space.dofmap.index_map.size_local,
            n_nodes=comm.bcast(None if lumen is None else len(lumen.points), root=ROOT),
        )

    def linear(self) -> FlowDomain:
        """The same mesh with a linear space, whose nodes are the vertices."""
        return self._with_space(1, (4,))

    def scalar(self, degree: int) -> FlowDomain:
        """The same mesh with a space of one unknown a node, linear or quadratic."""
        return self._with_space(degree, None)

    def _with_space(self, degree: int, shape: tuple[int, ...] | None) -> FlowDomain:
        import basix.ufl
        from dolfinx import fem

        element = basix.ufl.element("Lagrange", "tetrahedron", degree, shape=shape)
        space = fem.functionspace(self.mesh, element)
        return replace(
            self,
            space=space,
            nodes=_nodes_of_blocks(self.mesh, space),
            n_owned=space.dofmap.index_map.size_local,
        )

    def cubic(self) -> FlowDomain:
        """The same mesh with a cubic space, whose nodes are numbered on their own; collective."""
        import basix.ufl
        from dolfinx import fem

        blocked = basix.ufl.element("Lagrange", "tetrahedron", 3, shape=(4,))
        space = fem.functionspace(self.mesh, blocked)
        index_map = space.dofmap.index_map
        local = np.arange(index_map.size_local + index_map.num_ghosts, dtype=np.int32)
        return replace(
            self,
            space=space,
            nodes=np.asarray(index_map.local_to_global(local), dtype=np.int64),
            n_owned=index_map.size_local,
            n_nodes=index_map.size_global,
        )

    def no_slip(self, fixed: NDArray[np.bool_]) -> list[Any]:
        """Conditions of no velocity at the lumen nodes that are ``fixed`` (n_nodes,)."""
        from dolfinx import fem

        local = np.flatnonzero(fixed[self.nodes])
        return [
            fem.dirichletbc(0.0, np.asarray(4 * local + i, dtype=np.int32), self.space.sub(i))
            for i in range(3)
        ]

    def velocity_rows(self, fixed: NDArray[np.bool_]) -> IntArray:
        """Owned rows of the velocity of the lumen nodes that are ``fixed`` (n_nodes,)."""
        owned = np.flatnonzero(fixed[self.nodes[: self.n_owned]])
        return (4 * owned[:, None] + np.arange(3)).ravel()

    def scatter(self, values: NDArray[Any] | None) -> NDArray[Any]:
        """Nodal values of rank 0 (n_nodes, ...) on the blocks here (n_local, ...); collective."""
        everywhere: NDArray[Any] = self.mesh.comm.bcast(values, root=ROOT)
        return everywhere[self.nodes]

    def gather(self, values: FloatArray) -> FloatArray | None:
        """Owned block values (n_owned, c) as nodal values (n_nodes, c) on rank 0; collective."""
        pieces = self.mesh.comm.gather((self.nodes[: self.n_owned], values), root=ROOT)
        if pieces is None:
            return None
        result = np.zeros((self.n_nodes, values.shape[1]))
        for nodes, piece in pieces:
            result[nodes] = piece
        return result

    def gather_all(self, values: FloatArray) -> FloatArray:
        """The same on every rank; collective."""
        return np.asarray(self.mesh.comm.bcast(self.gather(values), root=ROOT))


def _nodes_of_blocks(domain: Any, space: Any) -> IntArray:
    """Lumen node behind each local block of ``space`` (n_local,)."""
    geometry = domain.geometry
    index_map = space.dofmap.index_map
    nodes = np.empty(index_map.size_local + index_map.num_ghosts, dtype=np.int64)
    per_cell = space.dofmap.list.shape[1]
    nodes[space.dofmap.list] = geometry.input_global_indices[geometry.dofmaps[0][:, :per_cell]]
    return nodes


def _tag_facets(comm: Any, domain: Any, lumen: LumenMesh | None) -> Any:
    """INLET, OUTLET or WALL on the boundary facets of each rank."""
    from dolfinx import mesh

    vertices, tags = comm.bcast(
        None if comm.rank != ROOT or lumen is None else _facet_table(lumen), root=ROOT
    )
    dimension = domain.topology.dim - 1
    domain.topology.create_connectivity(dimension, dimension + 1)
    local = mesh.exterior_facet_indices(domain.topology)
    corners = mesh.entities_to_geometry(domain, dimension, local)[:, :3]
    keys = np.sort(domain.geometry.input_global_indices[corners], axis=1)
    values = tags[_rows(vertices, keys)]
    order = np.argsort(local)
    return mesh.meshtags(domain, dimension, local[order], values[order])


def _facet_table(lumen: LumenMesh) -> tuple[IntArray, NDArray[np.int32]]:
    """Sorted vertices of each facet, in lexical order (k, 3), and its tag (k,)."""
    kind = np.array([_tag(name) for name in lumen.faces], dtype=np.int32)
    vertices = np.sort(lumen.facets[:, :3], axis=1)
    order = np.lexsort(vertices.T[::-1])
    return vertices[order], kind[lumen.facet_face[order]]


def _tag(face: str) -> int:
    return INLET if face == "inlet" else WALL if face == "wall" else OUTLET


def _rows(table: IntArray, keys: IntArray) -> IntArray:
    """Row of the lexically sorted ``table`` (k, 3) that equals each of ``keys`` (m, 3)."""
    kind = np.dtype([("a", np.int64), ("b", np.int64), ("c", np.int64)])
    rows = np.searchsorted(
        np.ascontiguousarray(table).view(kind).ravel(),
        np.ascontiguousarray(keys).view(kind).ravel(),
    )
    return np.asarray(rows, dtype=np.int64)
