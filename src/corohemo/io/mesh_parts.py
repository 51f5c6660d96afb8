"""What the mesh formats have in common: from the arrays of a file to a ``LumenMesh``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError, GeometryError, MissingArrayError, UnitError
from corohemo.fields import BRANCH, LENGTH_UNIT
from corohemo.kernels.jacobian import cell_jacobians
from corohemo.lumen import Lumen
from corohemo.lumen_places import nearest_sections
from corohemo.meshing.assemble import FACES, boundary_faces, cell_edges
from corohemo.meshing.mesh import LumenMesh
from corohemo.units import length_factor

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ABSCISSA_ARRAY = "Abscissa_m"
INLET, WALL, OUTLET = "inlet", "wall", "outlet:"
TURNED = [0, 2, 1, 5, 4, 3]
"""A quadratic triangle seen from its other side."""


@dataclass(frozen=True)
class MeshParts:
    """Arrays of a mesh file.

    Attributes:
        points: Nodes (n, 3) [m].
        cells: Tetrahedra in VTK order, straight (m, 4) or quadratic (m, 10).
        facets: Boundary triangles, (k, 3) or (k, 6) as the cells.
        facet_face: Index into ``faces`` of each facet (k,).
        faces: Face names.
        branch, abscissa: Place of each node (n,), (n,) [m]; None if the file does not say.
        notes: Notes of the mesh.
    """

    points: FloatArray
    cells: IntArray
    facets: IntArray
    facet_face: IntArray
    faces: tuple[str, ...]
    branch: IntArray | None = None
    abscissa: FloatArray | None = None
    notes: tuple[str, ...] = ()


def file_factor(stated: str | None, given: str | None, path: Path) -> float:
    """Metres in the unit of a file, from what it states or else from the caller.

    Raises:
        UnitError: If neither says, both say different things, or the unit is not known.
    """
    unit = stated or given
    if not unit:
        raise UnitError(
            "The file does not state its length unit; give length_unit.", file=path, field="unit"
        )
    if given and stated and given != stated:
        raise UnitError(f"The file is in {stated}, not in {given}.", file=path, field=LENGTH_UNIT)
    try:
        return length_factor(unit)
    except UnitError as error:
        raise UnitError(str(error), file=path, field=LENGTH_UNIT) from None


def build_mesh(parts: MeshParts, path: Path, lumen: Lumen | None = None) -> LumenMesh:
    """A valid lumen mesh from the parts of a file.

    Straight cells get nodes in the middle of their edges; facets are turned outwards; nodes without
    a cell are dropped.

    Args:
        parts: What the file holds.
        path: The file, for messages.
        lumen: Tells branch and abscissa of each node where the file does not.

    Raises:
        FileFormatError: If the parts are not a closed mesh of valid cells with an inlet, outlets
            and a wall.
        MissingArrayError: If the places of the nodes are neither in the file nor from a lumen.
        GeometryError: If the lumen has other outlets than the file.
    """
    _check_references(parts, path)
    parts = _compact(_raised(_named(parts, path)))
    branch, abscissa = _places(parts, path, lumen)
    if not (cell_jacobians(parts.points, parts.cells)[0] > 0.0).all():
        raise FileFormatError("The mesh has folded cells.", file=path)
    facets, facet_cell = _outward(parts, path)
    return LumenMesh(
        points=parts.points,
        cells=parts.cells,
        facets=facets,
        facet_face=parts.facet_face,
        faces=parts.faces,
        node_branch=branch,
        node_abscissa=abscissa,
        facet_cell=facet_cell,
        notes=parts.notes,
    )


def _check_references(parts: MeshParts, path: Path) -> None:
    for ids, count, what in (
        (parts.cells, len(parts.points), "A cell"),
        (parts.facets, len(parts.points), "A facet"),
        (parts.facet_face, len(parts.faces), "The face of a facet"),
    ):
        if ids.size and (ids.min() < 0 or ids.max() >= count):
            raise FileFormatError(f"{what} refers to what is not there.", file=path)
    for values in (parts.branch, parts.abscissa):
        if values is not None and (
            len(values) != len(parts.points) or not np.isfinite(values).all()
        ):
            raise FileFormatError("The places of the nodes are damaged.", file=path)
    if not len(parts.cells):
        raise FileFormatError("The file has no tetrahedra.", file=path)
    if not np.isfinite(parts.points).all():
        raise FileFormatError("A point is not finite.", file=path)


def _named(parts: MeshParts, path: Path) -> MeshParts:
    """The parts with the inlet first, then the outlets as they come, and the wall last."""
    names = parts.faces
    outlets = [name for name in names if name.startswith(OUTLET)]
    if sorted([INLET, *outlets, WALL]) != sorted(names) or not outlets:
        raise FileFormatError(
            f"A lumen mesh has faces called {INLET}, {OUTLET}<name> and {WALL}; the file has "
            f"{', '.join(names) or 'none'}. Rename its groups.",
            file=path,
        )
    order = (INLET, *outlets, WALL)
    number = np.array([order.index(name) for name in names])
    return replace(parts, faces=order, facet_face=number[parts.facet_face])


def _raised(parts: MeshParts) -> MeshParts:
    """Second-order parts; straight cells get the middles of their edges as nodes."""
    if parts.cells.shape[1] == 10:
        return parts
    edges, edge_of_cell = cell_edges(parts.cells)
    n = len(parts.points)
    pairs = np.sort(parts.facets[:, [[0, 1], [1, 2], [2, 0]]], axis=2)
    keys = edges[:, 0] * n + edges[:, 1]
    middle = np.searchsorted(keys, pairs[..., 0] * n + pairs[..., 1])
    middle = np.minimum(middle, len(keys) - 1)
    return replace(
        parts,
        points=np.concatenate([parts.points, parts.points[edges].mean(axis=1)]),
        cells=np.concatenate([parts.cells, n + edge_of_cell], axis=1),
        facets=np.concatenate([parts.facets, n + middle], axis=1),
        branch=None if parts.branch is None else _joined(parts.branch, parts.branch[edges[:, 0]]),
        abscissa=None
        if parts.abscissa is None
        else _joined(parts.abscissa, parts.abscissa[edges].mean(axis=1)),
    )


def _joined[T: np.generic](first: NDArray[T], second: NDArray[T]) -> NDArray[T]:
    return np.concatenate([first, second])


def _compact(parts: MeshParts) -> MeshParts:
    """Parts without nodes that no cell uses."""
    used = np.unique(parts.cells)
    if len(used) == len(parts.points):
        return parts
    number = np.full(len(parts.points), -1)
    number[used] = np.arange(len(used))
    return replace(
        parts,
        points=parts.points[used],
        cells=number[parts.cells],
        facets=number[parts.facets],
        branch=None if parts.branch is None else parts.branch[used],
        abscissa=None if parts.abscissa is None else parts.abscissa[used],
    )


def _places(parts: MeshParts, path: Path, lumen: Lumen | None) -> tuple[IntArray, FloatArray]:
    """Branch (n,) and abscissa (n,) of the nodes, from the file or else from the lumen."""
    if parts.branch is not None and parts.abscissa is not None:
        return parts.branch, parts.abscissa
    if lumen is None:
        raise MissingArrayError(
            f"The file does not say where its nodes lie ({BRANCH.array}, {ABSCISSA_ARRAY}); give "
            "the lumen that it was made from.",
            file=path,
            field=BRANCH.array,
        )
    wanted = [OUTLET + name for name in lumen.outlet_names]
    if sorted(wanted) != sorted(parts.faces[1:-1]):
        raise GeometryError(
            f"The outlets of {path} are {', '.join(parts.faces[1:-1])}; those of the lumen are "
            f"{', '.join(wanted)}. Rename the branches or the faces."
        )
    return nearest_sections(lumen, parts.points)


def _outward(parts: MeshParts, path: Path) -> tuple[IntArray, IntArray]:
    """Facets turned outwards (k, 6), and the cell behind each (k,).

    Raises:
        FileFormatError: If the facets are not the whole boundary of the cells.
    """
    cell, face = boundary_faces(parts.cells[:, :4])
    boundary = parts.cells[cell[:, None], FACES[face]]
    ours, theirs = (_sorted_rows(rows) for rows in (boundary, parts.facets[:, :3]))
    if len(boundary) != len(parts.facets) or not np.array_equal(
        np.sort(boundary, axis=1)[ours], np.sort(parts.facets[:, :3], axis=1)[theirs]
    ):
        raise FileFormatError(
            f"The {len(parts.facets)} named facets are not the boundary of the cells, which has "
            f"{len(boundary)}.",
            file=path,
        )
    match = np.empty(len(boundary), dtype=np.int64)
    match[theirs] = ours
    first = parts.facets[:, :1] == boundary[match]
    following = np.roll(boundary[match], -1, axis=1)[first]
    facets = np.where(
        (parts.facets[:, 1] == following)[:, None], parts.facets, parts.facets[:, TURNED]
    )
    return facets, cell[match]


def _sorted_rows(rows: IntArray) -> IntArray:
    """Order that sorts triangles by their vertices (k,)."""
    return np.lexsort(np.sort(rows, axis=1).T[::-1])
