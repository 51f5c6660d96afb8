"""Twice the rate of strain in cells, from the quadratic polynomial in space of their velocity.

The gradient of a quadratic is linear: its value in the first vertex and three slopes say all of it,
so that a point costs a few multiplications. Eight cells are taken at a time.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.octets import SIZE, Octet, Octets
from corohemo.kernels.space import (
    Inverse,
    affine_coordinates,
    dot,
    gather,
    inverse_map,
    load_vector,
    minus,
    space_coefficients,
    times,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Strain = tuple[Octet, Octet, Octet, Octet, Octet, Octet]
"""xx, yy, zz, xy, xz, yz."""
Law = tuple[Octets, Inverse, Strain, Strain, Strain, Strain]
"""First vertex; inverse map to affine coordinates xi; strain there, and its slopes along xi."""
Cells = tuple[FloatArray, FloatArray, FloatArray]


@nb.njit(cache=True)
def cell_room() -> Cells:
    """Room for eight cells: nodes (10, 3, 8), velocity there (10, 3, 8), matrices (6, 6, 8)."""
    return np.empty((10, 3, SIZE)), np.empty((10, 3, SIZE)), np.empty((6, 6, SIZE))


@nb.njit(cache=True)
def gather_cell(
    points: FloatArray, velocity: FloatArray, cell: IntArray, place: int, cells: Cells
) -> None:
    """Write a cell (10,) with its nodes (n, 3) and velocity (n, 3) into ``place`` of ``cells``."""
    gather(points, cell, place, cells[0])
    gather(velocity, cell, place, cells[1])


@nb.njit(cache=True)
def _strain(r: Octets, s: Octets, t: Octets, inverse: Inverse) -> Strain:
    """Strain of a velocity with slopes r, s, t along the affine coordinates."""
    a, b, c = inverse
    return (
        2.0 * (r[0] * a[0] + s[0] * b[0] + t[0] * c[0]),
        2.0 * (r[1] * a[1] + s[1] * b[1] + t[1] * c[1]),
        2.0 * (r[2] * a[2] + s[2] * b[2] + t[2] * c[2]),
        r[0] * a[1] + s[0] * b[1] + t[0] * c[1] + r[1] * a[0] + s[1] * b[0] + t[1] * c[0],
        r[0] * a[2] + s[0] * b[2] + t[0] * c[2] + r[2] * a[0] + s[2] * b[0] + t[2] * c[0],
        r[1] * a[2] + s[1] * b[2] + t[1] * c[2] + r[2] * a[1] + s[2] * b[1] + t[2] * c[1],
    )


@nb.njit(cache=True)
def strain_law(cells: Cells) -> Law:
    """Linear law of grad u + (grad u)^T [1/s] in cells, whose velocity is overwritten."""
    nodes, c, matrix = cells
    inverse = inverse_map(nodes)
    space_coefficients(nodes, inverse, matrix, c)
    first, on_r, on_s, on_t = (
        load_vector(c, 0),
        times(4.0, load_vector(c, 4)),
        times(4.0, load_vector(c, 6)),
        times(4.0, load_vector(c, 7)),
    )
    rs = minus(minus(times(4.0, load_vector(c, 5)), on_r), on_s)
    st = minus(minus(times(4.0, load_vector(c, 9)), on_s), on_t)
    rt = minus(minus(times(4.0, load_vector(c, 8)), on_r), on_t)
    return (
        load_vector(nodes, 0),
        inverse,
        _strain(
            minus(load_vector(c, 1), minus(first, on_r)),
            minus(load_vector(c, 2), minus(first, on_s)),
            minus(load_vector(c, 3), minus(first, on_t)),
            inverse,
        ),
        _strain(times(-2.0, on_r), rs, rt, inverse),
        _strain(rs, times(-2.0, on_s), st, inverse),
        _strain(rt, st, times(-2.0, on_t), inverse),
    )


@nb.njit(cache=True)
def shear_at(law: Law, place: Octets, normal: Octets, viscosity: float) -> Octets:
    """Tangential part of -viscosity (grad u + (grad u)^T) n.

    Args:
        law: The cells' strain.
        place: A place in each.
        normal: Unit normals there.
        viscosity: Dynamic viscosity.
    """
    vertex, inverse, here, by_r, by_s, by_t = law
    r, s, t = affine_coordinates(inverse, minus(place, vertex))
    xx = here[0] + r * by_r[0] + s * by_s[0] + t * by_t[0]
    yy = here[1] + r * by_r[1] + s * by_s[1] + t * by_t[1]
    zz = here[2] + r * by_r[2] + s * by_s[2] + t * by_t[2]
    xy = here[3] + r * by_r[3] + s * by_s[3] + t * by_t[3]
    xz = here[4] + r * by_r[4] + s * by_s[4] + t * by_t[4]
    yz = here[5] + r * by_r[5] + s * by_s[5] + t * by_t[5]
    force = (
        dot((xx, xy, xz), normal),
        dot((xy, yy, yz), normal),
        dot((xz, yz, zz), normal),
    )
    force = times(-viscosity, force)
    return minus(force, times(dot(force, normal), normal))
