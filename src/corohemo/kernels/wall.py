r"""Stress of the fluid on the wall, from the velocity in the cell behind each facet.

Traction of the fluid on the wall: f = -\sigma n = p n - 2 \mu D(u) n, n out of the fluid.

The velocity is the quadratic polynomial *in space* through the ten nodal values of the cell, not
the image of one in reference coordinates. Both agree on straight cells; on curved ones only the
former holds every quadratic field: with 12 cells around a tube the gradient of the latter is up to
5 % off for Poiseuille's parabola, the former is exact.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.octets import SIZE, Octet, Octets, load, root, store
from corohemo.kernels.quadratic import triangle_gradients, triangle_shapes
from corohemo.kernels.space import cross, dot, gather, times
from corohemo.kernels.strain import cell_room, gather_cell, shear_at, strain_law

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@nb.njit(cache=True)
def facet_sum(weights: FloatArray, nodes: FloatArray, d: int) -> Octet:
    """Sums of the facets' nodal values (6, 3, 8) in column ``d`` with ``weights`` (6,)."""
    return (
        weights[0] * load(nodes, d)
        + weights[1] * load(nodes, 3 + d)
        + weights[2] * load(nodes, 6 + d)
        + weights[3] * load(nodes, 9 + d)
        + weights[4] * load(nodes, 12 + d)
        + weights[5] * load(nodes, 15 + d)
    )


@nb.njit(cache=True)
def facet_vector(weights: FloatArray, nodes: FloatArray) -> Octets:
    """``facet_sum`` of vectors."""
    return (
        facet_sum(weights, nodes, 0),
        facet_sum(weights, nodes, 1),
        facet_sum(weights, nodes, 2),
    )


@nb.njit(cache=True)
def rule_tables(rule_points: FloatArray) -> FloatArray:
    """Shapes and both gradients of a facet at the points of a rule (q, 3, 6)."""
    tables = np.empty((rule_points.shape[0], 3, 6))
    for q in range(rule_points.shape[0]):
        tables[q, 0] = triangle_shapes(rule_points[q, 0], rule_points[q, 1])
        tables[q, 1:] = triangle_gradients(rule_points[q, 0], rule_points[q, 1]).T
    return tables


def wall_stress(
    points: FloatArray,
    cells: IntArray,
    facets: IntArray,
    facet_cell: IntArray,
    velocity: FloatArray,
    pressure: FloatArray,
    viscosity: float,
    rule_points: FloatArray,
    rule_weights: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Positions, area vectors, shear and pressure at the quadrature points of curved facets.

    The shear is the tangential part of -2 mu D(u) n, the force of the fluid on the wall per area;
    its normal part vanishes at a no-slip wall of an incompressible fluid.

    Args:
        points: Nodes (n, 3) [m].
        cells: Quadratic tetrahedra (m, 10).
        facets: Quadratic triangles (k, 6), outward.
        facet_cell: Cell behind each facet (k,).
        velocity: At the nodes (n, 3) [m/s].
        pressure: At the nodes (n,) [Pa].
        viscosity: Dynamic viscosity [Pa s].
        rule_points: Quadrature points on the reference triangle (q, 2).
        rule_weights: Weights that sum to 1/2 (q,).

    Returns:
        Positions (k, q, 3) [m], area vectors n dA (k, q, 3) [m2], shear (k, q, 3) [Pa],
        pressure (k, q) [Pa].
    """
    shape = (facets.shape[0], rule_points.shape[0])
    positions, vectors, shear = (np.empty((*shape, 3)) for _ in range(3))
    wall_pressure = np.empty(shape)
    _fill(
        *(points, cells, facets, facet_cell, velocity, pressure, viscosity),
        *(rule_points, rule_weights, positions, vectors, shear, wall_pressure),
    )
    return positions, vectors, shear, wall_pressure


@nb.njit(cache=True, error_model="numpy")
def _fill(
    points: FloatArray,
    cells: IntArray,
    facets: IntArray,
    facet_cell: IntArray,
    velocity: FloatArray,
    pressure: FloatArray,
    viscosity: float,
    rule_points: FloatArray,
    rule_weights: FloatArray,
    positions: FloatArray,
    vectors: FloatArray,
    shear: FloatArray,
    wall_pressure: FloatArray,
) -> None:
    """Write all into arrays of the caller, whose large ones have large pages."""
    tables, last = rule_tables(rule_points), facets.shape[0] - 1
    room, nodes, loads = cell_room(), np.empty((6, 3, SIZE)), np.empty((6, 3, SIZE))
    found = np.empty((10, SIZE))
    for k in range(0, facets.shape[0], SIZE):
        for place in range(SIZE):
            facet = min(k + place, last)
            gather_cell(points, velocity, cells[facet_cell[facet]], place, room)
            gather(points, facets[facet], place, nodes)
            for i in range(6):
                loads[i, 0, place] = pressure[facets[facet, i]]
        law = strain_law(room)
        for q in range(rule_points.shape[0]):
            at = facet_vector(tables[q, 0], nodes)
            area = cross(facet_vector(tables[q, 1], nodes), facet_vector(tables[q, 2], nodes))
            normal = times(1.0 / root(dot(area, area)), area)
            force = shear_at(law, at, normal, viscosity)
            for d in range(3):
                store(at[d], found, d)
                store(rule_weights[q] * area[d], found, 3 + d)
                store(force[d], found, 6 + d)
            store(facet_sum(tables[q, 0], loads, 0), found, 9)
            for facet in range(k, min(k + SIZE, last + 1)):
                for d in range(3):
                    positions[facet, q, d] = found[d, facet - k]
                    vectors[facet, q, d] = found[3 + d, facet - k]
                    shear[facet, q, d] = found[6 + d, facet - k]
                wall_pressure[facet, q] = found[9, facet - k]
