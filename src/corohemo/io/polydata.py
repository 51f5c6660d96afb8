"""Centerlines in VTK polydata: VMTK, Slicer, SimVascular, and our own.

VMTK and Slicer write one polyline per outlet, from the ostium, with a point array
``MaximumInscribedSphereRadius`` or ``Radius``; after branch extraction these are cut into tracts
(``CenterlineIds``, ``TractIds``). SimVascular writes a connected tree of segments with
``CenterlineSectionArea``. Positions are kept as they are in the file: LPS or RAS makes no
difference to the flow, as both are right-handed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import listed
from corohemo.errors import ConfigError, FileFormatError, GeometryError, MissingArrayError
from corohemo.fields import BRANCH, BRANCH_NAMES, LENGTH_UNIT
from corohemo.io.paths import Path3D, merge_paths
from corohemo.io.raw import RawCenterline
from corohemo.io.vtkxml import VtkData, read_vtk_xml, to_float64
from corohemo.nodes import check_values

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

INSCRIBED_ARRAYS = ("MaximumInscribedSphereRadius", "Radius")
AREA_ARRAY = "CenterlineSectionArea"
RADIUS_CHOICES = ("inscribed_sphere", "section_area")


def read_polydata(path: Path, radius_from: str | None = None) -> RawCenterline:
    """Read a ``.vtp`` centerline.

    Args:
        path: The file.
        radius_from: "inscribed_sphere", or "section_area" for the circle of equal area. By default
            the section area if the file tells bifurcations apart (SimVascular), else the sphere.

    Raises:
        FileFormatError: If the file is not polydata with lines, or is damaged.
        MissingArrayError: If it has no radius; the arrays it has are listed.
        GeometryError: If the lines are not one tree.
    """
    data = read_vtk_xml(path, "PolyData")
    if "Lines" not in data.cells:
        what = "a surface" if "Polys" in data.cells else "without lines"
        raise FileFormatError(f"The file is {what}, not a centerline.", file=path)
    lines = [line for line in _lines(data) if len(line) > 1]
    if not lines:
        raise FileFormatError("No line of the file has two points.", file=path)
    unit = (data.text_data.get(LENGTH_UNIT) or ("",))[0] or None
    if _is_connected(lines):
        parents, used = _orient(lines, len(data.points), str(path))
        radii = _radii(data, radius_from, parents, path)
        check_values(data.points, radii, source=str(path))
        index = np.full(len(data.points) + 1, -1)
        index[used] = np.arange(len(used))
        return RawCenterline(
            points=data.points[used],
            radii=radii[used],
            parents=index[parents[used]],
            names=_names(data, used),
            length_unit=unit,
        )
    parents = np.full(len(data.points), -1)
    for line in lines:
        parents[line[1:]] = line[:-1]
    radii = _radii(data, radius_from, parents, path)
    check_values(data.points, radii, source=str(path))
    paths = [Path3D(data.points[line], radii[line]) for line in _whole_paths(data, lines)]
    return merge_paths(paths, source=str(path), length_unit=unit)


def _lines(data: VtkData) -> list[IntArray]:
    connectivity, offsets = data.cells["Lines"]
    return np.split(connectivity, offsets[:-1])


def _is_connected(lines: list[IntArray]) -> bool:
    """Whether lines share points by index, or there is only one."""
    if len(lines) < 2:
        return True
    once = np.concatenate([np.unique(line) for line in lines])
    return len(np.unique(once)) < len(once)


def _whole_paths(data: VtkData, lines: list[IntArray]) -> list[IntArray]:
    """Paths from the ostium, put together again where branch extraction cut them into tracts."""
    tracts = [data.cell_data.get(name) for name in ("CenterlineIds", "TractIds")]
    n_verts = len(data.cells["Verts"][1]) if "Verts" in data.cells else 0
    n_lines = len(data.cells["Lines"][1])
    centerline, tract = tracts
    if centerline is None or tract is None or len(lines) != n_lines:
        return lines
    rows = slice(n_verts, n_verts + n_lines)
    order = np.lexsort((tract[rows], centerline[rows]))
    ids = centerline[rows][order]
    groups = np.split(order, np.flatnonzero(np.diff(ids)) + 1)
    return [np.concatenate([lines[k] for k in group]) for group in groups]


def _orient(lines: list[IntArray], n_points: int, source: str) -> tuple[IntArray, IntArray]:
    """Parents (n_points,) from the ostium on, and the points in use in breadth-first order."""
    edges = np.concatenate([np.column_stack([line[:-1], line[1:]]) for line in lines])
    edges = edges[edges[:, 0] != edges[:, 1]]
    used = np.unique(edges)
    incoming = np.isin(used, edges[:, 1])
    candidates = used[~incoming]
    neighbours: dict[int, dict[int, None]] = {int(node): {} for node in used}
    for a, b in edges.tolist():
        neighbours[a][b] = None
        neighbours[b][a] = None
    if len(candidates) == 1:
        root = int(candidates[0])
    else:
        root = int(lines[0][0])
        if len(neighbours.get(root, ())) != 1:
            raise GeometryError(
                f"{source}: The lines do not tell which end is the ostium; let the first line "
                f"start there."
            )
    parents = np.full(n_points, -1)
    order, seen = [root], {root}
    for node in order:
        for other in neighbours[node]:
            if other in seen:
                if other != parents[node]:
                    raise GeometryError(
                        f"{source}: The lines close a cycle at points {node + 1} and {other + 1}."
                    )
                continue
            parents[other] = node
            seen.add(other)
            order.append(other)
    if len(order) < len(used):
        stray = int(np.setdiff1d(used, np.array(order))[0])
        raise GeometryError(
            f"{source}: There are several trees: point {stray + 1} is not connected to the ostium, "
            f"point {root + 1}."
        )
    return parents, np.array(order, dtype=np.int64)


def _radii(data: VtkData, radius_from: str | None, parents: IntArray, path: Path) -> FloatArray:
    """Radius of every point by the rule asked for."""
    inscribed = next((n for n in INSCRIBED_ARRAYS if n in data.point_data), None)
    knows_bifurcations = "BifurcationId" in data.point_data
    if radius_from is None:
        by_area = AREA_ARRAY in data.point_data and (knows_bifurcations or inscribed is None)
    elif radius_from in RADIUS_CHOICES:
        by_area = radius_from == "section_area"
    else:
        raise ConfigError(
            f"radius_from must be {' or '.join(RADIUS_CHOICES)}, got {radius_from!r}.",
            field="radius_from",
        )
    wanted = AREA_ARRAY if by_area else inscribed
    if wanted is None or wanted not in data.point_data:
        present = listed(data.point_data) or "none"
        expected = AREA_ARRAY if by_area else " or ".join(INSCRIBED_ARRAYS)
        raise MissingArrayError(
            f"The points have no radius: expected {expected}; the point arrays are: {present}.",
            file=path,
            field=expected,
        )
    values = to_float64(data.point_data[wanted])
    if values.ndim != 1:
        raise FileFormatError(f"{wanted} must be one number per point.", file=path, field=wanted)
    if not by_area:
        return values
    with np.errstate(invalid="ignore"):
        radii = np.sqrt(values / np.pi)
    sphere = None if inscribed is None else to_float64(data.point_data[inscribed])
    return _without_bifurcations(radii, sphere, _is_bifurcation(data), parents)


def _is_bifurcation(data: VtkData) -> NDArray[np.bool_]:
    """Points whose section cuts several vessels or is open, so that its area means nothing."""
    n = len(data.points)
    regular = {"BifurcationId": -1, "CenterlineSectionBifurcation": 0, "CenterlineSectionClosed": 1}
    result = np.zeros(n, dtype=bool)
    for name, value in regular.items():
        values = data.point_data.get(name)
        if values is not None and values.shape == (n,):
            result |= np.asarray(values != value)
    return result


def _without_bifurcations(
    radii: FloatArray,
    sphere: FloatArray | None,
    is_bifurcation: NDArray[np.bool_],
    parents: IntArray,
) -> FloatArray:
    """Equal-area radii; in bifurcations the inscribed radius times the ratio found upstream of it.

    Without an inscribed radius, the equal-area radius is bounded by the one upstream.
    """
    result = radii.copy()
    ratio = np.ones(len(radii))
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(parents.tolist()):
        children.setdefault(parent, []).append(node)
    order = list(children.get(-1, ()))
    for node in order:
        order.extend(children.get(node, ()))
        parent = parents[node]
        if not is_bifurcation[node]:
            ratio[node] = radii[node] / sphere[node] if sphere is not None else 1.0
        elif sphere is not None:
            ratio[node] = ratio[parent] if parent >= 0 else 1.0
            result[node] = ratio[node] * sphere[node]
        elif parent >= 0:
            result[node] = min(radii[node], result[parent])
    return result


def _names(data: VtkData, used: IntArray) -> tuple[str, ...] | None:
    names = data.text_data.get(BRANCH_NAMES)
    ids = data.point_data.get(BRANCH.array)
    if names is None or ids is None or ids.ndim != 1 or ids.dtype.kind not in "iu":
        return None
    return tuple(names[i] if 0 <= i < len(names) else "" for i in ids[used].tolist())
