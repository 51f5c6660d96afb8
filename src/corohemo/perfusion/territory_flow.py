"""Perfusion per territory: flow of each outlet, and its reserve."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from corohemo.checks import require_positive
from corohemo.errors import ConfigError, InputError
from corohemo.flow import PerfusionFlow, PerfusionResponse
from corohemo.perfusion.grid import VoxelMap
from corohemo.perfusion.territories import Territories
from corohemo.perfusion.transmural import FloatArray, transmural_ratio
from corohemo.units import ML, ML_PER_100ML_MIN, ML_PER_MIN, PERFUSION_UNITS

MAP_UNIT = "mL/100 mL/min"
PLAUSIBLE = 15.0, 1000.0
"""Mean blood flow of a living ventricle, at rest or under stress, with a wide margin
[mL/100 mL/min]."""


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
    unit: str = MAP_UNIT,
    depth: FloatArray | None = None,
    most_without_value: float = 0.2,
) -> PerfusionByTerritory:
    """Flow of each territory, the integral of MBF over its volume.

    Args:
        values: MBF; NaN where there is none.
        territories: Myocardium by outlet, on the same grid.
        state: "hyperemic" for a map under stress, "resting" for one at rest.
        unit: Unit of the map, one of ``units.PERFUSION_UNITS``.
        depth: ``transmural_depth``, for the inner to outer ratio.
        most_without_value: Part of a territory that may be without a value.

    Raises:
        ConfigError: If the state or the unit is unknown.
        InputError: If the grids differ, a value is negative, the mean is that of no myocardium in
            this unit, or a territory is empty, has too few values or no flow.
    """
    if state not in ("hyperemic", "resting"):
        raise ConfigError(
            f"The state of a perfusion map is 'hyperemic' or 'resting', not {state!r}.",
            field="state",
        )
    if unit not in PERFUSION_UNITS:
        raise ConfigError(
            f"The unit of a perfusion map is one of {', '.join(PERFUSION_UNITS)}, not {unit!r}.",
            field="unit",
        )
    territories.grid.require_same_grid(values, what="map")
    flow = PERFUSION_UNITS[unit] / ML_PER_100ML_MIN * values.values[territories.mask]
    flow[~np.isfinite(flow)] = np.nan
    _require_plausible(flow, unit, most_without_value)
    ratios = {} if depth is None else transmural_ratio(values, territories, depth)
    masses, volumes = territories.masses_g, territories.volumes_ml
    rows = []
    for number, name in enumerate(territories.outlets):
        own = flow[territories.labels == number]
        if not own.size:
            raise InputError(
                f"The territory of outlet {name!r} holds no voxel of the mask, so its flow is "
                "unknown: take in more of the myocardium (reach_mm, the mask), or leave the branch "
                "out of the tree.",
                field="mask",
            )
        lacking = float(np.mean(np.isnan(own)))
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


def _require_plausible(flow: FloatArray, unit: str, most_without_value: float) -> None:
    """Refuse what cannot be blood flow in mL/100 mL/min (n_voxels,); NaN is no value."""
    if np.any(flow < 0):
        raise InputError(
            f"{int((flow < 0).sum())} of {flow.size} voxels have a negative blood flow; set them "
            "to NaN if they have none.",
            field="map",
        )
    zeros = float(np.mean(flow == 0))
    if zeros > most_without_value:
        raise InputError(
            f"{100 * zeros:.0f} % of the myocardium has a blood flow of exactly zero; set voxels "
            "without a value to NaN.",
            field="map",
        )
    known = flow[np.isfinite(flow)]
    mean = float(known.mean()) if known.size else np.nan
    if not np.isnan(mean) and not PLAUSIBLE[0] <= mean <= PLAUSIBLE[1]:
        raise InputError(
            f"The mean blood flow of the map is {mean:.3g} mL/100 mL/min if its unit is {unit}, "
            "which no living ventricle has: give the map's own unit.",
            field="unit",
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
