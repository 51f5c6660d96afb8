r"""Sections that are not circles: their radius over the angle, relative to that of equal area.

.. math:: \rho(\theta) = \frac{r}{r_{eq}} = \sqrt{1 - \tfrac12 \sum_k (a_k^2 + b_k^2)}
          + \sum_k (a_k \cos k\theta + b_k \sin k\theta)

With this mean the area is exactly :math:`\pi r_{eq}^2` for any coefficients, also where they
are interpolated. A row of coefficients is (a_1, b_1, a_2, b_2, ...); none are a circle.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@nb.njit(cache=True)
def polar_radius(
    shapes: FloatArray, i: int, u: float, cosine: float, sine: float
) -> tuple[float, float]:
    """Relative radius and its derivative by the angle, between sections i and i + 1.

    Args:
        shapes: Coefficients of all sections (n, 2 k).
        i: Section.
        u: Fraction of the way to the next one, in [0, 1].
        cosine: Of the angle from the section's normal towards its binormal.
        sine: The same angle's.
    """
    j = min(i + 1, shapes.shape[0] - 1)
    c, s = 1.0, 0.0
    radius, slope, square = 0.0, 0.0, 0.0
    for k in range(shapes.shape[1] // 2):
        c, s = c * cosine - s * sine, s * cosine + c * sine
        a = (1.0 - u) * shapes[i, 2 * k] + u * shapes[j, 2 * k]
        b = (1.0 - u) * shapes[i, 2 * k + 1] + u * shapes[j, 2 * k + 1]
        radius += a * c + b * s
        slope += (k + 1) * (b * c - a * s)
        square += a * a + b * b
    return np.sqrt(max(1.0 - 0.5 * square, 0.0)) + radius, slope


@nb.njit(cache=True)
def polar_radii(shapes: FloatArray, coordinates: FloatArray, angles: FloatArray) -> FloatArray:
    """Relative radii (m,) at section coordinates, index plus fraction (m,), and angles (m,) [rad].

    Args:
        shapes: Coefficients of all sections (n, 2 k).
        coordinates: Section coordinates (m,), from 0 to n - 1.
        angles: Angles from the normal towards the binormal (m,) [rad].
    """
    result = np.ones(coordinates.shape[0])
    if shapes.shape[1] == 0:
        return result
    for m in range(coordinates.shape[0]):
        i = min(max(int(np.floor(coordinates[m])), 0), shapes.shape[0] - 1)
        result[m], _ = polar_radius(
            shapes, i, coordinates[m] - i, np.cos(angles[m]), np.sin(angles[m])
        )
    return result
