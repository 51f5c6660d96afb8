"""Velocity profile of pulsatile flow in a long rigid tube (Womersley, J Physiol 1955;127:553).

A harmonic of the flow with angular frequency w has, at the fraction s of the radius R, the shape
``(1 - J0(L s) / J0(L)) / (1 - 2 J1(L) / (L J0(L)))``, L = i^(3/2) alpha, alpha = R sqrt(w / nu),
over its mean velocity; without frequency this is Poiseuille's ``2 (1 - s^2)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

SLOWEST = 1e-2
"""Womersley number below which the shape is Poiseuille's to 1e-5."""


def womersley_shape(fraction: FloatArray, womersley_number: float) -> ComplexArray:
    """Velocity of one harmonic over its mean over the section.

    Args:
        fraction: Distance from the axis over the radius, 0 to 1 (n,).
        womersley_number: alpha = R sqrt(w / nu).

    Returns:
        Complex shape (n,), zero at the wall.
    """
    if womersley_number < SLOWEST:
        return np.asarray(2.0 * (1.0 - fraction**2), dtype=np.complex128)
    root = 1j**1.5 * womersley_number
    ratio = _bessel_ratio(0, np.asarray(fraction * root), root)
    mean = 1.0 - 2.0 * _bessel_ratio(1, np.array([root]), root)[0] / root
    return np.asarray((1.0 - ratio) / mean)


def womersley_response(womersley_number: float) -> tuple[complex, complex, complex]:
    """Flow, centre velocity and wall shear of a unit gradient, over Poiseuille's.

    Args:
        womersley_number: alpha = R sqrt(w / nu), positive.

    Returns:
        Complex amplitudes; their arguments are the phases against the pressure gradient.
    """
    square = womersley_number**2
    root = 1j**1.5 * womersley_number
    first = _bessel_ratio(1, np.array([root]), root)[0]
    centre = 1.0 - _bessel_ratio(0, np.array([0j]), root)[0]
    flow = 8.0 / (1j * square) * (1.0 - 2.0 * first / root)
    return complex(flow), complex(4.0 / (1j * square) * centre), complex(2.0 / root * first)


def _bessel_ratio(order: int, argument: NDArray[Any], root: complex) -> ComplexArray:
    """J_order(argument) / J_0(root) without overflow for large arguments (n,)."""
    from scipy.special import jve

    growth = np.exp(np.abs(argument.imag) - abs(root.imag))
    return np.asarray(jve(order, argument) / jve(0, root) * growth)
