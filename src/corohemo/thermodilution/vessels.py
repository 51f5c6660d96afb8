"""A vessel of a case as bolus, infusion and truth see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from corohemo.thermodilution.options import ThermodilutionMethod
from corohemo.thermodilution.results import Thermodilution


@dataclass(frozen=True)
class VesselThermodilution:
    """What was measured in one vessel, beside the truth.

    Attributes:
        name: Name of the vessel.
        wire: Path length of the sensor [m].
        method: How it was measured.
        found: The readings, or why there are none.
        without_rest: Why there are no readings at rest; None if there are.
        true_resistance_wu: Microvascular resistance of the vessel's indices; None if unknown.
        true_cfr: Its flow reserve; None if unknown.
        notes: What a reader must know, by subject.
    """

    name: str
    wire: float
    method: ThermodilutionMethod
    found: Thermodilution | str
    without_rest: str | None
    true_resistance_wu: float | None
    true_cfr: float | None
    notes: Mapping[str, str]
