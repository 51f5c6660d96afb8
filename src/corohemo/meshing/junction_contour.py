"""Contour of a junction's implicit wall, cut open at its interfaces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MeshingError
from corohemo.meshing.junction_field import JunctionField, Ring
from corohemo.meshing.surfaces import compact

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

GRID_POINTS = 6_000_000
"""Grids are made coarser beyond this many points."""
GAP_POINTS = 0.5
"""Grid points across the gap between vessels at the rings, per point of the resolution."""
SNAP = 0.06
"""No value is smaller [spacing], so that no triangle of the contour is degenerate."""
LEAST_GAP = 0.05
"""No narrower gap is resolved [smallest radius]."""


def contour_wall(
    field: JunctionField, rings: tuple[Ring, ...], resolution: float
) -> tuple[FloatArray, IntArray]:
    """Contour of the field, cut shortly before each ring.

    Args:
        field: The junction's implicit surface.
        rings: Its interfaces.
        resolution: Grid points per smallest radius.

    Returns:
        Points (n, 3) and outward triangles (m, 3).

    Raises:
        MeshingError: If the surface is empty.
    """
    grid, origin, spacing = _sample(field, rings, resolution)
    points, triangles = _flying_edges(grid, origin, spacing)
    _, _, runs, coordinates = field.values(points)
    for ring in rings:
        gap = (0.35 * ring.radius * 2 * np.pi / len(ring.points)) + 0.5 * spacing
        along = (points - ring.center) @ ring.tangent * ring.outward
        inside = np.where(
            coordinates < 0, True, (coordinates - ring.coordinate) * ring.outward > -8
        )
        height = np.where((runs == ring.tube) & inside, along + gap, -1.0)
        lost = coordinates < 0
        near = np.linalg.norm(points - ring.center, axis=1) < 4.0 * ring.radius
        height = np.where(lost & near & (along > -gap), along + gap, height)
        points, triangles, old = _clip(points, triangles, height)
        _, _, new_runs, new_coordinates = field.values(points[len(old) :])
        runs = np.concatenate([runs[old], new_runs])
        coordinates = np.concatenate([coordinates[old], new_coordinates])
    return points, triangles


def _sample(
    field: JunctionField, rings: tuple[Ring, ...], resolution: float
) -> tuple[FloatArray, FloatArray, float]:
    walls, extents = field.union.sections, field.union.extents
    low = (walls.centers - 1.3 * extents[:, None]).min(axis=0)
    high = (walls.centers + 1.3 * extents[:, None]).max(axis=0)
    smallest = float(walls.radii[field.inner].min())
    spacing = min(
        smallest / resolution, max(field.gap, LEAST_GAP * smallest) / GAP_POINTS / resolution
    )
    spacing = max(spacing, float(np.prod(high - low) / GRID_POINTS) ** (1 / 3))
    shape = np.ceil((high - low) / spacing).astype(np.int64) + 1
    values = field.sample(shape, low, spacing)
    values[np.abs(values) < SNAP * spacing] = SNAP * spacing
    return values, low, spacing


def _flying_edges(
    values: FloatArray, origin: FloatArray, spacing: float
) -> tuple[FloatArray, IntArray]:
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D

    image = vtkImageData()
    image.SetDimensions(*values.shape)
    image.SetOrigin(*origin)
    image.SetSpacing(spacing, spacing, spacing)
    scalars = numpy_to_vtk(np.asfortranarray(values).ravel(order="F"), deep=True)
    image.GetPointData().SetScalars(scalars)
    contour = vtkFlyingEdges3D()
    contour.SetInputData(image)
    contour.SetValue(0, 0.0)
    contour.ComputeNormalsOff()
    contour.ComputeScalarsOff()
    contour.Update()
    return _from_vtk(contour.GetOutput())


def _from_vtk(surface: object) -> tuple[FloatArray, IntArray]:
    from vtkmodules.util.numpy_support import vtk_to_numpy

    if surface.GetNumberOfCells() == 0:  # type: ignore[attr-defined]
        raise MeshingError("the junction's surface is empty.", stage="contour")
    points = vtk_to_numpy(surface.GetPoints().GetData()).astype(np.float64)  # type: ignore[attr-defined]
    cells = vtk_to_numpy(surface.GetPolys().GetConnectivityArray())  # type: ignore[attr-defined]
    return points, cells.reshape(-1, 3)[:, ::-1].astype(np.int64)


def _clip(
    points: FloatArray, triangles: IntArray, height: FloatArray
) -> tuple[FloatArray, IntArray, IntArray]:
    """Part of the surface with negative height; triangles across the level are split.

    Returns:
        Points, those that were there first, triangles, and the old numbers of the former.
    """
    keep = height < 0
    count = keep[triangles].sum(axis=1)
    whole = triangles[count == 3]
    cut = triangles[(count == 1) | (count == 2)]
    new_points: list[FloatArray] = []
    index: dict[tuple[int, int], int] = {}

    def crossing(a: int, b: int) -> int:
        key = (min(a, b), max(a, b))
        if key not in index:
            u = np.clip(height[a] / (height[a] - height[b]), 0.06, 0.94)
            index[key] = len(points) + len(new_points)
            new_points.append((1 - u) * points[a] + u * points[b])
        return index[key]

    added = []
    for triangle in cut:
        flags = keep[triangle]
        lone = int(np.argmax(flags)) if flags.sum() == 1 else int(np.argmin(flags))
        a, b, c = (int(v) for v in np.roll(triangle, -lone))
        ab, ac = crossing(a, b), crossing(a, c)
        if flags.sum() == 1:
            added.append((a, ab, ac))
        else:
            added.append((ab, b, c))
            added.append((ab, c, ac))
    triangles = np.concatenate([whole, np.array(added, dtype=np.int64).reshape(-1, 3)])
    used = np.unique(triangles)
    points, triangles = compact(
        np.concatenate([points, np.array(new_points).reshape(-1, 3)]), triangles
    )
    return points, triangles, used[used < len(height)]
