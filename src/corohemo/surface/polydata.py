"""Points and triangles as VTK holds them, and what VTK knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vtkmodules.vtkCommonDataModel import vtkPolyData

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ON_WALL = 1e-9
"""Points this near to the surface count as on it [extent of the surface]."""


def as_polydata(points: FloatArray, triangles: IntArray) -> vtkPolyData:
    """Points (n, 3) and triangles (m, 3) for VTK."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    data, cloud, cells = vtkPolyData(), vtkPoints(), vtkCellArray()
    cloud.SetData(numpy_to_vtk(np.ascontiguousarray(points), deep=True))
    offsets = 3 * np.arange(len(triangles) + 1, dtype=np.int64)
    connectivity = np.ascontiguousarray(triangles).ravel()
    cells.SetData(
        numpy_to_vtkIdTypeArray(offsets, deep=True),
        numpy_to_vtkIdTypeArray(connectivity, deep=True),
    )
    data.SetPoints(cloud)
    data.SetPolys(cells)
    return data


def enclosed_volume(points: FloatArray, triangles: IntArray) -> float:
    """Volume inside a closed surface of outward triangles [m3]."""
    a, b, c = (points[triangles[:, k]] - points[0] for k in range(3))
    return float(np.sum(np.cross(a, b) * c) / 6.0)


def is_inside(points: FloatArray, triangles: IntArray, targets: FloatArray) -> NDArray[np.bool_]:
    """Whether targets (k, 3) lie inside a closed surface (k,)."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkFiltersModeling import vtkSelectEnclosedPoints

    select = vtkSelectEnclosedPoints()
    select.SetInputData(as_polydata(targets, np.zeros((0, 3), dtype=np.int64)))
    select.SetSurfaceData(as_polydata(points, triangles))
    select.SetTolerance(ON_WALL)
    select.Update()
    flags = select.GetOutput().GetPointData().GetArray("SelectedPoints")
    return np.asarray(vtk_to_numpy(flags) > 0)
