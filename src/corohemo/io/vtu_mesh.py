"""Lumen meshes as VTK unstructured grids (``.vtu``): everything a mesh holds, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError, MissingArrayError
from corohemo.fields import BRANCH, FACE, LENGTH_UNIT
from corohemo.io.mesh_parts import ABSCISSA_ARRAY, MeshParts, file_factor
from corohemo.io.vtkxml import VtkData, read_vtk_xml, to_float64

if TYPE_CHECKING:
    from corohemo.meshing.mesh import LumenMesh

IntArray = NDArray[np.int64]

TRIANGLE, TETRA, QUADRATIC_TRIANGLE, QUADRATIC_TETRA = 5, 10, 22, 24
WIDTHS = {TRIANGLE: 3, TETRA: 4, QUADRATIC_TRIANGLE: 6, QUADRATIC_TETRA: 10}
"""Points of each VTK cell type."""
CELL_ARRAY = "FacetCell"
FACES_TEXT, NOTES_TEXT = "FaceNames", "Notes"


def write_vtu(mesh: LumenMesh, path: Path, factor: float, length_unit: str) -> None:
    """Write cells and facets, their faces, and the place of each node.

    Args:
        mesh: The mesh.
        path: A ``.vtu`` file.
        factor: Metres in ``length_unit``.
        length_unit: Unit of the file.
    """
    from corohemo.io import vtk_files

    grid = vtk_files.unstructured_grid(
        mesh.points / factor,
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


def read_vtu(path: Path, length_unit: str | None) -> MeshParts:
    """Parts of a mesh in a ``.vtu`` file of ours.

    Raises:
        FileFormatError: If the file is not such a mesh, or is damaged.
        MissingArrayError: If an array of it is missing.
        UnitError: If the unit is not known.
    """
    data = read_vtk_xml(path, "UnstructuredGrid")
    cells = cell_block(data, QUADRATIC_TETRA, (QUADRATIC_TETRA, QUADRATIC_TRIANGLE), path)
    facets = cell_block(data, QUADRATIC_TRIANGLE, (QUADRATIC_TETRA, QUADRATIC_TRIANGLE), path)
    is_facet = data.cell_types == QUADRATIC_TRIANGLE
    faces = texts(data, FACES_TEXT, path)
    facet_face = whole_numbers(data.cell_data, FACE.array, path)[is_facet]
    if len(facet_face) and (facet_face.min() < 0 or facet_face.max() >= len(faces)):
        raise FileFormatError(
            f"{FACE.array} refers to what is not there.", file=path, field=FACE.array
        )
    unit = "".join(data.text_data.get(LENGTH_UNIT, ()))
    return MeshParts(
        points=data.points * file_factor(unit, length_unit, path),
        cells=cells,
        facets=facets,
        facet_face=facet_face,
        faces=faces,
        branch=whole_numbers(data.point_data, BRANCH.array, path),
        abscissa=to_float64(one_column(data.point_data, ABSCISSA_ARRAY, path)),
        notes=data.text_data.get(NOTES_TEXT, ()),
    )


def cell_block(data: VtkData, kind: int, allowed: tuple[int, ...], path: Path) -> IntArray:
    """Connectivity (m, width) of all cells of one VTK type.

    Raises:
        FileFormatError: If there are no cells, others than the allowed types, or damaged ones.
    """
    if "Cells" not in data.cells or len(data.cell_types) != len(data.cells["Cells"][1]):
        raise FileFormatError("The file has no cells.", file=path)
    known = np.isin(data.cell_types, allowed)
    if not known.all():
        raise FileFormatError(
            f"The file holds cells of VTK type {int(data.cell_types[~known][0])}; a lumen mesh has "
            f"tetrahedra and triangles of one order only.",
            file=path,
        )
    connectivity, offsets = data.cells["Cells"]
    starts = np.concatenate([[0], offsets[:-1]])
    chosen = data.cell_types == kind
    if np.any((offsets - starts)[chosen] != WIDTHS[kind]):
        raise FileFormatError(f"A cell of VTK type {kind} lacks {WIDTHS[kind]} points.", file=path)
    cells: IntArray = connectivity[starts[chosen][:, None] + np.arange(WIDTHS[kind])]
    return cells


def one_column(
    arrays: dict[str, NDArray[np.generic]], name: str, path: Path
) -> NDArray[np.generic]:
    """A scalar array by name.

    Raises:
        MissingArrayError: If it is missing; those present are listed.
    """
    if name not in arrays or arrays[name].ndim != 1:
        present = ", ".join(arrays) or "none"
        raise MissingArrayError(
            f"The array {name} is missing; present are: {present}.", file=path, field=name
        )
    return arrays[name]


def whole_numbers(arrays: dict[str, NDArray[np.generic]], name: str, path: Path) -> IntArray:
    """An array of whole numbers by name.

    Raises:
        MissingArrayError: If it is missing.
        FileFormatError: If it holds other numbers.
    """
    values = one_column(arrays, name, path)
    if values.dtype.kind not in "iu":
        raise FileFormatError(f"The array {name} must be whole numbers.", file=path, field=name)
    return values.astype(np.int64)


def texts(data: VtkData, name: str, path: Path) -> tuple[str, ...]:
    """Texts among the field data by name.

    Raises:
        MissingArrayError: If they are missing.
    """
    if name not in data.text_data:
        raise MissingArrayError(f"The field data lack {name}.", file=path, field=name)
    return data.text_data[name]
