"""What an FFR says, by the bands in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from corohemo.bands import band_of

WORDS = {
    "normal": "above 0.80",
    "grey": "grey zone 0.75–0.80",
    "abnormal": "0.75 or below",
    "unknown": "not computed",
}


def verdict_of(vessel: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """One row of the header table: the vessel's FFR, where it was read, its band and remark."""
    band = band_of(vessel["ffr_ct"])
    names = path_of(vessel["name"], document)
    lesions = [entry for entry in document["lesions"] if entry["branch"] in names]
    return {
        "name": vessel["name"],
        "ffr": vessel["ffr_ct"],
        "error": vessel.get("ffr_ct_numerical_error"),
        "distal": vessel["ffr_ct_distal"],
        "ppg": vessel["ppg"],
        "band": band,
        "words": WORDS[band],
        "distal_band": band_of(vessel["ffr_ct_distal"]),
        "where": _where(vessel, lesions),
        "lesions": ", ".join(lesion["name"] for lesion in lesions) or "none",
    }


def _where(vessel: Mapping[str, Any], lesions: Sequence[Mapping[str, Any]]) -> str:
    place = vessel.get("ffr_ct_position_mm")
    if place is None or not lesions:
        return "distal tip" if not lesions else "behind a lesion"
    before = max((one for one in lesions if one["end_mm"] <= place), key=_end, default=None)
    behind = f"{place - before['end_mm']:.0f} mm behind {before['name']}, " if before else ""
    return f"{behind}{place:.0f} mm from the ostium"


def _end(lesion: Mapping[str, Any]) -> float:
    return float(lesion["end_mm"])


def path_of(name: str, document: Mapping[str, Any]) -> list[str]:
    """Branches of a vessel, ostium first."""
    parents = {branch["name"]: branch["parent"] for branch in document["branches"]}
    path = [name]
    while parents.get(path[-1]) is not None:
        path.append(parents[path[-1]])
    return path[::-1]
