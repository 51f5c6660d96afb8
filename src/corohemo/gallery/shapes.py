"""Single vessels and bifurcations of simple shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corohemo.checks import require_positive
from corohemo.errors import InputError
from corohemo.tree import Branch, VesselTree
from corohemo.units import MM

FloatArray = NDArray[np.float64]

SPACING_MM = 0.25
"""Distance between the points of a gallery tree [mm]."""


def tube(diameter_mm: float = 3.0, length_mm: float = 40.0) -> VesselTree:
    """Straight tube along x."""
    require_positive(diameter_mm=diameter_mm, length_mm=length_mm)
    x = _stations(length_mm)
    return _straight("tube", x, np.full(len(x), 0.5 * diameter_mm))


def cone(
    inlet_diameter_mm: float = 3.0, outlet_diameter_mm: float = 1.5, length_mm: float = 40.0
) -> VesselTree:
    """Straight cone along x."""
    require_positive(
        inlet_diameter_mm=inlet_diameter_mm,
        outlet_diameter_mm=outlet_diameter_mm,
        length_mm=length_mm,
    )
    x = _stations(length_mm)
    fall = outlet_diameter_mm - inlet_diameter_mm
    return _straight("cone", x, 0.5 * (inlet_diameter_mm + fall * x / length_mm))


def cosine_stenosis(
    diameter_mm: float = 3.0,
    length_mm: float = 40.0,
    percent_diameter_stenosis: float = 50.0,
    lesion_length_mm: float = 10.0,
) -> VesselTree:
    r"""Straight tube along x with a cosine-shaped narrowing in its middle.

    .. math:: r(x) = R (1 - \tfrac{s}{2} (1 + \cos(2 \pi x / L_s))), \quad |x| \le L_s / 2
    """
    require_positive(
        diameter_mm=diameter_mm, length_mm=length_mm, lesion_length_mm=lesion_length_mm
    )
    _require_percent(percent_diameter_stenosis)
    x = _stations(length_mm, spacing_mm=min(SPACING_MM, lesion_length_mm / 80.0))
    shape = cosine_dip(x - 0.5 * length_mm, lesion_length_mm)
    radii = 0.5 * diameter_mm * (1.0 - percent_diameter_stenosis / 100.0 * shape)
    return _straight("stenosis", x, radii)


def bend(
    diameter_mm: float = 3.0,
    bend_radius_mm: float = 15.0,
    angle_deg: float = 90.0,
    straight_mm: float = 10.0,
) -> VesselTree:
    """Tube that bends in a plane by ``angle_deg`` between two straight ends."""
    require_positive(diameter_mm=diameter_mm, bend_radius_mm=bend_radius_mm, angle_deg=angle_deg)
    arc = np.radians(angle_deg) * bend_radius_mm
    total = arc + 2.0 * straight_mm
    s = _stations(total)
    turned = np.clip(s - straight_mm, 0.0, arc) / bend_radius_mm
    before = np.minimum(s, straight_mm)
    after = np.maximum(s - straight_mm - arc, 0.0)
    end = np.radians(angle_deg)
    x = before + bend_radius_mm * np.sin(turned) + after * np.cos(end)
    y = bend_radius_mm * (1.0 - np.cos(turned)) + after * np.sin(end)
    points = np.stack([x, y, np.zeros_like(x)], axis=1)
    return VesselTree(
        (make_branch("bend", points, np.full(len(s), 0.5 * diameter_mm)),), source="gallery.bend"
    )


def y_bifurcation(
    angle_deg: float = 70.0,
    parent_diameter_mm: float = 3.5,
    main_diameter_mm: float = 3.0,
    side_diameter_mm: float = 2.4,
    parent_length_mm: float = 15.0,
    main_length_mm: float = 20.0,
    side_length_mm: float = 15.0,
    main_angle_deg: float = 15.0,
) -> VesselTree:
    """Parent along x that divides in a plane into "main" and "side", ``angle_deg`` apart.

    The main daughter turns off the parent's axis by ``main_angle_deg``, the side branch to the
    other side by the rest. Default diameters keep Murray's law with exponent 2.6 nearly.
    """
    require_positive(
        angle_deg=angle_deg,
        parent_diameter_mm=parent_diameter_mm,
        main_diameter_mm=main_diameter_mm,
        side_diameter_mm=side_diameter_mm,
        parent_length_mm=parent_length_mm,
        main_length_mm=main_length_mm,
        side_length_mm=side_length_mm,
    )
    trunk = _ray(np.zeros(3), 0.0, parent_length_mm)
    main = _ray(trunk[-1], main_angle_deg, main_length_mm)
    side = _ray(trunk[-1], main_angle_deg - angle_deg, side_length_mm)
    parts = (
        ("parent", trunk, parent_diameter_mm, -1),
        ("main", main, main_diameter_mm, 0),
        ("side", side, side_diameter_mm, 0),
    )
    branches = tuple(
        make_branch(
            name,
            points,
            np.full(len(points), 0.5 * diameter),
            parent=parent,
            start_mm=0.0 if parent < 0 else parent_length_mm,
        )
        for name, points, diameter, parent in parts
    )
    return VesselTree(branches, source="gallery.y_bifurcation")


def cosine_dip(x: ArrayLike, length: float) -> FloatArray:
    """1 at x = 0, falling as a cosine to 0 at half the length on both sides."""
    x = np.asarray(x, dtype=np.float64)
    dip = 0.5 * (1.0 + np.cos(2.0 * np.pi * x / length))
    return np.asarray(np.where(np.abs(x) <= 0.5 * length, dip, 0.0), dtype=np.float64)


def make_branch(
    name: str,
    points_mm: FloatArray,
    radii_mm: FloatArray,
    *,
    parent: int = -1,
    start_mm: float = 0.0,
) -> Branch:
    """A branch from millimetres."""
    return Branch(
        name=name,
        points=points_mm * MM,
        radii=radii_mm * MM,
        parent=parent,
        start_abscissa=start_mm * MM,
    )


def _straight(name: str, x: FloatArray, radii: FloatArray) -> VesselTree:
    points = np.stack([x, np.zeros_like(x), np.zeros_like(x)], axis=1)
    return VesselTree((make_branch(name, points, radii),), source=f"gallery.{name}")


def _ray(start: FloatArray, angle_deg: float, length_mm: float) -> FloatArray:
    angle = np.radians(angle_deg)
    s = _stations(length_mm)[:, None]
    direction = np.array([np.cos(angle), np.sin(angle), 0.0])
    return np.asarray(start + s * direction, dtype=np.float64)


def _stations(length_mm: float, *, spacing_mm: float = SPACING_MM) -> FloatArray:
    """Evenly spaced abscissas with an odd count, so that the middle is one of them."""
    half = max(int(np.ceil(0.5 * length_mm / spacing_mm)), 4)
    return np.linspace(0.0, length_mm, 2 * half + 1)


def _require_percent(value: float) -> None:
    if not 0.0 <= value < 100.0:
        raise InputError(
            f"percent_diameter_stenosis must be in [0, 100), got {value!r}.",
            field="percent_diameter_stenosis",
        )
