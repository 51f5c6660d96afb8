"""The implicit wall of a junction and the rings where it meets the swept spans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels import union as union_kernel
from corohemo.kernels.implicit import Sections
from corohemo.kernels.union_grid import sample_grid
from corohemo.meshing.clearance import FADING
from corohemo.meshing.junctions import Run
from corohemo.meshing.tubes import PAD, Tube

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Ring:
    """An interface circle of a junction.

    Attributes:
        tube: Position of the tube in the junction's runs.
        coordinate: Section coordinate in the junction's own field.
        outward: +1 if the tube leaves the junction downstream of the ring, -1 upstream.
        center, normal, binormal, tangent: Frame of the section (3,).
        radius: Section radius [m].
        points: Wall vertices of the section, in order (n, 3) [m].
    """

    tube: int
    coordinate: float
    outward: int
    center: FloatArray
    normal: FloatArray
    binormal: FloatArray
    tangent: FloatArray
    radius: float
    points: FloatArray


@dataclass(frozen=True)
class JunctionField:
    """The blended implicit surface of the runs of one junction."""

    union: union_kernel.Union
    sections: IntArray
    """Section of the tube behind each section of the field (n,)."""
    inner: IntArray
    """Sections between the rings, rings included (k,)."""
    gap: float
    """Distance between the vessels at the rings [m]."""

    def values(self, points: FloatArray) -> tuple[FloatArray, FloatArray, IntArray, FloatArray]:
        """Value, outward direction, run and section coordinate in the field at points (m, 3)."""
        return union_kernel.blended_values(points, self.union)

    def sample(self, shape: IntArray, origin: FloatArray, spacing: float) -> FloatArray:
        """Value, a few spacings at most, at the points of a grid (nx, ny, nz)."""
        nx, ny, nz = (int(n) for n in shape)
        return sample_grid((nx, ny, nz), origin, spacing, self.union)

    def project(self, points: FloatArray, reach: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Points (m, 3) moved onto the wall, ``reach`` (m,) at most, and their remaining values."""
        return union_kernel.project_on_wall(points, self.union, reach)

    def local_radii(self, coordinates: FloatArray) -> FloatArray:
        """Lumen radius at section coordinates of the field (m,)."""
        radii = self.union.sections.radii
        return radii[np.clip(np.rint(coordinates).astype(np.int64), 0, len(radii) - 1)]


def junction_field(tubes: tuple[Tube, ...], runs: tuple[Run, ...], fillet: float) -> JunctionField:
    """Field of the runs, drawn out beyond their interfaces by the pad of sections.

    The fillet fades beyond where vessels part, so that vessels side by side stay two.
    """
    pieces, spans, inner, fillets = [], [], [], []
    start = 0
    for run in runs:
        tube = tubes[run.tube]
        low = 0 if run.low is None else max(run.low - PAD, 0)
        high = min(run.high + PAD, len(tube.radii) - 1)
        sections = np.arange(low, high + 1)
        pieces.append((tube, sections))
        near = np.clip(1.0 - run.parted[sections] / FADING, 0.0, 1.0)
        fillets.append(fillet * near * near * (3.0 - 2.0 * near))
        inner.append(start + np.arange(run.low or 0, run.high + 1) - low)
        spans.append((start, start + len(sections) - 1, int(run.low is None)))
        start += len(sections)
    walls = Sections(
        centers=np.concatenate([tube.centers[s] for tube, s in pieces]),
        tangents=np.concatenate([tube.tangents[s] for tube, s in pieces]),
        normals=np.concatenate([tube.normals[s] for tube, s in pieces]),
        radii=np.concatenate([tube.radii[s] for tube, s in pieces]),
        shapes=np.concatenate([tube.shapes[s] for tube, s in pieces]),
    )
    union = union_kernel.Union(
        sections=walls,
        extents=np.concatenate([tube.extents[s] for tube, s in pieces]),
        fillets=np.concatenate(fillets),
        spans=np.array(spans, dtype=np.int64),
    )
    return JunctionField(
        union,
        sections=np.concatenate([s for _, s in pieces]),
        inner=np.concatenate(inner),
        gap=min(run.gap for run in runs),
    )
