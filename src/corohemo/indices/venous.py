"""The pressure behind the microcirculation, where the boundaries know one."""

from __future__ import annotations

from corohemo.boundary import RCR, Boundaries, CoronaryBed, Resistance


def venous_pressure(boundaries: Boundaries, outlet: str) -> float | None:
    """Pressure behind the resistance of an outlet [Pa]; None if it has no resistance."""
    condition = boundaries.outlet(outlet)
    if isinstance(condition, Resistance | RCR | CoronaryBed):
        return condition.steady_offset
    return None
