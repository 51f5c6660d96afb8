"""Perfusion under stress against anatomy and FFR, territory by territory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from corohemo.checks import require_numbers, shown
from corohemo.errors import InputError
from corohemo.lumen import Lumen
from corohemo.perfusion.territory_flow import PerfusionByTerritory, TerritoryFlow
from corohemo.physiology import outlet_fractions
from corohemo.states import Rest


@dataclass(frozen=True, kw_only=True)
class PerfusionThresholds:
    """Cut-offs of CT perfusion under stress; scanner and model change them.

    Attributes:
        relative: MBF over the best territory's below which it is low; 0.72 (de Knegt et al., Eur
            Heart J Cardiovasc Imaging 2021).
        absolute: MBF at or below which it is low [mL/100 mL/min]; 76 (Coenen et al., JACC
            Cardiovasc Imaging 2017). None, the default, leaves it out.
        transmural: Inner over outer third at or below which it is low; 0.82 (Coenen 2017). None,
            the default, leaves it out.
        ffr: FFR at or below which the epicardial vessel limits the flow.
    """

    relative: float = 0.72
    absolute: float | None = field(default=None, metadata={"unit": "mL/100 mL/min"})
    transmural: float | None = None
    ffr: float = 0.80

    def __post_init__(self) -> None:
        given = [name for name in ("absolute", "transmural") if getattr(self, name) is not None]
        require_numbers(self, positive=("relative", "ffr", *given))


@dataclass(frozen=True)
class Mismatch:
    """Perfusion against anatomy in one territory.

    Attributes:
        outlet: Name of the outlet.
        share_ratio: Its share of the map's flow over its share by healthy diameters [-].
        low: Whether the perfusion is low by any cut-off.
        reasons: Which cut-offs it fails.
        pattern: "matched_normal", "epicardial" (FFR low, perfusion low), "microvascular" (FFR
            normal, perfusion low), "compensated" (FFR low, perfusion normal); "unknown" without
            FFR.
    """

    outlet: str
    share_ratio: float
    low: bool
    reasons: tuple[str, ...]
    pattern: str


def perfusion_mismatch(
    perfusion: PerfusionByTerritory,
    lumen: Lumen,
    *,
    ffr: Mapping[str, float | None] | None = None,
    split: Rest | None = None,
    thresholds: PerfusionThresholds | None = None,
) -> tuple[Mismatch, ...]:
    """Where a stress map and the vessels tell different stories.

    Args:
        perfusion: A stress map's territories.
        lumen: The lumen.
        ffr: FFR of each outlet's vessel; None where it has none.
        split: Person whose diameter exponent and way of splitting anatomy follows.
        thresholds: Cut-offs; relative 0.72 and FFR 0.80 if None.

    Raises:
        InputError: If the map is not hyperemic or of another lumen, or an FFR names no outlet or is
            no positive number.
    """
    limits = thresholds or PerfusionThresholds()
    if perfusion.state != "hyperemic":
        raise InputError("The cut-offs are those of stress maps; this one is at rest.")
    unknown = [name for name in ffr or {} if name not in perfusion.flow_ml_min]
    if unknown:
        raise InputError(
            f"There is no outlet {unknown[0]!r}; there are {', '.join(perfusion.flow_ml_min)}.",
            field="ffr",
        )
    for name, value in (ffr or {}).items():
        if value is not None and not (isinstance(value, float | int) and 0 < value < np.inf):
            raise InputError(
                f"The FFR of outlet {name!r} must be a positive number or None, got "
                f"{shown(value)}.",
                field="ffr",
            )
    if set(lumen.outlet_names) != set(perfusion.flow_ml_min):
        raise InputError(
            f"The territories are those of {', '.join(perfusion.flow_ml_min)}, the lumen has the "
            f"outlets {', '.join(lumen.outlet_names)}.",
            field="lumen",
        )
    shares = dict(zip(lumen.outlet_names, outlet_fractions(lumen, split or Rest()), strict=True))
    total = sum(perfusion.flow_ml_min.values())
    rows = []
    for row in perfusion.rows:
        reasons = _low(row, limits)
        value = None if ffr is None else ffr.get(row.outlet)
        rows.append(
            Mismatch(
                outlet=row.outlet,
                share_ratio=float(row.flow_ml_min / total / shares[row.outlet]),
                low=bool(reasons),
                reasons=reasons,
                pattern=_pattern(value, bool(reasons), limits.ffr),
            )
        )
    return tuple(rows)


def _low(row: TerritoryFlow, limits: PerfusionThresholds) -> tuple[str, ...]:
    reasons = []
    if row.relative < limits.relative:
        reasons.append(f"relative MBF {row.relative:.2f} below {limits.relative:g}")
    if limits.absolute is not None and row.blood_flow <= limits.absolute:
        reasons.append(f"MBF {row.blood_flow:.0f} mL/100 mL/min, cut-off {limits.absolute:g}")
    ratio = row.transmural_ratio
    if limits.transmural is not None and ratio is not None and ratio <= limits.transmural:
        reasons.append(f"transmural ratio {ratio:.2f}, cut-off {limits.transmural:g}")
    return tuple(reasons)


def _pattern(ffr: float | None, low: bool, limit: float) -> str:
    if ffr is None:
        return "unknown"
    if ffr <= limit:
        return "epicardial" if low else "compensated"
    return "microvascular" if low else "matched_normal"
