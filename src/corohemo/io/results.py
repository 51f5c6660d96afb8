"""Flow, wall and centerline results as files for ParaView and spreadsheets.

Points are in millimetres, which the field data state as ``LengthUnit``; arrays are named and scaled
by ``corohemo.fields``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo import fields
from corohemo.errors import InputError
from corohemo.fields import Field
from corohemo.io.replacing import replacing
from corohemo.kernels.facets import flatten_facets
from corohemo.units import MM

if TYPE_CHECKING:
    from corohemo.indices.results import Pullback, WallShear
    from corohemo.indices.wall_pulse import WallPulse
    from corohemo.lumen import Lumen
    from corohemo.solvers.solution import FlowSolution

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Array = FloatArray | IntArray

UNIT_TEXTS = {fields.LENGTH_UNIT: ("mm",)}
QUADRATIC_TETRA = 24


def write_flow_vtu(
    path: str | Path, solution: FlowSolution, *, ffr: FloatArray | None = None
) -> None:
    """Write the flow field on its curved quadratic tetrahedra.

    Args:
        path: A ``.vtu`` file.
        solution: The flow.
        ffr: FFR at each node (n,), if it is to be stored.

    Raises:
        InputError: If the file cannot be written, or ``ffr`` has the wrong length.
    """
    from corohemo.io import vtk_files

    mesh = solution.mesh
    arrays: dict[Field, Array] = {
        fields.VELOCITY: solution.velocity,
        fields.PRESSURE: solution.pressure,
        fields.PRESSURE_MMHG: solution.pressure,
        fields.ABSCISSA: mesh.node_abscissa,
        fields.BRANCH: mesh.node_branch,
    }
    if ffr is not None:
        arrays[fields.FFR] = ffr
    grid = vtk_files.unstructured_grid(mesh.points / MM, [(QUADRATIC_TETRA, mesh.cells)])
    vtk_files.add_arrays(grid, point_data=_scaled(arrays, len(mesh.points), path), texts=UNIT_TEXTS)
    vtk_files.write_grid(grid, Path(path))


def write_wall_vtp(
    path: str | Path,
    solution: FlowSolution,
    wall: WallShear,
    *,
    aps: FloatArray | None = None,
    ffr: FloatArray | None = None,
    pulse: WallPulse | None = None,
    nodal: FloatArray | None = None,
) -> None:
    """Write the wall: facet means of what lives on the wall, nodal values of pressure and FFR.

    Each curved facet is four flat triangles, which carry its value.

    Args:
        path: A ``.vtp`` file.
        solution: The flow that ``wall`` was computed from.
        wall: Wall shear stress, one value per facet of the wall.
        aps: Axial plaque stress on the facets (n,) [Pa], NaN outside of lesions.
        ffr: FFR at each node of the mesh.
        pulse: Wall shear over the cycle, on the facets; what is None or NaN of it was not computed.
        nodal: Wall shear stress vector at the wall's nodes, in ascending order (m, 3) [Pa]: for
            display, beside the facets' own values.

    Raises:
        InputError: If the file cannot be written, or an array has the wrong length.
    """
    from corohemo.io import vtk_files

    mesh = solution.mesh
    facets = mesh.facets[mesh.facet_face == mesh.faces.index("wall")]
    nodes, triangles, facet = flatten_facets(facets)
    on_wall: dict[Field, FloatArray] = {
        fields.WSS: wall.magnitude,
        fields.WSS_VECTOR: wall.traction,
        fields.WALL_NORMAL: wall.normals,
    }
    if aps is not None:
        on_wall[fields.APS] = aps
    if pulse is not None:
        over_cycle = {fields.FIELDS[name]: values for name, values in pulse.indices().items()}
        on_wall |= {field: values for field, values in over_cycle.items() if values is not None}
    for field, values in on_wall.items():
        _require_length(values, len(facets), field, path)
    at_nodes: dict[Field, Array] = {
        fields.PRESSURE_MMHG: solution.pressure,
        fields.ABSCISSA: mesh.node_abscissa,
        fields.BRANCH: mesh.node_branch,
    }
    if ffr is not None:
        at_nodes[fields.FFR] = ffr
    whole = _scaled(at_nodes, len(mesh.points), path)
    at_points: dict[Field, FloatArray] = {}
    if nodal is not None:
        magnitude = np.linalg.norm(nodal, axis=1)
        at_points = {fields.WSS_AT_NODES: magnitude, fields.WSS_VECTOR_AT_NODES: nodal}
    means = {field: values[facet] for field, values in on_wall.items()}
    data = vtk_files.polydata(
        mesh.points[nodes] / MM,
        triangles=triangles,
        point_data={name: values[nodes] for name, values in whole.items()}
        | _scaled(at_points, len(nodes), path),
        cell_data=_scaled(means, len(triangles), path),
        texts=UNIT_TEXTS,
    )
    vtk_files.write_polydata(data, Path(path))


def write_centerline_sections(
    path: str | Path, lumen: Lumen, pullbacks: Sequence[Pullback]
) -> None:
    """Write the section means of every branch along the centerline.

    A ``.vtp`` file holds one polyline per branch, a ``.csv`` file one row per section.

    Raises:
        InputError: If the extension is neither, or the file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".vtp", ".csv"):
        raise InputError(f"Sections are written as .vtp or .csv, not {suffix!r}.", file=path)
    if len(pullbacks) != len(lumen.branches):
        raise InputError(
            f"There must be one pullback per branch, {len(lumen.branches)}; got {len(pullbacks)}.",
            file=path,
        )
    points, columns = _sections(lumen, pullbacks, path)
    if suffix == ".csv":
        _write_sections_table(path, lumen, points, columns)
    else:
        _write_sections_polydata(path, lumen, points, columns)


def _sections(
    lumen: Lumen, pullbacks: Sequence[Pullback], path: Path
) -> tuple[FloatArray, dict[str, Array]]:
    """Section centers [mm] and columns of all branches, one after the other."""
    points, parts = [], []
    for index, (branch, pullback) in enumerate(zip(lumen.branches, pullbacks, strict=True)):
        at = pullback.abscissa
        points.append(
            np.column_stack([np.interp(at, branch.abscissas, axis) for axis in branch.points.T])
        )
        reference = np.interp(at, branch.abscissas, branch.reference_radii)
        arrays: dict[Field, Array] = {
            fields.BRANCH: np.full(len(at), index),
            fields.ABSCISSA: at,
            fields.RADIUS: pullback.radius,
            fields.REFERENCE_RADIUS: reference,
            fields.PRESSURE_MMHG: pullback.pressure,
            fields.FFR: pullback.ffr,
            fields.FLOW: pullback.flow,
        }
        parts.append(_scaled(arrays, len(at), path))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return np.concatenate(points) / MM, columns


def _write_sections_polydata(
    path: Path, lumen: Lumen, points: FloatArray, columns: Mapping[str, Array]
) -> None:
    from corohemo.io import vtk_files

    branch = columns[fields.BRANCH.array]
    lines = [np.flatnonzero(branch == index) for index in range(len(lumen.branches))]
    names = tuple(one.name for one in lumen.branches)
    data = vtk_files.polydata(
        points,
        lines=lines,
        point_data=columns,
        cell_data={fields.BRANCH.array: np.arange(len(lines))},
        texts={**UNIT_TEXTS, fields.BRANCH_NAMES: names},
    )
    vtk_files.write_polydata(data, path)


def _write_sections_table(
    path: Path, lumen: Lumen, points: FloatArray, columns: Mapping[str, Array]
) -> None:
    import csv

    branch = columns[fields.BRANCH.array]
    rest = {name: values for name, values in columns.items() if values is not branch}
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Branch", "X_mm", "Y_mm", "Z_mm", *rest])
        for row, (index, point) in enumerate(zip(branch.tolist(), points, strict=True)):
            numbers = [*point, *(values[row] for values in rest.values())]
            name = lumen.branches[int(index)].name
            writer.writerow([name, *(f"{number:.9g}" for number in numbers)])


def _scaled(arrays: Mapping[Field, Array], n: int, path: str | Path) -> dict[str, Array]:
    """Arrays in the unit of their field, by name in files; ids stay whole numbers."""
    result: dict[str, Array] = {}
    for field, values in arrays.items():
        _require_length(values, n, field, path)
        result[field.array] = values if values.dtype.kind == "i" else values / field.scale
    return result


def _require_length(values: Array, n: int, field: Field, path: str | Path) -> None:
    if len(values) != n:
        raise InputError(
            f"{field.name} must have {n} entries, got {len(values)}.", file=path, field=field.name
        )
