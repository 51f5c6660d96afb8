"""Indices of each vessel, the path from the ostium to one outlet."""

from __future__ import annotations

from collections.abc import Mapping

from corohemo.errors import ConfigError
from corohemo.indices.ffr import (
    GREY_ZONE,
    LEAST_DROP,
    FfrReading,
    VesselPath,
    band_of,
    pullback_pressure_gradient,
    read_distal,
    vessel_path,
)
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import VesselIndices
from corohemo.indices.wire import StateReading, informative_words, read_microvascular
from corohemo.lumen import Lumen
from corohemo.units import MM


def vessel_indices(
    lumen: Lumen, states: Mapping[str, StateReading], options: IndexOptions
) -> tuple[VesselIndices, ...]:
    """Indices of every path ostium to outlet, in the order of the outlets.

    Raises:
        ConfigError: If a wire position names no vessel.
    """
    for vessel in options.wire_positions_mm:
        if vessel not in lumen.outlet_names:
            raise ConfigError(
                f"There is no vessel {vessel!r} for a wire position; vessels are named after their "
                f"outlets: {', '.join(lumen.outlet_names)}.",
                field="wire_positions_mm",
            )
    return tuple(
        _one(lumen, lumen.path(outlet), name, states, options)
        for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True)
    )


def _one(
    lumen: Lumen,
    branches: tuple[int, ...],
    name: str,
    states: Mapping[str, StateReading],
    options: IndexOptions,
) -> VesselIndices:
    main = states.get("hyperemic") or states["resting"]
    path = vessel_path(main.pullbacks, lumen, branches)
    boundaries = main.solution.boundaries
    notes: dict[str, str] = {}
    informative = informative_words(boundaries, options, notes)
    ppg = pullback_pressure_gradient(
        path.abscissa,
        path.ffr,
        window=options.ppg_window_mm * MM,
        disease_per_m=options.functional_disease_per_mm / MM,
    )
    if ppg is None:
        notes["ppg"] = f"FFR falls by less than {LEAST_DROP}, where the pattern is noise."
    elif path.ffr[-1] > GREY_ZONE:
        notes["ppg"] = "PPG is validated in vessels with FFR <= 0.80 only."
    wanted = options.wire_positions_mm.get(name, options.wire_mm) * MM
    wire = min(wanted, path.end)
    if wire < wanted:
        notes["wire"] = f"The wire is read at the vessel's end, {wire / MM:.1f} mm down."
    micro = read_microvascular(lumen, path, name, states, wire, options, notes)
    lowest = lesion_specific(lumen, path, options, notes)
    return VesselIndices(
        name=name,
        ffr_ct=lowest.ffr,
        ffr_ct_distal=float(path.ffr[-1]),
        ppg=ppg,
        imr_ct_u=micro.imr,
        microvascular_resistance_wu=micro.resistance,
        cfr=micro.cfr,
        mrr=micro.mrr,
        flow_source=boundaries.flow_source,
        microvascular_informative=informative,
        notes=notes,
        wire_position=wire,
        wire_branch=path.names[path.position_at(wire)],
        transit_time_s=micro.transit_time,
        ffr_ct_wire=path.ffr_at(wire),
        ffr_band=band_of(lowest.ffr),
        ffr_ct_position=lowest.abscissa,
        ffr_ct_branch=lowest.branch,
        imr_ct_corrected_u=micro.corrected_imr,
        endotype=micro.endotype,
    )


def lesion_specific(
    lumen: Lumen, path: VesselPath, options: IndexOptions, notes: dict[str, str]
) -> FfrReading:
    """Lowest FFR behind the vessel's lesions, or at its end; ``notes`` says why."""
    readings = [
        read_distal(path, lesion, distance=options.distal_reading_mm * MM)
        for lesion in lumen.lesions
        if lesion.branch in path.names
    ]
    if not readings:
        notes["ffr_ct"] = "The vessel has no lesion, so FFR is the value at its end."
        return FfrReading(float(path.ffr[-1]), path.names[-1], path.end)
    lowest = min(readings, key=lambda reading: reading.ffr)
    if lowest.note:
        notes["ffr_ct"] = lowest.note
    return lowest
