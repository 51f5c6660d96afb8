"""Lumen meshes in files: ``.vtu`` both ways; ``.msh``, ``.stl``, ``.xdmf``, ``.inp`` out."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import (
    FileFormatError,
    InputError,
    MissingArrayError,
    MissingDependencyError,
    UnitError,
)
from corohemo.fields import BRANCH, FACE, LENGTH_UNIT
from corohemo.io.surface import flatten_facets
from corohemo.io.vtkxml import VtkData, read_vtk_xml, to_float64
from corohemo.units import length_factor

if TYPE_CHECKING:
    from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

QUADRATIC_TRIANGLE, QUADRATIC_TETRA = 22, 24
CELL_ARRAY = "FacetCell"
ABSCISSA_ARRAY = "Abscissa_m"
FACES_TEXT, NOTES_TEXT = "FaceNames", "Notes"


def write_mesh(mesh: LumenMesh, path: str | Path, *, length_unit: str = "mm") -> None:
    """Write a mesh; the extension is the format.

    ``.vtu`` holds everything and is read back by ``read_mesh``, bit by bit if ``length_unit`` is
    "m". ``.msh`` (Gmsh 2.2) holds the tetrahedra, and the boundary facets with the face names as
    physical groups. ``.stl`` holds the closed surface, each curved facet as four flat triangles.
    ``.xdmf`` and ``.inp`` (Abaqus) hold tetrahedra and facets, ``.xdmf`` with face numbers.

    Raises:
        FileFormatError: If the extension is not known.
        UnitError: If the unit is not known.
        InputError: If the file cannot be written.
        MissingDependencyError: If h5py is needed and not there.
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise FileFormatError(
            f"No mesh format has the extension {path.suffix!r}; known are {', '.join(_WRITERS)}.",
            file=path,
        )
    length_factor(length_unit)
    try:
        writer(mesh, path, length_unit)
    except OSError as error:
        raise InputError(f"The file cannot be written: {error}.", file=path) from None


def read_mesh(path: str | Path) -> LumenMesh:
    """Read a mesh that ``write_mesh`` wrote as ``.vtu``.

    Raises:
        FileFormatError: If the file is not such a mesh, or is damaged.
        MissingArrayError: If an array of it is missing.
        InputError: If there is no such file.
    """
    from corohemo.meshing.mesh import LumenMesh

    path = Path(path)
    if path.suffix.lower() != ".vtu":
        raise FileFormatError("Meshes are read from .vtu files.", file=path)
    data = read_vtk_xml(path, "UnstructuredGrid")
    tetrahedra, triangles = (
        _block(data, kind, width, path)
        for kind, width in ((QUADRATIC_TETRA, 10), (QUADRATIC_TRIANGLE, 6))
    )
    is_facet = data.cell_types == QUADRATIC_TRIANGLE
    faces = _text(data, FACES_TEXT, path)
    facet_face = _ids(data.cell_data, FACE.array, path)[is_facet]
    facet_cell = _ids(data.cell_data, CELL_ARRAY, path)[is_facet]
    for ids, count, what in (
        (facet_face, len(faces), FACE.array),
        (facet_cell, len(tetrahedra), CELL_ARRAY),
    ):
        if len(ids) and (ids.min() < 0 or ids.max() >= count):
            raise FileFormatError(f"{what} refers to what is not there.", file=path, field=what)
    if not np.isfinite(data.points).all():
        raise FileFormatError("A point is not finite.", file=path)
    return LumenMesh(
        points=data.points * _factor(data, path),
        cells=tetrahedra,
        facets=triangles,
        facet_face=facet_face,
        faces=faces,
        node_branch=_ids(data.point_data, BRANCH.array, path),
        node_abscissa=to_float64(_array(data.point_data, ABSCISSA_ARRAY, path)),
        facet_cell=facet_cell,
        notes=data.text_data.get(NOTES_TEXT, ()),
    )


def _write_vtu(mesh: LumenMesh, path: Path, length_unit: str) -> None:
    from corohemo.io import vtk_files

    grid = vtk_files.unstructured_grid(
        mesh.points / length_factor(length_unit),
        [(QUADRATIC_TETRA, mesh.cells), (QUADRATIC_TRIANGLE, mesh.facets)],
    )
    none = np.full(len(mesh.cells), -1)
    vtk_files.add_arrays(
        grid,
        point_data={BRANCH.array: mesh.node_branch, ABSCISSA_ARRAY: mesh.node_abscissa},
        cell_data={
            FACE.array: np.concatenate([none, mesh.facet_face]),
            CELL_ARRAY: np.concatenate([none, mesh.facet_cell]),
        },
        texts={LENGTH_UNIT: (length_unit,), FACES_TEXT: mesh.faces, NOTES_TEXT: mesh.notes},
    )
    vtk_files.write_grid(grid, path)


def _write_msh(mesh: LumenMesh, path: Path, length_unit: str) -> None:
    from corohemo.io.gmsh_file import write_gmsh

    write_gmsh(mesh, path, length_factor(length_unit))


def _write_meshio(mesh: LumenMesh, path: Path, length_unit: str) -> None:
    """Quadratic cells of both kinds with face numbers, through meshio."""
    if path.suffix.lower() == ".xdmf" and find_spec("h5py") is None:
        raise MissingDependencyError(
            "h5py", needed_for="Writing .xdmf", how_to_install="pip install h5py"
        )
    import meshio

    none = np.full(len(mesh.cells), -1)
    meshio.Mesh(
        mesh.points / length_factor(length_unit),
        [("tetra10", mesh.cells), ("triangle6", mesh.facets)],
        cell_data={FACE.array: [none, mesh.facet_face]},
    ).write(path)


def _write_stl(mesh: LumenMesh, path: Path, length_unit: str) -> None:
    nodes, triangles, _ = flatten_facets(mesh.facets)
    corners = (mesh.points[nodes] / length_factor(length_unit))[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), np.finfo(float).tiny)
    record = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    records = np.zeros(len(triangles), dtype=record)
    records["normal"], records["corners"] = normals, corners
    header = f"corohemo lumen surface, unit {length_unit}".encode("ascii").ljust(80)
    path.write_bytes(header + np.uint32(len(triangles)).astype("<u4").tobytes() + records.tobytes())


_WRITERS: dict[str, Callable[[LumenMesh, Path, str], None]] = {
    ".vtu": _write_vtu,
    ".msh": _write_msh,
    ".xdmf": _write_meshio,
    ".inp": _write_meshio,
    ".stl": _write_stl,
}


def _block(data: VtkData, kind: int, width: int, path: Path) -> IntArray:
    """Connectivity (m, width) of all cells of one VTK type."""
    if "Cells" not in data.cells or len(data.cell_types) != len(data.cells["Cells"][1]):
        raise FileFormatError("The file has no cells.", file=path)
    known = np.isin(data.cell_types, (QUADRATIC_TRIANGLE, QUADRATIC_TETRA))
    if not known.all():
        raise FileFormatError(
            f"The file holds cells of VTK type {int(data.cell_types[~known][0])}; a lumen mesh has "
            f"quadratic tetrahedra and triangles only.",
            file=path,
        )
    connectivity, offsets = data.cells["Cells"]
    starts = np.concatenate([[0], offsets[:-1]])
    chosen = data.cell_types == kind
    if np.any((offsets - starts)[chosen] != width):
        raise FileFormatError(f"A cell of VTK type {kind} lacks {width} points.", file=path)
    cells: IntArray = connectivity[starts[chosen][:, None] + np.arange(width)]
    return cells


def _array(arrays: dict[str, NDArray[np.generic]], name: str, path: Path) -> NDArray[np.generic]:
    if name not in arrays or arrays[name].ndim != 1:
        present = ", ".join(arrays) or "none"
        raise MissingArrayError(
            f"The array {name} is missing; present are: {present}.", file=path, field=name
        )
    return arrays[name]


def _ids(arrays: dict[str, NDArray[np.generic]], name: str, path: Path) -> IntArray:
    values = _array(arrays, name, path)
    if values.dtype.kind not in "iu":
        raise FileFormatError(f"The array {name} must be whole numbers.", file=path, field=name)
    return values.astype(np.int64)


def _text(data: VtkData, name: str, path: Path) -> tuple[str, ...]:
    if name not in data.text_data:
        raise MissingArrayError(f"The field data lack {name}.", file=path, field=name)
    return data.text_data[name]


def _factor(data: VtkData, path: Path) -> float:
    unit = _text(data, LENGTH_UNIT, path)
    try:
        return length_factor("".join(unit))
    except UnitError as error:
        raise UnitError(str(error), file=path, field=LENGTH_UNIT) from None
