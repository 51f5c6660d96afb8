"""Temperature of blood with saline in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def temperature_ratio[T: (float, FloatArray)](saline: T, heat_capacity_ratio: float) -> T:
    """Mixture's over saline's temperature difference to the blood [-].

    Args:
        saline: Volume fraction of saline [-].
        heat_capacity_ratio: Saline's over blood's heat capacity per volume [-].
    """
    heat = heat_capacity_ratio * saline
    return heat / (1.0 - saline + heat)
