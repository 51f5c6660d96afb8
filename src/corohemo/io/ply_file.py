"""Points and polygons of a PLY file, text or binary, read without VTK.

A reader of its own because files come from outside: every count of the header is checked against
the bytes that are really there, and a damaged file is a sentence, never a crash.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError
from corohemo.io.raw import read_bytes, split_lines, whole_number

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TYPES = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4",
    "float": "f4", "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2",
    "int32": "i4", "uint32": "u4", "float32": "f4", "float64": "f8",
}  # fmt: skip
FORMATS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
CORNERS = ("vertex_indices", "vertex_index")
MOST_CORNERS = 10_000
"""No polygon has more."""
END = b"end_header"


@dataclass(frozen=True)
class _Property:
    """One value of a row, or a list of them after their ``count``."""

    name: str
    kind: str
    count: str | None = None


@dataclass
class _Element:
    """Rows of one kind, such as vertices."""

    name: str
    rows: int
    properties: list[_Property]


def read_ply(path: Path) -> tuple[FloatArray, IntArray, IntArray]:
    """Points (n, 3), and polygons as connectivity (c,) and offsets behind each of them (m,).

    Raises:
        InputError: If there is no such file.
        FileFormatError: If it is no PLY file, lacks vertices or faces, or ends early.
    """
    data = read_bytes(path)
    end = data.find(END)
    stop = data.find(b"\n", end)
    if not data.startswith(b"ply") or end < 0 or stop < 0:
        raise FileFormatError("The file does not begin with a header of PLY.", file=path)
    order, elements = _header(data[:end].decode("latin-1"), path)
    cells = data[stop + 1 :].split() if order == "" else []
    body = _Text(cells, path) if order == "" else _Binary(data[stop + 1 :], order, path)
    found = {element.name: _rows(element, body, path) for element in elements}
    if "vertex" not in found or "face" not in found:
        raise FileFormatError("The file has no element vertex or no element face.", file=path)
    vertices, faces = found["vertex"], found["face"]
    for axis in "xyz":
        if axis not in vertices:
            raise FileFormatError(f"The vertices have no property {axis}.", file=path, field=axis)
    corners = next((faces[name] for name in CORNERS if name in faces), None)
    if corners is None:
        raise FileFormatError(
            f"The faces have no property {CORNERS[0]}.", file=path, field=CORNERS[0]
        )
    points = np.array([[row[0] for row in vertices[axis]] for axis in "xyz"], dtype=np.float64).T
    connectivity = np.array([number for row in corners for number in row], dtype=np.float64)
    offsets = np.cumsum([len(row) for row in corners], dtype=np.int64)
    wrong = ~((connectivity >= 0) & (connectivity < len(points)))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        face = 1 + int(np.searchsorted(offsets, place, side="right"))
        raise FileFormatError(
            f"Face {face} names vertex {connectivity[place]:g}; there are {len(points)}, from 0.",
            file=path,
            field=CORNERS[0],
        )
    return points, connectivity.astype(np.int64), offsets


def _header(text: str, path: Path) -> tuple[str, list[_Element]]:
    order: str | None = None
    elements: list[_Element] = []
    for number, line in enumerate(split_lines(text)[1:], start=2):
        match line.split():
            case ["format", name, _] if name in FORMATS:
                order = FORMATS[name]
            case ["element", name, rows] if (count := whole_number(rows)) is not None:
                elements.append(_Element(name, count, []))
            case ["property", "list", of, kind, name] if elements and {of, kind} <= {*TYPES}:
                elements[-1].properties.append(_Property(name, TYPES[kind], TYPES[of]))
            case ["property", kind, name] if elements and kind in TYPES:
                elements[-1].properties.append(_Property(name, TYPES[kind]))
            case [] | ["comment" | "obj_info", *_]:
                pass
            case _:
                raise FileFormatError(
                    f"Line {number} of the header is not understood: {line[:60]!r}.", file=path
                )
    if order is None:
        raise FileFormatError("The header does not name the format.", file=path)
    return order, elements


class _Text:
    """Numbers of a text, one after the other."""

    def __init__(self, words: list[bytes], path: Path) -> None:
        self._words = words
        self._place = 0
        self._path = path

    def take(self, kind: str, n: int) -> list[float]:
        words = self._words[self._place : self._place + n]
        self._place += n
        if len(words) < n:
            raise FileFormatError(
                f"The file ends before its last element, after {len(self._words)} numbers.",
                file=self._path,
            )
        try:
            return [float(word) for word in words]
        except ValueError:
            raise FileFormatError(
                f"A value of an element is not a number: {b' '.join(words)[:60]!r}.",
                file=self._path,
            ) from None


class _Binary:
    """Numbers of bytes, one after the other."""

    def __init__(self, data: bytes, order: str, path: Path) -> None:
        self._data = data
        self._order = order
        self._place = 0
        self._path = path

    def take(self, kind: str, n: int) -> list[float]:
        dtype = np.dtype(self._order + kind)
        stop = self._place + n * dtype.itemsize
        if stop > len(self._data):
            raise FileFormatError(
                f"The file ends {len(self._data)} bytes after its header, before its last element.",
                file=self._path,
            )
        values = np.frombuffer(self._data, dtype, n, self._place)
        self._place = stop
        return list(values.tolist())


def _rows(element: _Element, body: _Text | _Binary, path: Path) -> dict[str, list[list[float]]]:
    """Values of each property of an element, row by row."""
    values: dict[str, list[list[float]]] = {item.name: [] for item in element.properties}
    if not element.properties:
        return values
    for _ in range(element.rows):
        for item in element.properties:
            n = 1.0 if item.count is None else body.take(item.count, 1)[0]
            if not (0 <= n <= MOST_CORNERS and n == int(n)):
                raise FileFormatError(
                    f"An element {element.name} has a list {item.name} of {n:g} values.", file=path
                )
            values[item.name].append(body.take(item.kind, int(n)))
    return values
