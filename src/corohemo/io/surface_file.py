"""Triangulated surfaces from ``.stl``, ``.vtp`` and ``.ply`` files, by VTK."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import as_point
from corohemo.errors import FileFormatError, InputError
from corohemo.fields import LENGTH_UNIT
from corohemo.io.raw import check_file
from corohemo.io.vtkxml import read_vtk_xml
from corohemo.surface.closed import Surface

FloatArray = NDArray[np.float64]

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
    check_file(path)
    data = _triangulated(path)
    if data is None or data.GetNumberOfPolys() == 0:
        raise FileFormatError("The file holds no triangles, or is damaged.", file=path)
    from vtkmodules.util.numpy_support import vtk_to_numpy

    points = vtk_to_numpy(data.GetPoints().GetData()).astype(np.float64)
    triangles = vtk_to_numpy(data.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    labels = np.zeros(len(triangles), dtype=np.int64)
    for name in LABEL_ARRAYS:
        array = data.GetCellData().GetArray(name)
        if array is not None:
            labels = vtk_to_numpy(array).astype(np.int64).ravel()
            break
    if not np.isfinite(points).all():
        raise FileFormatError("A point of the surface is not finite.", file=path)
    return Surface(factor * points, triangles.astype(np.int64), labels, str(path))


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


def _triangulated(path: Path) -> Any:
    """The file's polygons as triangles, None if VTK finds none."""
    from vtkmodules.vtkCommonCore import vtkObject
    from vtkmodules.vtkFiltersCore import vtkTriangleFilter
    from vtkmodules.vtkIOGeometry import vtkSTLReader
    from vtkmodules.vtkIOPLY import vtkPLYReader
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    readers: dict[str, Any] = {
        ".stl": vtkSTLReader,
        ".ply": vtkPLYReader,
        ".vtp": vtkXMLPolyDataReader,
    }
    kind = readers.get(path.suffix.lower())
    if kind is None:
        raise FileFormatError(
            f"No surface has the extension {path.suffix!r}; known are {', '.join(SUFFIXES)}.",
            file=path,
        )
    shown = vtkObject.GetGlobalWarningDisplay()
    vtkObject.GlobalWarningDisplayOff()
    try:
        reader = kind()
        reader.SetFileName(str(path))
        if path.suffix.lower() == ".stl":
            reader.ScalarTagsOn()
        triangles = vtkTriangleFilter()
        triangles.SetInputConnection(reader.GetOutputPort())
        triangles.PassVertsOff()
        triangles.PassLinesOff()
        triangles.Update()
    finally:
        vtkObject.SetGlobalWarningDisplay(shown)
    return triangles.GetOutput()
