"""Perfusion per territory: flow of each outlet, reserve, and what disagrees with anatomy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from corohemo.checks import require_numbers, require_positive
from corohemo.errors import ConfigError, InputError
from corohemo.flow import PerfusionFlow, PerfusionResponse
from corohemo.lumen import Lumen
from corohemo.perfusion.grid import VoxelMap
from corohemo.perfusion.territories import Territories
from corohemo.perfusion.transmural import FloatArray, transmural_ratio
from corohemo.physiology import outlet_fractions
from corohemo.states import Rest
from corohemo.units import ML, ML_PER_100ML_MIN, ML_PER_MIN


@dataclass(frozen=True)
class TerritoryFlow:
    """Perfusion of one outlet's territory.

    Attributes:
        outlet: Name of the outlet.
        mass_g: Mass of the territory [g].
        blood_flow: Mean MBF [mL/100 mL/min].
        flow_ml_min: Flow that the territory takes [mL/min].
        relative: Mean MBF over that of the best territory [-].
        transmural_ratio: Inner over outer third [-]; None where it was not computed.
        without_value: Part of its voxels without a value, which count at the territory's mean.
    """

    outlet: str
    mass_g: float
    blood_flow: float
    flow_ml_min: float
    relative: float
    transmural_ratio: float | None
    without_value: float


@dataclass(frozen=True)
class PerfusionByTerritory:
    """Perfusion of all territories in one state.

    Attributes:
        state: "hyperemic" (a stress map) or "resting".
        rows: One per outlet.
        scale: Factor that was put on the flows, one if none.
    """

    state: str
    rows: tuple[TerritoryFlow, ...]
    scale: float = 1.0

    @property
    def flow_ml_min(self) -> dict[str, float]:
        """Flow of each outlet [mL/min]."""
        return {row.outlet: row.flow_ml_min for row in self.rows}

    def scaled_to(self, total_ml_min: float) -> PerfusionByTerritory:
        """The same shares at another total flow, for maps that read low as a whole.

        Raises:
            InputError: If the total is not positive.
        """
        require_positive(total_ml_min=total_ml_min)
        factor = total_ml_min / sum(row.flow_ml_min for row in self.rows)
        rows = tuple(
            replace(row, flow_ml_min=factor * row.flow_ml_min, blood_flow=factor * row.blood_flow)
            for row in self.rows
        )
        return PerfusionByTerritory(self.state, rows, self.scale * factor)

    def flow_source(self, *, relative_sd: float | None = None) -> PerfusionFlow:
        """The flow source for ``boundaries_from_flow``; a stress map stays hyperemic."""
        notes = ["The flow of each outlet is its territory's on the perfusion map."]
        if self.scale != 1.0:
            notes.append(f"The map's flow is scaled by {self.scale:.2f} as a whole.")
        return PerfusionFlow(
            flow_ml_min=self.flow_ml_min,
            state=self.state,
            relative_sd=relative_sd,
            notes=tuple(notes),
        )


def perfusion_by_territory(
    values: VoxelMap,
    territories: Territories,
    *,
    state: str,
    depth: FloatArray | None = None,
    most_without_value: float = 0.2,
) -> PerfusionByTerritory:
    """Flow of each territory, the integral of MBF over its volume.

    Args:
        values: MBF [mL/100 mL/min]; NaN where there is none.
        territories: Myocardium by outlet, on the same grid.
        state: "hyperemic" for a map under stress, "resting" for one at rest.
        depth: ``transmural_depth``, for the inner to outer ratio.
        most_without_value: Part of a territory that may be without a value.

    Raises:
        ConfigError: If the state is unknown.
        InputError: If the grids differ, a value is negative, or a territory is empty, has too few
            values or no flow.
    """
    if state not in ("hyperemic", "resting"):
        raise ConfigError(
            f"The state of a perfusion map is 'hyperemic' or 'resting', not {state!r}.",
            field="state",
        )
    territories.grid.require_same_grid(values, what="map")
    flow = values.values[territories.mask]
    if np.any(flow < 0):
        raise InputError(
            f"{int((flow < 0).sum())} of {flow.size} voxels have a negative blood flow; set them "
            "to NaN if they have none.",
            field="map",
        )
    ratios = {} if depth is None else transmural_ratio(values, territories, depth)
    masses, volumes = territories.masses_g, territories.volumes_ml
    rows = []
    for number, name in enumerate(territories.outlets):
        own = flow[territories.labels == number]
        lacking = float(np.mean(~np.isfinite(own))) if own.size else 1.0
        if lacking > most_without_value:
            raise InputError(
                f"{100 * lacking:.0f} % of the territory of outlet {name!r} ({own.size} voxels) "
                "have no blood flow; check mask and map.",
                field="map",
            )
        mean = float(np.nanmean(own))
        if not mean > 0:
            raise InputError(f"The territory of outlet {name!r} has no flow.", field="map")
        rows.append(
            TerritoryFlow(
                outlet=name,
                mass_g=masses[name],
                blood_flow=mean,
                flow_ml_min=mean * ML_PER_100ML_MIN * volumes[name] * ML / ML_PER_MIN,
                relative=mean,
                transmural_ratio=ratios.get(name),
                without_value=lacking,
            )
        )
    best = max(row.blood_flow for row in rows)
    return PerfusionByTerritory(
        state, tuple(replace(row, relative=row.blood_flow / best) for row in rows)
    )


def perfusion_reserve(
    hyperemic: PerfusionByTerritory, resting: PerfusionByTerritory, *, allow_steal: bool = False
) -> PerfusionResponse:
    """MPR of each territory as a hyperemic response.

    Raises:
        InputError: If the states are exchanged, or the outlets differ. A reserve below 1 is refused
            when the response is used, unless ``allow_steal``.
    """
    if (hyperemic.state, resting.state) != ("hyperemic", "resting"):
        raise InputError(
            f"The perfusion reserve needs a hyperemic and a resting map, got {hyperemic.state} and "
            f"{resting.state}.",
            field="state",
        )
    if hyperemic.flow_ml_min.keys() != resting.flow_ml_min.keys():
        raise InputError("The two maps were divided among different outlets.", field="resting")
    reserve = {
        name: flow / resting.flow_ml_min[name] for name, flow in hyperemic.flow_ml_min.items()
    }
    return PerfusionResponse(perfusion_reserve=reserve, allow_steal=allow_steal)


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
    absolute: float | None = None
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
    ffr: Mapping[str, float] | None = None,
    split: Rest | None = None,
    thresholds: PerfusionThresholds | None = None,
) -> tuple[Mismatch, ...]:
    """Where a stress map and the vessels tell different stories.

    Args:
        perfusion: A stress map's territories.
        lumen: The lumen.
        ffr: FFR of each outlet's vessel.
        split: Person whose diameter exponent and way of splitting anatomy follows.
        thresholds: Cut-offs; relative 0.72 and FFR 0.80 if None.

    Raises:
        InputError: If the map is not hyperemic, or an FFR names no outlet.
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
