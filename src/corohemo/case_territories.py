"""Perfusion of a case's territories against its vessels, for ``result.json`` and the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from corohemo.case_sources import case_perfusion
from corohemo.indices.results import VesselIndices
from corohemo.perfusion import (
    Mismatch,
    PerfusionByTerritory,
    PerfusionThresholds,
    perfusion_mismatch,
)

if TYPE_CHECKING:
    from corohemo.config import CaseConfig
    from corohemo.lumen import Lumen

NO_MAPS = "The flow does not come from perfusion maps, so there are no territories."
NO_STRESS = "Needs a map under stress; only one at rest was given."
NO_REST = "Needs a map at rest beside the one under stress; none was given."
REASONS = {"stress": NO_STRESS, "rest": NO_REST}

EDITED = "The map is that of the lumen before the edit, FFR that of the edited one."

Rows = dict[str, dict[str, Any]]


def case_territories(
    config: CaseConfig, before: Lumen, vessels: Sequence[VesselIndices]
) -> list[dict[str, Any]] | str:
    """Mass, blood flow, reserve and mismatch of each territory, or why there are none.

    Args:
        config: Settings of the case.
        before: Lumen that the territories belong to, before any edit.
        vessels: Indices of the vessels, whose FFR tells where the flow is limited.
    """
    if config.flow.source != "perfusion":
        return NO_MAPS
    maps = case_perfusion(config, before)
    stress, rest = maps.get("hyperemic"), maps.get("resting")
    rows: Rows = {}
    for name in before.outlet_names:
        flows = {"stress": _row(stress, name), "rest": _row(rest, name)}
        known = flows["stress"] or flows["rest"]
        entry: dict[str, Any] = {"name": name, "mass_g": known["mass_g"], "notes": {}}
        for state, row in flows.items():
            keys = f"mbf_{state}_ml_100ml_min", f"flow_{state}_ml_min"
            entry |= dict(zip(keys, (row.get("blood_flow"), row.get("flow_ml_min")), strict=True))
            entry["notes"] |= {} if row else dict.fromkeys(keys, REASONS[state])
        entry["mpr"] = None
        if flows["stress"] and flows["rest"]:
            entry["mpr"] = flows["stress"]["flow_ml_min"] / flows["rest"]["flow_ml_min"]
        else:
            entry["notes"]["mpr"] = NO_REST if stress else NO_STRESS
        entry["without_value"] = known["without_value"]
        rows[name] = entry
    _add_mismatch(rows, stress, before, config, vessels)
    return list(rows.values())


def _row(perfusion: PerfusionByTerritory | None, name: str) -> dict[str, Any]:
    if perfusion is None:
        return {}
    return next(vars(row) for row in perfusion.rows if row.outlet == name)


def _add_mismatch(
    rows: Rows,
    stress: PerfusionByTerritory | None,
    lumen: Lumen,
    config: CaseConfig,
    vessels: Sequence[VesselIndices],
) -> None:
    keys = ("relative_mbf", "flow_share_ratio", "perfusion_is_low", "pattern")
    if stress is None:
        for entry in rows.values():
            entry |= dict.fromkeys(keys)
            entry["notes"] |= dict.fromkeys(keys, NO_STRESS)
        return
    limits = config.perfusion
    ffr = {vessel.name: vessel.ffr_ct for vessel in vessels}
    found = perfusion_mismatch(stress, lumen, ffr=ffr, split=config.rest, thresholds=limits)
    is_edited = config.edit.is_used
    for row, match in zip(stress.rows, found, strict=True):
        pattern = None if is_edited else match.pattern
        values = (row.relative, match.share_ratio, match.low, pattern)
        rows[row.outlet] |= dict(zip(keys, values, strict=True))
        rows[row.outlet]["notes"]["perfusion_is_low"] = _why(match, limits)
        if is_edited:
            rows[row.outlet]["notes"]["pattern"] = EDITED


def _why(match: Mismatch, limits: PerfusionThresholds) -> str:
    """What makes the perfusion of a territory low, or what it would have to fall below."""
    if match.low:
        return f"Low: {'; '.join(match.reasons)}."
    wanted = [f"{limits.relative:g} of the best territory's MBF"]
    if limits.absolute is not None:
        wanted.append(f"{limits.absolute:g} mL/100 mL/min")
    if limits.transmural is not None:
        wanted.append(f"a transmural ratio of {limits.transmural:g}")
    return f"Not low by any cut-off given: {', '.join(wanted)}."
