"""Centerline points that name their parents: the checks every tree has to pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corohemo.errors import GeometryError, InputError, UnitError
from corohemo.units import LENGTH_UNITS, MM, length_factor

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

OSTIUM_RADIUS_MM = (0.1, 10.0)
"""Radii that a coronary ostium can have."""
MEDIAN_RADIUS_MM = (0.3, 10.0)
"""Median radii that a coronary tree can have; the usual range is 0.5-3 mm."""
LONGEST_TREE_MM = 5000.0
"""Length that all branches of a coronary tree together can have."""
MAX_LENGTH = 1e9
"""Larger numbers are no position or radius in any unit."""
SMALLEST = 1e-9
"""Smaller radii are no vessel in any unit, and could vanish in the conversion to metres."""


@dataclass(frozen=True)
class Nodes:
    """Checked points with radii and parents in the unit of the file; names "" where not given."""

    points: FloatArray
    radii: FloatArray
    parents: IntArray
    names: tuple[str, ...]


def check_nodes(
    points: ArrayLike,
    radii: ArrayLike,
    parents: ArrayLike,
    *,
    names: Sequence[str] | None,
    source: str,
) -> Nodes:
    """Convert the arrays and refuse what cannot be one tree.

    Raises:
        InputError: For a shape or value that is not what it must be.
        GeometryError: For a radius that is not positive, or parents that are not one tree.
    """
    xyz = _numbers(points, "points", source)
    r = _numbers(radii, "radii", source)
    up = _parents(parents, source)
    if xyz.ndim != 2 or xyz.shape[1] != 3:
        raise _input(source, "points", f"points must have shape (n, 3), got {xyz.shape}.")
    n = len(xyz)
    if n < 2:
        raise geometry_error(source, f"A tree needs at least two points, got {n}.")
    for field, array in (("radii", r), ("parents", up)):
        if array.shape != (n,):
            raise _input(source, field, f"{field} must have shape ({n},), got {array.shape}.")
    if names is not None and len(names) != n:
        raise _input(
            source, "names", f"names must hold one label per point, {n}; got {len(names)}."
        )
    check_values(xyz, r, source=source)
    _check_parents(up, source)
    labels = ("",) * n if names is None else tuple(" ".join(str(name).split()) for name in names)
    return Nodes(points=xyz, radii=r, parents=up, names=labels)


def check_scale(nodes: Nodes, length_unit: str, *, source: str) -> None:
    """Refuse radii that no coronary artery has, and name the unit that would make them plausible.

    Raises:
        UnitError: With the radii in millimetres and the likely unit, or with the length.
    """
    ostium = float(nodes.radii[nodes.parents < 0][0])
    median = float(np.median(nodes.radii))
    if _is_plausible(ostium, median, length_unit):
        _check_length(nodes, length_unit, source)
        return
    likely = likely_units(ostium, median)
    hint = f"the likely unit is {' or '.join(likely)}" if likely else "no known unit fits"
    millimetres = length_factor(length_unit) / MM
    raise UnitError(
        f"With length_unit={length_unit!r} the radius is {ostium * millimetres:.4g} mm at the "
        f"ostium and {median * millimetres:.4g} mm at the median point, which no coronary artery "
        f"has; {hint}. Pass that length_unit, or check_scale=False for other vessels.",
        file=_file(source),
        field="length_unit",
    )


def _check_length(nodes: Nodes, length_unit: str, source: str) -> None:
    inner = np.flatnonzero(nodes.parents >= 0)
    steps = nodes.points[inner] - nodes.points[nodes.parents[inner]]
    total = float(np.linalg.norm(steps, axis=1).sum()) * length_factor(length_unit) / MM
    if total > LONGEST_TREE_MM:
        raise UnitError(
            f"With length_unit={length_unit!r} the branches are {total:.4g} mm long together, "
            "which no coronary tree is. Pass another length_unit, or check_scale=False for other "
            "vessels.",
            file=_file(source),
            field="length_unit",
        )


def topological_order(parents: IntArray) -> list[int]:
    """Nodes with every parent before its children, else in file order; those of cycles missing."""
    children: list[list[int]] = [[] for _ in range(len(parents))]
    for node, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(node)
    order: list[int] = [int(node) for node in np.flatnonzero(parents < 0)]
    for node in order:
        order.extend(children[node])
    return order


def check_values(points: FloatArray, radii: FloatArray, *, source: str) -> None:
    """Refuse points (n, 3) and radii (n,) that are not finite, not positive, or beyond any length.

    Raises:
        InputError: With the number of the point, counted from 1.
        GeometryError: For a radius that is not positive.
    """
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(bad):
        place = points[bad[0]].tolist()
        raise _input(source, "points", f"Point {bad[0] + 1} is not finite: {place}.")
    bad = np.flatnonzero(~np.isfinite(radii))
    if len(bad):
        raise _input(
            source, "radii", f"The radius of point {bad[0] + 1} is not finite: {radii[bad[0]]}."
        )
    size = np.maximum(np.abs(points).max(axis=1, initial=0.0), radii)
    bad = np.flatnonzero(size > MAX_LENGTH)
    if len(bad):
        raise _input(
            source, "points", f"Point {bad[0] + 1} holds {size[bad[0]]:g}, which is no length."
        )
    bad = np.flatnonzero(radii < SMALLEST)
    if len(bad):
        raise geometry_error(
            source,
            f"The radius of point {bad[0] + 1} is {radii[bad[0]]:g}; it must be positive "
            f"({len(bad)} such points).",
        )


def _check_parents(parents: IntArray, source: str) -> None:
    n = len(parents)
    bad = np.flatnonzero((parents < -1) | (parents >= n))
    if len(bad):
        raise geometry_error(
            source,
            f"Point {bad[0] + 1} names parent index {parents[bad[0]]}, which does not exist; "
            f"there are {n} points, counted from 0, and the ostium has -1.",
        )
    order = topological_order(parents)
    if len(order) < n:
        stray = sorted(set(range(n)) - set(order))
        raise geometry_error(
            source, f"The parents of point {stray[0] + 1} form a cycle and never reach an ostium."
        )
    roots = np.flatnonzero(parents < 0)
    if len(roots) > 1:
        listed = ", ".join(str(root + 1) for root in roots[:5])
        raise geometry_error(
            source,
            f"There are {len(roots)} trees, with ostia at points {listed}; read one at a time.",
        )


def _numbers(values: ArrayLike, field: str, source: str) -> FloatArray:
    try:
        return np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise _input(source, field, f"{field} must be numbers: {error}.") from None


def _parents(values: ArrayLike, source: str) -> IntArray:
    numbers = _numbers(values, "parents", source)
    if not np.all(np.isfinite(numbers) & (numbers == np.round(numbers)) & (abs(numbers) < 2**53)):
        raise _input(source, "parents", "parents must be whole numbers.")
    return numbers.astype(np.int64)


def _is_plausible(ostium: float, median: float, unit: str) -> bool:
    millimetres = length_factor(unit) / MM
    low, high = OSTIUM_RADIUS_MM
    median_low, median_high = MEDIAN_RADIUS_MM
    return low <= ostium * millimetres <= high and median_low <= median * millimetres <= median_high


def likely_units(ostium: float, median: float) -> tuple[str, ...]:
    """Units in which a coronary tree can have these radii, ostium and median."""
    return tuple(unit for unit in LENGTH_UNITS if _is_plausible(ostium, median, unit))


def _file(source: str) -> str | None:
    return None if source == "arrays" else source


def _input(source: str, field: str, message: str) -> InputError:
    return InputError(message, file=_file(source), field=field)


def geometry_error(source: str, message: str, *, branch: str | None = None) -> GeometryError:
    """An error about the tree of a file, named unless the tree came from arrays."""
    prefix = "" if source == "arrays" else f"{source}: "
    return GeometryError(f"{prefix}{message}", branch=branch)
