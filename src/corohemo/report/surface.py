"""The tree as one triangulated surface with a branch, an abscissa and values at each point."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo import fields
from corohemo.errors import InputError
from corohemo.report.scene import point_values, read_wall, surface_points, with_normals

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
MAX_TRIANGLES = 60_000
TUBE_SIDES = 12


@dataclass(frozen=True)
class TreeSurface:
    """What the interactive view draws.

    Attributes:
        points: Positions (n, 3) [mm].
        triangles: Points of each triangle (m, 3).
        branch: Index of the branch of each point (n,).
        abscissa_mm: Distance from the ostium (n,) [mm].
        values: Arrays (n,) by their name in ``fields``, in its unit; NaN where there is none.
    """

    points: FloatArray
    triangles: IntArray
    branch: IntArray
    abscissa_mm: FloatArray
    values: dict[str, FloatArray]


def read_surface(directory: Path, *, has_wall: bool) -> Any:
    """The wall of a case folder, or the tubes of the reduced model, as VTK polygons.

    Raises:
        InputError: If the file is missing.
    """
    path = directory / ("wall.vtp" if has_wall else "lumen.vtp")
    if not path.is_file():
        raise InputError("The file is missing; run the case again.", file=path)
    return read_wall(path) if has_wall else _tubes(path)


def tree_surface(surface: Any, *, max_triangles: int = MAX_TRIANGLES) -> TreeSurface:
    """Arrays of a surface, with points left out until it has few enough triangles.

    The points that stay are points of the surface with their own values; none is moved.

    Args:
        surface: Polygons of ``read_surface``.
        max_triangles: How many triangles may be left, about.
    """
    from vtkmodules.util.numpy_support import vtk_to_numpy

    thin = _thinned(surface, max_triangles)
    data = thin.GetPointData()
    names = [field.array for field in (fields.WSS, fields.APS) if data.HasArray(field.array)]
    return TreeSurface(
        points=surface_points(thin),
        triangles=vtk_to_numpy(thin.GetPolys().GetConnectivityArray()).reshape(-1, 3),
        branch=np.rint(point_values(thin, fields.BRANCH.array)).astype(np.int64),
        abscissa_mm=point_values(thin, fields.ABSCISSA.array),
        values={name: point_values(thin, name) for name in names},
    )


def _thinned(surface: Any, max_triangles: int) -> Any:
    from vtkmodules.vtkFiltersCore import vtkDecimatePro, vtkTriangleFilter

    triangles = vtkTriangleFilter()
    triangles.SetInputData(surface)
    triangles.Update()
    count = triangles.GetOutput().GetNumberOfPolys()
    if count <= max_triangles:
        return triangles.GetOutput()
    decimate = vtkDecimatePro()
    decimate.SetInputConnection(triangles.GetOutputPort())
    decimate.SetTargetReduction(1.0 - max_triangles / count)
    decimate.PreserveTopologyOn()
    decimate.SplittingOff()
    decimate.BoundaryVertexDeletionOff()
    decimate.Update()
    return decimate.GetOutput()


def _tubes(path: Path) -> Any:
    """Round tubes of the sections' radii around the centerline of each branch."""
    from vtkmodules.vtkFiltersCore import vtkTriangleFilter, vtkTubeFilter
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    lines = reader.GetOutput()
    lines.GetPointData().SetActiveScalars(fields.RADIUS.array)
    tubes = vtkTubeFilter()
    tubes.SetInputData(lines)
    tubes.SetNumberOfSides(TUBE_SIDES)
    tubes.SetVaryRadiusToVaryRadiusByAbsoluteScalar()
    triangles = vtkTriangleFilter()
    triangles.SetInputConnection(tubes.GetOutputPort())
    return with_normals(triangles.GetOutputPort())
