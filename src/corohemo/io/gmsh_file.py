"""Lumen meshes for Gmsh and everything that reads its files (MSH 2.2, text)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from corohemo.meshing.mesh import LumenMesh

IntArray = NDArray[np.int64]

TRIANGLE6, TETRA10 = 9, 11
"""Element types of Gmsh."""
TETRA_ORDER = [0, 1, 2, 3, 4, 5, 6, 7, 9, 8]
"""Gmsh counts the edges (2,3) and (1,3) the other way round than VTK."""
VOLUME_NAME = "lumen"


def write_gmsh(mesh: LumenMesh, path: Path, length_factor: float) -> None:
    """Write elements with the faces and the lumen as named physical groups.

    Args:
        mesh: The mesh.
        path: A ``.msh`` file.
        length_factor: Metres in the unit of the file.
    """
    volume = len(mesh.faces) + 1
    groups = [f'2 {tag} "{face}"' for tag, face in enumerate(mesh.faces, start=1)]
    groups.append(f'3 {volume} "{VOLUME_NAME}"')
    n_points, n_elements = len(mesh.points), len(mesh.facets) + len(mesh.cells)
    facets = _elements(mesh.facets, TRIANGLE6, mesh.facet_face + 1, first=1)
    cells = _elements(
        mesh.cells[:, TETRA_ORDER],
        TETRA10,
        np.full(len(mesh.cells), volume),
        first=len(mesh.facets) + 1,
    )
    with path.open("w", encoding="utf-8") as stream:
        stream.write("$MeshFormat\n2.2 0 8\n$EndMeshFormat\n")
        stream.write(f"$PhysicalNames\n{len(groups)}\n" + "\n".join(groups))
        stream.write(f"\n$EndPhysicalNames\n$Nodes\n{n_points}\n")
        for number, (x, y, z) in enumerate((mesh.points / length_factor).tolist(), start=1):
            stream.write(f"{number} {x!r} {y!r} {z!r}\n")
        stream.write(f"$EndNodes\n$Elements\n{n_elements}\n")
        np.savetxt(stream, facets, fmt="%d")
        np.savetxt(stream, cells, fmt="%d")
        stream.write("$EndElements\n")


def _elements(nodes: IntArray, kind: int, tags: IntArray, *, first: int) -> IntArray:
    """Rows ``number type 2 physical geometrical nodes...``, all counted from 1."""
    n = len(nodes)
    numbers = np.arange(first, first + n)
    head = np.column_stack([numbers, np.full(n, kind), np.full(n, 2), tags, tags])
    return np.hstack([head, nodes + 1])
