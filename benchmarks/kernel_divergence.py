"""Surface divergence of the shear's direction by the kernels and by NumPy."""

import numpy as np
from kernel_row import best, difference, row
from kernel_wall import VISCOSITY, Wall, by_pieces, facet_frames, numpy_shear
from numpy.typing import NDArray

from corohemo.kernels.divergence import (
    EDGE_PLACES,
    EDGE_WEIGHTS,
    add_edge_fluxes,
    edge_fluxes,
    flux_divergence,
)
from corohemo.kernels.facets import facet_edges

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEAST = 1e-3


def numpy_fluxes(wall: Wall) -> tuple[FloatArray, ...]:
    """Fluxes of the shear's direction through the edges of every facet (k, 3) by NumPy."""
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    courses = np.roll(corners, -1, axis=0) - corners
    rule = (corners[:, None] + EDGE_PLACES[:, None] * courses[:, None]).reshape(-1, 2)
    course = np.repeat(courses, 3, axis=0)
    positions, first, second, normals = facet_frames(wall, rule)
    normals = normals / np.linalg.norm(normals, axis=2, keepdims=True)
    shear = numpy_shear(wall, positions, normals)
    size = np.linalg.norm(shear, axis=2, keepdims=True)
    unit = np.divide(shear, size, out=np.zeros_like(shear), where=size > LEAST)
    outward = np.cross(course[:, :1] * first + course[:, 1:] * second, normals)
    return (np.sum(unit * outward, axis=2).reshape(-1, 3, 3) @ EDGE_WEIGHTS,)


def numpy_divergence(
    fluxes: FloatArray, edges: IntArray, signs: FloatArray, shares: FloatArray, areas: FloatArray
) -> FloatArray:
    """Divergence of the shear's direction over every facet (k,) by NumPy."""
    signed = signs * fluxes
    total = shares * np.bincount(edges.ravel(), weights=signed.ravel(), minlength=len(shares))
    return np.sum(signs * total[edges], axis=1) / areas


def divergence(
    wall: Wall, edges: IntArray, signs: FloatArray, shares: FloatArray, areas: FloatArray
) -> FloatArray:
    """The same by the kernels."""
    fluxes = edge_fluxes(
        *(wall.points, wall.cells, wall.facets, np.arange(len(wall.cells))),
        *(wall.velocity, VISCOSITY, LEAST),
    )
    total = np.zeros(len(shares))
    add_edge_fluxes(fluxes, edges, signs, shares, total)
    return np.asarray(flux_divergence(total, edges, signs, areas))


def divergence_row(wall: Wall, small: Wall, areas: FloatArray) -> None:
    """Divergence against NumPy."""
    edges = facet_edges(wall.facets)
    divergence(small, *facet_edges(small.facets), np.ones(len(small.facets)))
    ours, divergences = best(lambda: divergence(wall, *edges, areas), 3)
    pieces, (fluxes,) = best(lambda: by_pieces(numpy_fluxes, wall), 1)
    rest, others = best(lambda: numpy_divergence(fluxes, *edges, areas), 1)
    whole, _ = best(lambda: numpy_fluxes(wall), 1)
    error = difference([divergences], [others])
    row("divergence, nine points a facet", ours, [whole + rest, pieces + rest], error)
