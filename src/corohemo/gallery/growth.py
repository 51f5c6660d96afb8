"""Growing one branch of a random tree: its course and its radii."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.gallery.recipes import Recipe
from corohemo.gallery.shapes import cosine_dip

FloatArray = NDArray[np.float64]

STEP_RADII = 0.15
"""Distance between points [radii]."""
NARROWEST_MM = 0.13
"""No throat is narrower than this [mm]."""


def stations(length_mm: float, radius_mm: float) -> FloatArray:
    """Evenly spaced abscissas from 0 to a length (n,) [mm]."""
    n = max(int(np.ceil(length_mm / (STEP_RADII * radius_mm))), 4) + 1
    return np.linspace(0.0, length_mm, n)


def draw_radii(
    rng: np.random.Generator, s: FloatArray, radius_mm: float, recipe: Recipe
) -> FloatArray:
    """Radii along a branch (n,) [mm]: a taper, perhaps a stenosis, perhaps a jump."""
    taper = 1.0 - float(rng.uniform(0.0, 0.008)) * s / radius_mm
    radii = np.maximum(radius_mm * taper, recipe.least_radius_mm)
    if rng.random() < recipe.jump_chance:
        factor = float(rng.uniform(*recipe.jump)) ** float(rng.choice([-1, 1]))
        end = float(rng.choice([rng.uniform(0.55, 0.8), 2.0]))
        inside = (s > rng.uniform(0.25, 0.5) * s[-1]) & (s < end * s[-1])
        radii = np.maximum(np.where(inside, factor, 1.0) * radii, recipe.least_radius_mm)
    if rng.random() < recipe.stenosis_chance:
        depth = min(float(rng.uniform(*recipe.percent_stenosis)) / 100.0, 1.0)
        length = radius_mm * float(rng.uniform(3.0, 9.0))
        middle = float(rng.uniform(0.3, 0.7)) * s[-1]
        radii = np.maximum(radii * (1.0 - depth * cosine_dip(s - middle, length)), NARROWEST_MM)
    return np.asarray(radii, dtype=np.float64)


def draw_course(
    rng: np.random.Generator, s: FloatArray, tangent: FloatArray, radius_mm: float, recipe: Recipe
) -> FloatArray:
    """Points from the origin (n, 3) [mm]: bends in planes of their own between straight parts."""
    curvature = np.zeros((len(s), 3))
    at = float(rng.uniform(1.0, 4.0)) * radius_mm
    while at < s[-1]:
        bend = radius_mm * float(rng.uniform(*recipe.bend_radii))
        end = at + bend * np.radians(float(rng.uniform(*recipe.turn_deg)))
        curvature[(s >= at) & (s < end)] = perpendicular(rng, tangent) / bend
        at = end + float(rng.uniform(1.0, 6.0)) * radius_mm
    return _integrated(s, tangent, curvature)


def course_alongside(
    rng: np.random.Generator, s: FloatArray, course: FloatArray, gaps: FloatArray
) -> FloatArray:
    """Points (n, 3) that keep a distance ``gaps`` (n,) from a course, to a side that turns slowly.

    Args:
        rng: Random numbers.
        s: Abscissas of the course (n,).
        course: Its points (n, 3).
        gaps: Distances (n,), zero at the start.
    """
    tangents = np.gradient(course, s, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1)[:, None]
    side = perpendicular(rng, tangents[0])
    twist = float(rng.uniform(-0.5, 0.5)) / s[-1]
    points = course.copy()
    for i in range(1, len(s)):
        side = side + twist * (s[i] - s[i - 1]) * np.cross(tangents[i], side)
        side -= (side @ tangents[i]) * tangents[i]
        side /= np.linalg.norm(side)
        points[i] += gaps[i] * side
    return points


def perpendicular(rng: np.random.Generator, tangent: FloatArray) -> FloatArray:
    """A random unit vector across a tangent (3,)."""
    while True:
        draw = rng.normal(size=3)
        across = draw - (draw @ tangent) * tangent
        if np.linalg.norm(across) > 0.1:
            return np.asarray(across / np.linalg.norm(across), dtype=np.float64)


def _integrated(s: FloatArray, tangent: FloatArray, curvature: FloatArray) -> FloatArray:
    """The curve from the origin whose tangent turns by curvature vectors (n, 3)."""
    points = np.zeros((len(s), 3))
    for i, step in enumerate(np.diff(s)):
        bend = curvature[i] - (curvature[i] @ tangent) * tangent
        strength, size = np.linalg.norm(curvature[i]), np.linalg.norm(bend)
        turned = tangent
        if size > 1e-9 * max(strength, 1e-300) and strength > 0:
            angle = strength * step
            turned = np.cos(angle) * tangent + np.sin(angle) * bend / size
        points[i + 1] = points[i] + 0.5 * step * (tangent + turned)
        tangent = turned / np.linalg.norm(turned)
    return points
