"""Arrays into VTK data sets and files: compressed, appended, binary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import InputError
from corohemo.io.replacing import replacing

Array = NDArray[Any]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@contextmanager
def captured_messages() -> Iterator[list[str]]:
    """Keep what VTK would print, and hand it over when the block ends."""
    from vtkmodules.vtkCommonCore import vtkLogger, vtkOutputWindow, vtkStringOutputWindow

    before = vtkOutputWindow.GetInstance()
    verbosity = vtkLogger.GetCurrentVerbosityCutoff()
    window = vtkStringOutputWindow()
    messages: list[str] = []
    vtkOutputWindow.SetInstance(window)
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
    try:
        yield messages
    finally:
        messages.append(window.GetOutput())
        vtkLogger.SetStderrVerbosity(verbosity)
        vtkOutputWindow.SetInstance(before)


def polydata(
    points: FloatArray,
    *,
    lines: Sequence[IntArray] = (),
    triangles: IntArray | None = None,
    point_data: Mapping[str, Array] | None = None,
    cell_data: Mapping[str, Array] | None = None,
    texts: Mapping[str, Sequence[str]] | None = None,
) -> Any:
    """A ``vtkPolyData`` of polylines (each an index array) and triangles (m, 3)."""
    from vtkmodules.vtkCommonDataModel import vtkPolyData

    data = vtkPolyData()
    data.SetPoints(_points(points))
    if len(lines):
        offsets = np.cumsum([0, *(len(line) for line in lines)])
        data.SetLines(_cell_array(np.concatenate(list(lines)), offsets))
    if triangles is not None:
        offsets = np.arange(len(triangles) + 1) * triangles.shape[1]
        data.SetPolys(_cell_array(triangles.ravel(), offsets))
    add_arrays(data, point_data=point_data, cell_data=cell_data, texts=texts)
    return data


def unstructured_grid(points: FloatArray, blocks: Sequence[tuple[int, IntArray]]) -> Any:
    """A ``vtkUnstructuredGrid`` of blocks (VTK cell type, connectivity (m, k))."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkUnstructuredGrid

    sizes = np.concatenate([np.full(len(cells), cells.shape[1]) for _, cells in blocks])
    types = np.concatenate([np.full(len(cells), kind, np.uint8) for kind, cells in blocks])
    connectivity = np.concatenate([cells.ravel() for _, cells in blocks])
    grid = vtkUnstructuredGrid()
    grid.SetPoints(_points(points))
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    grid.SetCells(numpy_to_vtk(types, deep=True), _cell_array(connectivity, offsets))
    return grid


def add_arrays(
    data: Any,
    *,
    point_data: Mapping[str, Array] | None = None,
    cell_data: Mapping[str, Array] | None = None,
    field_data: Mapping[str, Array] | None = None,
    texts: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Add arrays by name to a data set."""
    from vtkmodules.vtkCommonCore import vtkStringArray

    for target, arrays in (
        (data.GetPointData(), point_data),
        (data.GetCellData(), cell_data),
        (data.GetFieldData(), field_data),
    ):
        for name, values in (arrays or {}).items():
            target.AddArray(_array(values, name))
    for name, words in (texts or {}).items():
        strings = vtkStringArray()
        strings.SetName(name)
        for word in words:
            strings.InsertNextValue(word)
        data.GetFieldData().AddArray(strings)


def write_polydata(data: Any, path: Path) -> None:
    """Write a ``.vtp`` file.

    Raises:
        InputError: If it cannot be written.
    """
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    _write(vtkXMLPolyDataWriter(), data, path)


def write_grid(data: Any, path: Path) -> None:
    """Write a ``.vtu`` file.

    Raises:
        InputError: If it cannot be written.
    """
    from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridWriter

    _write(vtkXMLUnstructuredGridWriter(), data, path)


def _write(writer: Any, data: Any, path: Path) -> None:
    writer.SetInputData(data)
    writer.SetDataModeToAppended()
    writer.EncodeAppendedDataOff()
    writer.SetCompressorTypeToZLib()
    writer.SetHeaderTypeToUInt64()
    with replacing(path) as temporary:
        writer.SetFileName(str(temporary))
        with captured_messages():
            written = bool(writer.Write()) and temporary.is_file()
        if not written:
            raise InputError("The file cannot be written.", file=path)


def _points(points: FloatArray) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonCore import vtkPoints

    result = vtkPoints()
    result.SetDataTypeToDouble()
    result.SetData(numpy_to_vtk(np.ascontiguousarray(points, dtype=np.float64), deep=True))
    return result


def _cell_array(connectivity: IntArray, offsets: IntArray) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonDataModel import vtkCellArray

    cells = vtkCellArray()
    cells.SetData(
        numpy_to_vtkIdTypeArray(np.ascontiguousarray(offsets, dtype=np.int64), deep=True),
        numpy_to_vtkIdTypeArray(np.ascontiguousarray(connectivity, dtype=np.int64), deep=True),
    )
    return cells


def _array(values: Array, name: str) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtk

    array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
    array.SetName(name)
    return array
