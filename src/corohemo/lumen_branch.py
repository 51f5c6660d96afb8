"""One branch of a lumen: sections, their frames and the healthy radius."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import GeometryError
from corohemo.section_shape import relative_radii
from corohemo.units import MM

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Section:
    """One section of a lumen.

    Attributes:
        branch: Name of the branch.
        abscissa: Path length from the ostium [m].
        center: Position of its center (3,) [m].
        tangent: Unit vector along the vessel, in flow direction (3,) [-].
        normal: First unit vector of the section's plane (3,) [-].
        binormal: Second one (3,) [-]; normal x binormal = tangent.
        radius: Radius of the circle of equal area [m].
        reference_radius: Healthy radius [m].
        shape: Polar coefficients (2 k,) (``section_shape``); none for a circle.
    """

    branch: str
    abscissa: float
    center: FloatArray
    tangent: FloatArray
    normal: FloatArray
    binormal: FloatArray
    radius: float
    reference_radius: float
    shape: FloatArray

    @property
    def area(self) -> float:
        """Area [m2]."""
        return float(np.pi * self.radius**2)

    def outline(self, angles: FloatArray) -> FloatArray:
        """Wall points (n, 3) [m] at angles (n,) [rad] from the normal towards the binormal."""
        distance = self.radius * relative_radii(self.shape[None], angles)[0]
        across = np.cos(angles)[:, None] * self.normal + np.sin(angles)[:, None] * self.binormal
        return np.asarray(self.center + distance[:, None] * across, dtype=np.float64)


@dataclass(frozen=True)
class LumenBranch:
    """Sections along one branch; section planes are normal to ``tangents``.

    A bifurcation has exactly one continuing daughter. It leaves its parent with the parent's
    tangent, frame and radius, and its first section is the parent's last. Every other daughter
    starts at the bifurcation point, on its parent's centerline and inside its parent's lumen, with
    its own radius and direction.

    Attributes:
        name: Label of the branch; an outlet's face is ``outlet:<name>``.
        parent: Index of the parent branch, -1 at the ostium.
        abscissas: Path length from the ostium (n,) [m].
        points: Section centers (n, 3) [m].
        radii: Section radius, circle of equal area (n,) [m].
        reference_radii: Healthy radius (n,) [m].
        tangents: Unit tangents (n, 3) [-].
        normals: First unit vector of the rotation-minimising frame (n, 3) [-].
        binormals: Second one (n, 3) [-]; normals x binormals = tangents.
        continues: Whether the branch continues its parent's curve.
        polar: Polar coefficients of the sections (n, 2 k) (``section_shape``), None for circles.
    """

    name: str
    parent: int
    abscissas: FloatArray
    points: FloatArray
    radii: FloatArray
    reference_radii: FloatArray
    tangents: FloatArray
    normals: FloatArray
    binormals: FloatArray
    continues: bool = False
    polar: FloatArray | None = None

    @property
    def shapes(self) -> FloatArray:
        """Polar coefficients of the sections (n, 2 k); k = 0 for circles."""
        return np.zeros((len(self.radii), 0)) if self.polar is None else self.polar

    @property
    def length(self) -> float:
        """Length of the branch [m]."""
        return float(self.abscissas[-1] - self.abscissas[0])

    @property
    def percent_diameter_stenosis(self) -> FloatArray:
        """Narrowing against the healthy diameter (n,) [%]; negative where the vessel is wider."""
        return np.asarray(100.0 * (1.0 - self.radii / self.reference_radii), dtype=np.float64)

    def section_at(self, abscissa: float) -> Section:
        """The section at a path length from the ostium [m], between the stored ones.

        Raises:
            GeometryError: If the abscissa is not on this branch.
        """
        low, high = float(self.abscissas[0]), float(self.abscissas[-1])
        slack = 1e-9 * (high - low) + 1e-12
        if not low - slack <= abscissa <= high + slack:
            raise GeometryError(
                f"there is no section at {abscissa / MM:.2f} mm: the branch reaches from "
                f"{low / MM:.2f} to {high / MM:.2f} mm.",
                branch=self.name,
            )
        right = int(np.searchsorted(self.abscissas, abscissa, side="right"))
        i = min(max(right - 1, 0), len(self.abscissas) - 2)
        step = self.abscissas[i + 1] - self.abscissas[i]
        u = float(np.clip((abscissa - self.abscissas[i]) / step, 0.0, 1.0))
        tangent = _unit((1 - u) * self.tangents[i] + u * self.tangents[i + 1])
        normal = (1 - u) * self.normals[i] + u * self.normals[i + 1]
        normal = _unit(normal - (normal @ tangent) * tangent)
        return Section(
            branch=self.name,
            abscissa=abscissa,
            center=_hermite(self.points[i : i + 2], step * self.tangents[i : i + 2], u),
            tangent=tangent,
            normal=normal,
            binormal=np.cross(tangent, normal),
            radius=float((1 - u) * self.radii[i] + u * self.radii[i + 1]),
            reference_radius=float(
                (1 - u) * self.reference_radii[i] + u * self.reference_radii[i + 1]
            ),
            shape=np.asarray((1 - u) * self.shapes[i] + u * self.shapes[i + 1], dtype=np.float64),
        )


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float64)


def _hermite(points: FloatArray, slopes: FloatArray, u: float) -> FloatArray:
    """Cubic through two points with their slopes over the interval, at u in [0, 1]."""
    v = 1.0 - u
    ends = v * v * (1.0 + 2.0 * u) * points[0] + u * u * (1.0 + 2.0 * v) * points[1]
    return np.asarray(ends + u * v * (v * slopes[0] - u * slopes[1]), dtype=np.float64)
