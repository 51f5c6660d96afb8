"""The surface of a lumen mesh as STL text: one named solid for the wall and one for each cap."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corohemo.io.replacing import replacing
from corohemo.kernels.facets import flatten_facets

if TYPE_CHECKING:
    from corohemo.meshing.mesh import LumenMesh

FACET = (
    "  facet normal {:.6e} {:.6e} {:.6e}\n    outer loop\n"
    "      vertex {:.9e} {:.9e} {:.9e}\n"
    "      vertex {:.9e} {:.9e} {:.9e}\n"
    "      vertex {:.9e} {:.9e} {:.9e}\n"
    "    endloop\n  endfacet\n"
)


def write_stl(mesh: LumenMesh, path: Path, factor: float, length_unit: str) -> None:
    """Write every curved facet as four flat triangles that share their corners.

    STL has no unit; it stands behind the name of each solid.

    Args:
        mesh: The mesh.
        path: A ``.stl`` file.
        factor: Metres in ``length_unit``.
        length_unit: Unit of the file.
    """
    nodes, triangles, facet = flatten_facets(mesh.facets)
    corners = (mesh.points[nodes] / factor)[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), np.finfo(float).tiny)
    records = np.concatenate([normals[:, None], corners], axis=1).reshape(-1, 12)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        for number, name in enumerate(mesh.faces):
            solid = name.replace(" ", "_")
            stream.write(f"solid {solid} {length_unit}\n")
            mine = records[mesh.facet_face[facet] == number]
            stream.writelines(FACET.format(*record) for record in mine.tolist())
            stream.write(f"endsolid {solid}\n")
