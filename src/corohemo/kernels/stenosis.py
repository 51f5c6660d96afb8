"""Pressure drop along branches of given radius as a quadratic of the flow.

Static pressure falls from the first section of a branch to section i by

    p_0 - p_i = viscous_i Q + inertial_i Q |Q|.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@nb.njit(cache=True)
def viscous_resistance(abscissas: FloatArray, radii: FloatArray, viscosity: float) -> FloatArray:
    """Poiseuille resistance from the first section to each one, exact for cones (n,) [Pa s/m3].

    (8 mu / pi) int ds / r^4 with r linear between sections:
    L (r1^2 + r1 r2 + r2^2) / (3 r1^3 r2^3).
    """
    result = np.zeros(radii.size)
    for i in range(radii.size - 1):
        r1, r2 = radii[i], radii[i + 1]
        length = abscissas[i + 1] - abscissas[i]
        integral = length * (r1 * r1 + r1 * r2 + r2 * r2) / (3.0 * (r1 * r2) ** 3)
        result[i + 1] = result[i] + 8.0 * viscosity / np.pi * integral
    return result


@nb.njit(cache=True)
def kinetic_coefficient(radii: FloatArray, density: float, factor: float) -> FloatArray:
    """Reversible change of the dynamic pressure from the first section (n,) [Pa s2/m6].

    factor * rho / 2 (1 / A_i^2 - 1 / A_0^2).
    """
    inverse = 1.0 / (np.pi * radii * radii)
    result: FloatArray = 0.5 * factor * density * (inverse * inverse - inverse[0] * inverse[0])
    return result


@nb.njit(cache=True)
def expansion_loss(
    radii: FloatArray, throat: int, end: int, density: float, coefficient: float
) -> FloatArray:
    """Loss behind one throat, growing with the area up to the lesion's end (n,) [Pa s2/m6].

    coefficient * rho / 2 (1 / A_throat - 1 / A_i)^2: the quadratic term of Young and Tsai,
    J Biomech 1973;6:395, with the area behind the lesion as the reference one.
    """
    result = np.zeros(radii.size)
    inverse_throat = 1.0 / (np.pi * radii[throat] ** 2)
    for i in range(throat + 1, radii.size):
        if i <= end:
            step = inverse_throat - 1.0 / (np.pi * radii[i] ** 2)
            result[i] = max(result[i - 1], 0.5 * coefficient * density * step * abs(step))
        else:
            result[i] = result[end]
    return result
