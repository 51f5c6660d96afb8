"""Lumen meshes in files and folders: the format follows from the name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corohemo.errors import ConfigError, FileFormatError
from corohemo.fields import FACE
from corohemo.io.gmsh_file import read_gmsh, write_gmsh
from corohemo.io.mesh_complete import VOLUME, read_mesh_complete, write_mesh_complete
from corohemo.io.mesh_parts import MeshParts, build_mesh
from corohemo.io.replacing import replacing
from corohemo.io.stl_file import write_stl
from corohemo.io.vtu_mesh import read_vtu, write_vtu
from corohemo.io.xdmf_file import read_xdmf, write_xdmf
from corohemo.units import length_factor

if TYPE_CHECKING:
    from corohemo.lumen import Lumen
    from corohemo.meshing.mesh import LumenMesh

FOLDER = ""
"""The suffix of a ``mesh-complete`` folder."""


def write_mesh(
    mesh: LumenMesh, path: str | Path, *, length_unit: str | None = None, linear: bool = False
) -> None:
    """Write a mesh; the extension is the format (``docs/files.md`` has what each one carries).

    ``.vtu``, ``.msh`` (Gmsh 2.2), ``.xdmf`` and a name without extension, which is SimVascular's
    ``mesh-complete`` folder, are read back by ``read_mesh`` and solve to the same numbers. ``.stl``
    holds the closed surface with named solids, ``.inp`` (Abaqus) cells and facets.

    Args:
        mesh: The mesh.
        path: File, or folder for ``mesh-complete``.
        length_unit: Unit of the file; None is "mm", and "cm" for ``mesh-complete``.
        linear: Straight cells on the same nodes, for ``mesh-complete`` only.

    Raises:
        FileFormatError: If the extension is not known.
        ConfigError: If straight cells are wanted in a format that holds curved ones.
        UnitError: If the unit is not known.
        InputError: If the file cannot be written.
        MeshingError: If straight cells are wanted and a cell is too bent for that.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (*_WRITERS, FOLDER):
        raise FileFormatError(
            f"No mesh format has the extension {path.suffix!r}; known are {', '.join(_WRITERS)}, "
            "and no extension for a mesh-complete folder.",
            file=path,
        )
    if linear and suffix != FOLDER:
        raise ConfigError(
            "Straight cells are written to mesh-complete folders only.", file=path, field="linear"
        )
    length_unit = length_unit or ("cm" if suffix == FOLDER else "mm")
    factor = length_factor(length_unit)
    if suffix == FOLDER:
        write_mesh_complete(mesh, path, factor, length_unit, linear=linear)
    else:
        _WRITERS[suffix](mesh, path, factor, length_unit)


def read_mesh(
    path: str | Path, *, length_unit: str | None = None, lumen: Lumen | None = None
) -> LumenMesh:
    """Read a mesh from ``.vtu``, ``.msh``, ``.xdmf`` or a ``mesh-complete`` folder.

    Meshes of Gmsh and SimVascular are read too if their faces are named as those of a lumen.
    Straight cells get nodes in the middle of their edges.

    Args:
        path: File or folder.
        length_unit: Unit of the coordinates, where the file does not state it.
        lumen: The lumen that the mesh fills; tells branch and abscissa of each node where the file
            does not.

    Raises:
        FileFormatError: If the file is not such a mesh, is damaged, or its cells are not valid.
        MissingArrayError: If an array of it is missing.
        UnitError: If the unit is neither stated nor given.
        GeometryError: If the lumen has other outlets than the mesh.
        InputError: If there is no such file.
    """
    path = Path(path)
    if path.name == VOLUME:
        path = path.parent
    reader = read_mesh_complete if path.is_dir() else _READERS.get(path.suffix.lower())
    if reader is None:
        raise FileFormatError(
            f"Meshes are read from {', '.join(_READERS)} files and mesh-complete folders.",
            file=path,
        )
    return build_mesh(reader(path, length_unit), path, lumen)


def is_mesh(path: Path) -> bool:
    """Whether a path is one that ``read_mesh`` takes."""
    return path.is_dir() or path.suffix.lower() in _READERS


def _write_abaqus(mesh: LumenMesh, path: Path, factor: float, length_unit: str) -> None:
    import meshio

    none = np.full(len(mesh.cells), -1)
    data = meshio.Mesh(
        mesh.points / factor,
        [("tetra10", mesh.cells), ("triangle6", mesh.facets)],
        cell_data={FACE.array: [none, mesh.facet_face]},
    )
    with replacing(path) as temporary:
        data.write(temporary)


_WRITERS: dict[str, Callable[[LumenMesh, Path, float, str], None]] = {
    ".vtu": write_vtu,
    ".msh": write_gmsh,
    ".xdmf": write_xdmf,
    ".stl": write_stl,
    ".inp": _write_abaqus,
}
_READERS: dict[str, Callable[[Path, str | None], MeshParts]] = {
    ".vtu": read_vtu,
    ".msh": read_gmsh,
    ".xdmf": read_xdmf,
}
