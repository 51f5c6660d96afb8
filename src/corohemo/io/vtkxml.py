"""VTK's XML files (``.vtp``, ``.vtu``) as plain arrays, read without VTK.

A reader of its own because files come from outside: every size is checked against the data that is
really there before anything is allocated, and a damaged file is a sentence, never a crash. All
encodings of the format are read: ascii, base64, appended base64 and appended raw, zlib and LZMA.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError
from corohemo.io.raw import read_bytes, whole_number
from corohemo.io.vtkxml_data import ArrayDecoder, DamagedDataError

Array = NDArray[np.generic]
IntArray = NDArray[np.int64]

_APPENDED = re.compile(rb"<AppendedData([^>]*)>\s*_")
_FORBIDDEN = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
TEXT_FIELDS = ("String",)


@dataclass(frozen=True)
class VtkData:
    """One piece of a VTK file.

    Attributes:
        points: Positions (n, 3) in the unit of the file.
        cells: Connectivity and offsets by section: "Lines", "Polys", ... or "Cells".
        cell_types: VTK cell type of each cell of an unstructured grid (m,), else empty.
        point_data: Arrays (n,) or (n, c) by name.
        cell_data: Arrays (m,) or (m, c) by name.
        field_data: Arrays of any length by name.
        text_data: Lists of strings among the field data by name.
    """

    points: NDArray[np.float64]
    cells: dict[str, tuple[IntArray, IntArray]]
    cell_types: IntArray
    point_data: dict[str, Array]
    cell_data: dict[str, Array]
    field_data: dict[str, Array]
    text_data: dict[str, tuple[str, ...]]


def read_vtk_xml(path: Path, kind: str) -> VtkData:
    """Read a file of ``kind`` "PolyData" or "UnstructuredGrid".

    Raises:
        InputError: If there is no such file.
        FileFormatError: If it is not XML, not of that kind, damaged, or carries a document type.
    """
    data = read_bytes(path)
    appended = _APPENDED.search(data)
    head = data if appended is None else data[: appended.start()] + b"</VTKFile>"
    if b"\0" in head:
        raise FileFormatError("The file is binary, not a VTK XML file.", file=path)
    refuse_entities(head, path)
    try:
        root = ElementTree.fromstring(head)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise FileFormatError(f"The file is not a VTK XML file: {error}.", file=path) from None
    if root.tag != "VTKFile" or root.get("type") != kind:
        found = f"{root.tag[:40]} of type {(root.get('type') or 'none')[:40]}"
        raise FileFormatError(f"Expected a VTKFile of type {kind}, found {found}.", file=path)
    try:
        decoder = ArrayDecoder.from_header(
            root.attrib,
            appended=b"" if appended is None else data[appended.end() :],
            appended_attributes="" if appended is None else appended[1].decode("latin-1"),
        )
        return _Piece(root, kind, decoder).read()
    except DamagedDataError as error:
        raise FileFormatError(str(error), file=path) from None


def refuse_entities(data: bytes, path: Path) -> None:
    """Refuse XML with a document type, which could make a small file enormous, in any Unicode.

    Raises:
        FileFormatError: If there is one.
    """
    if _FORBIDDEN.search(data.replace(b"\0", b"")):
        raise FileFormatError("The file carries a DOCTYPE or ENTITY, which is refused.", file=path)


class _Piece:
    """The only piece of a file, on its way to ``VtkData``."""

    def __init__(self, root: ElementTree.Element, kind: str, decoder: ArrayDecoder) -> None:
        self._decoder = decoder
        grid = root.find(kind)
        if grid is None:
            _damaged(f"The file has no {kind} element.")
        pieces = grid.findall("Piece")
        if len(pieces) != 1:
            _damaged(f"The file has {len(pieces)} pieces; exactly one can be read. Merge them.")
        self._piece = pieces[0]
        self._field = grid.find("FieldData")
        if self._field is None:
            self._field = root.find("FieldData")

    def read(self) -> VtkData:
        """Decode every array."""
        n_points = self._count("NumberOfPoints")
        points = self._section("Points")
        if len(points) != 1:
            _damaged(f"The Points element must hold one array, found {len(points)}.")
        xyz = self._decoder.numbers(points[0], n_points, name="Points")
        if xyz.shape != (n_points, 3):
            _damaged(f"Points must have three components, found shape {xyz.shape}.")
        cells, types = self._cells(n_points)
        n_cells = sum(len(offsets) for _, offsets in cells.values())
        fields, texts = self._fields()
        return VtkData(
            points=to_float64(xyz),
            cells=cells,
            cell_types=types,
            point_data=self._arrays("PointData", n_points),
            cell_data=self._arrays("CellData", n_cells),
            field_data=fields,
            text_data=texts,
        )

    def _count(self, attribute: str) -> int:
        text = self._piece.get(attribute, "0")
        count = whole_number(text)
        if count is None:
            _damaged(f"{attribute} is {text[:40]!r}, which is not a count.")
        return count

    def _section(self, tag: str) -> list[ElementTree.Element]:
        element = self._piece.find(tag)
        return [] if element is None else element.findall("DataArray")

    def _arrays(self, tag: str, n: int) -> dict[str, Array]:
        return {
            name: self._decoder.numbers(element, n, name=name)
            for element in self._section(tag)
            if (name := element.get("Name", "")) and element.get("type") not in TEXT_FIELDS
        }

    def _fields(self) -> tuple[dict[str, Array], dict[str, tuple[str, ...]]]:
        numbers: dict[str, Array] = {}
        texts: dict[str, tuple[str, ...]] = {}
        for element in self._field if self._field is not None else ():
            name = element.get("Name", "")
            if element.get("type") in TEXT_FIELDS:
                texts[name] = self._decoder.strings(element, name=name)
            else:
                numbers[name] = self._decoder.numbers(element, None, name=name)
        return numbers, texts

    def _cells(self, n_points: int) -> tuple[dict[str, tuple[IntArray, IntArray]], IntArray]:
        cells: dict[str, tuple[IntArray, IntArray]] = {}
        types = np.zeros(0, dtype=np.int64)
        for tag, counter in (
            ("Verts", "NumberOfVerts"),
            ("Lines", "NumberOfLines"),
            ("Strips", "NumberOfStrips"),
            ("Polys", "NumberOfPolys"),
            ("Cells", "NumberOfCells"),
        ):
            n_cells = self._count(counter)
            if n_cells == 0:
                continue
            arrays = {element.get("Name"): element for element in self._section(tag)}
            if "connectivity" not in arrays or "offsets" not in arrays:
                _damaged(f"The {tag} element lacks connectivity or offsets.")
            offsets = self._integers(arrays["offsets"], n_cells, f"{tag} offsets")
            connectivity = self._integers(arrays["connectivity"], None, f"{tag} connectivity")
            _check_cells(tag, connectivity, offsets, n_points)
            cells[tag] = (connectivity, offsets)
            if "types" in arrays:
                types = self._integers(arrays["types"], n_cells, "cell types")
        return cells, types

    def _integers(self, element: ElementTree.Element, n: int | None, name: str) -> IntArray:
        values = self._decoder.numbers(element, n, name=name)
        if values.ndim != 1 or values.dtype.kind not in "iu":
            _damaged(f"{name} must be whole numbers.")
        return values.astype(np.int64)


def to_float64(values: Array) -> NDArray[np.float64]:
    """Values in double precision; damaged ones become NaN in silence, for the checks to find."""
    with np.errstate(invalid="ignore", over="ignore"):
        return values.astype(np.float64)


def _check_cells(tag: str, connectivity: IntArray, offsets: IntArray, n_points: int) -> None:
    if offsets[0] < 0 or np.any(np.diff(offsets) < 0) or offsets[-1] != len(connectivity):
        _damaged(f"The offsets of {tag} do not fit its connectivity.")
    if len(connectivity) and (connectivity.min() < 0 or connectivity.max() >= n_points):
        _damaged(
            f"The connectivity of {tag} refers to points that are not in the file; it has "
            f"{n_points}."
        )


def _damaged(message: str) -> NoReturn:
    raise DamagedDataError(message)
