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
INNER_RELAXATIONS = 3
"""Halvings of inner edges before those on the wall are drawn back too."""


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
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """A node on every edge (e, 3), and whether the edge lies on the wall (e,).

    Args:
        points: Vertices (n, 3).
        edges: Vertex pairs, ascending (e, 2).
        tubes: Tubes of the spans.
        spans: Swept spans; they own the first vertices.
        junctions: Meshed junctions.
        disk: Disk of the swept sections.
    """
    middles = 0.5 * (points[edges[:, 0]] + points[edges[:, 1]])
    swept, wall = np.zeros(len(edges), dtype=bool), np.zeros(len(edges), dtype=bool)
    for span in spans:
        end = span.offset + len(span.coordinates) * disk.n_vertices
        mine = ((edges >= span.offset) & (edges < end)).all(axis=1)
        middles[mine] = _swept_middles(span, tubes[span.span.tube], edges[mine], disk)
        swept |= mine
        wall[mine] = (disk.rho[(edges[mine] - span.offset) % disk.n_vertices] == 1.0).all(axis=1)
    n = len(points)
    keys = edges[:, 0] * n + edges[:, 1]
    for junction in junctions:
        t = junction.wall
        pairs = np.sort(np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), axis=1)
        where = np.searchsorted(keys, np.unique(pairs[:, 0] * n + pairs[:, 1]))
        where = where[~swept[where]]
        wall[where] = True
        lengths = np.linalg.norm(points[edges[where, 1]] - points[edges[where, 0]], axis=1)
        middles[where], _ = junction.field.project(middles[where], 0.25 * lengths)
    return middles, wall


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
    wall: NDArray[np.bool_],
    least: float,
) -> tuple[FloatArray, int]:
    """Draw edge nodes back towards the chord where a curved cell comes near folding.

    Edges on the wall give way last.

    Args:
        points: Vertices (n, 3).
        cells: Tetrahedra (m, 4).
        edges: Unique edges (e, 2).
        edge_of_cell: Edge numbers of each cell (m, 6).
        middles: Edge nodes (e, 3).
        wall: Whether each edge lies on the wall (e,).
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
    for turn in range(MAXIMUM_RELAXATIONS):
        low, high, _ = cell_jacobians(np.concatenate([points, chords + bend]), quadratic[active])
        bad = active[~(low > least * high)]
        if not len(bad):
            break
        touched = np.unique(edge_of_cell[bad])
        if turn < INNER_RELAXATIONS:
            touched = touched[~wall[touched]]
        bend[touched] *= 0.5
        drawn[touched] = True
        active = np.flatnonzero(np.isin(edge_of_cell, touched).any(axis=1))
    return chords + bend, int(drawn.sum())
