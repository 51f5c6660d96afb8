"""Uncertainty as a section of a case file: every distribution by its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from corohemo.checks import listed, require_numbers
from corohemo.errors import ConfigError
from corohemo.uncertainty.distributions import LogNormal, Normal, Uniform
from corohemo.uncertainty.inputs import InputUncertainty
from corohemo.uncertainty.propagate import UncertaintyOptions

FLOW_SD = 0.25
"""Relative standard deviation of a resting flow of which nothing is known."""
RANGES = (
    ("diameter_exponent_low", "diameter_exponent_high"),
    ("viscosity_low_pa_s", "viscosity_high_pa_s"),
    ("venous_pressure_low_mmhg", "venous_pressure_high_mmhg"),
)
"""Settings that are the ends of one distribution."""
SET_BY = {
    "flow_factor": ("flow_relative_sd",),
    "territory_sd": ("territory_relative_sd",),
    "hyperemic_index": ("hyperemic_index_mean", "hyperemic_index_sd"),
    "aortic_pressure_mmhg": ("aortic_pressure_sd_mmhg",),
    "diameter_exponent": RANGES[0],
    "viscosity_pa_s": RANGES[1],
    "venous_pressure_mmhg": RANGES[2],
}
"""Settings behind an input that has another name."""


@dataclass(frozen=True, kw_only=True)
class UncertaintySettings:
    """Input distributions and numbers of samples; the defaults are recommendations.

    Attributes:
        samples: Samples of the inputs; 0 for none, None for 2,000 behind a finite-element solve and
            none behind a reduced one.
        level: Part of the samples inside an interval.
        sobol_base: Base samples of the Sobol indices, a power of two; 0 for none, None for 256
            behind a finite-element solve and none behind a reduced one.
        seed: Seed of the samples.
        diameter_bias_mm: Half-width of the uniform diameter error common to the whole tree.
        station_sd_mm: Standard deviation of the diameter error that changes along the vessels.
        correlation_mm: Length over which it changes.
        flow_relative_sd: Relative standard deviation of the resting flow, log-normal around 1; None
            for that of the flow source (deformation), else 0.25.
        territory_relative_sd: That of each outlet's flow by itself, log-normal around what the
            other inputs say.
        hyperemic_index_mean: Mean of the hyperemic index, log-normal.
        hyperemic_index_sd: Its standard deviation.
        diameter_exponent_low: Lower end of the uniform split exponent.
        diameter_exponent_high: Its upper end.
        aortic_pressure_sd_mmhg: Standard deviation of the mean aortic pressure, normal.
        viscosity_low_pa_s: Lower end of the uniform viscosity.
        viscosity_high_pa_s: Its upper end.
        venous_pressure_low_mmhg: Lower end of the uniform venous pressure.
        venous_pressure_high_mmhg: Its upper end.
    """

    samples: int | None = None
    level: float = 0.95
    sobol_base: int | None = None
    seed: int = 0
    diameter_bias_mm: float = 0.10
    station_sd_mm: float = 0.12
    correlation_mm: float = 5.0
    flow_relative_sd: float | None = None
    territory_relative_sd: float = 0.0
    hyperemic_index_mean: float = 0.30
    hyperemic_index_sd: float = 0.09
    diameter_exponent_low: float = 2.0
    diameter_exponent_high: float = 3.0
    aortic_pressure_sd_mmhg: float = 8.0
    viscosity_low_pa_s: float = 3.0e-3
    viscosity_high_pa_s: float = 4.5e-3
    venous_pressure_low_mmhg: float = 0.0
    venous_pressure_high_mmhg: float = 10.0

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("viscosity_low_pa_s", "hyperemic_index_mean"),
            nonnegative=(
                "diameter_bias_mm",
                "hyperemic_index_sd",
                "aortic_pressure_sd_mmhg",
            ),
            finite=tuple(name for pair in RANGES for name in pair),
        )
        for low, high in RANGES:
            if getattr(self, high) < getattr(self, low):
                raise ConfigError(
                    f"{high} must not be below {low}, got {getattr(self, high)!r} and "
                    f"{getattr(self, low)!r}.",
                    field=high,
                )
        if self.flow_relative_sd is not None:
            require_numbers(self, nonnegative=("flow_relative_sd",))
        self.inputs()
        self.options(reduced=True)

    def inputs(self, *, flow_sd: float | None = None) -> InputUncertainty:
        """The distributions, with what the flow's source knows of its own."""
        try:
            return self._inputs(flow_sd)
        except ConfigError as error:
            sentence = str(error).replace("InputUncertainty.", "")
            names = SET_BY.get(error.field or "", ())
            behind = f" It is set by {listed(names)}." if names else ""
            raise ConfigError(sentence + behind, field=error.field) from error

    def _inputs(self, flow_sd: float | None) -> InputUncertainty:
        known = (self.flow_relative_sd, flow_sd, FLOW_SD)
        return InputUncertainty(
            diameter_bias_mm=Uniform(-self.diameter_bias_mm, self.diameter_bias_mm),
            station_sd_mm=self.station_sd_mm,
            correlation_mm=self.correlation_mm,
            flow_factor=LogNormal(1.0, next(sd for sd in known if sd is not None)),
            territory_sd=self.territory_relative_sd,
            hyperemic_index=LogNormal(self.hyperemic_index_mean, self.hyperemic_index_sd),
            diameter_exponent=Uniform(self.diameter_exponent_low, self.diameter_exponent_high),
            aortic_pressure_mmhg=Normal(0.0, self.aortic_pressure_sd_mmhg),
            viscosity_pa_s=Uniform(self.viscosity_low_pa_s, self.viscosity_high_pa_s),
            venous_pressure_mmhg=Uniform(
                self.venous_pressure_low_mmhg, self.venous_pressure_high_mmhg
            ),
        )

    def options(self, *, reduced: bool) -> UncertaintyOptions:
        """The numbers of samples, for a case solved by the reduced model or not."""
        automatic = (0, 0) if reduced else (2000, 256)
        return UncertaintyOptions(
            samples=automatic[0] if self.samples is None else self.samples,
            level=self.level,
            sobol_base=automatic[1] if self.sobol_base is None else self.sobol_base,
            seed=self.seed,
        )
