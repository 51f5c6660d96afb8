"""Lumen meshes as XDMF with the numbers inside the XML, both ways.

The heavy data stand in the file itself, not in an HDF5 file beside it: that needs no h5py, keeps a
mesh in one file and is read by ParaView all the same. Names and unit are ``Information`` elements.
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError
from corohemo.fields import BRANCH, FACE, LENGTH_UNIT
from corohemo.io.mesh_parts import ABSCISSA_ARRAY, MeshParts, file_factor
from corohemo.io.raw import check_file
from corohemo.io.replacing import replacing
from corohemo.io.vtkxml import refuse_entities
from corohemo.io.vtu_mesh import FACES_TEXT, NOTES_TEXT

if TYPE_CHECKING:
    from corohemo.meshing.mesh import LumenMesh

Array = NDArray[np.generic]
IntArray = NDArray[np.int64]

TRIANGLE6, TETRA10 = 36, 38
"""Cell types of a mixed topology."""
CELLS, FACETS = "Cells", "Facets"
SEPARATOR = "\n"


def write_xdmf(mesh: LumenMesh, path: Path, factor: float, length_unit: str) -> None:
    """Write cells, facets with their faces, and the place of each node.

    Args:
        mesh: The mesh.
        path: A ``.xdmf`` file.
        factor: Metres in ``length_unit``.
        length_unit: Unit of the file.
    """
    root = ElementTree.Element("Xdmf", Version="3.0")
    grid = ElementTree.SubElement(
        ElementTree.SubElement(root, "Domain"), "Grid", Name="lumen", GridType="Uniform"
    )
    for name, words in (
        (LENGTH_UNIT, (length_unit,)),
        (FACES_TEXT, mesh.faces),
        (NOTES_TEXT, mesh.notes),
    ):
        ElementTree.SubElement(grid, "Information", Name=name, Value=SEPARATOR.join(words))
    rows = [np.insert(mesh.cells, 0, TETRA10, axis=1), np.insert(mesh.facets, 0, TRIANGLE6, axis=1)]
    topology = ElementTree.SubElement(
        grid,
        "Topology",
        TopologyType="Mixed",
        NumberOfElements=str(len(mesh.cells) + len(mesh.facets)),
    )
    _add(topology, np.concatenate([block.ravel() for block in rows]))
    _add(ElementTree.SubElement(grid, "Geometry", GeometryType="XYZ"), mesh.points / factor)
    face = np.concatenate([np.full(len(mesh.cells), -1), mesh.facet_face])
    for name, center, values in (
        (BRANCH.array, "Node", mesh.node_branch),
        (ABSCISSA_ARRAY, "Node", mesh.node_abscissa),
        (FACE.array, "Cell", face),
    ):
        attribute = ElementTree.SubElement(
            grid, "Attribute", Name=name, AttributeType="Scalar", Center=center
        )
        _add(attribute, values)
    with replacing(path) as temporary:
        ElementTree.ElementTree(root).write(temporary, encoding="utf-8", xml_declaration=True)


def _add(parent: ElementTree.Element, values: Array) -> None:
    """An array as text that reads back bit by bit."""
    whole = values.dtype.kind == "i"
    stream = io.StringIO()
    np.savetxt(stream, np.atleast_1d(values), fmt="%d" if whole else "%.17g")
    item = ElementTree.SubElement(
        parent,
        "DataItem",
        Dimensions=" ".join(map(str, values.shape)),
        NumberType="Int" if whole else "Float",
        Precision="8",
        Format="XML",
    )
    item.text = "\n" + stream.getvalue()


def read_xdmf(path: Path, length_unit: str | None) -> MeshParts:
    """Parts of a mesh in an ``.xdmf`` file of ours.

    Raises:
        FileFormatError: If the file is not such a mesh, or is damaged.
        UnitError: If the unit is not known.
    """
    check_file(path)
    data = path.read_bytes()
    refuse_entities(data, path)
    try:
        grid = ElementTree.fromstring(data).find("Domain/Grid")
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise FileFormatError(f"The file is not XML: {error}.", file=path) from None
    if grid is None:
        raise FileFormatError("The file has no Domain with a Grid.", file=path)
    words = {item.get("Name", ""): item.get("Value", "") for item in grid.findall("Information")}
    arrays = {item.get("Name", ""): _numbers(item, path) for item in grid.findall("Attribute")}
    missing = {BRANCH.array, ABSCISSA_ARRAY, FACE.array} - set(arrays)
    if missing or FACES_TEXT not in words:
        _refuse(path, f"it lacks {', '.join(sorted(missing)) or FACES_TEXT}")
    cells, facets = _unmixed(_numbers(grid.find("Topology"), path).astype(np.int64), path)
    points = _numbers(grid.find("Geometry"), path)
    face = arrays[FACE.array].astype(np.int64)
    counts = (len(arrays[BRANCH.array]), len(arrays[ABSCISSA_ARRAY]), len(face))
    if points.shape[1:] != (3,) or counts != (len(points), len(points), len(cells) + len(facets)):
        _refuse(path, "its arrays do not fit each other")
    return MeshParts(
        points=points * file_factor(words.get(LENGTH_UNIT), length_unit, path),
        cells=cells,
        facets=facets,
        facet_face=face[len(cells) :],
        faces=tuple(words[FACES_TEXT].split(SEPARATOR)),
        branch=arrays[BRANCH.array].astype(np.int64),
        abscissa=arrays[ABSCISSA_ARRAY],
        notes=tuple(filter(None, words.get(NOTES_TEXT, "").split(SEPARATOR))),
    )


def _numbers(parent: ElementTree.Element | None, path: Path) -> NDArray[np.float64]:
    """The inline array of an element, in its dimensions."""
    item = None if parent is None else parent.find("DataItem")
    if item is None or item.get("Format") != "XML":
        _refuse(path, "its numbers are not inside the XML; only such files are read")
    try:
        shape = [int(word) for word in item.get("Dimensions", "").split()]
        return np.array((item.text or "").split(), dtype=np.float64).reshape(shape)
    except ValueError as error:
        _refuse(path, f"an array is damaged ({error})")


def _unmixed(topology: IntArray, path: Path) -> tuple[IntArray, IntArray]:
    """Tetrahedra (m, 10) and triangles (k, 6) of a mixed topology, tetrahedra first."""
    flat = topology.ravel()
    n_cells = 0
    while 11 * n_cells < len(flat) and flat[11 * n_cells] == TETRA10:
        n_cells += 1
    cells, rest = flat[: 11 * n_cells], flat[11 * n_cells :]
    if len(cells) != 11 * n_cells or len(rest) % 7 or np.any(rest[::7] != TRIANGLE6):
        _refuse(path, "its cells are not quadratic tetrahedra followed by quadratic triangles")
    return cells.reshape(-1, 11)[:, 1:], rest.reshape(-1, 7)[:, 1:]


def _refuse(path: Path, why: str) -> NoReturn:
    raise FileFormatError(f"The file is not a lumen mesh in XDMF: {why}.", file=path)
