"""A left coronary tree on an ellipsoidal heart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.gallery.shapes import cosine_dip, make_branch
from corohemo.tree import Branch, VesselTree
from corohemo.units import MM

FloatArray = NDArray[np.float64]

HEART_MM = np.array([36.0, 33.0, 80.0])
"""Semi-axes of the epicardial ellipsoid: to the left, to the front, from base to apex [mm]."""
STEP_MM = 0.25
"""Distance between points [mm]."""
BIFURCATION_DEG = (100.0, 12.0)
"""Place of the left main bifurcation: azimuth from the left, elevation above the base [deg]."""
WAVE_MM = 26.0
"""Wavelength of the vessels' winding [mm]."""


@dataclass(frozen=True)
class _Segment:
    """One segment of the tree.

    Attributes:
        name: SCCT label.
        parent: Label of the segment it leaves; "" for the ostium's.
        length_mm: Length [mm].
        diameters_mm: Healthy diameter at its two ends [mm].
        turn_deg: Turn against the parent's end, positive to the patient's left [deg].
        heading_deg: Heading it settles to; 0 is towards the apex, 90 to the left [deg].
        settle_mm: Length over which it does [mm].
        winding_deg: Amplitude of its winding [deg].
        continues: Whether its diameter goes over gradually from its parent's.
        lesion: Percent diameter stenosis, place of the throat and length [%, mm, mm], if diseased.
    """

    name: str
    parent: str
    length_mm: float
    diameters_mm: tuple[float, float]
    turn_deg: float
    heading_deg: float
    settle_mm: float = 12.0
    winding_deg: float = 8.0
    continues: bool = False
    lesion: tuple[float, float, float] | None = None


_LEFT_MAIN_HEADING_DEG = 32.0

_SEGMENTS = (
    _Segment("LM", "", 10.5, (4.5, 4.4), 0.0, _LEFT_MAIN_HEADING_DEG, winding_deg=0.0),
    _Segment("pLAD", "LM", 22.0, (3.7, 3.5), -37.0, -6.0, 10.0, 5.0, True, (60.0, 11.0, 10.0)),
    _Segment("mLAD", "pLAD", 26.0, (2.9, 2.6), -10.0, -8.0, 8.0, 8.0, True, (40.0, 14.0, 10.0)),
    _Segment("dLAD", "mLAD", 60.0, (2.2, 1.6), -8.0, 0.0, 10.0, 9.0, True),
    _Segment("D2", "mLAD", 38.0, (1.9, 1.3), 38.0, 22.0, 15.0),
    _Segment("D1", "pLAD", 48.0, (2.3, 1.5), 36.0, 34.0, 14.0),
    _Segment("pCx", "LM", 20.0, (3.4, 3.2), 52.0, 92.0, 8.0, 4.0),
    _Segment("mCx", "pCx", 22.0, (2.6, 2.4), 10.0, 92.0, 8.0, 4.0, True, (50.0, 11.0, 9.0)),
    _Segment("dCx", "mCx", 30.0, (1.9, 1.3), 10.0, 92.0, 8.0, 5.0, True),
    _Segment("OM2", "mCx", 36.0, (2.0, 1.4), -38.0, 14.0, 14.0),
    _Segment("OM1", "pCx", 46.0, (2.4, 1.6), -38.0, 12.0, 14.0),
)


def left_tree(*, lesions: bool = True) -> VesselTree:
    """Left coronary artery of an average adult heart, right-dominant, with three lesions.

    Eleven segments with SCCT labels (the circumflex beyond OM1 is ``mCx`` and ``dCx``), six
    outlets, on an ellipsoid of 72 x 66 mm across and 80 mm from base to apex. x points to the
    patient's left, y to the front, z to the head. The lesions are cosine-shaped: pLAD 60 %, mLAD
    40 %, mCx 50 % of the diameter.

    Sources; "abstract" means that the number was checked there, "unverified" that it was not:

    - diameters at the start of LM, pLAD and pCx (4.5, 3.7, 3.4 mm) and in the middle of dLAD
      (1.9 mm): Dodge et al., Circulation 1992;86:232 (abstract);
    - length of LM (10.5 mm) and angle between LAD and LCx (89 deg): Medrano-Gracia et al.,
      EuroIntervention 2016;12:845 (abstract);
    - length of LAD (108 mm) and LCx (72 mm): the most frequent ranges, 10-12 cm and 6.5-8 cm, in a
      cadaver study of 80 hearts from Gujarat (abstract);
    - other diameters: Finet's law D = 0.678 (D1 + D2) within 10 %, EuroIntervention 2007;3:490
      (unverified);
    - angles LAD/diagonal (46 deg) and LCx/marginal (48 deg): Pflederer et al., Invest Radiol
      2006;41:793 (unverified);
    - lengths of single segments and side branches, size of the heart: plausible, without a source.

    Args:
        lesions: False for the healthy tree.
    """
    branches: list[Branch] = []
    ends: dict[str, tuple[int, FloatArray, float, float]] = {}
    for segment in _SEGMENTS:
        if segment.parent:
            parent, start, heading, before_mm = ends[segment.parent]
            points, heading = _walk(start, heading + segment.turn_deg, segment)
        else:
            parent, before_mm = -1, segment.diameters_mm[0]
            points = _left_main(segment)
            heading = segment.heading_deg
        radii = _radii(segment, before_mm, lesions=lesions)
        start_mm = float(branches[parent].abscissas[-1]) / MM if parent >= 0 else 0.0
        branches.append(make_branch(segment.name, points, radii, parent=parent, start_mm=start_mm))
        ends[segment.name] = (
            len(branches) - 1,
            points[-1],
            heading,
            segment.diameters_mm[1],
        )
    return VesselTree(tuple(branches), source="gallery.left_tree")


def _stations(segment: _Segment) -> FloatArray:
    return np.linspace(0.0, segment.length_mm, round(segment.length_mm / STEP_MM) + 1)


def _radii(segment: _Segment, before_mm: float, *, lesions: bool) -> FloatArray:
    """Radii [mm]: taper, blend from the parent's where the segment continues it, lesion."""
    s = _stations(segment)
    first, last = segment.diameters_mm
    diameters = first + (last - first) * s / segment.length_mm
    if segment.continues:
        diameters = diameters + (before_mm - first) * cosine_dip(s, 2.0 * before_mm)
    if lesions and segment.lesion:
        percent, throat, length = segment.lesion
        diameters = diameters * (1.0 - percent / 100.0 * cosine_dip(s - throat, length))
    return 0.5 * diameters


def _left_main(segment: _Segment) -> FloatArray:
    """From the ostium down to the bifurcation: the way back from there along the surface."""
    azimuth, elevation = np.radians(BIFURCATION_DEG)
    point = HEART_MM * np.array(
        [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ]
    )
    back, _ = _walk(point, segment.heading_deg + 180.0, segment)
    return back[::-1].copy()


def _walk(start: FloatArray, heading_deg: float, segment: _Segment) -> tuple[FloatArray, float]:
    """Points along a course on the heart, and the heading at its end."""
    s = _stations(segment)
    back = 180.0 if not segment.parent else 0.0
    aim = segment.heading_deg + back
    ease = np.exp(-s / segment.settle_mm)
    winding = segment.winding_deg * np.sin(2.0 * np.pi * s / WAVE_MM) * (1.0 - ease)
    headings = np.radians(aim + (heading_deg - aim) * ease + winding)
    points = np.empty((len(s), 3))
    points[0] = start
    for i in range(len(s) - 1):
        middle = 0.5 * (headings[i] + headings[i + 1])
        half = _on_heart(points[i] + 0.5 * STEP_MM * _direction(points[i], middle))
        points[i + 1] = _on_heart(points[i] + STEP_MM * _direction(half, middle))
    return points, float(np.degrees(headings[-1]))


def _direction(point: FloatArray, heading: float) -> FloatArray:
    """Unit vector in the heart's surface; heading 0 points to the apex, 90 deg to the left."""
    outward = point / HEART_MM**2
    outward = outward / np.linalg.norm(outward)
    down = np.array([0.0, 0.0, -1.0])
    apical = down - (down @ outward) * outward
    apical = apical / np.linalg.norm(apical)
    leftward = np.cross(apical, outward)
    return np.asarray(np.cos(heading) * apical + np.sin(heading) * leftward, dtype=np.float64)


def _on_heart(point: FloatArray) -> FloatArray:
    return np.asarray(point / np.linalg.norm(point / HEART_MM), dtype=np.float64)
