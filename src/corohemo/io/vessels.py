"""Readers of contours, closed surfaces and polylines without radii."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from corohemo.errors import InputError, MissingArrayError
from corohemo.io.raw_tree import as_tree, unit_of
from corohemo.radius_law import RadiusLaw
from corohemo.tree import VesselTree
from corohemo.units import length_factor

_log = logging.getLogger(__name__)


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
    return as_tree(path, read_contour_file(path), length_unit, check_scale=check_scale)


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
    unit = unit_of(path, stated_unit(path), length_unit, hint="")
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
        replace(as_tree(path, raw, None, check_scale=check_scale), notes=(note,)) for raw in trees
    )


def read_one_polyline_tree(
    path: Path, law: RadiusLaw | None, length_unit: str | None, number: int, *, check_scale: bool
) -> VesselTree:
    """One tree of a file without radii.

    Args:
        path: A ``.npy`` file.
        law: Diameters at the ostium and the outlets.
        length_unit: "mm", "cm", "m" or "um".
        number: Which tree, 1 for the longest.
        check_scale: Refuse sizes that no coronary artery has.

    Raises:
        MissingArrayError: If no law is given.
        InputError: If there is no such tree.
    """
    if law is None:
        raise MissingArrayError(
            "The file has no radii; state a radius law: ostium_diameter_mm and outlet_diameter_mm.",
            file=path,
            field="radius_law",
        )
    unit = unit_of(path, None, length_unit, hint="")
    trees = read_polylines(path, law, length_unit=unit, check_scale=check_scale)
    if not 1 <= number <= len(trees):
        raise InputError(
            f"There is no tree {number}; the file holds {len(trees)}.", file=path, field="tree"
        )
    if len(trees) > 1:
        _log.warning("%s: tree %d of %d is read.", path, number, len(trees))
    return trees[number - 1]
