"""Conventions of the indices that differ between laboratories, each with its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from corohemo.checks import require_choice, require_numbers
from corohemo.errors import ConfigError

PRESSURE_REFERENCES = ("gauge", "local", "venous")


@dataclass(frozen=True)
class IndexOptions:
    """Where and how the indices are read.

    Attributes:
        distal_reading_mm: Distance behind the lesion's end at which its FFR is read, 10-20 mm
            (Norgaard et al. 2019, Radiol Cardiothorac Imaging 1:e190050).
        section_step_mm: Distance between the sections of a pullback.
        wire_mm: Path length from the ostium to the pressure sensor for IMR_CT, CFR and MRR, as far
            as the vessel is that long; a sensor usually lies 60-80 mm down.
        wire_positions_mm: Known sensor positions by vessel name, instead of ``wire_mm``.
        plaque_stress_reference: Pressure that plaque stress is measured from: "gauge" (as
            published), "local" (mean pressure at the throat) or "venous".
        ppg_window_mm: Length over which the steepest FFR drop is taken.
        functional_disease_per_mm: FFR drop per millimetre from which a vessel counts as diseased.
        venous_pressure_mmhg: Pressure behind the microcirculation; None takes the outlets' own.
        prescribed_flow_is_measured: True if flows of source "prescribed" were measured in this
            patient, so that microvascular indices carry information.
        volume_cutoff_mm: Healthy diameter from which a vessel counts in V/M (1 mm in NXT, PACIFIC).
        ffr_threshold: FFR at or below which an endotype is epicardial or mixed.
        imr_threshold_u: IMR_CT from which the resistance counts as high.
        cfr_threshold: CFR below which the reserve counts as low; 2.5 for screening.
        imr_correction_slope: Slope of Yong's correction of IMR for collaterals; None for none. From
            memory, unverified: 1.35.
        imr_correction_offset: Its offset; from memory, unverified: 0.32.
        allow_unconverged: True computes indices of a flow that did not converge.
    """

    distal_reading_mm: float = 15.0
    section_step_mm: float = 0.5
    wire_mm: float = 70.0
    wire_positions_mm: Mapping[str, float] = field(default_factory=dict)
    plaque_stress_reference: str = "gauge"
    ppg_window_mm: float = 20.0
    functional_disease_per_mm: float = 0.0015
    venous_pressure_mmhg: float | None = None
    prescribed_flow_is_measured: bool = False
    volume_cutoff_mm: float = 1.0
    ffr_threshold: float = 0.80
    imr_threshold_u: float = 25.0
    cfr_threshold: float = 2.0
    imr_correction_slope: float | None = None
    imr_correction_offset: float | None = None
    allow_unconverged: bool = False

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=(
                "distal_reading_mm",
                "section_step_mm",
                "wire_mm",
                "ppg_window_mm",
                "functional_disease_per_mm",
                "volume_cutoff_mm",
                "ffr_threshold",
                "imr_threshold_u",
                "cfr_threshold",
            ),
        )
        optional = ("venous_pressure_mmhg", "imr_correction_slope", "imr_correction_offset")
        require_numbers(self, finite=[key for key in optional if getattr(self, key) is not None])
        if (self.imr_correction_slope is None) != (self.imr_correction_offset is None):
            raise ConfigError(
                "IndexOptions.imr_correction_slope and imr_correction_offset belong together; give "
                "both or none.",
                field="imr_correction_slope",
            )
        require_choice(self, "plaque_stress_reference", PRESSURE_REFERENCES)
        if not 10.0 <= self.distal_reading_mm <= 20.0:
            raise ConfigError(
                "IndexOptions.distal_reading_mm must lie between 10 and 20 mm behind the lesion, "
                f"got {self.distal_reading_mm:g}.",
                field="distal_reading_mm",
            )
        for vessel, position in self.wire_positions_mm.items():
            is_number = not isinstance(position, bool | str) and hasattr(position, "__float__")
            if not (is_number and 0 < position < inf):
                raise ConfigError(
                    f"The wire position of vessel {vessel!r} must be a positive path length in mm, "
                    f"got {position!r}.",
                    field="wire_positions_mm",
                )
