"""Quadrature over sections: Gauss in the squared radius, equispaced in the angle.

Exact for constants and for the parabola of Poiseuille; weights are parts of the area.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def disk_rule(n_rings: int, n_angles: int) -> tuple[FloatArray, FloatArray]:
    """Points of the unit disk (q, 2) and weights that sum to one (q,)."""
    nodes, weights = np.polynomial.legendre.leggauss(n_rings)
    radii = np.sqrt(0.5 * (nodes + 1.0))
    turns = np.arange(n_angles)[None, :] + 0.5 * (np.arange(n_rings)[:, None] % 2)
    angles = 2.0 * np.pi * turns / n_angles
    disk = np.stack([radii[:, None] * np.cos(angles), radii[:, None] * np.sin(angles)], axis=-1)
    return disk.reshape(-1, 2), np.repeat(0.5 * weights / n_angles, n_angles)


def section_points(
    centers: FloatArray,
    normals: FloatArray,
    binormals: FloatArray,
    radii: FloatArray,
    disk: FloatArray,
) -> FloatArray:
    """Quadrature points of sections.

    Args:
        centers: Section centers (n, 3) [m].
        normals: First unit vector of each plane (n, 3) [-].
        binormals: Second unit vector of each plane (n, 3) [-].
        radii: Section radii (n,) [m].
        disk: Points of the unit disk (q, 2), or of each section's own shape (n, q, 2).

    Returns:
        Positions (n, q, 3) [m].
    """
    across = disk[..., :1] * normals[:, None] + disk[..., 1:] * binormals[:, None]
    points: FloatArray = centers[:, None] + radii[:, None, None] * across
    return points
