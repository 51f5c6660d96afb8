"""Density and viscosity of blood, as values."""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import require_between, require_numbers
from corohemo.errors import ConfigError
from corohemo.rheology import CarreauYasuda, viscosity_from_hematocrit

FloatArray = NDArray[np.float64]

USUAL_VISCOSITY_PA_S = 3.5e-3
LIMITS = {"density_kg_m3": (100.0, 20_000.0), "dynamic_viscosity_pa_s": (1e-5, 1.0)}
"""Ranges of liquids; a viscosity of blood in mPa s lies outside."""


@dataclass(frozen=True)
class Blood:
    """Blood; both defaults lie in the usual range 1050-1060 kg/m3, 3.5-4.0 mPa s.

    Attributes:
        density_kg_m3: Density.
        dynamic_viscosity_pa_s: Viscosity of Newtonian blood; the reduced model always takes it.
        rheology: Law by which the 3-D solver and the wall shear let the viscosity fall with the
            shear rate; None for Newtonian blood.
        hematocrit: Volume fraction of red cells, 0 to 0.7, that gives the viscosity instead
            (``viscosity_from_hematocrit``); None where it is not known.

    Raises:
        ConfigError: If a value is out of range, or viscosity and hematocrit contradict each other.
    """

    density_kg_m3: float = 1060.0
    dynamic_viscosity_pa_s: float = USUAL_VISCOSITY_PA_S
    rheology: CarreauYasuda | None = None
    hematocrit: float | None = None

    def __post_init__(self) -> None:
        require_numbers(self, positive=tuple(LIMITS))
        require_between(self, LIMITS)
        if not isinstance(self.rheology, CarreauYasuda | None):
            raise ConfigError(
                f"Blood.rheology must be a CarreauYasuda or None, got {self.rheology!r}.",
                field="rheology",
            )
        self._adopt_hematocrit()

    def _adopt_hematocrit(self) -> None:
        if self.hematocrit is None:
            return
        given, found = self.dynamic_viscosity_pa_s, viscosity_from_hematocrit(self.hematocrit)
        if given != USUAL_VISCOSITY_PA_S and not isclose(given, found, rel_tol=1e-9):
            raise ConfigError(
                f"Blood.dynamic_viscosity_pa_s is {given:g} but a hematocrit of "
                f"{self.hematocrit:g} gives {found:g}; leave one out.",
                field="hematocrit",
            )
        object.__setattr__(self, "dynamic_viscosity_pa_s", found)

    def wall_shear(self, newtonian: FloatArray) -> FloatArray:
        """Wall shear stress vectors (..., 3) [Pa] from those of the Newtonian viscosity."""
        if self.rheology is None:
            return newtonian
        rate = np.linalg.norm(newtonian, axis=-1, keepdims=True) / self.dynamic_viscosity
        return newtonian * self.rheology.viscosity(rate) / self.dynamic_viscosity

    @property
    def density(self) -> float:
        """Density [kg/m3]."""
        return self.density_kg_m3

    @property
    def dynamic_viscosity(self) -> float:
        """Dynamic viscosity [Pa s]."""
        return self.dynamic_viscosity_pa_s

    @property
    def kinematic_viscosity(self) -> float:
        """Kinematic viscosity [m2/s]."""
        return self.dynamic_viscosity_pa_s / self.density_kg_m3
