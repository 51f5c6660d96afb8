"""Axial part of the traction on the wall, the stress behind axial plaque stress.

aps = (p - p_ref) (n . t) + tau . t, t the centerline's tangent in flow direction.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@nb.njit(cache=True)
def axial_stress(
    normals: FloatArray, pressure: FloatArray, shear: FloatArray, tangents: FloatArray
) -> FloatArray:
    """Axial component of the fluid's traction on the wall.

    Args:
        normals: Unit normals out of the fluid (n, 3) [-].
        pressure: Wall pressure above the reference (n,) [Pa].
        shear: Wall shear stress vector (n, 3) [Pa].
        tangents: Unit centerline tangents (n, 3) [-].

    Returns:
        Axial stress, positive along the flow (n,) [Pa].
    """
    result = np.empty(pressure.shape[0])
    for k in range(pressure.shape[0]):
        total = 0.0
        for d in range(3):
            total += (pressure[k] * normals[k, d] + shear[k, d]) * tangents[k, d]
        result[k] = total
    return result
