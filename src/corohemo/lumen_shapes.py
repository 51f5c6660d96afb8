"""Measured contours put into a lumen: the radius and shape of its sections.

A contour is a cross-section: it is turned on the section plane through its centroid and keeps its
area. Between contours radius and shape vary linearly; beyond the last one they stay. A daughter
starts as a circle inside its parent, and its contours count from where it comes out.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corohemo.contours import contour_centroid, contour_normal
from corohemo.errors import GeometryError
from corohemo.kernels.centerline import place_on_centerline
from corohemo.lumen import Lumen, LumenBranch
from corohemo.section_shape import HARMONICS, fit_shape
from corohemo.tree import VesselTree

FloatArray = NDArray[np.float64]

LEAST_GAP = 0.05
"""Sections stay this far apart [radii]."""
LEAST_FACING = 0.7
"""Least cosine between a contour's normal and its vessel's direction."""


def with_contours(lumen: Lumen, tree: VesselTree) -> Lumen:
    """The lumen whose sections have the radius and shape of the tree's contours.

    Args:
        lumen: A lumen of circular sections.
        tree: The tree it came from.

    Raises:
        GeometryError: If a contour does not belong to its branch or is not star-shaped around the
            centerline, with branch and abscissa.
    """
    branches = list(lumen.branches)
    vessels = {lumen.vessel(index) for index in range(len(branches))}
    for vessel in vessels:
        knots = [
            _fitted(branches[index], contour)
            for index in vessel
            for contour in tree.branches[index].contours
        ]
        first = branches[vessel[0]]
        outside = first.abscissas[lumen.is_outside_parent(vessel[0])]
        if len(outside):
            knots = [knot for knot in knots if knot[0] >= outside[0]]
        if not knots:
            continue
        places = np.array([knot[0] for knot in knots])
        order = np.argsort(places, kind="stable")
        values = np.array([knot[1] for knot in knots])[order]
        places = places[order]
        if first.parent >= 0 and places[0] > first.abscissas[0]:
            places = np.concatenate([first.abscissas[:1], places])
            values = np.concatenate([[[1.0] + [0.0] * (2 * HARMONICS)], values])
        for index in vessel:
            branch = _with_sections_at(branches[index], places)
            at = np.column_stack([np.interp(branch.abscissas, places, v) for v in values.T])
            radii = branch.radii * at[:, 0]
            branches[index] = replace(branch, radii=radii, reference_radii=radii, polar=at[:, 1:])
    return replace(lumen, branches=tuple(branches))


def _fitted(branch: LumenBranch, contour: FloatArray) -> tuple[float, FloatArray]:
    """Abscissa of a contour [m]; its radius over the branch's there, then its coefficients."""
    centroid = contour_centroid(contour)
    places, _ = place_on_centerline(
        centroid[None], branch.points, branch.tangents, branch.abscissas
    )
    section = branch.section_at(float(places[0]))
    try:
        turned = centroid + _turned(contour - centroid, contour_normal(contour), section.tangent)
        away = turned - section.center
        radius, shape = fit_shape(np.stack([away @ section.normal, away @ section.binormal], 1))
    except GeometryError as error:
        raise GeometryError(str(error), branch=branch.name, abscissa=float(places[0])) from None
    return float(places[0]), np.concatenate([[radius / section.radius], shape])


def _with_sections_at(branch: LumenBranch, places: FloatArray) -> LumenBranch:
    """The branch with a section at each of its places (m,) [m], instead of those close by."""
    low, high = branch.abscissas[[0, -1]]
    kept = [low]
    for place in places:
        gap = LEAST_GAP * float(np.interp(place, branch.abscissas, branch.radii))
        if kept[-1] + gap < place < high - gap:
            kept.append(float(place))
    anchors = np.array([*kept, high])
    nearest = np.abs(branch.abscissas[:, None] - anchors).min(axis=1)
    free = branch.abscissas[nearest > LEAST_GAP * branch.radii]
    abscissas = np.sort(np.concatenate([anchors, free]))
    sections = [branch.section_at(float(s)) for s in abscissas]
    return replace(
        branch,
        abscissas=abscissas,
        points=np.array([section.center for section in sections]),
        radii=np.array([section.radius for section in sections]),
        reference_radii=np.array([section.reference_radius for section in sections]),
        tangents=np.array([section.tangent for section in sections]),
        normals=np.array([section.normal for section in sections]),
        binormals=np.array([section.binormal for section in sections]),
    )


def _turned(points: FloatArray, normal: FloatArray, tangent: FloatArray) -> FloatArray:
    """Points (m, 3) of a plane turned until its normal is the tangent, the shortest way."""
    cosine = float(normal @ tangent)
    if cosine < 0.0:
        normal, cosine = -normal, -cosine
    if cosine < LEAST_FACING:
        raise GeometryError(
            f"the contour is tilted by {np.degrees(np.arccos(cosine)):.0f} degrees against the "
            "vessel, so it is not a cross-section."
        )
    axis = np.cross(normal, tangent)
    twice = np.cross(axis, points)
    return np.asarray(points + twice + np.cross(axis, twice) / (1.0 + cosine), dtype=np.float64)
