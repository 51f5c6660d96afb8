"""Polygons of a surface as triangles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def triangulated(
    points: FloatArray, connectivity: IntArray, offsets: IntArray
) -> tuple[IntArray, IntArray]:
    """Triangles of polygons, those with more than three corners cut into ears by VTK.

    Args:
        points: Positions (n, 3).
        connectivity: Corners of all polygons (c,), each less than n.
        offsets: Where each polygon ends in it (m,).

    Returns:
        Triangles (t, 3) and the polygon that each is of (t,).
    """
    sizes = np.diff(offsets, prepend=0)
    if np.all(sizes == 3):
        return connectivity.reshape(-1, 3), np.arange(len(sizes))
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
    from vtkmodules.vtkFiltersCore import vtkTriangleFilter

    filled = np.flatnonzero(sizes >= 3)
    members = np.repeat(sizes >= 3, sizes)
    ends = np.concatenate([[0], np.cumsum(sizes[filled])])
    cells = vtkCellArray()
    cells.SetData(
        numpy_to_vtkIdTypeArray(ends, deep=1),
        numpy_to_vtkIdTypeArray(connectivity[members].copy(), deep=1),
    )
    data = vtkPolyData()
    vertices = vtkPoints()
    vertices.SetData(numpy_to_vtk(np.ascontiguousarray(points), deep=1))
    data.SetPoints(vertices)
    data.SetPolys(cells)
    numbers = numpy_to_vtkIdTypeArray(filled, deep=1)
    numbers.SetName("polygon")
    data.GetCellData().AddArray(numbers)
    cut = vtkTriangleFilter()
    cut.SetInputData(data)
    cut.Update()
    result = cut.GetOutput()
    triangles = vtk_to_numpy(result.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    polygons = vtk_to_numpy(result.GetCellData().GetArray("polygon"))
    return triangles.astype(np.int64), polygons.astype(np.int64)
