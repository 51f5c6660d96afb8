"""The bolus at the ostium over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.thermodilution.options import ThermodilutionOptions
from corohemo.units import ML

FloatArray = NDArray[np.float64]


def injection_curve(options: ThermodilutionOptions, flow: float, edges: FloatArray) -> FloatArray:
    """Saline fraction of what flows in, mean over each time step (n,).

    It rises for ``rise_s``, stays and falls again; at half its height it lasts ``injection_s``. It
    does not exceed one, so that a bolus faster than the flow displaces all of the blood.

    Args:
        options: The measurement.
        flow: Flow at the ostium [m3/s].
        edges: Ends of the time steps (n + 1,) [s].
    """
    rise, lasting = options.rise_s, options.injection_s
    up, plateau, down = (
        np.clip(edges - start, 0.0, length)
        for start, length in ((0.0, rise), (rise, lasting - rise), (lasting, rise))
    )
    slope = 0.5 / rise if rise > 0.0 else 0.0
    total = slope * up**2 + plateau + down - slope * down**2
    fraction = min(1.0, options.bolus_volume_ml * ML / lasting / flow)
    return np.asarray(fraction * np.diff(total) / np.diff(edges))
