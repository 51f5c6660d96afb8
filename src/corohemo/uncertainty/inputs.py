"""What is uncertain about a case, and by how much."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np

from corohemo.blood import LIMITS as BLOOD_LIMITS
from corohemo.checks import require_between, require_numbers
from corohemo.errors import ConfigError
from corohemo.states import LIMITS as STATE_LIMITS
from corohemo.uncertainty.distributions import (
    Distribution,
    Fixed,
    LogNormal,
    Normal,
    Uniform,
)

FACTORS = (
    "diameter_bias_mm",
    "flow_factor",
    "hyperemic_index",
    "diameter_exponent",
    "aortic_pressure_mmhg",
    "viscosity_pa_s",
    "venous_pressure_mmhg",
)
"""Uncertain inputs that are one number each; the stations' errors come on top."""
LIMITS = {
    "diameter_bias_mm": (-5.0, 5.0),
    "flow_factor": (1e-3, 100.0),
    "hyperemic_index": (1e-3, 1.0),
    "diameter_exponent": STATE_LIMITS["diameter_exponent"],
    "aortic_pressure_mmhg": (-200.0, 200.0),
    "viscosity_pa_s": BLOOD_LIMITS["dynamic_viscosity_pa_s"],
    "venous_pressure_mmhg": STATE_LIMITS["venous_pressure_mmhg"],
}
"""Ranges that must hold nearly all of an input: beyond them it has another unit or is a slip."""
MIDDLE = (0.025, 0.975)
"""Part of a distribution that must lie in its range. A sample beyond may be impossible by itself,
and of those no more than 5 % are accepted."""
STATIONS = "diameter_stations"
TERRITORIES = "territories"


@dataclass(frozen=True, kw_only=True)
class InputUncertainty:
    """Distributions of the inputs. The defaults are recommendations, not published as a set.

    Attributes:
        diameter_bias_mm: Diameter error common to the whole tree, added to the given diameters.
        station_sd_mm: Standard deviation of a diameter error that changes along the vessels, a
            quarter to a third of a 0.4 mm voxel.
        correlation_mm: Length over which it changes.
        flow_factor: Factor on the resting flow (the population's, or the given one).
        territory_sd: Relative standard deviation of each outlet's flow by itself, log-normal around
            what the other inputs say; for flows of a perfusion map above all.
        hyperemic_index: Hyperemic over resting resistance, instead of the case's own; only for
            flows of a population.
        diameter_exponent: Exponent of the split over the outlets; only for flows of a population.
        aortic_pressure_mmhg: Error added to the mean aortic pressure.
        viscosity_pa_s: Viscosity of the blood.
        venous_pressure_mmhg: Pressure behind the beds.
    """

    diameter_bias_mm: Distribution = field(default=Uniform(-0.10, 0.10))
    station_sd_mm: float = 0.12
    correlation_mm: float = 5.0
    flow_factor: Distribution = field(default=LogNormal(1.0, 0.25))
    territory_sd: float = 0.0
    hyperemic_index: Distribution = field(default=LogNormal(0.30, 0.09))
    diameter_exponent: Distribution = field(default=Uniform(2.0, 3.0))
    aortic_pressure_mmhg: Distribution = field(default=Normal(0.0, 8.0))
    viscosity_pa_s: Distribution = field(default=Uniform(3.0e-3, 4.5e-3))
    venous_pressure_mmhg: Distribution = field(default=Uniform(0.0, 10.0))

    def __post_init__(self) -> None:
        require_numbers(
            self, positive=("correlation_mm",), nonnegative=("station_sd_mm", "territory_sd")
        )
        require_between(self, {"station_sd_mm": (0.0, 5.0), "territory_sd": (0.0, 5.0)})
        for name in FACTORS:
            if not isinstance(getattr(self, name), Distribution):
                raise ConfigError(
                    f"InputUncertainty.{name} must be a Fixed, Normal, LogNormal or Uniform, got "
                    f"{getattr(self, name)!r}.",
                    field=name,
                )
            self._require_in_range(name)

    def _require_in_range(self, name: str) -> None:
        low, high = LIMITS[name]
        ends = getattr(self, name).quantile(np.array(MIDDLE))
        if not (low <= ends[0] and ends[1] <= high):
            raise ConfigError(
                f"InputUncertainty.{name} must lie between {low:g} and {high:g}, but 95 % of "
                f"{getattr(self, name)!r} lie between {ends[0]:.3g} and {ends[1]:.3g}.",
                field=name,
            )

    def of_flow(self, relative_sd: float | None) -> InputUncertainty:
        """The same for a flow whose source knows its relative standard deviation; None if not."""
        if not relative_sd:
            return self
        return replace(self, flow_factor=LogNormal(1.0, relative_sd))

    def described(self) -> dict[str, str]:
        """Each distribution in words, for ``result.json``."""
        rows = {}
        for item in fields(self):
            value = getattr(self, item.name)
            rows[item.name] = repr(value) if isinstance(value, Distribution) else f"{value:g}"
        return rows


CERTAIN = InputUncertainty(
    diameter_bias_mm=Fixed(0.0),
    station_sd_mm=0.0,
    flow_factor=Fixed(1.0),
    hyperemic_index=Fixed(0.24),
    diameter_exponent=Fixed(2.6),
    aortic_pressure_mmhg=Fixed(0.0),
    viscosity_pa_s=Fixed(3.5e-3),
    venous_pressure_mmhg=Fixed(0.0),
)
"""The defaults of ``Hyperemia`` and ``Blood`` without any uncertainty; replace what varies."""
