"""The triangulated unit disk that every swept section carries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Disk:
    """A centre and concentric rings of vertices; the last ring is the wall.

    Attributes:
        rho: Radius of each vertex (n,) [-].
        theta: Angle of each vertex (n,) [rad].
        triangles: Counter-clockwise triangles (m, 3).
        sectors: Vertices in a ring.
    """

    rho: FloatArray
    theta: FloatArray
    triangles: IntArray
    sectors: int

    @property
    def n_vertices(self) -> int:
        """Number of vertices."""
        return len(self.rho)

    def ring(self, index: int) -> IntArray:
        """Vertices of a ring, counted from the wall for negative ``index``."""
        rings = (self.n_vertices - 1) // self.sectors
        k = index if index >= 0 else rings + index
        return 1 + k * self.sectors + np.arange(self.sectors)

    @property
    def core(self) -> IntArray:
        """Triangles inside the wall layer (m, 3)."""
        inner = self.ring(-1)[0]
        inside: IntArray = self.triangles[(self.triangles < inner).all(axis=1)]
        return inside


def quad_triangles(a: IntArray, b: IntArray, c: IntArray, d: IntArray) -> IntArray:
    """Split quads a-b-c-d (each (m,)) by the diagonal of their smallest vertex (2 m, 3)."""
    through_a = np.minimum(a, c) < np.minimum(b, d)
    one = np.where(through_a, [a, b, c], [a, b, d])
    two = np.where(through_a, [a, c, d], [b, c, d])
    return np.concatenate([one.T, two.T])


def build_disk(sectors: int, rings: tuple[float, ...]) -> Disk:
    """Disk with ``sectors`` vertices on each ring of radius ``rings``."""
    angles = 2 * np.pi * np.arange(sectors) / sectors
    rho = np.concatenate([[0.0], np.repeat(rings, sectors)])
    theta = np.concatenate([[0.0], np.tile(angles, len(rings))])
    here = np.arange(sectors)
    following = (here + 1) % sectors
    fan = np.stack([np.zeros(sectors, dtype=np.int64), 1 + here, 1 + following], axis=1)
    parts = [fan]
    for k in range(len(rings) - 1):
        inner, outer = 1 + k * sectors, 1 + (k + 1) * sectors
        parts.append(
            quad_triangles(inner + here, outer + here, outer + following, inner + following)
        )
    return Disk(rho, theta, np.concatenate(parts), sectors)
