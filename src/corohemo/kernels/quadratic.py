"""Second-order triangles and tetrahedra in VTK node order: shapes, gradients, quadrature.

Reference triangle: vertices (0,0) (1,0) (0,1).
Reference tetrahedron: vertices (0,0,0) (1,0,0) (0,1,0) (0,0,1).
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_A, _B = 0.445948490915965, 0.091576213509771
TRIANGLE_POINTS = np.array(
    [[_A, _A], [1 - 2 * _A, _A], [_A, 1 - 2 * _A], [_B, _B], [1 - 2 * _B, _B], [_B, 1 - 2 * _B]]
)
"""Six-point rule of Strang and Fix, exact to degree 4 (6, 2)."""
TRIANGLE_WEIGHTS = np.array([0.223381589678011] * 3 + [0.109951743655322] * 3) / 2.0
"""Weights that sum to the reference area 1/2 (6,)."""


@nb.njit(cache=True)
def triangle_shapes(r: float, s: float) -> FloatArray:
    """Quadratic Lagrange shapes on the triangle (6,)."""
    t = 1.0 - r - s
    return np.array(
        [
            t * (2 * t - 1), r * (2 * r - 1), s * (2 * s - 1),
            4 * t * r, 4 * r * s, 4 * s * t,
        ]
    )  # fmt: skip


@nb.njit(cache=True)
def triangle_gradients(r: float, s: float) -> FloatArray:
    """Reference gradients of the quadratic shapes on the triangle (6, 2)."""
    t = 1.0 - r - s
    return np.array(
        [
            [1 - 4 * t, 1 - 4 * t], [4 * r - 1, 0.0], [0.0, 4 * s - 1],
            [4 * (t - r), -4 * r], [4 * s, 4 * r], [-4 * s, 4 * (t - s)],
        ]
    )  # fmt: skip


@nb.njit(cache=True)
def fill_tetrahedron_shapes(r: float, s: float, t: float, shapes: FloatArray) -> None:
    """Write the quadratic Lagrange shapes on the tetrahedron into ``shapes`` (10,)."""
    o = 1.0 - r - s - t
    shapes[0] = o * (2 * o - 1)
    shapes[1] = r * (2 * r - 1)
    shapes[2] = s * (2 * s - 1)
    shapes[3] = t * (2 * t - 1)
    shapes[4] = 4 * o * r
    shapes[5] = 4 * r * s
    shapes[6] = 4 * o * s
    shapes[7] = 4 * o * t
    shapes[8] = 4 * r * t
    shapes[9] = 4 * s * t


@nb.njit(cache=True)
def fill_tetrahedron_gradients(r: float, s: float, t: float, slopes: FloatArray) -> None:
    """Write the reference gradients of the quadratic shapes into ``slopes`` (10, 3)."""
    o = 1.0 - r - s - t
    slopes[:] = 0.0
    slopes[0] = 1 - 4 * o
    slopes[1, 0] = 4 * r - 1
    slopes[2, 1] = 4 * s - 1
    slopes[3, 2] = 4 * t - 1
    slopes[4] = -4 * r
    slopes[4, 0] += 4 * o
    slopes[5, 0] = 4 * s
    slopes[5, 1] = 4 * r
    slopes[6] = -4 * s
    slopes[6, 1] += 4 * o
    slopes[7] = -4 * t
    slopes[7, 2] += 4 * o
    slopes[8, 0] = 4 * t
    slopes[8, 2] = 4 * r
    slopes[9, 1] = 4 * t
    slopes[9, 2] = 4 * s


@nb.njit(cache=True)
def tetrahedron_shapes(r: float, s: float, t: float) -> FloatArray:
    """Quadratic Lagrange shapes on the tetrahedron (10,)."""
    shapes = np.empty(10)
    fill_tetrahedron_shapes(r, s, t, shapes)
    return shapes


@nb.njit(cache=True)
def tetrahedron_gradients(r: float, s: float, t: float) -> FloatArray:
    """Reference gradients of the quadratic shapes on the tetrahedron (10, 3)."""
    slopes = np.empty((10, 3))
    fill_tetrahedron_gradients(r, s, t, slopes)
    return slopes


@nb.njit(cache=True)
def facet_quadrature(points: FloatArray, facets: IntArray) -> tuple[FloatArray, FloatArray]:
    """Positions and outward area vectors at the six quadrature points of each curved facet.

    Args:
        points: Nodes (n, 3).
        facets: Quadratic triangles (k, 6), outward.

    Returns:
        Positions (k, 6, 3) and weighted area vectors n dA (k, 6, 3), which sum to zero over a
        closed surface.
    """
    n_facets = facets.shape[0]
    positions = np.zeros((n_facets, 6, 3))
    vectors = np.zeros((n_facets, 6, 3))
    for q in range(6):
        shapes = triangle_shapes(TRIANGLE_POINTS[q, 0], TRIANGLE_POINTS[q, 1])
        slopes = triangle_gradients(TRIANGLE_POINTS[q, 0], TRIANGLE_POINTS[q, 1])
        for k in range(n_facets):
            along_r = np.zeros(3)
            along_s = np.zeros(3)
            for a in range(6):
                node = points[facets[k, a]]
                positions[k, q] += shapes[a] * node
                along_r += slopes[a, 0] * node
                along_s += slopes[a, 1] * node
            vectors[k, q] = TRIANGLE_WEIGHTS[q] * np.cross(along_r, along_s)
    return positions, vectors
