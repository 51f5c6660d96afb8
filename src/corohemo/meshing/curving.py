"""Edge nodes on the true lumen: swept along vessels, on the implicit wall at junctions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.jacobian import cell_jacobians
from corohemo.meshing.disk import Disk
from corohemo.meshing.junction_field import JunctionField
from corohemo.meshing.sweep import SweptSpan, disk_points
from corohemo.meshing.tubes import Tube

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MAXIMUM_RELAXATIONS = 12
"""Halvings after which an edge is straight for all purposes."""


class MeshedJunction(Protocol):
    """What curving needs of a junction."""

    @property
    def field(self) -> JunctionField:
        """Its implicit surface."""

    @property
    def wall(self) -> IntArray:
        """Its wall triangles (m, 3)."""


def curve_edges(
    points: FloatArray,
    edges: IntArray,
    tubes: tuple[Tube, ...],
    spans: Sequence[SweptSpan],
    junctions: Sequence[MeshedJunction],
    disk: Disk,
) -> FloatArray:
    """A node on every edge (e, 3).

    Args:
        points: Vertices (n, 3).
        edges: Vertex pairs, ascending (e, 2).
        tubes: Tubes of the spans.
        spans: Swept spans; they own the first vertices.
        junctions: Meshed junctions.
        disk: Disk of the swept sections.
    """
    middles = 0.5 * (points[edges[:, 0]] + points[edges[:, 1]])
    swept = np.zeros(len(edges), dtype=bool)
    for span in spans:
        end = span.offset + len(span.coordinates) * disk.n_vertices
        mine = ((edges >= span.offset) & (edges < end)).all(axis=1)
        middles[mine] = _swept_middles(span, tubes[span.span.tube], edges[mine], disk)
        swept |= mine
    n = len(points)
    keys = edges[:, 0] * n + edges[:, 1]
    for junction in junctions:
        wall = junction.wall
        pairs = np.sort(np.concatenate([wall[:, [0, 1]], wall[:, [1, 2]], wall[:, [2, 0]]]), axis=1)
        where = np.searchsorted(keys, np.unique(pairs[:, 0] * n + pairs[:, 1]))
        where = where[~swept[where]]
        lengths = np.linalg.norm(points[edges[where, 1]] - points[edges[where, 0]], axis=1)
        middles[where], _ = junction.field.project(middles[where], 0.25 * lengths)
    return middles


def _swept_middles(span: SweptSpan, tube: Tube, edges: IntArray, disk: Disk) -> FloatArray:
    """Images of the middles of edges in the swept coordinates (section, rho, theta)."""
    section, vertex = np.divmod(edges - span.offset, disk.n_vertices)
    coordinate = span.coordinates[section].mean(axis=1)
    rho, theta = disk.rho[vertex], disk.theta[vertex]
    turn = np.angle(np.exp(1j * (theta[:, 1] - theta[:, 0])))
    middle_theta = np.where(
        rho.min(axis=1) > 0,
        theta[:, 0] + 0.5 * turn,
        theta[np.arange(len(rho)), rho.argmax(axis=1)],
    )
    return disk_points(tube, coordinate, rho.mean(axis=1), middle_theta)


def relax(
    points: FloatArray,
    cells: IntArray,
    edges: IntArray,
    edge_of_cell: IntArray,
    middles: FloatArray,
    least: float,
) -> tuple[FloatArray, int]:
    """Draw edge nodes back towards the chord where a curved cell comes near folding.

    Args:
        points: Vertices (n, 3).
        cells: Tetrahedra (m, 4).
        edges: Unique edges (e, 2).
        edge_of_cell: Edge numbers of each cell (m, 6).
        middles: Edge nodes (e, 3).
        least: Least accepted Jacobian ratio.

    Returns:
        Edge nodes (e, 3) and the number of edges that were drawn back.
    """
    chords = 0.5 * (points[edges[:, 0]] + points[edges[:, 1]])
    bend = middles - chords
    drawn = np.zeros(len(edges), dtype=bool)
    n = len(points)
    quadratic = np.concatenate([cells, n + edge_of_cell], axis=1)
    active = np.arange(len(cells))
    for _ in range(MAXIMUM_RELAXATIONS):
        low, high, _ = cell_jacobians(np.concatenate([points, chords + bend]), quadratic[active])
        bad = active[~(low > least * high)]
        if not len(bad):
            break
        touched = np.unique(edge_of_cell[bad])
        bend[touched] *= 0.5
        drawn[touched] = True
        active = np.flatnonzero(np.isin(edge_of_cell, touched).any(axis=1))
    return chords + bend, int(drawn.sum())
