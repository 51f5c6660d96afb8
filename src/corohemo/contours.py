"""Closed contours in space: area, centroid, normal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def contour_vector(contour: FloatArray) -> FloatArray:
    """Area vector of a closed contour (m, 3): its normal times its area (3,) [m2]."""
    away = contour - contour.mean(axis=0)
    return np.asarray(0.5 * np.cross(away, np.roll(away, -1, axis=0)).sum(axis=0), np.float64)


def contour_area(contour: FloatArray) -> float:
    """Area that a nearly planar closed contour (m, 3) encloses [m2]."""
    return float(np.linalg.norm(contour_vector(contour)))


def contour_normal(contour: FloatArray) -> FloatArray:
    """Unit normal of a nearly planar closed contour (m, 3), by its direction (3,)."""
    vector = contour_vector(contour)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float64)


def contour_centroid(contour: FloatArray) -> FloatArray:
    """Centroid of the area that a nearly planar closed contour (m, 3) encloses (3,) [m]."""
    middle = contour.mean(axis=0)
    one, two = contour - middle, np.roll(contour, -1, axis=0) - middle
    areas = np.cross(one, two) @ contour_normal(contour)
    return np.asarray(middle + areas @ (one + two) / (3.0 * areas.sum()), dtype=np.float64)
