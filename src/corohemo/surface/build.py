"""A closed lumen surface to a vessel tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from corohemo.errors import GeometryError
from corohemo.io.paths import Path3D, merge_paths
from corohemo.surface.caps import Cap, found_caps, given_caps, labelled_caps
from corohemo.surface.closed import Surface, closed_surface
from corohemo.surface.medial import medial_paths
from corohemo.surface.polydata import is_inside
from corohemo.surface.vessels import with_cuts
from corohemo.tree import VesselTree
from corohemo.units import MM, length_factor

FloatArray = NDArray[np.float64]

CapSource = Surface | FloatArray
"""A separate patch, or a point inside the lumen where it ends (3,) [m]."""


def surface_tree(
    surface: Surface,
    caps: Sequence[tuple[str, CapSource]],
    *,
    length_unit: str,
    check_scale: bool,
) -> VesselTree:
    """The vessel tree of a lumen surface, with contours.

    Args:
        surface: Triangles and labels.
        caps: Name with patch or point of each end, the inlet's first; where there are none, the
            labels tell, or else the shape.
        length_unit: Unit of the file, for messages.
        check_scale: Refuse sizes that no coronary artery has.

    Raises:
        GeometryError: If the surface is not the wall of a lumen with an inlet and outlets; the
            message has the place.
        UnitError: If the size is implausible.
    """
    surface, notes = closed_surface(surface)
    ends = _caps(surface, caps)
    if len(ends) < 2:
        raise GeometryError(
            f"{surface.source}: the surface has {len(ends)} planar ends, and a lumen needs an "
            "inlet and an outlet; cut its ends flat, or name the caps as patches or points."
        )
    if not caps:
        notes += (_told(ends),)
    paths = medial_paths(surface, ends)
    raw = merge_paths(
        [Path3D(path.points, path.radii, path.name) for path in paths], source=surface.source
    )
    factor = length_factor(length_unit)
    tree = VesselTree.from_arrays(
        raw.points / factor,
        raw.radii / factor,
        raw.parents,
        length_unit=length_unit,
        source=surface.source,
        check_scale=check_scale,
    )
    tree = with_cuts(_named(tree, ends), surface, ends)
    return replace(tree, notes=notes, surface=(surface.points, surface.triangles))


def _caps(surface: Surface, caps: Sequence[tuple[str, CapSource]]) -> tuple[Cap, ...]:
    if not caps:
        labelled = len(np.unique(surface.labels)) > 1
        return labelled_caps(surface) if labelled else found_caps(surface)
    patches = [(name, cap) for name, cap in caps if isinstance(cap, Surface)]
    found = {cap.name: cap for cap in given_caps(surface, patches)}
    ends = [
        found[name] if isinstance(cap, Surface) else _end_at(surface, name, cap)
        for name, cap in caps
    ]
    twice = [name for name, count in Counter(end.name for end in ends).items() if count > 1]
    if twice:
        raise GeometryError(f"{surface.source}: two caps are called {twice[0]}; rename one.")
    return tuple(ends)


def _end_at(surface: Surface, name: str, point: FloatArray) -> Cap:
    """An end where the surface has no planar cap: a point inside; its plane is not known."""
    if not is_inside(surface.points, surface.triangles, point[None])[0]:
        place = ", ".join(f"{x / MM:.2f}" for x in point)
        raise GeometryError(
            f"{surface.source}: the end ({place}) mm does not lie inside the surface."
        )
    gap, _ = cKDTree(surface.points).query(point)
    return Cap(name, point, np.zeros(3), float(np.pi * gap**2))


def _told(ends: tuple[Cap, ...]) -> str:
    listed = ", ".join(
        f"{end.name} at ({', '.join(f'{x / MM:.1f}' for x in end.center)}) mm" for end in ends
    )
    return f"The ends of the surface were found, the widest taken as the inlet: {listed}."


def _named(tree: VesselTree, ends: tuple[Cap, ...]) -> VesselTree:
    """Outlets called after their caps."""
    names = {}
    for index in tree.outlets:
        end = tree.branches[index].points[-1]
        gaps = [float(np.linalg.norm(cap.center - end)) for cap in ends[1:]]
        names[index] = ends[1 + int(np.argmin(gaps))].name
    if len(set(names.values())) < len(ends) - 1:
        lost = sorted({cap.name for cap in ends[1:]} - set(names.values()))
        raise GeometryError(
            f"{tree.source}: the way to {', '.join(lost)} runs inside another one; the surface has "
            "two ends in one vessel."
        )
    branches = tuple(
        replace(branch, name=names.get(index, branch.name))
        for index, branch in enumerate(tree.branches)
    )
    return replace(tree, branches=branches)
