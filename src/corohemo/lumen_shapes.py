"""Measured contours put into a lumen: the radius and shape of its sections.

A contour is projected along the vessel on the section plane through its centroid, so that one cut
a little askew counts with its true cross-section. Between contours radius and shape vary linearly;
beyond the last one they stay. A daughter starts as a circle inside its parent.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError
from corohemo.kernels.centerline import place_on_centerline
from corohemo.lumen import Lumen, LumenBranch
from corohemo.section_shape import HARMONICS, fit_shape
from corohemo.tree import VesselTree

FloatArray = NDArray[np.float64]


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
        if not knots:
            continue
        places = np.array([knot[0] for knot in knots])
        order = np.argsort(places, kind="stable")
        values = np.array([knot[1] for knot in knots])[order]
        places = places[order]
        first = branches[vessel[0]]
        if first.parent >= 0 and places[0] > first.abscissas[0]:
            places = np.concatenate([first.abscissas[:1], places])
            values = np.concatenate([[[1.0] + [0.0] * (2 * HARMONICS)], values])
        for index in vessel:
            branch = branches[index]
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
    away = contour - section.center
    outline = np.stack([away @ section.normal, away @ section.binormal], axis=1)
    try:
        radius, shape = fit_shape(outline)
    except GeometryError as error:
        raise GeometryError(str(error), branch=branch.name, abscissa=float(places[0])) from None
    return float(places[0]), np.concatenate([[radius / section.radius], shape])


def contour_centroid(contour: FloatArray) -> FloatArray:
    """Centroid of the area that a nearly planar closed contour (m, 3) encloses (3,)."""
    middle = contour.mean(axis=0)
    one, two = contour - middle, np.roll(contour, -1, axis=0) - middle
    vectors = np.cross(one, two)
    normal = vectors.sum(axis=0)
    areas = vectors @ normal
    return np.asarray(middle + areas @ (one + two) / (3.0 * areas.sum()), dtype=np.float64)


def contour_area(contour: FloatArray) -> float:
    """Area that a nearly planar closed contour (m, 3) encloses [m2]."""
    away = contour - contour.mean(axis=0)
    return float(0.5 * np.linalg.norm(np.cross(away, np.roll(away, -1, axis=0)).sum(axis=0)))
