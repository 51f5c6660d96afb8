"""Lumen meshes as SimVascular's ``mesh-complete`` folder, both ways.

The folder holds ``mesh-complete.mesh.vtu`` (the cells), ``mesh-complete.exterior`` (the whole
boundary), ``walls_combined`` and one file for each face in ``mesh-surfaces/``. Node and element
numbers count from 1 and are 32-bit, as svMultiPhysics reads them: ``GlobalNodeID``,
``GlobalElementID`` (of the cell behind a facet), ``ModelFaceID``, ``ModelRegionID``. Straight
facets are polydata (``.vtp``). Polydata has no curved triangles, so curved facets are unstructured
grids (``.vtu``), which svMultiPhysics reads since 2024 (its issue 205, pull request 220).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError, InputError
from corohemo.fields import BRANCH, LENGTH_UNIT
from corohemo.io.linear import straight_cells
from corohemo.io.mesh_parts import ABSCISSA_ARRAY, INLET, OUTLET, WALL, MeshParts, file_factor
from corohemo.io.vtkxml import VtkData, read_vtk_xml, to_float64
from corohemo.io.vtu_mesh import (
    FACES_TEXT,
    NOTES_TEXT,
    QUADRATIC_TETRA,
    QUADRATIC_TRIANGLE,
    TETRA,
    TRIANGLE,
    cell_block,
    one_column,
    whole_numbers,
)

if TYPE_CHECKING:
    from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

VOLUME = "mesh-complete.mesh.vtu"
EXTERIOR, WALLS, SURFACES = "mesh-complete.exterior", "walls_combined", "mesh-surfaces"
NODE_ID, ELEMENT_ID = "GlobalNodeID", "GlobalElementID"
FACE_ID, REGION_ID = "ModelFaceID", "ModelRegionID"


@dataclass(frozen=True)
class _Surface:
    """Facets of the boundary, the cell behind each, and its face."""

    points: FloatArray
    facets: IntArray
    cell: IntArray
    face: IntArray

    def write(self, path: Path, wanted: NDArray[np.bool_]) -> None:
        """Write the wanted facets on their own nodes; the suffix follows from their order."""
        from corohemo.io import vtk_files

        nodes, local = np.unique(self.facets[wanted], return_inverse=True)
        local = local.reshape(-1, self.facets.shape[1]).astype(np.int64)
        node_data = {NODE_ID: _counted(nodes)}
        cell_data = {ELEMENT_ID: _counted(self.cell[wanted]), FACE_ID: _counted(self.face[wanted])}
        if self.facets.shape[1] == 3:
            surface = vtk_files.polydata(
                self.points[nodes], triangles=local, point_data=node_data, cell_data=cell_data
            )
            vtk_files.write_polydata(surface, path.with_name(path.name + ".vtp"))
        else:
            surface = vtk_files.unstructured_grid(self.points[nodes], [(QUADRATIC_TRIANGLE, local)])
            vtk_files.add_arrays(surface, point_data=node_data, cell_data=cell_data)
            vtk_files.write_grid(surface, path.with_name(path.name + ".vtu"))


def write_mesh_complete(
    mesh: LumenMesh, folder: Path, factor: float, length_unit: str, *, linear: bool = False
) -> None:
    """Write the folder; the surfaces of an earlier mesh in it are replaced.

    Args:
        mesh: The mesh.
        folder: The folder; it is made if it is not there.
        factor: Metres in ``length_unit``.
        length_unit: Unit of the files.
        linear: Cut each curved cell into eight straight ones on the same nodes.

    Raises:
        InputError: If the folder holds other things, or cannot be written.
        MeshingError: If a cell is too bent to be cut into straight ones.
    """
    from corohemo.io import vtk_files

    kind, cells, facets, behind = QUADRATIC_TETRA, mesh.cells, mesh.facets, mesh.facet_cell
    face = mesh.facet_face
    if linear:
        kind, (cells, facets, behind) = TETRA, straight_cells(mesh)
        face = np.repeat(face, len(facets) // len(face))
    points = mesh.points / factor
    _prepare(folder)
    grid = vtk_files.unstructured_grid(points, [(kind, cells)])
    vtk_files.add_arrays(
        grid,
        point_data={
            NODE_ID: _counted(np.arange(len(points))),
            BRANCH.array: mesh.node_branch,
            ABSCISSA_ARRAY: mesh.node_abscissa,
        },
        cell_data={
            ELEMENT_ID: _counted(np.arange(len(cells))),
            REGION_ID: np.ones(len(cells), dtype=np.int32),
        },
        texts={LENGTH_UNIT: (length_unit,), FACES_TEXT: mesh.faces, NOTES_TEXT: mesh.notes},
    )
    vtk_files.write_grid(grid, folder / VOLUME)
    surface = _Surface(points, facets, behind, face)
    surface.write(folder / EXTERIOR, np.ones(len(facets), dtype=bool))
    surface.write(folder / WALLS, face == mesh.faces.index(WALL))
    for number, name in enumerate(_file_names(mesh.faces)):
        surface.write(folder / SURFACES / name, face == number)


def _counted(numbers: IntArray) -> NDArray[np.int32]:
    """Numbers from 1 in 32 bits."""
    return (numbers + 1).astype(np.int32)


def _file_names(faces: Iterable[str]) -> list[str]:
    """A file name for each face: "outlet:LAD" becomes "outlet_LAD"."""
    names: list[str] = []
    for face in faces:
        name = re.sub(r"[^\w+-]", "_", face)
        names.append(f"{name}_{len(names)}" if name in names else name)
    return names


def _prepare(folder: Path) -> None:
    """Make the folder; take the surfaces of an earlier mesh out of it."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / VOLUME).is_file():
        raise InputError(
            f"The folder is not empty and holds no {VOLUME}; choose a new one.", file=folder
        )
    surfaces = folder / SURFACES
    outer = [
        folder / f"{stem}{suffix}" for stem in (EXTERIOR, WALLS) for suffix in (".vtp", ".vtu")
    ]
    try:
        folder.mkdir(exist_ok=True)
        surfaces.mkdir(exist_ok=True)
        for old in (*_surface_files(surfaces), folder / VOLUME, *outer):
            old.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"The folder cannot be written: {error.strerror}.", file=folder) from error


def _surface_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in (".vtp", ".vtu"))


def read_mesh_complete(folder: Path, length_unit: str | None) -> MeshParts:
    """Parts of a mesh in a ``mesh-complete`` folder, ours or SimVascular's.

    Without names of ours the faces are named after their files: ``inlet``, ``inflow`` or
    ``..._inlet`` is the inlet, ``wall...`` or ``..._wall`` the wall, and any other an outlet, of
    which ``outlet_`` and ``cap_`` in front are left out.

    Raises:
        InputError: If a file is missing.
        FileFormatError: If a file is damaged, or does not fit the others.
        MissingArrayError: If an array is missing.
        UnitError: If neither the folder nor the caller says the unit.
    """
    volume = folder / VOLUME
    data = read_vtk_xml(volume, "UnstructuredGrid")
    kind = QUADRATIC_TETRA if QUADRATIC_TETRA in data.cell_types else TETRA
    cells = cell_block(data, kind, (kind,), volume)
    if not (folder / SURFACES).is_dir():
        raise InputError(f"The folder has no {SURFACES}.", file=folder)
    files = _surface_files(folder / SURFACES)
    ids = whole_numbers(data.point_data, NODE_ID, volume)
    surfaces = [_read_surface(file, ids, 6 if kind == QUADRATIC_TETRA else 3) for file in files]
    if not surfaces:
        raise InputError("The folder has no surfaces.", file=folder / SURFACES)
    facets = np.concatenate([facets for facets, _ in surfaces])
    numbers = np.concatenate([numbers for _, numbers in surfaces])
    unit = "".join(data.text_data.get(LENGTH_UNIT, ()))
    names = data.text_data.get(FACES_TEXT)
    if names is None:
        names = tuple(_face_name(file.stem) for file in files)
        sizes = [len(facets) for facets, _ in surfaces]
        numbers = np.repeat(np.arange(len(files)), sizes)
    branch, abscissa = (data.point_data.get(name) for name in (BRANCH.array, ABSCISSA_ARRAY))
    return MeshParts(
        points=data.points * file_factor(unit, length_unit, volume),
        cells=cells,
        facets=facets,
        facet_face=numbers,
        faces=names,
        branch=None if branch is None else whole_numbers(data.point_data, BRANCH.array, volume),
        abscissa=None
        if abscissa is None
        else to_float64(one_column(data.point_data, ABSCISSA_ARRAY, volume)),
        notes=data.text_data.get(NOTES_TEXT, ()),
    )


def _read_surface(path: Path, ids: IntArray, width: int) -> tuple[IntArray, IntArray]:
    """Facets as indices of the volume's nodes (k, width), and their faces from 0 (k,)."""
    if path.suffix == ".vtp":
        data = read_vtk_xml(path, "PolyData")
        local = _polygons(data, width, path)
    else:
        data = read_vtk_xml(path, "UnstructuredGrid")
        kind = QUADRATIC_TRIANGLE if width == 6 else TRIANGLE
        local = cell_block(data, kind, (kind,), path)
    own = whole_numbers(data.point_data, NODE_ID, path)
    order = np.argsort(ids)
    place = order[np.minimum(np.searchsorted(ids[order], own), len(ids) - 1)]
    if not np.array_equal(ids[place], own):
        raise FileFormatError(f"A {NODE_ID} is not one of the volume's.", file=path, field=NODE_ID)
    return place[local], whole_numbers(data.cell_data, FACE_ID, path) - 1


def _polygons(data: VtkData, width: int, path: Path) -> IntArray:
    if "Polys" not in data.cells:
        raise FileFormatError("The file has no polygons.", file=path)
    connectivity, offsets = data.cells["Polys"]
    if np.any(np.diff(offsets, prepend=0) != width):
        raise FileFormatError(f"A polygon has not {width} points, as the cells need.", file=path)
    return connectivity.reshape(-1, width)


def _face_name(stem: str) -> str:
    if stem in (INLET, "inflow") or stem.endswith(("_inlet", "_inflow")):
        return INLET
    if stem.startswith(WALL) or stem.endswith(f"_{WALL}"):
        return WALL
    return OUTLET + stem.removeprefix("outlet_").removeprefix("cap_")
