"""Indices of each vessel, the path from the ostium to one outlet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from corohemo.bands import FFR_GREY_ZONE, band_of
from corohemo.errors import ConfigError
from corohemo.indices.distal import NEAREST, FfrReading, read_distal
from corohemo.indices.ffr import (
    LEAST_DROP,
    VesselPath,
    pullback_pressure_gradient,
    vessel_path,
)
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import AT_REST, VesselIndices
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
    check_wire_positions(lumen, options)
    vessels = tuple(
        _one(lumen, lumen.path(outlet), name, states, options)
        for outlet, name in zip(lumen.outlets, lumen.outlet_names, strict=True)
    )
    return vessels if "hyperemic" in states else tuple(map(_at_rest, vessels))


def check_wire_positions(lumen: Lumen, options: IndexOptions) -> None:
    """Check that every wire position names a vessel.

    Raises:
        ConfigError: If one does not.
    """
    for vessel in options.wire_positions_mm:
        if vessel not in lumen.outlet_names:
            raise ConfigError(
                f"wire_positions_mm: There is no vessel {vessel!r}; vessels are named after their "
                f"outlets: {', '.join(lumen.outlet_names)}.",
                field="wire_positions_mm",
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
    informative = informative_words(states, options, notes)
    ppg = pullback_pressure_gradient(
        path.abscissa,
        path.ffr,
        window=options.ppg_window_mm * MM,
        disease_per_m=options.functional_disease_per_mm / MM,
    )
    if ppg is None:
        notes["ppg"] = f"FFR falls by less than {LEAST_DROP}, where the pattern is noise."
    elif path.ffr[-1] > FFR_GREY_ZONE[1]:
        notes["ppg"] = "PPG is validated in vessels with FFR <= 0.80 only."
    wire, said = wire_place(lumen, path, name, options)
    notes |= said
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


def _at_rest(entry: VesselIndices) -> VesselIndices:
    """A vessel of a resting flow, whose Pd/Pa is no FFR."""
    keys = ("ffr_ct", "ffr_ct_position_mm", "ffr_ct_branch", "ffr_ct_distal", "ffr_ct_wire")
    return replace(
        entry,
        ffr_ct=None,
        ffr_ct_position=None,
        ffr_ct_branch=None,
        ffr_ct_distal=None,
        ffr_ct_wire=None,
        ffr_band=band_of(None),
        ppg=None,
        notes=dict(entry.notes) | dict.fromkeys((*keys, "ffr_band", "ppg"), AT_REST),
    )


def wire_place(
    lumen: Lumen, path: VesselPath, name: str, options: IndexOptions
) -> tuple[float, dict[str, str]]:
    """Wire position in a vessel [m], and what to know about it under "wire"."""
    wanted = options.wire_positions_mm.get(name, options.wire_mm) * MM
    wire = min(wanted, path.end)
    notes = []
    if wire < wanted:
        notes.append(f"The wire is read at the vessel's end, {wire / MM:.1f} mm down.")
    lesions = [lesion for lesion in lumen.lesions if lesion.branch in path.names]
    for lesion in lesions:
        if lesion.start < wire < lesion.end:
            notes.append(
                f"The wire lies inside lesion {lesion.name}, where the pressure is that of a "
                "narrowing: give another wire position."
            )
        elif 0.0 <= wire - lesion.end < NEAREST:
            notes.append(
                f"The wire lies {(wire - lesion.end) / MM:.1f} mm behind lesion {lesion.name}, "
                "where its jet recovers pressure."
            )
    beyond = [lesion.name for lesion in lesions if wire <= lesion.start]
    if beyond:
        notes.append(
            f"The wire lies before {', '.join(beyond)}: the resistance behind it holds these "
            "lesions beside the microcirculation, and so do IMR_CT, MRR and the endotype."
        )
    return wire, {"wire": " ".join(notes)} if notes else {}


def lesion_specific(
    lumen: Lumen, path: VesselPath, options: IndexOptions, notes: dict[str, str]
) -> FfrReading:
    """Lowest FFR behind the vessel's lesions, or at its end; ``notes`` says why."""
    readings = [
        read_distal(path, lesion, distance=options.distal_reading_mm * MM, lesions=lumen.lesions)
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
