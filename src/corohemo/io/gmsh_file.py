"""Lumen meshes for Gmsh and everything that reads its files (MSH 2.2, text), both ways."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError
from corohemo.fields import BRANCH
from corohemo.io.mesh_parts import ABSCISSA_ARRAY, MeshParts, file_factor
from corohemo.io.raw import check_file
from corohemo.io.replacing import replacing

if TYPE_CHECKING:
    from corohemo.meshing.mesh import LumenMesh

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

TRIANGLE6, TETRA10 = 9, 11
"""Element types of Gmsh."""
TETRA_ORDER = [0, 1, 2, 3, 4, 5, 6, 7, 9, 8]
"""Gmsh counts the edges (2,3) and (1,3) the other way round than VTK."""
VOLUME_NAME = "lumen"
UNIT_COMMENT = "corohemo lumen mesh, length unit"
_UNIT = re.compile(rf"{UNIT_COMMENT} (\w+)".encode())
HEAD = 4096
"""The comment stands within this many bytes."""


def write_gmsh(mesh: LumenMesh, path: Path, factor: float, length_unit: str) -> None:
    """Write elements with the faces and the lumen as named physical groups.

    The unit stands in a comment; branch and abscissa of each node are node data.

    Args:
        mesh: The mesh.
        path: A ``.msh`` file.
        factor: Metres in ``length_unit``.
        length_unit: Unit of the file.
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
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.write("$MeshFormat\n2.2 0 8\n$EndMeshFormat\n")
        stream.write(f"$Comments\n{UNIT_COMMENT} {length_unit}\n$EndComments\n")
        stream.write(f"$PhysicalNames\n{len(groups)}\n" + "\n".join(groups))
        stream.write(f"\n$EndPhysicalNames\n$Nodes\n{n_points}\n")
        for number, (x, y, z) in enumerate((mesh.points / factor).tolist(), start=1):
            stream.write(f"{number} {x!r} {y!r} {z!r}\n")
        stream.write(f"$EndNodes\n$Elements\n{n_elements}\n")
        np.savetxt(stream, facets, fmt="%d")
        np.savetxt(stream, cells, fmt="%d")
        stream.write("$EndElements\n")
        _write_node_data(stream, BRANCH.array, mesh.node_branch.astype(np.float64))
        _write_node_data(stream, ABSCISSA_ARRAY, mesh.node_abscissa)


def _elements(nodes: IntArray, kind: int, tags: IntArray, *, first: int) -> IntArray:
    """Rows ``number type 2 physical geometrical nodes...``, all counted from 1."""
    n = len(nodes)
    numbers = np.arange(first, first + n)
    head = np.column_stack([numbers, np.full(n, kind), np.full(n, 2), tags, tags])
    return np.hstack([head, nodes + 1])


def _write_node_data(stream: TextIO, name: str, values: FloatArray) -> None:
    stream.write(f'$NodeData\n1\n"{name}"\n1\n0.0\n3\n0\n1\n{len(values)}\n')
    for number, value in enumerate(values.tolist(), start=1):
        stream.write(f"{number} {value!r}\n")
    stream.write("$EndNodeData\n")


def read_gmsh(path: Path, length_unit: str | None) -> MeshParts:
    """Parts of a mesh in a ``.msh`` file with the faces as physical groups.

    Files of Gmsh itself are read too: tetrahedra of first or second order, and triangles in
    physical groups of a lumen mesh's names.

    Raises:
        FileFormatError: If the file is not such a mesh, or is damaged.
        UnitError: If the file does not state its unit and none is given.
    """
    import meshio

    check_file(path)
    with path.open("rb") as stream:
        stated = _UNIT.search(stream.read(HEAD))
    factor = file_factor(stated[1].decode() if stated else None, length_unit, path)
    try:
        data = meshio.gmsh.read(str(path))
    except Exception as error:  # meshio raises whatever a damaged file leads it into
        raise FileFormatError(
            f"The file is not a Gmsh mesh, or is damaged ({type(error).__name__}: {error}).",
            file=path,
        ) from None
    cells, _ = _blocks(data, ("tetra10", "tetra"), path)
    facets, tags = _blocks(data, ("triangle6", "triangle"), path)
    names = {int(tag): name for name, (tag, dimension) in data.field_data.items() if dimension == 2}
    present, facet_face = np.unique(tags, return_inverse=True)
    if not set(present.tolist()) <= set(names):
        raise FileFormatError("A triangle is in no named physical group.", file=path)
    branch, abscissa = (data.point_data.get(name) for name in (BRANCH.array, ABSCISSA_ARRAY))
    return MeshParts(
        points=np.asarray(data.points, dtype=np.float64) * factor,
        cells=cells,
        facets=facets,
        facet_face=facet_face.reshape(-1),
        faces=tuple(names[tag] for tag in present.tolist()),
        branch=None if branch is None else np.rint(branch).astype(np.int64).reshape(-1),
        abscissa=None if abscissa is None else np.asarray(abscissa, np.float64).reshape(-1),
    )


def _blocks(data: Any, kinds: tuple[str, str], path: Path) -> tuple[IntArray, IntArray]:
    """Connectivity and physical tags of the cells of the first kind that the file has."""
    kind = next((kind for kind in kinds if any(b.type == kind for b in data.cells)), None)
    tags = data.cell_data.get("gmsh:physical")
    if kind is None or tags is None:
        raise FileFormatError(
            f"The file has no {' or '.join(kinds)} cells in physical groups.", file=path
        )
    chosen = [k for k, block in enumerate(data.cells) if block.type == kind]
    cells = np.concatenate([data.cells[k].data for k in chosen]).astype(np.int64)
    return cells, np.concatenate([tags[k] for k in chosen]).astype(np.int64)
