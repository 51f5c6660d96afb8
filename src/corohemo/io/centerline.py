"""Centerline files: one way in and one way out, whatever the format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corohemo.errors import FileFormatError, InputError
from corohemo.io.raw import FloatArray, RawCenterline
from corohemo.io.raw_tree import as_tree
from corohemo.io.vessels import read_one_polyline_tree, read_surface
from corohemo.radius_law import RadiusLaw
from corohemo.tree import VesselTree
from corohemo.units import length_factor


@dataclass(frozen=True)
class ReadOptions:
    """What a reader may be told; each reader uses what concerns it."""

    radius_from: str | None = None


Reader = Callable[[Path, ReadOptions], RawCenterline]
Writer = Callable[[RawCenterline, Path], None]


def _read_swc(path: Path, options: ReadOptions) -> RawCenterline:
    from corohemo.io.swc import read_swc

    return read_swc(path)


def _write_swc(raw: RawCenterline, path: Path) -> None:
    from corohemo.io.swc import write_swc

    write_swc(raw, path)


def _read_polydata(path: Path, options: ReadOptions) -> RawCenterline:
    from corohemo.io.polydata import read_polydata

    return read_polydata(path, options.radius_from)


def _read_table(path: Path, options: ReadOptions) -> RawCenterline:
    from corohemo.io.contours import holds_contours, read_contour_file
    from corohemo.io.table import read_table

    return read_contour_file(path) if holds_contours(path) else read_table(path)


def _read_contours(path: Path, options: ReadOptions) -> RawCenterline:
    from corohemo.io.contours import read_contour_file

    return read_contour_file(path)


def _write_polydata(raw: RawCenterline, path: Path) -> None:
    from corohemo.io.polydata_writer import write_centerline_polydata

    write_centerline_polydata(raw, path)


def _write_table(raw: RawCenterline, path: Path) -> None:
    from corohemo.io.table import write_table

    write_table(raw, path)


READERS: dict[str, Reader] = {
    ".swc": _read_swc,
    ".csv": _read_table,
    ".txt": _read_table,
    ".vtp": _read_polydata,
    ".data": _read_contours,
}
"""Reader by file extension."""
WRITERS: dict[str, Writer] = {
    ".swc": _write_swc,
    ".csv": _write_table,
    ".vtp": _write_polydata,
}
"""Writer by file extension."""
SURFACES = (".stl", ".ply", ".vtp")
"""Extensions of closed surfaces; a ``.vtp`` may be either."""


def read_centerline(
    path: str | Path,
    *,
    length_unit: str | None = None,
    radius_from: str | None = None,
    caps: Sequence[str | Path | Sequence[float]] = (),
    radius_law: RadiusLaw | None = None,
    tree: int = 1,
    check_scale: bool = True,
) -> VesselTree:
    """Read a vessel tree from a centerline file, contours or a closed surface.

    Formats by extension: ``.swc``, ``.csv`` and ``.txt`` tables of points or contours, ``.vtp`` of
    VMTK, Slicer and SimVascular, ``.data`` contours of QAngio or a folder of its export;
    surfaces as ``read_surface``, ``.npy`` as ``read_polylines`` reads them. Add another one to
    ``READERS``.

    Args:
        path: The file.
        length_unit: "mm", "cm", "m" or "um"; needed unless the file states it.
        radius_from: For ``.vtp``: "inscribed_sphere" or "section_area".
        caps: For surfaces: their ends, as ``read_surface`` takes them.
        radius_law: For ``.npy``: the diameters, as ``read_polylines`` takes them.
        tree: For ``.npy``: which tree, 1 for the longest.
        check_scale: Refuse radii that no coronary artery has.

    Returns:
        The tree in metres, as the file holds it: merged, but neither smoothed nor resampled.

    Raises:
        FileFormatError: If the file is not what its extension says, or cannot be understood.
        MissingArrayError: If it has no radius.
        UnitError: If the unit is missing, unknown, contradicts the file or is implausible.
        GeometryError: If the points are not one tree with positive radii.
        InputError: If there is no such file.
    """
    path = Path(path)
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", file=path) from None
    if path.suffix.lower() == ".npy":
        return read_one_polyline_tree(path, radius_law, length_unit, tree, check_scale=check_scale)
    if radius_law is not None or tree != 1:
        raise InputError(
            "A radius law and the number of a tree are for .npy files, which have no radii.",
            file=path,
            field="radius_law",
        )
    if path.suffix.lower() in SURFACES and _is_surface(path):
        return read_surface(path, caps=caps, length_unit=length_unit, check_scale=check_scale)
    if caps:
        raise InputError("Only a closed surface has caps.", file=path, field="caps")
    reader = READERS.get(path.suffix.lower())
    if reader is None and is_folder:
        reader = _read_contours
    if reader is None:
        raise FileFormatError(
            f"No centerline format has the extension {path.suffix!r}; known are "
            f"{', '.join(dict.fromkeys((*READERS, *SURFACES)))}.",
            file=path,
        )
    raw = reader(path, ReadOptions(radius_from=radius_from))
    return as_tree(path, raw, length_unit, check_scale=check_scale)


def write_centerline(tree: VesselTree, path: str | Path, *, length_unit: str = "mm") -> None:
    """Write a tree so that ``read_centerline`` returns the same one; the file states its unit.

    Formats by extension: ``.swc``, ``.csv``, ``.vtp`` under VMTK's array names.

    Raises:
        FileFormatError: If the extension is not known.
        UnitError: If the unit is not known.
        InputError: If the file cannot be written.
    """
    path = Path(path)
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise FileFormatError(
            f"No centerline format has the extension {path.suffix!r}; known are "
            f"{', '.join(WRITERS)}.",
            file=path,
        )
    writer(flatten_tree(tree, length_unit), path)


def flatten_tree(tree: VesselTree, length_unit: str) -> RawCenterline:
    """Points of all branches with parents; a daughter that starts with its own radius keeps it.

    Such a daughter gets a point of its own on top of the bifurcation point, which
    ``VesselTree.from_arrays`` merges again.
    """
    points: list[FloatArray] = []
    radii: list[float] = []
    parents: list[int] = []
    names: list[str] = []
    ends: list[int] = []
    for branch in tree.branches:
        up = ends[branch.parent] if branch.parent >= 0 else -1
        shared = int(branch.parent >= 0 and radii[up] == branch.radii[0])
        for point, radius in zip(branch.points[shared:], branch.radii[shared:], strict=True):
            points.append(point)
            radii.append(float(radius))
            parents.append(up)
            names.append(branch.name)
            up = len(points) - 1
        ends.append(up)
    factor = length_factor(length_unit)
    return RawCenterline(
        points=np.array(points) / factor,
        radii=np.array(radii) / factor,
        parents=np.array(parents, dtype=np.int64),
        names=tuple(names),
        length_unit=length_unit,
    )


def _is_surface(path: Path) -> bool:
    from corohemo.io.surface_file import is_surface

    return is_surface(path)
