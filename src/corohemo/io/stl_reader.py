"""Triangles of an STL file, text or binary, read without VTK.

A reader of its own because files come from outside: what a damaged file lacks is a sentence.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError
from corohemo.io.raw import parse_number, read_bytes, split_lines

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HEADER = 84
RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def read_stl(path: Path) -> tuple[FloatArray, IntArray, IntArray]:
    """Corners (3 m, 3), triangles (m, 3) of them and the number of the solid of each (m,).

    Raises:
        InputError: If there is no such file.
        FileFormatError: If it is neither kind of STL, or ends early; with the line of a text.
    """
    data = read_bytes(path)
    promised = int.from_bytes(data[HEADER - 4 : HEADER], "little")
    size = HEADER + RECORD.itemsize * promised
    if len(data) != size and data.lstrip()[:5].lower() == b"solid" and b"\0" not in data:
        corners, solids = _text(data.decode("latin-1"), path)
    else:
        if len(data) < max(size, HEADER):
            raise FileFormatError(
                f"The file is neither STL text nor a whole binary STL: its header promises "
                f"{promised} triangles, which {len(data)} bytes do not hold.",
                file=path,
            )
        records = np.frombuffer(data, RECORD, promised, HEADER)
        corners = records["corners"].reshape(-1, 3).astype(np.float64)
        solids = np.zeros(promised, dtype=np.int64)
    return corners, np.arange(len(corners)).reshape(-1, 3), solids


def _text(text: str, path: Path) -> tuple[FloatArray, IntArray]:
    corners: list[list[float]] = []
    solids: list[int] = []
    solid, word = -1, ""
    for number, line in enumerate(split_lines(text), start=1):
        words = line.split()
        word = words[0].lower() if words else word
        if not words:
            continue
        if word == "solid":
            solid += 1
        elif word == "vertex":
            if len(words) != 4:
                raise FileFormatError(f"Line {number}: expected vertex x y z.", file=path)
            corners.append(
                [
                    parse_number(cell, path=path, line=number, column=axis)
                    for cell, axis in zip(words[1:], "xyz", strict=True)
                ]
            )
        elif word == "endfacet":
            solids.append(solid)
            if len(corners) != 3 * len(solids):
                raise FileFormatError(
                    f"Line {number}: a facet ends that does not have three corners.", file=path
                )
    if word != "endsolid" or len(corners) != 3 * len(solids):
        raise FileFormatError(
            f"The file ends in the middle of a solid, after {len(solids)} triangles.", file=path
        )
    return np.array(corners, dtype=np.float64).reshape(-1, 3), np.array(solids, dtype=np.int64)
