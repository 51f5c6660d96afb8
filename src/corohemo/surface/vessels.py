"""A closed surface's medial paths as a vessel tree with the contours of plane cuts.

Cuts are made across the smoothed centerline; the contours' centroids become the centerline and are
smoothed and cut once more. At bifurcations, where a plane cuts several vessels in one contour, and
at the ends, where it cuts a cap, contours are left out; the lumen is interpolated there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from corohemo.contours import contour_area, contour_centroid
from corohemo.errors import GeometryError
from corohemo.section_shape import fit_shape
from corohemo.surface.caps import Cap
from corohemo.surface.closed import Surface
from corohemo.surface.cuts import Cutter
from corohemo.tree import Branch, VesselTree
from corohemo.units import MM

FloatArray = NDArray[np.float64]

SPACING = 0.3
"""Distance between cuts [radii]."""
WIDENING = 1.5
"""A contour whose radius is this many times the inscribed one holds more than one vessel."""
CUT_REACH = 4.0
"""A contour closes within this distance of its center [inscribed radii]."""
LARGEST_MISFIT = 0.07
"""How far waves may miss a cut; less than a lumen allows, whose center is another [radii]."""
CAP_MARGIN = 0.15
"""Cuts keep this distance from caps [cap radii]."""
OPEN_LENGTH = 6.0
"""Longest stretch of a vessel without a contour [radii]."""
ROUNDS = 2
SMOOTHING = 1.5
"""Standard deviation of the smoothing of the centroids, in cuts."""


@dataclass(frozen=True)
class _Station:
    """One place of a branch: the point, its radius, and its contour if it has one."""

    point: FloatArray
    radius: float
    contour: FloatArray | None


def with_cuts(tree: VesselTree, surface: Surface, caps: tuple[Cap, ...]) -> VesselTree:
    """The tree with centerlines, radii and contours from cuts through the surface.

    Args:
        tree: Branches of medial paths; daughters start on their parents.
        surface: The closed surface.
        caps: Its caps; the inlet's first.

    Raises:
        GeometryError: If a long stretch of a vessel has no star-shaped contour.
    """
    cutter = Cutter(surface)
    for turn in range(ROUNDS):
        branches: list[Branch] = []
        for index, branch in enumerate(tree.branches):
            others = [other for k, other in enumerate(tree.branches) if k != index]
            stations = _cut_branch(branch, others, cutter, caps)
            if turn == ROUNDS - 1:
                _check_gaps(branch, stations, surface)
            branches.append(_rebuilt(branch, stations, branches))
        tree = replace(tree, branches=tuple(branches))
    return tree


def _cut_branch(
    branch: Branch, others: list[Branch], cutter: Cutter, caps: tuple[Cap, ...]
) -> list[_Station]:
    """Stations along a branch, evenly in radii, ends included."""
    along = branch.abscissas - branch.abscissas[0]
    rate = 1.0 / branch.radii
    turns = np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]) * np.diff(along))])
    even = np.linspace(0.0, turns[-1], max(int(turns[-1] / SPACING), 4) + 1)
    points = np.column_stack([np.interp(even, turns, column) for column in branch.points.T])
    radii = np.interp(even, turns, branch.radii)
    tangents = np.gradient(points, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1)[:, None]
    cloud = np.concatenate([other.points for other in others]) if others else np.zeros((0, 3))
    stations = []
    for k, (point, radius, tangent) in enumerate(zip(points, radii, tangents, strict=True)):
        contour = None
        if 0 < k < len(points) - 1 and not _in_cap(point, tangent, caps):
            contour = _valid_contour(cutter, point, tangent, float(radius), cloud)
        stations.append(_Station(point, float(radius), contour))
    return _with_ends(stations, tangents, cutter, caps)


def _with_ends(
    stations: list[_Station], tangents: FloatArray, cutter: Cutter, caps: tuple[Cap, ...]
) -> list[_Station]:
    """The stations with the caps' own contours, cut just inside of them, at open ends."""
    for k in (0, -1):
        for cap in caps:
            if np.linalg.norm(stations[k].point - cap.center) > 1e-3 * cap.radius:
                continue
            inside = cap.center - CAP_MARGIN * cap.radius * cap.normal
            contour = cutter.contour(inside, cap.normal, CUT_REACH * cap.radius)
            if contour is not None and cap.normal @ cap.normal > 0.5:
                stations[k] = _Station(cap.center, cap.radius, contour + cap.center - inside)
    return stations


def _in_cap(point: FloatArray, tangent: FloatArray, caps: tuple[Cap, ...]) -> bool:
    """Whether a plane through a point near a cap would cut that cap."""
    for cap in caps:
        away = point - cap.center
        depth = -float(away @ cap.normal)
        tilt = float(np.linalg.norm(np.cross(tangent, cap.normal)))
        near = np.linalg.norm(away) < 3.0 * cap.radius
        if near and depth < (CAP_MARGIN + 1.2 * tilt) * cap.radius and cap.normal.any():
            return True
    return False


def _valid_contour(
    cutter: Cutter, point: FloatArray, tangent: FloatArray, radius: float, cloud: FloatArray
) -> FloatArray | None:
    """The contour at a point, None unless it is the star-shaped section of one vessel."""
    contour = cutter.contour(point, tangent, CUT_REACH * radius)
    if contour is None:
        return None
    equal = float(np.sqrt(contour_area(contour) / np.pi))
    extent = float(np.linalg.norm(contour - point, axis=1).max())
    if equal > WIDENING * radius or extent > CUT_REACH * radius:
        return None
    centroid = contour_centroid(contour)
    if not (
        _is_star_shaped(contour, centroid, tangent) and _is_star_shaped(contour, point, tangent)
    ):
        return None
    if len(cloud):
        depth = (cloud - centroid) @ tangent
        near = np.abs(depth) < 0.5 * radius
        beside = np.linalg.norm(cloud[near] - centroid - depth[near, None] * tangent, axis=1)
        if np.any(beside < equal):
            return None
    return contour


def _is_star_shaped(contour: FloatArray, center: FloatArray, tangent: FloatArray) -> bool:
    away = contour - center
    one = away[0] / np.linalg.norm(away[0])
    outline = np.stack([away @ one, away @ np.cross(tangent, one)], axis=1)
    try:
        fit_shape(outline, largest_misfit=LARGEST_MISFIT)
    except GeometryError:
        return False
    return True


def _rebuilt(branch: Branch, stations: list[_Station], done: list[Branch]) -> Branch:
    """The branch through its contours' centroids, smoothed; its ends stay."""
    points = np.array(
        [s.point if s.contour is None else contour_centroid(s.contour) for s in stations]
    )
    radii = np.array(
        [
            s.radius if s.contour is None else np.sqrt(contour_area(s.contour) / np.pi)
            for s in stations
        ]
    )
    parent = done[branch.parent] if branch.parent >= 0 else None
    first = points[0] if parent is None else parent.points[-1]
    smooth = gaussian_filter1d(points, SMOOTHING, axis=0, mode="nearest")
    fade = np.minimum(np.arange(len(points)), np.arange(len(points))[::-1]) / (2.0 * SMOOTHING)
    share = np.clip(fade, 0.0, 1.0)[:, None]
    points = share * smooth + (1.0 - share) * points
    points[0] = first
    return replace(
        branch,
        points=points,
        radii=radii,
        start_abscissa=0.0 if parent is None else float(parent.abscissas[-1]),
        contours=tuple(s.contour for s in stations if s.contour is not None),
    )


def _check_gaps(branch: Branch, stations: list[_Station], surface: Surface) -> None:
    """Refuse a branch that has no contour over a long stretch away from its bifurcations."""
    turns = 0.0
    for before, station in pairwise(stations):
        step = float(np.linalg.norm(station.point - before.point))
        turns = 0.0 if station.contour is not None else turns + step / station.radius
        if turns > OPEN_LENGTH:
            place = ", ".join(f"{x / MM:.1f}" for x in station.point)
            raise GeometryError(
                f"{surface.source}: around ({place}) mm no plane across the vessel cuts the "
                f"surface in a star-shaped contour over {OPEN_LENGTH:g} radii; smooth it there.",
                branch=branch.name,
            )
