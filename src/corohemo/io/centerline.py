"""Centerline files: one way in and one way out, whatever the format."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from corohemo.errors import FileFormatError, InputError, MissingArrayError, UnitError
from corohemo.io.raw import FloatArray, RawCenterline
from corohemo.nodes import likely_units
from corohemo.radius_law import RadiusLaw
from corohemo.tree import VesselTree
from corohemo.units import LENGTH_UNITS, MM, length_factor

WIDENING = 1.25
"""Outlets wider than this many ostium radii raise a question."""

_log = logging.getLogger(__name__)


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
    if path.suffix.lower() == ".npy":
        return _only_tree(path, radius_law, length_unit, tree, check_scale=check_scale)
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
    if reader is None and path.is_dir():
        reader = _read_contours
    if reader is None:
        raise FileFormatError(
            f"No centerline format has the extension {path.suffix!r}; known are "
            f"{', '.join(dict.fromkeys((*READERS, *SURFACES)))}.",
            file=path,
        )
    raw = reader(path, ReadOptions(radius_from=radius_from))
    return _as_tree(path, raw, length_unit, check_scale=check_scale)


def _as_tree(
    path: Path, raw: RawCenterline, length_unit: str | None, *, check_scale: bool
) -> VesselTree:
    tree = VesselTree.from_arrays(
        raw.points,
        raw.radii,
        raw.parents,
        length_unit=_unit(path, raw.length_unit, length_unit, hint=_hint(raw)),
        names=raw.names,
        contours=raw.contours,
        source=str(path),
        check_scale=check_scale,
    )
    _warn_if_reversed(tree)
    return tree


def read_contours(
    path: str | Path, *, length_unit: str | None = None, check_scale: bool = True
) -> VesselTree:
    """Read contours of the lumen; the tree runs through their centroids and keeps them.

    ``build_lumen`` then gives the sections the contours' areas and shapes.

    Args:
        path: A table with columns branch, contour, x, y, z; a ``.data`` file of QAngio XA 3D; or a
            folder that it exported.
        length_unit: "mm", "cm", "m" or "um"; needed for a table unless its columns state it.
        check_scale: Refuse sizes that no coronary artery has.

    Raises:
        FileFormatError: If the file is not what it must be, with the line.
        MissingArrayError: If a column is missing.
        UnitError: If the unit is missing, unknown, contradicts the file or is implausible.
        GeometryError: If a contour encloses nothing or the vessels are not one tree.
        InputError: If there is no such file.
    """
    from corohemo.io.contours import read_contour_file

    path = Path(path)
    return _as_tree(path, read_contour_file(path), length_unit, check_scale=check_scale)


def read_surface(
    path: str | Path,
    *,
    caps: Sequence[str | Path | Sequence[float]] = (),
    length_unit: str | None = None,
    check_scale: bool = True,
) -> VesselTree:
    """Read the closed surface of a lumen; the tree gets a centerline, radii and contours from it.

    Args:
        path: ``.stl``, ``.ply`` or ``.vtp`` with triangles, closed over its ends.
        caps: The ends, the inlet's first: files of patches that lie on the surface, or points in
            the lumen, each three numbers in the file's unit. Without them the ends are the planar
            faces by ``ModelFaceID`` or ``CellEntityIds``, or else the planar ends that are found;
            the widest is the inlet.
        length_unit: "mm", "cm", "m" or "um"; needed unless a ``.vtp`` states it.
        check_scale: Refuse sizes that no coronary artery has.

    Raises:
        FileFormatError: If the file is not what it must be.
        UnitError: If the unit is missing, unknown or implausible.
        GeometryError: If the surface is not closed, crosses itself, has no ends, or a vessel has no
            star-shaped sections; with the place.
        InputError: If there is no such file.
    """
    from corohemo.io.surface_file import read_caps, read_surface_file, stated_unit
    from corohemo.surface.build import surface_tree

    path = Path(path)
    unit = _unit(path, stated_unit(path), length_unit, hint="")
    factor = length_factor(unit)
    return surface_tree(
        read_surface_file(path, factor),
        read_caps(caps, factor),
        length_unit=unit,
        check_scale=check_scale,
    )


def read_polylines(
    path: str | Path, law: RadiusLaw, *, length_unit: str, check_scale: bool = True
) -> tuple[VesselTree, ...]:
    """Read centerlines without radii: one tree for each ostium, radii from a law.

    Args:
        path: A ``.npy`` file with points (n, 3), polyline after polyline; jumps part them.
        law: Diameters at the ostium and the outlets.
        length_unit: "mm", "cm", "m" or "um".
        check_scale: Refuse sizes that no coronary artery has.

    Returns:
        The trees, the longest first. Vessels that leave one ostium apart are trees of their own.

    Raises:
        FileFormatError: If the file does not hold points.
        GeometryError: If there is no polyline or the law does not fit.
        UnitError: If the unit is unknown or implausible.
        InputError: If there is no such file.
    """
    from corohemo.io.polylines import polyline_trees, read_polyline_file

    path = Path(path)
    factor = length_factor(length_unit)
    lines = [factor * line for line in read_polyline_file(path)]
    trees = polyline_trees(lines, law, source=str(path))
    note = (
        f"The file has no radii: {law.ostium_diameter_mm:g} mm at the ostium, "
        f"{law.outlet_diameter_mm:g} mm at the outlets, in between by the length downstream to the "
        f"power of {law.length_exponent:.3g}."
    )
    return tuple(
        replace(_as_tree(path, raw, None, check_scale=check_scale), notes=(note,)) for raw in trees
    )


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
    raw = flatten_tree(tree, length_unit)
    try:
        writer(raw, path)
    except OSError as error:
        raise InputError(f"The file cannot be written: {error}.", file=path) from None


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


def _only_tree(
    path: Path, law: RadiusLaw | None, length_unit: str | None, number: int, *, check_scale: bool
) -> VesselTree:
    if law is None:
        raise MissingArrayError(
            "The file has no radii; state a radius law: ostium_diameter_mm and outlet_diameter_mm.",
            file=path,
            field="radius_law",
        )
    unit = _unit(path, None, length_unit, hint="")
    trees = read_polylines(path, law, length_unit=unit, check_scale=check_scale)
    if not 1 <= number <= len(trees):
        raise InputError(
            f"There is no tree {number}; the file holds {len(trees)}.", file=path, field="tree"
        )
    if len(trees) > 1:
        _log.warning("%s: tree %d of %d is read.", path, number, len(trees))
    return trees[number - 1]


def _is_surface(path: Path) -> bool:
    from corohemo.io.surface_file import is_surface

    return is_surface(path)


def _warn_if_reversed(tree: VesselTree) -> None:
    """Tell when every outlet is much wider than the ostium: the points may run the wrong way."""
    ostium = float(tree.branches[0].radii[0])
    narrowest = min(float(tree.branches[k].radii[-1]) for k in tree.outlets)
    if narrowest > WIDENING * ostium:
        _log.warning(
            "%s: every outlet is wider (%.2f mm or more) than the ostium (%.2f mm); "
            "check that the points run from the ostium to the outlets.",
            tree.source,
            narrowest / MM,
            ostium / MM,
        )


def _unit(path: Path, stated: str | None, given: str | None, *, hint: str) -> str:
    """The unit of the file, which it states or the caller gives."""
    for unit in (stated, given):
        if unit is not None:
            try:
                length_factor(unit)
            except UnitError as error:
                raise UnitError(str(error), file=path, field="length_unit") from None
    if stated is not None and given is not None and stated != given:
        raise UnitError(
            f"The file states the length unit {stated}, but length_unit={given!r} was given; "
            f"leave one out.",
            file=path,
            field="length_unit",
        )
    unit = stated if stated is not None else given
    if unit is None:
        raise UnitError(
            f"The file does not state its length unit; give length_unit, one of "
            f"{', '.join(LENGTH_UNITS)}.{hint}",
            file=path,
            field="length_unit",
        )
    return unit


def _hint(raw: RawCenterline) -> str:
    """What the radii look like, for the one who has to say the unit."""
    is_root = raw.parents < 0
    if not np.all(np.isfinite(raw.radii)) or not np.any(is_root):
        return ""
    ostium, median = float(raw.radii[is_root][0]), float(np.median(raw.radii))
    likely = likely_units(ostium, median)
    return f" The median radius of {median:.4g} suggests {' or '.join(likely)}." if likely else ""
