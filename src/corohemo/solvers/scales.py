"""Length, velocity and pressure that make the flow equations dimensionless."""

from __future__ import annotations

from dataclasses import dataclass

LENGTH = 1e-3
"""Length scale [m]: lumens are millimetres wide."""
VELOCITY = 0.2
"""Velocity scale [m/s]: usual in a coronary artery."""


@dataclass(frozen=True)
class Scales:
    """Units of the dimensionless equations for one density."""

    density: float

    @property
    def pressure(self) -> float:
        """Unit of pressure [Pa]."""
        return self.density * VELOCITY**2

    @property
    def flow(self) -> float:
        """Unit of flow [m3/s]."""
        return VELOCITY * LENGTH**2

    @property
    def resistance(self) -> float:
        """Unit of resistance [Pa s/m3]."""
        return self.pressure / self.flow

    @property
    def time(self) -> float:
        """Unit of time [s]."""
        return LENGTH / VELOCITY

    @property
    def kinematic_viscosity(self) -> float:
        """Unit of kinematic viscosity [m2/s]."""
        return VELOCITY * LENGTH
