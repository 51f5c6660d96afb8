"""The pressure behind the microcirculation, where the boundaries know one."""

from __future__ import annotations

from corohemo.boundary import RCR, Boundaries, CoronaryBed, Resistance
from corohemo.units import MMHG


def venous_pressure(boundaries: Boundaries, outlet: str) -> float | None:
    """Pressure behind the bed of an outlet [Pa]; None if neither it nor the boundaries know one."""
    condition = boundaries.outlet(outlet)
    if isinstance(condition, Resistance | RCR | CoronaryBed):
        return condition.steady_offset
    known = boundaries.venous_pressure_mmhg
    return None if known is None else known * MMHG
