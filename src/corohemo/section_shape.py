"""The shape of a section that is not a circle: polar coefficients and how they are fitted.

``kernels.polar`` has the formula. A shape knows no size: the radius of the circle of equal area is
the section's own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError

FloatArray = NDArray[np.float64]

HARMONICS = 8
"""Waves around a section that are kept; a coronary contour has hardly more than four."""
SAMPLES = 128
"""Angles at which a contour is read."""
BACKTRACK = 0.02
"""Angle by which a contour may wind back and count as noise [rad]."""
LARGEST_MISFIT = 0.1
"""How far the kept waves may miss a contour [radii of the circle of equal area]."""


def relative_radii(shapes: FloatArray, angles: FloatArray) -> FloatArray:
    """Relative radius of sections (n, m) at angles (m,) [rad].

    Args:
        shapes: Polar coefficients (n, 2 k).
        angles: Angles from the normal towards the binormal (m,) [rad].
    """
    waves = np.arange(1, shapes.shape[1] // 2 + 1)[:, None] * angles
    mean = np.sqrt(np.maximum(1.0 - 0.5 * np.sum(shapes**2, axis=1), 0.0))
    rest = shapes[:, 0::2] @ np.cos(waves) + shapes[:, 1::2] @ np.sin(waves)
    return np.asarray(mean[:, None] + rest, dtype=np.float64)


def extents(shapes: FloatArray) -> FloatArray:
    """Greatest relative radius of each section (n,)."""
    if shapes.shape[1] == 0:
        return np.ones(len(shapes))
    radii: FloatArray = relative_radii(shapes, _angles()).max(axis=1)
    return radii


def widened(shapes: FloatArray, harmonics: int) -> FloatArray:
    """The same shapes (n, 2 k) with zeros up to ``harmonics`` waves."""
    return np.pad(shapes, ((0, 0), (0, 2 * harmonics - shapes.shape[1])))


def fit_shape(
    outline: FloatArray, harmonics: int = HARMONICS, largest_misfit: float = LARGEST_MISFIT
) -> tuple[float, FloatArray]:
    """Radius and shape of a closed contour around the origin of its plane.

    Args:
        outline: Contour (m, 2) [m], in order, not repeated at the end.
        harmonics: Waves to keep.
        largest_misfit: How far they may miss the contour [its radius].

    Returns:
        Radius of the circle of the contour's area [m], polar coefficients (2 ``harmonics``,).

    Raises:
        GeometryError: If the contour winds back as seen from the origin, does not go around it, or
            is too flat or angular for ``harmonics`` waves.
    """
    x, y = outline.T
    if np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) < 0:
        outline = outline[::-1]
    radii = _radii_over_angle(outline)
    waves = np.fft.rfft(radii) / SAMPLES
    radius = np.sqrt(np.mean(radii**2))
    shape = np.empty(2 * harmonics)
    shape[0::2] = 2.0 * waves.real[1 : harmonics + 1] / radius
    shape[1::2] = -2.0 * waves.imag[1 : harmonics + 1] / radius
    miss = np.abs(relative_radii(shape[None], _angles())[0] - radii / radius).max()
    if miss > largest_misfit:
        raise GeometryError(
            f"the contour is too flat or too angular: {harmonics} waves around it miss it by "
            f"{100 * miss:.0f} % of the radius."
        )
    return float(radius), shape


def _radii_over_angle(outline: FloatArray) -> FloatArray:
    """Distance of a counter-clockwise contour (m, 2) from the origin at ``SAMPLES`` even angles."""
    angles = np.arctan2(outline[:, 1], outline[:, 0])
    angles = angles[0] + np.concatenate([[0.0], np.cumsum(_turns(np.diff(angles)))])
    back = np.maximum.accumulate(angles) - angles
    closing = float(_turns(angles[:1] - angles[-1:])[0])
    if not np.isclose(angles[-1] + closing - angles[0], 2.0 * np.pi):
        raise GeometryError("the contour does not go around its center.")
    if max(back.max(), -closing) > BACKTRACK:
        raise GeometryError("the contour winds back as seen from its center, so no radius fits.")
    kept = np.concatenate([[True], angles[1:] > np.maximum.accumulate(angles)[:-1]])
    kept &= angles < angles[0] + 2.0 * np.pi
    corners, angles = outline[kept], angles[kept]
    wanted = angles[0] + np.mod(_angles() - angles[0], 2.0 * np.pi)
    i = np.searchsorted(angles, wanted, side="right") - 1
    p, q = corners[i], corners[(i + 1) % len(corners)]
    ray = np.stack([np.cos(wanted), np.sin(wanted)], axis=1)
    edge = q - p
    return np.asarray(_cross(p, edge) / _cross(ray, edge), dtype=np.float64)


def _turns(angles: FloatArray) -> FloatArray:
    """Angles (m,) brought between -pi and pi."""
    return np.asarray(np.angle(np.exp(1j * angles)), dtype=np.float64)


def _cross(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], dtype=np.float64)


def _angles() -> FloatArray:
    return np.asarray(2.0 * np.pi * np.arange(SAMPLES) / SAMPLES)
