"""Section sampling by the kernels and by VTK."""

import numpy as np
from kernel_row import MILLION, best, difference, row
from numpy.typing import NDArray

import corohemo as ch
from corohemo.indices.locator import PointLocator
from corohemo.io.vtk_files import unstructured_grid
from corohemo.kernels.sections import disk_rule, section_points
from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]


def section_targets(lumen: ch.Lumen, n: int) -> FloatArray:
    """Points of sections along all branches, ``n`` of them (n, 3)."""
    disk, _ = disk_rule(4, 12)
    sections = -(-n // len(disk))
    each = -(-sections // len(lumen.branches))
    targets = []
    for branch in lumen.branches:
        at = np.linspace(branch.abscissas[0], branch.abscissas[-1], each)
        centers, normals, binormals = (
            np.column_stack([np.interp(at, branch.abscissas, axis) for axis in values.T])
            for values in (branch.points, branch.normals, branch.binormals)
        )
        radii = 0.9 * np.interp(at, branch.abscissas, branch.radii)
        places = section_points(centers, normals, binormals, radii, disk)
        targets.append(places.reshape(-1, 3))
    return np.concatenate(targets)[:n]


def sampled(
    mesh: LumenMesh, values: FloatArray, targets: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """A nodal field at points by the kernels, from hashing the cells on, and which lie inside."""
    locator = PointLocator.of(mesh)
    cell, reference, distance = locator.locate(targets)
    return locator.interpolate(values, cell, reference), distance == 0.0


def vtk_sampled(
    mesh: LumenMesh, values: FloatArray, targets: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The same by VTK's probe with its fastest locator, and where it found a cell."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkPolyData, vtkStaticCellLocator
    from vtkmodules.vtkFiltersCore import vtkProbeFilter

    grid = unstructured_grid(mesh.points, [(24, mesh.cells)])
    array = numpy_to_vtk(values)
    array.SetName("values")
    grid.GetPointData().AddArray(array)
    places = vtkPoints()
    places.SetDataTypeToDouble()
    places.SetData(numpy_to_vtk(targets))
    asked = vtkPolyData()
    asked.SetPoints(places)
    probe = vtkProbeFilter()
    probe.SetInputData(asked)
    probe.SetSourceData(grid)
    probe.SetCellLocator(vtkStaticCellLocator())
    probe.Update()
    found = probe.GetOutput().GetPointData()
    is_inside = np.array(vtk_to_numpy(found.GetArray("vtkValidPointMask"))) == 1
    return np.array(vtk_to_numpy(found.GetArray("values"))), is_inside


def sampling_row(lumen: ch.Lumen, mesh: LumenMesh) -> None:
    """Section sampling against VTK, both against the field itself: places are linear."""
    targets = section_targets(lumen, MILLION)
    sampled(mesh, mesh.points, targets[:10])
    ours, (found, is_inside) = best(lambda: sampled(mesh, mesh.points, targets), 3)
    theirs, (other, is_valid) = best(lambda: vtk_sampled(mesh, mesh.points, targets), 1)
    error = difference([found[is_inside]], [targets[is_inside]])
    row("sections, 1,000,000 points, against VTK", ours, [theirs], error)
    step = np.cbrt(np.prod(np.ptp(mesh.points[mesh.cells], axis=1), axis=1)).mean()
    astray = np.abs(other[is_valid] - targets[is_valid]).max(axis=1) / step
    print(
        f"VTK's own error: median {np.median(astray):.0e}, 99 % {np.quantile(astray, 0.99):.0e} of "
        f"a cell; found {is_valid.mean():.2%} of the points, the kernels {is_inside.mean():.2%}."
    )
