"""Viscosity of blood: constant, falling with the shear rate, or from the hematocrit."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import is_number, require_numbers, shown
from corohemo.errors import ConfigError

FloatArray = NDArray[np.float64]

PLASMA_VISCOSITY_PA_S = 1.2e-3
"""Plasma at 37 degrees C, the middle of its usual range 1.1-1.3 mPa s."""
MOST_CELLS = 0.7
"""Largest hematocrit that the formula was fitted to cover."""


@dataclass(frozen=True)
class CarreauYasuda:
    r"""Shear-thinning blood.

    \mu = \mu_\infty + (\mu_0 - \mu_\infty) (1 + (\lambda g)^a)^((n - 1) / a), g = \sqrt{2 D : D}.

    The defaults are those of Cho and Kensey, Biorheology 1991;28:241.

    Attributes:
        zero_shear_viscosity_pa_s: Viscosity at rest.
        infinite_shear_viscosity_pa_s: Viscosity at high shear rate.
        relaxation_time_s: lambda.
        index: n; 1 is a Newtonian fluid.
        transition: a.
    """

    zero_shear_viscosity_pa_s: float = 0.056
    infinite_shear_viscosity_pa_s: float = 0.00345
    relaxation_time_s: float = 3.313
    index: float = 0.3568
    transition: float = 2.0

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=(
                "zero_shear_viscosity_pa_s",
                "infinite_shear_viscosity_pa_s",
                "relaxation_time_s",
                "index",
                "transition",
            ),
        )
        if self.index > 1.0 or self.zero_shear_viscosity_pa_s < self.infinite_shear_viscosity_pa_s:
            raise ConfigError(
                "CarreauYasuda describes blood that thins with shear: index must be at most 1 and "
                "zero_shear_viscosity_pa_s not below infinite_shear_viscosity_pa_s.",
                field="index",
            )

    def viscosity(self, shear_rate: FloatArray | float) -> FloatArray:
        """Dynamic viscosity [Pa s] at shear rates [1/s], of the same shape."""
        thinning = (1.0 + (self.relaxation_time_s * np.asarray(shear_rate)) ** self.transition) ** (
            (self.index - 1.0) / self.transition
        )
        low, high = self.infinite_shear_viscosity_pa_s, self.zero_shear_viscosity_pa_s
        return np.asarray(low + (high - low) * thinning)


def viscosity_from_hematocrit(
    hematocrit: float, *, plasma_viscosity_pa_s: float = PLASMA_VISCOSITY_PA_S
) -> float:
    """Newtonian viscosity of blood in tubes wider than half a millimetre [Pa s].

    mu = mu_p (1 + 2.2 ((1 - H)^-0.8 - 1) / (0.55^-0.8 - 1)), the limit of wide tubes of Pries,
    Neuhaus and Gaehtgens, Am J Physiol 1992;263:H1770: 3.2 times plasma at H = 0.45.

    Args:
        hematocrit: Volume fraction of red cells, 0 to 0.7.
        plasma_viscosity_pa_s: Viscosity of the plasma.

    Raises:
        ConfigError: If the hematocrit is no such fraction or the viscosity not positive.
    """
    if not (is_number(hematocrit) and 0.0 <= hematocrit <= MOST_CELLS):
        raise ConfigError(
            f"The hematocrit must be a fraction between 0 and {MOST_CELLS}, got "
            f"{shown(hematocrit)}; 45 percent is 0.45.",
            field="hematocrit",
        )
    if not (is_number(plasma_viscosity_pa_s) and 0.0 < plasma_viscosity_pa_s < inf):
        raise ConfigError(
            f"plasma_viscosity_pa_s must be positive, got {shown(plasma_viscosity_pa_s)}.",
            field="plasma_viscosity_pa_s",
        )
    crowding = ((1.0 - hematocrit) ** -0.8 - 1.0) / (0.55**-0.8 - 1.0)
    return float(plasma_viscosity_pa_s * (1.0 + 2.2 * crowding))
