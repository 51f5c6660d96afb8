"""How far one triangulated surface lies from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.surface.polydata import as_polydata

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class SurfaceFit:
    """Distances between two surfaces, both ways.

    Attributes:
        mean: Mean over the points of both [m].
        largest: Greatest of them [m].
        place: Where the greatest is (3,) [m].
    """

    mean: float
    largest: float
    place: FloatArray


def surface_fit(one: tuple[FloatArray, IntArray], other: tuple[FloatArray, IntArray]) -> SurfaceFit:
    """Compare two surfaces, each points (n, 3) [m] and triangles (m, 3)."""
    targets = np.concatenate([one[0], other[0]])
    gaps = np.concatenate([_distances(one[0], *other), _distances(other[0], *one)])
    worst = int(np.argmax(gaps))
    return SurfaceFit(float(gaps.mean()), float(gaps[worst]), targets[worst])


def _distances(targets: FloatArray, points: FloatArray, triangles: IntArray) -> FloatArray:
    """Distance of each target (k, 3) from a triangulated surface (k,)."""
    from vtkmodules.vtkCommonCore import mutable
    from vtkmodules.vtkCommonDataModel import vtkStaticCellLocator

    locator = vtkStaticCellLocator()
    locator.SetDataSet(as_polydata(points, triangles))
    locator.BuildLocator()
    nearest: list[float] = [0.0, 0.0, 0.0]
    cell: Any = mutable(0)
    part: Any = mutable(0)
    square: Any = mutable(0.0)
    result = np.empty(len(targets))
    for k, target in enumerate(targets.tolist()):
        locator.FindClosestPoint(target, nearest, cell, part, square)
        result[k] = float(square)
    return np.sqrt(result)
