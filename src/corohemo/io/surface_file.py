"""Triangulated surfaces from ``.stl``, ``.vtp`` and ``.ply`` files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import as_point
from corohemo.errors import FileFormatError, InputError
from corohemo.fields import LENGTH_UNIT
from corohemo.io.ply_file import read_ply
from corohemo.io.polygons import triangulated
from corohemo.io.stl_reader import read_stl
from corohemo.io.vtkxml import read_vtk_xml, to_float64
from corohemo.surface.closed import Surface

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SUFFIXES = (".stl", ".vtp", ".ply")
LABEL_ARRAYS = ("ModelFaceID", "CellEntityIds", "STLSolidLabeling")
"""Cell arrays that number the faces: SimVascular's, VMTK's, and the solids of an STL file."""


def is_surface(path: Path) -> bool:
    """Whether a file holds a surface: by its extension, a ``.vtp`` by its polygons."""
    suffix = path.suffix.lower()
    if suffix != ".vtp":
        return suffix in SUFFIXES
    data = read_vtk_xml(path, "PolyData")
    return "Lines" not in data.cells and "Polys" in data.cells


def stated_unit(path: Path) -> str | None:
    """The length unit that a file of ours states, None for all others."""
    if path.suffix.lower() != ".vtp":
        return None
    return read_vtk_xml(path, "PolyData").text_data.get(LENGTH_UNIT, ("",))[0] or None


def read_surface_file(path: Path, factor: float) -> Surface:
    """Triangles of a file, with the labels of its faces if it has any.

    Args:
        path: The file.
        factor: Metres in one unit of the file.

    Raises:
        InputError: If there is no such file.
        FileFormatError: If it cannot be read, or holds no triangles.
    """
    points, triangles, labels = _triangles(path)
    if not len(triangles):
        raise FileFormatError("The file holds no triangles, or is damaged.", file=path)
    wrong = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(wrong):
        raise FileFormatError(f"Point {wrong[0] + 1} of the surface is not finite.", file=path)
    return Surface(factor * points, triangles, labels, str(path))


def read_caps(
    caps: Sequence[str | Path | Sequence[float]], factor: float
) -> list[tuple[str, Surface | FloatArray]]:
    """Caps as they were given: patches in files, or points; the first is the inlet.

    Args:
        caps: Paths of patches, points of three numbers, or such numbers as text.
        factor: Metres in one unit of the files and points.

    Raises:
        InputError: If one is neither a file nor a point.
    """
    read: list[tuple[str, Surface | FloatArray]] = []
    for number, cap in enumerate(caps):
        text = str(cap) if isinstance(cap, str | Path) else " ".join(str(x) for x in cap)
        point = as_point(text)
        if point is not None:
            read.append((f"outlet{number}", factor * np.array(point)))
        elif isinstance(cap, str | Path):
            read.append((Path(cap).stem, read_surface_file(Path(cap), factor)))
        else:
            raise InputError(
                f"A cap is the file of a patch or a point of three numbers, not {cap!r}.",
                field="caps",
            )
    return [("inlet", cap) for _, cap in read[:1]] + read[1:]


def _triangles(path: Path) -> tuple[FloatArray, IntArray, IntArray]:
    """Points (n, 3), triangles (m, 3) and their labels (m,)."""
    match path.suffix.lower():
        case ".stl":
            return read_stl(path)
        case ".ply":
            points, connectivity, offsets = read_ply(path)
            triangles, polygons = triangulated(points, connectivity, offsets)
            return points, triangles, np.zeros(len(polygons), dtype=np.int64)
        case ".vtp":
            return _polygons(path)
    raise FileFormatError(
        f"No surface has the extension {path.suffix!r}; known are {', '.join(SUFFIXES)}.",
        file=path,
    )


def _polygons(path: Path) -> tuple[FloatArray, IntArray, IntArray]:
    """The polygons of a VTK file as triangles; cells are numbered vertices, lines, polygons."""
    data = read_vtk_xml(path, "PolyData")
    if "Strips" in data.cells:
        raise FileFormatError("The file holds triangle strips; save it as triangles.", file=path)
    if "Polys" not in data.cells:
        return data.points, np.zeros((0, 3), dtype=np.int64), np.zeros(0, dtype=np.int64)
    triangles, polygons = triangulated(data.points, *data.cells["Polys"])
    first = sum(len(data.cells[kind][1]) for kind in ("Verts", "Lines") if kind in data.cells)
    name = next((name for name in LABEL_ARRAYS if name in data.cell_data), None)
    labels = np.zeros(len(polygons)) if name is None else data.cell_data[name][first + polygons]
    if labels.ndim != 1:
        raise FileFormatError(f"The array {name} must have one value a cell.", file=path)
    return data.points, triangles, np.nan_to_num(to_float64(labels)).astype(np.int64)
