"""What a file holds to a tree: its unit, its plausibility, and the direction of its points."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from corohemo.errors import UnitError
from corohemo.io.raw import RawCenterline
from corohemo.nodes import likely_units
from corohemo.tree import VesselTree
from corohemo.units import LENGTH_UNITS, MM, length_factor

WIDENING = 1.25
"""Outlets wider than this many ostium radii raise a question."""

_log = logging.getLogger(__name__)


def as_tree(
    path: Path, raw: RawCenterline, length_unit: str | None, *, check_scale: bool
) -> VesselTree:
    """The tree of a file in metres.

    Args:
        path: The file, for messages.
        raw: What it holds.
        length_unit: The unit that the caller gives; None where the file states it.
        check_scale: Refuse radii that no coronary artery has.

    Raises:
        UnitError: If the unit is missing, unknown, contradicts the file or is implausible.
        GeometryError: If the points are not one tree with positive radii.
    """
    tree = VesselTree.from_arrays(
        raw.points,
        raw.radii,
        raw.parents,
        length_unit=unit_of(path, raw.length_unit, length_unit, hint=_hint(raw)),
        names=raw.names,
        contours=raw.contours,
        source=str(path),
        check_scale=check_scale,
    )
    _warn_if_reversed(tree)
    return tree


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


def unit_of(path: Path, stated: str | None, given: str | None, *, hint: str) -> str:
    """The unit of a file, which it states or the caller gives.

    Args:
        path: The file, for messages.
        stated: Unit that the file states, if any.
        given: Unit that the caller gives, if any.
        hint: What to add where both are missing.

    Raises:
        UnitError: If both are missing or contradict each other, or one is unknown.
    """
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
