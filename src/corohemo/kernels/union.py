"""Tubes united by fillets: values near their common wall and projection onto it.

The value at a point is a smooth minimum of the tubes' own (``kernels.implicit``).
"""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.implicit import FAR, Sections, tube_value

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

BAND = 0.4
"""Beyond this distance from a section's wall [radii] its tube is not looked at."""


class Union(NamedTuple):
    """Tubes united by fillets.

    Attributes:
        sections: Sections of all tubes, one tube after the other.
        extents: Greatest distance of each section's wall from its center (n,).
        fillets: Fillet at each section, as a fraction of the smaller radius (n,).
        spans: First section, last section, and 1 for a ball start, per tube (m, 3).
    """

    sections: Sections
    extents: FloatArray
    fillets: FloatArray
    spans: IntArray


@nb.njit(cache=True)
def _blend(
    a: float, b: float, na: FloatArray, nb_: FloatArray, fillet: float
) -> tuple[float, FloatArray]:
    """Smooth minimum whose fillet vanishes where both walls run alike.

    f = min(a, b) - h^2 k / 4, h = max(k - |a - b|, 0) / k, k = fillet (1 - na.nb) / 2.
    """
    cosine = na[0] * nb_[0] + na[1] * nb_[1] + na[2] * nb_[2]
    k = 0.5 * fillet * (1.0 - cosine)
    gap = abs(a - b)
    if k <= 0.0 or gap >= k:
        return (a, na) if a <= b else (b, nb_)
    h = (k - gap) / k
    weight = 0.5 * h
    direction = (1 - weight) * na + weight * nb_ if a <= b else weight * na + (1 - weight) * nb_
    return min(a, b) - 0.25 * h * h * k, direction


@nb.njit(cache=True)
def _column_at(column: FloatArray, coordinate: float) -> float:
    """A column of the sections (n,) at a section coordinate."""
    low = min(int(coordinate), column.shape[0] - 2)
    u = coordinate - low
    value: float = (1.0 - u) * column[low] + u * column[low + 1]
    return value


@nb.njit(cache=True)
def near_spans(x: FloatArray, reach: float, union: Union, spans: IntArray) -> IntArray:
    """Spans cut to the sections whose walls may come within ``reach`` and a margin of a point.

    A tube with no such section gets an empty span.
    """
    centers = union.sections.centers
    near = np.zeros_like(spans)
    for m in range(spans.shape[0]):
        first, last = -1, -1
        for i in range(spans[m, 0], spans[m, 1] + 1):
            limit = reach + (1.0 + BAND) * union.extents[i]
            square = 0.0
            for d in range(3):
                square += (x[d] - centers[i, d]) ** 2
            if square <= limit * limit:
                last = i
                if first < 0:
                    first = i
        if first < 0:
            near[m, 0] = near[m, 1] = spans[m, 0]
            continue
        near[m, 0] = max(first - 1, spans[m, 0])
        near[m, 1] = min(last + 1, spans[m, 1])
        near[m, 2] = spans[m, 2] if near[m, 0] == spans[m, 0] else 0
    return near


@nb.njit(cache=True)
def blended_value(
    x: FloatArray,
    union: Union,
    spans: IntArray,
) -> tuple[float, FloatArray, int, float]:
    """Value of the union of tubes at one point.

    Args:
        x: Point (3,).
        union: The tubes.
        spans: Their spans, or the part of them that comes near the point (m, 3); a tube of equal
            first and last section is nowhere.

    Returns:
        Value, outward direction (3,), nearest tube, its section coordinate.
    """
    radii, fillets = union.sections.radii, union.fillets
    n_tubes = spans.shape[0]
    values = np.full(n_tubes, FAR)
    coordinates = np.zeros(n_tubes)
    outwards = np.zeros((n_tubes, 3))
    for m in range(n_tubes):
        values[m], coordinates[m], outwards[m] = tube_value(
            x, union.sections, spans[m, 0], spans[m, 1], spans[m, 2] == 1
        )
    nearest = int(np.argmin(values))
    value = values[nearest]
    direction = outwards[nearest].copy()
    if value >= FAR:
        return value, direction, -1, -1.0
    radius = _column_at(radii, coordinates[nearest])
    fillet = _column_at(fillets, coordinates[nearest])
    values[nearest] = FAR
    for _ in range(1, n_tubes):
        other = int(np.argmin(values))
        if values[other] >= FAR:
            break
        smaller = min(radius, _column_at(radii, coordinates[other]))
        gentler = min(fillet, _column_at(fillets, coordinates[other]))
        value, direction = _blend(
            value, values[other], direction, outwards[other], gentler * smaller
        )
        values[other] = FAR
    return value, direction, nearest, coordinates[nearest]


@nb.njit(cache=True)
def blended_values(
    points: FloatArray,
    union: Union,
) -> tuple[FloatArray, FloatArray, IntArray, FloatArray]:
    """``blended_value`` at many points (m, 3)."""
    n = points.shape[0]
    values = np.empty(n)
    directions = np.empty((n, 3))
    tubes = np.empty(n, np.int64)
    coordinates = np.empty(n)
    for i in range(n):
        values[i], directions[i], tubes[i], coordinates[i] = blended_value(
            points[i], union, near_spans(points[i], 0.0, union, union.spans)
        )
    return values, directions, tubes, coordinates


@nb.njit(cache=True)
def project_on_wall(
    points: FloatArray,
    union: Union,
    reach: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Move points (m, 3) to the zero level by damped Newton steps of at most ``reach`` (m,) in all.

    Returns:
        Moved points (m, 3) and their remaining values (m,).
    """
    moved = points.copy()
    left = np.empty(points.shape[0])
    h = 1e-4
    for i in range(points.shape[0]):
        x = points[i].copy()
        near = near_spans(x, reach[i], union, union.spans)
        value, _, _, _ = blended_value(x, union, near)
        for _ in range(12):
            if abs(value) < 1e-9 * reach[i]:
                break
            gradient = np.zeros(3)
            step = h * reach[i]
            for d in range(3):
                y = x.copy()
                y[d] += step
                up, _, _, _ = blended_value(y, union, near)
                y[d] -= 2 * step
                down, _, _, _ = blended_value(y, union, near)
                gradient[d] = (up - down) / (2 * step)
            square = gradient[0] ** 2 + gradient[1] ** 2 + gradient[2] ** 2
            if not (0.01 < square < 100.0):
                break
            trial = x - value * gradient / square
            if np.sqrt(np.sum((trial - points[i]) ** 2)) > reach[i]:
                break
            new, _, _, _ = blended_value(trial, union, near)
            if abs(new) >= abs(value):
                trial = x - 0.5 * value * gradient / square
                new, _, _, _ = blended_value(trial, union, near)
                if abs(new) >= abs(value):
                    break
            x = trial
            value = new
        moved[i] = x
        left[i] = value
    return moved, left
