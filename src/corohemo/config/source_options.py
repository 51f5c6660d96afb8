"""The section ``[flow]``: where the flow of the case comes from, and how it answers hyperemia."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corohemo.checks import require_choice, require_numbers
from corohemo.config.sections import changed_settings
from corohemo.errors import ConfigError
from corohemo.units import PERFUSION_UNITS

SOURCES = ("allometric", "prescribed", "perfusion", "deformation")
RESPONSES = ("index", "age")
STATES = ("hyperemic", "resting")
MAPS = ("stress_map", "rest_map", "myocardium")
"""Settings that name files."""
OF_SOURCES = (
    *MAPS,
    *("map_unit", "coordinates", "map_length_unit", "reach_mm", "metric", "allow_steal"),
    *("state", "total_ml_min", "outlets_ml_min", "is_measured"),
    *("phases", "phase_times_s", "period_s", "pulse_pressure_mmhg", "bed_time_constant_s"),
    "accept_unidentifiable",
)
"""Settings that the allometric law does not read."""
OF_AGE = ("age_years", "response_table")
"""Settings of the response "age"."""


@dataclass(frozen=True)
class SourceOptions:
    """Source of the flow; the default is the population's allometric law.

    Attributes:
        source: "allometric" (mass and diameters), "prescribed" (numbers below), "perfusion" (maps
            below) or "deformation" (phases below, EXPERIMENTAL). The last three replace the flow of
            [hyperemia] and [rest], not their pressures.
        state: State of a prescribed flow: "hyperemic" or "resting".
        total_ml_min: Prescribed total, split by healthy diameters; with maps the total that they
            are scaled to as a whole. None for neither.
        outlets_ml_min: Prescribed flow by outlet, instead of a total.
        is_measured: Whether a prescribed flow was measured in this patient.
        stress_map: NIfTI file of MBF under stress; never scaled by a response.
        rest_map: NIfTI file of MBF at rest.
        map_unit: Unit of both: "mL/100 mL/min", "mL/mL/min", "mL/100 g/min" or "mL/g/min".
        myocardium: NIfTI file of the myocardium as 0 and 1.
        coordinates: Patient system of the centerline, "ras" or "lps"; must be given with maps.
        map_length_unit: Unit of the maps' coordinates where their headers do not say it.
        reach_mm: Distance beyond which myocardium belongs to a vessel that is not in the tree; None
            gives all of it to the outlets.
        metric: "euclidean" or "geodesic" distance to the vessels.
        allow_steal: Whether a territory may have less flow under stress than at rest.
        phases: Files of the same tree in two or more cardiac phases, in the centerline's unit.
        phase_times_s: Their times in the cycle, ascending [s].
        period_s: Length of the cycle [s].
        pulse_pressure_mmhg: Systolic less diastolic pressure.
        bed_time_constant_s: Arterial time constant of the coronary bed, to which the flow is
            inversely proportional and which no image shows [s].
        accept_unidentifiable: Whether a pulsation within the segmentation's error is taken, as not
            informative, instead of refused.
        response: How a resting flow becomes hyperemic: "index" (that of [hyperemia]) or "age" (the
            mean of people of that age). With a stress and a rest map both states are measured.
        age_years: Age of the patient, for "age".
        response_table: Published table for "age": "uren1995" or "metzinger".
    """

    source: str = "allometric"
    state: str = "hyperemic"
    total_ml_min: float | None = None
    outlets_ml_min: Mapping[str, float] = field(default_factory=dict)
    is_measured: bool = False
    stress_map: str = ""
    rest_map: str = ""
    map_unit: str = "mL/100 mL/min"
    myocardium: str = ""
    coordinates: str | None = None
    map_length_unit: str | None = None
    reach_mm: float | None = None
    metric: str = "euclidean"
    allow_steal: bool = False
    phases: tuple[str, ...] = ()
    phase_times_s: tuple[float, ...] = ()
    period_s: float | None = None
    pulse_pressure_mmhg: float | None = None
    bed_time_constant_s: float = 0.25
    accept_unidentifiable: bool = False
    response: str = "index"
    age_years: float | None = None
    response_table: str | None = None

    def __post_init__(self) -> None:
        require_choice(self, "source", SOURCES)
        require_choice(self, "state", STATES)
        require_choice(self, "response", RESPONSES)
        require_choice(self, "map_unit", tuple(PERFUSION_UNITS))
        numbers = ("total_ml_min", "reach_mm", "age_years", "period_s", "pulse_pressure_mmhg")
        require_numbers(self, positive=[key for key in numbers if getattr(self, key) is not None])
        if self.source == "prescribed" and (self.total_ml_min is None) == (not self.outlets_ml_min):
            raise ConfigError(
                "A prescribed flow needs either total_ml_min or outlets_ml_min.",
                field="flow.total_ml_min",
            )
        if self.source == "perfusion":
            self._check_maps()
        if self.source == "deformation":
            self._check_phases()
        if self.response == "age" and (self.age_years is None or self.response_table is None):
            raise ConfigError(
                'The response "age" needs age_years and response_table.', field="flow.age_years"
            )
        self._refuse_idle()

    def _refuse_idle(self) -> None:
        """Refuse what a source or response would read that was not chosen."""
        idle = self._given(OF_SOURCES) if self.source == "allometric" else []
        if idle:
            raise ConfigError(
                f'{", ".join(idle)} would have no effect with source = "allometric"; give the '
                "source that they belong to, or remove them.",
                field="flow.source",
            )
        is_hyperemic = bool(self.stress_map) or (
            self.source == "prescribed" and self.state == "hyperemic"
        )
        if is_hyperemic and self.response != "index":
            raise ConfigError(
                "A hyperemic flow is not scaled by a response; remove response, or give a resting "
                "flow.",
                field="flow.response",
            )
        if self.response != "age" and (idle := self._given(OF_AGE)):
            raise ConfigError(
                f'{", ".join(idle)} would have no effect; set response = "age", or remove them.',
                field="flow.response",
            )

    def _given(self, names: tuple[str, ...]) -> list[str]:
        """Which settings of these differ from their defaults."""
        changed = changed_settings(self)
        return [name for name in names if name in changed]

    def _check_maps(self) -> None:
        if not self.myocardium or not (self.stress_map or self.rest_map):
            raise ConfigError(
                "Flow from perfusion needs myocardium and a stress_map or a rest_map.",
                field="flow.myocardium",
            )
        if self.coordinates is None:
            raise ConfigError(
                'Flow from perfusion needs coordinates, the patient system of the centerline: "ras"'
                ' or "lps".',
                field="flow.coordinates",
            )

    def _check_phases(self) -> None:
        needed = ("phases", "phase_times_s", "period_s", "pulse_pressure_mmhg")
        if missing := [name for name in needed if name not in self._given(needed)]:
            raise ConfigError(
                f"Flow from deformation needs {', '.join(missing)}.", field=f"flow.{missing[0]}"
            )

    def located(self, beside: Callable[[str], Path]) -> SourceOptions:
        """The same with absolute paths of the maps."""
        found: dict[str, Any] = {
            key: str(beside(getattr(self, key)).resolve()) for key in MAPS if getattr(self, key)
        }
        phases = tuple(str(beside(name).resolve()) for name in self.phases)
        return replace(self, phases=phases, **found)

    @property
    def is_used(self) -> bool:
        """Whether the flow comes from anything but the allometric law."""
        return self.source != "allometric" or self.response != "index"
