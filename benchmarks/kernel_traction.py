"""Wall traction by the kernel and by NumPy."""

import numpy as np
from kernel_row import best, difference, row
from kernel_wall import VISCOSITY, Wall, by_pieces, facet_frames, numpy_shear
from numpy.typing import NDArray

from corohemo.kernels.quadratic import TRIANGLE_POINTS, TRIANGLE_WEIGHTS, triangle_shapes
from corohemo.kernels.wall import wall_stress

FloatArray = NDArray[np.float64]


def numpy_traction(wall: Wall) -> tuple[FloatArray, ...]:
    """Positions, area vectors, shear (k, 6, 3) and pressure (k, 6) at six points of every facet."""
    positions, _, _, normals = facet_frames(wall, TRIANGLE_POINTS)
    shear = numpy_shear(wall, positions, normals / np.linalg.norm(normals, axis=2, keepdims=True))
    shapes = np.array([triangle_shapes(*point) for point in TRIANGLE_POINTS])
    pressure = wall.velocity[wall.facets, 0] @ shapes.T
    return positions, TRIANGLE_WEIGHTS[:, None] * normals, shear, pressure


def traction(wall: Wall) -> tuple[FloatArray, ...]:
    """The same by the kernel; a component of the velocity stands for the pressure."""
    return wall_stress(
        *(wall.points, wall.cells, wall.facets, np.arange(len(wall.cells))),
        *(wall.velocity, wall.velocity[:, 0].copy(), VISCOSITY),
        *(TRIANGLE_POINTS, TRIANGLE_WEIGHTS),
    )


def traction_row(wall: Wall, small: Wall) -> FloatArray:
    """Traction against NumPy; gives the areas of the facets."""
    traction(small)
    ours, found = best(lambda: traction(wall), 3)
    pieces, expected = best(lambda: by_pieces(numpy_traction, wall), 1)
    error = difference(found, expected)
    areas = np.linalg.norm(found[1], axis=2).sum(axis=1)
    del found, expected
    whole, _ = best(lambda: numpy_traction(wall), 1)
    row("traction, six points a facet", ours, [whole, pieces], error)
    return areas
