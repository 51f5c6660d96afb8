"""Conditions at the inlet and outlets, as values (helper F completes checks and derived values)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Blood:
    density_kg_m3: float = 1060.0
    dynamic_viscosity_pa_s: float = 3.5e-3


@dataclass(frozen=True)
class PressureInlet:
    pressure_mmhg: float


@dataclass(frozen=True)
class FlowInlet:
    flow_ml_min: float
    profile: str = "parabolic"


@dataclass(frozen=True)
class PressureOutlet:
    pressure_mmhg: float = 0.0


@dataclass(frozen=True)
class Resistance:
    """p = resistance * Q + distal pressure; 1 WU = 1 mmHg min/L."""

    resistance_wu: float
    distal_pressure_mmhg: float = 0.0


@dataclass(frozen=True)
class Boundaries:
    inlet: PressureInlet | FlowInlet
    outlets: Mapping[str, PressureOutlet | Resistance]
    blood: Blood = Blood()
    flow_source: str = "prescribed"      # prescribed | allometric | perfusion | deformation
    state: str = "hyperemic"             # hyperemic | resting | unspecified
    notes: tuple[str, ...] = field(default=())
