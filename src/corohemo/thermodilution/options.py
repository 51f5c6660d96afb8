"""How the virtual thermodilution is made."""

from __future__ import annotations

from dataclasses import dataclass

from corohemo.checks import require_choice, require_numbers
from corohemo.errors import ConfigError

SENSORS = ("section", "axis")
"""What the wire may read in 3-D."""


@dataclass(frozen=True, kw_only=True)
class ThermodilutionMethod:
    """How the virtual measurement is made, wherever the sensor lies.

    Attributes:
        bolus_volume_ml: Saline of one bolus.
        injection_s: Time over which it is injected, at half the height; a hand injection.
        rise_s: Time in which the injection starts, and stops; an assumption.
        infusion_ml_min: Continuous infusion at hyperemia (20; Gallinoro et al., EuroIntervention
            2021 read 10 at rest).
        resting_infusion_ml_min: Continuous infusion at rest.
        infusion_mm: Path length from the ostium to the infusion catheter's tip.
        heat_capacity_ratio: Saline's over blood's heat capacity per volume, which is also the
            constant of the measurement's equation; 1.08 (Aarnoudse et al., by memory).
        dispersion: Whether the velocity profile spreads the bolus along the vessel, in 1-D.
        diffusivity_m2_s: Thermal diffusivity of blood; k / (rho c) from tables, by memory. The
            spread hardly depends on it within a transit.
        time_step_s: Longest time step; in 3-D, where no mean depends on it, the step.
        dimensions: 1, along the tree with streams that mix at bifurcations, or 3, in the computed
            field; needs DOLFINx.
        sensor: What the wire reads in 3-D: "section", the mean over the section's flow, or "axis".
        infusion_spread: Part of the lumen's radius, around its axis, over whose flow the infusate
            spreads at the catheter's tip in 3-D: 1 is well mixed, as side holes are meant to do.
        scalar_degree: Of the saline's space in 3-D: 2, or 1, which is faster.
    """

    bolus_volume_ml: float = 3.0
    injection_s: float = 0.3
    rise_s: float = 0.1
    infusion_ml_min: float = 20.0
    resting_infusion_ml_min: float = 10.0
    infusion_mm: float = 0.0
    heat_capacity_ratio: float = 1.08
    dispersion: bool = True
    diffusivity_m2_s: float = 1.4e-7
    time_step_s: float = 2e-3
    dimensions: int = 1
    sensor: str = "section"
    infusion_spread: float = 1.0
    scalar_degree: int = 2

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=(
                "bolus_volume_ml",
                "injection_s",
                "infusion_ml_min",
                "resting_infusion_ml_min",
                "heat_capacity_ratio",
                "diffusivity_m2_s",
                "time_step_s",
                "infusion_spread",
            ),
            nonnegative=("infusion_mm", "rise_s"),
        )
        require_choice(self, "sensor", SENSORS)
        for name, choices in (("dimensions", (1, 3)), ("scalar_degree", (1, 2))):
            if getattr(self, name) not in choices:
                raise ConfigError(
                    f"{type(self).__name__}.{name} must be {choices[0]} or {choices[1]}, got "
                    f"{getattr(self, name)!r}.",
                    field=name,
                )
        if self.infusion_spread > 1.0:
            raise ConfigError(
                f"{type(self).__name__}.infusion_spread must not exceed 1, got "
                f"{self.infusion_spread:g}.",
                field="infusion_spread",
            )
        if self.rise_s > self.injection_s:
            raise ConfigError(
                f"{type(self).__name__}.rise_s must not exceed injection_s, got "
                f"{self.rise_s:g} and {self.injection_s:g}.",
                field="rise_s",
            )


@dataclass(frozen=True, kw_only=True)
class ThermodilutionOptions(ThermodilutionMethod):
    """How and where the virtual measurement is made.

    Attributes:
        wire_mm: Path length from the ostium to the sensor, as far as the vessel is that long.
    """

    wire_mm: float = 70.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_numbers(self, positive=("wire_mm",))
        if self.infusion_mm >= self.wire_mm:
            raise ConfigError(
                "ThermodilutionOptions.infusion_mm must lie before wire_mm, got "
                f"{self.infusion_mm:g} and {self.wire_mm:g}.",
                field="infusion_mm",
            )
