"""Swept spans: disks carried along a tube, stretched where nothing happens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.polar import polar_radii
from corohemo.meshing.disk import Disk
from corohemo.meshing.junctions import Span
from corohemo.meshing.options import MeshOptions
from corohemo.meshing.tubes import Tube

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

WAKE_RADII = 5.0
"""Length over which fine steps fade downstream of a disturbance [radii]."""
APPROACH_RADII = 1.5
"""The same upstream."""
LARGEST_RADIUS_STEP = 0.15
"""Greatest change of the radius along one element, as a logarithm."""


def interpolate(
    tube: Tube, coordinates: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Centers, normals, binormals (n, 3) and radii (n,) at section coordinates (n,)."""
    low = np.clip(np.floor(coordinates).astype(np.int64), 0, len(tube.radii) - 2)
    u = (coordinates - low)[:, None]

    def at(column: FloatArray) -> FloatArray:
        return np.asarray((1 - u) * column[low] + u * column[low + 1])

    tangents = at(tube.tangents)
    tangents /= np.linalg.norm(tangents, axis=1)[:, None]
    normals = at(tube.normals)
    normals -= np.sum(normals * tangents, axis=1)[:, None] * tangents
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    radii = (1 - u[:, 0]) * tube.radii[low] + u[:, 0] * tube.radii[low + 1]
    return at(tube.centers), normals, np.cross(tangents, normals), radii


def disk_points(
    tube: Tube, coordinates: FloatArray, rho: FloatArray, theta: FloatArray
) -> FloatArray:
    """Points (n, 3) at section coordinates, radius relative to the wall's and angle (each (n,))."""
    centers, normals, binormals, radii = interpolate(tube, coordinates)
    distance = radii * rho * polar_radii(tube.shapes, coordinates, theta)
    x = (distance * np.cos(theta))[:, None] * normals
    y = (distance * np.sin(theta))[:, None] * binormals
    return np.asarray(centers + x + y)


def disturbance(tube: Tube) -> FloatArray:
    """How much each section calls for fine steps (n,): 0 where even, 1 at a lesion or bend."""
    ds = np.gradient(tube.abscissas)
    slope = np.abs(np.gradient(tube.radii) / ds) + _shape_slope(tube, ds)
    turn = np.linalg.norm(np.gradient(tube.tangents, axis=0), axis=1) / ds
    return np.clip(3.0 * slope + 0.8 * np.maximum(turn * tube.radii - 0.1, 0.0), 0.0, 1.0)


def _shape_slope(tube: Tube, ds: FloatArray) -> FloatArray:
    """How steeply the wall rises along the tube where only the shape changes, rms around (n,)."""
    if tube.shapes.shape[1] == 0:
        return np.zeros(len(tube.radii))
    change = np.sqrt(0.5 * np.sum(np.gradient(tube.shapes, axis=0) ** 2, axis=1))
    return np.asarray(tube.radii * change / ds)


def spread(tube: Tube, level: FloatArray) -> FloatArray:
    """Let a disturbance level (n,) fade over its wake and its approach."""
    result = level.copy()
    steps = np.diff(tube.abscissas) / tube.radii[:-1]
    for i in range(1, len(result)):
        result[i] = max(result[i], result[i - 1] * np.exp(-steps[i - 1] / WAKE_RADII))
    for i in range(len(result) - 2, -1, -1):
        result[i] = max(result[i], result[i + 1] * np.exp(-steps[i] / APPROACH_RADII))
    return result


def stations(
    tube: Tube, span: Span, level: FloatArray, options: MeshOptions, marks: FloatArray
) -> FloatArray:
    """Section coordinates of the swept disks of a span, ends included (m,).

    Args:
        tube: The tube.
        span: Its swept sections.
        level: Disturbance level of every section (n,).
        options: Step lengths.
        marks: Section coordinates at which a disk should lie, where one is near (k,).
    """
    sections = np.arange(span.low, span.high + 1)
    radii = tube.radii[sections]
    turn = np.linalg.norm(np.gradient(tube.tangents, axis=0), axis=1) / np.gradient(tube.abscissas)
    coarse, fine = options.axial_step_radii, options.lesion_step_radii
    step = radii * coarse * (min(fine, coarse) / coarse) ** level[sections]
    step = np.minimum(step, 0.4 / np.maximum(turn[sections], 1e-12))
    slope = np.abs(np.gradient(np.log(tube.radii), tube.abscissas))[sections]
    density = np.maximum(options.refinement / step, slope / LARGEST_RADIUS_STEP)
    lengths = np.diff(tube.abscissas[sections])
    count = np.concatenate([[0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * lengths)])
    n = max(int(np.ceil(count[-1] - 1e-9)), 1)
    coordinates = np.interp(np.linspace(0.0, count[-1], n + 1), count, sections)
    coordinates[0], coordinates[-1] = span.low, span.high
    for mark in marks:
        nearest = int(np.argmin(np.abs(coordinates - mark)))
        if 0 < nearest < n and span.low < mark < span.high:
            coordinates[nearest] = mark
    return np.asarray(coordinates)


@dataclass(frozen=True)
class SweptSpan:
    """Vertices of one swept span; section k's start at ``offset + k * disk.n_vertices``."""

    span: Span
    coordinates: FloatArray
    offset: int

    def section_vertices(self, index: int, disk: Disk) -> IntArray:
        """Vertex numbers of a section's disk, counted from the end for negative ``index``."""
        k = index % len(self.coordinates)
        return self.offset + k * disk.n_vertices + np.arange(disk.n_vertices)

    def cells(self, disk: Disk) -> IntArray:
        """Tetrahedra (m, 4), not yet oriented."""
        blocks = []
        for k in range(len(self.coordinates) - 1):
            lower = self.offset + k * disk.n_vertices + disk.triangles
            blocks.append(split_prisms(lower, lower + disk.n_vertices))
        return np.concatenate(blocks)


def split_prisms(lower: IntArray, upper: IntArray) -> IntArray:
    """Three tetrahedra per prism (3 m, 4); diagonals leave each side's smallest lower vertex."""
    order = np.argsort(lower, axis=1)
    v = np.take_along_axis(lower, order, axis=1)
    w = np.take_along_axis(upper, order, axis=1)
    one = np.stack([v[:, 0], v[:, 1], v[:, 2], w[:, 2]], axis=1)
    two = np.stack([v[:, 0], v[:, 1], w[:, 2], w[:, 1]], axis=1)
    three = np.stack([v[:, 0], w[:, 1], w[:, 2], w[:, 0]], axis=1)
    return np.concatenate([one, two, three])
