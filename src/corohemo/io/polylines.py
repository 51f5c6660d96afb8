"""Centerlines without radii: loose or overlapping polylines to trees, radii from a stated law.

A ``.npy`` file holds points (n, 3), polyline after polyline from proximal to distal; a jump ends a
polyline. Polylines that start near one another or on one another belong to one tree, and are merged
where they run over each other.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from corohemo.errors import FileFormatError, GeometryError
from corohemo.io.paths import Path3D, merge_paths
from corohemo.io.raw import RawCenterline, check_file
from corohemo.nodes import check_values, topological_order
from corohemo.radius_law import RadiusLaw, law_radii

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

JUMP = 10.0
"""A step this many times the median one ends a polyline."""
SHORTEST = 1.0
"""Shorter polylines are no vessels [ostium diameters]."""


def read_polyline_file(path: Path) -> list[FloatArray]:
    """Polylines of a ``.npy`` file, each (n, 3), in the file's unit.

    Raises:
        InputError: If there is no such file.
        FileFormatError: If it does not hold points (n, 3).
    """
    check_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            stored = np.lib.format.open_memmap(path, mode="r")
    except (ValueError, OverflowError, OSError, EOFError, SyntaxError, TokenError) as error:
        reason = " ".join(str(error.args[0]).split()) if error.args else type(error).__name__
        raise FileFormatError(f"The file is no array of NumPy: {reason}.", file=path) from None
    real = np.issubdtype(stored.dtype, np.integer) or np.issubdtype(stored.dtype, np.floating)
    if stored.ndim != 2 or stored.shape[1] != 3 or not real:
        raise FileFormatError(
            f"The file must hold points (n, 3), not {stored.dtype} of shape {stored.shape}.",
            file=path,
        )
    points: FloatArray = np.array(stored, dtype=np.float64)
    check_values(points, np.ones(len(points)), source=str(path))
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    if not len(steps) or not np.median(steps) > 0:
        raise FileFormatError("The file holds no line.", file=path)
    return np.split(points, np.flatnonzero(steps > JUMP * np.median(steps)) + 1)


def polyline_trees(
    polylines: list[FloatArray], law: RadiusLaw, *, source: str
) -> list[RawCenterline]:
    """Trees of polylines, the longest first.

    Args:
        polylines: Positions (n, 3) [m], proximal to distal.
        law: Diameters; that of the ostium also tells how near is the same vessel.
        source: File name for messages.

    Raises:
        GeometryError: If there is no polyline, or the law does not fit a tree.
    """
    width = 1e-3 * law.ostium_diameter_mm
    paths = [line for line in polylines if _length(line) > SHORTEST * width]
    if not paths:
        raise GeometryError(
            f"{source}: None of its {len(polylines)} polylines is longer than {SHORTEST:g} times "
            f"ostium_diameter_mm, {law.ostium_diameter_mm:g} mm; check it and length_unit."
        )
    raws: list[RawCenterline] = []
    for group in _groups(paths, width):
        members = [Path3D(paths[k], np.full(len(paths[k]), 0.5 * width)) for k in group]
        raws += _apart(merge_paths(members, source=source), width)
    raws.sort(key=lambda raw: -_raw_length(raw))
    return [
        RawCenterline(raw.points, law_radii(raw.points, raw.parents, law), raw.parents, None, "m")
        for raw in raws
    ]


def _groups(paths: list[FloatArray], width: float) -> list[list[int]]:
    """Paths of each tree: those that start within a radius of another one."""
    n = len(paths)
    links = np.zeros((n, n))
    for k, path in enumerate(paths):
        gaps, _ = cKDTree(path).query([other[0] for other in paths])
        links[k] = gaps <= 0.5 * width
    _, labels = connected_components(coo_matrix(links), directed=False)
    return [np.flatnonzero(labels == label).tolist() for label in range(labels.max() + 1)]


def _apart(raw: RawCenterline, width: float) -> list[RawCenterline]:
    """A tree for each vessel that leaves the ostium, where several do within its radius."""
    children = [np.flatnonzero(raw.parents == node) for node in range(len(raw.points))]
    stem = [int(np.flatnonzero(raw.parents < 0)[0])]
    while len(children[stem[-1]]) == 1:
        stem.append(int(children[stem[-1]][0]))
    if len(children[stem[-1]]) < 2 or _length(raw.points[stem]) > 0.5 * width:
        return [raw]
    vessel_of = np.full(len(raw.points), -1)
    for node in topological_order(raw.parents)[1:]:
        parent = int(raw.parents[node])
        vessel_of[node] = node if parent == stem[-1] else vessel_of[parent]
    parts = []
    for vessel in children[stem[-1]]:
        kept = np.concatenate([stem, np.flatnonzero(vessel_of == vessel)])
        number = np.full(len(raw.points) + 1, -1)
        number[kept] = np.arange(len(kept))
        parts.append(
            RawCenterline(
                raw.points[kept], raw.radii[kept], number[raw.parents[kept]], None, raw.length_unit
            )
        )
    return parts


def _length(points: FloatArray) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def _raw_length(raw: RawCenterline) -> float:
    below = raw.parents >= 0
    return float(np.linalg.norm(raw.points[below] - raw.points[raw.parents[below]], axis=1).sum())
