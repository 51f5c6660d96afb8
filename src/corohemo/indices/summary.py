"""The indices as text."""

from __future__ import annotations

from corohemo.indices.results import Indices, LesionIndices, VesselIndices
from corohemo.units import MM


def summarize(indices: Indices) -> str:
    """A table of lesions and one of vessels, with the notes of the case."""
    lines = ["Lesions"]
    lines += [_lesion_line(lesion) for lesion in indices.lesions] or ["  none found"]
    lines.append("Vessels")
    lines += [_vessel_line(vessel) for vessel in indices.vessels]
    if any(not vessel.microvascular_informative for vessel in indices.vessels):
        sources = ", ".join(sorted({vessel.flow_source for vessel in indices.vessels}))
        lines.append(
            f"Microvascular values return the assumed flow (source: {sources}); "
            "they do not diagnose this patient's microcirculation."
        )
    lines += [f"Note: {note}" for note in indices.notes.values()]
    return "\n".join(lines)


def _lesion_line(item: LesionIndices) -> str:
    lesion = item.lesion
    place = f"{lesion.branch} {lesion.start / MM:.1f}-{lesion.end / MM:.1f} mm"
    return (
        f"  {lesion.name:<14} {place:<24} {lesion.percent_diameter_stenosis:3.0f} % diameter"
        f"  FFR_CT {_number(item.ffr_ct, 3)}  delta {_number(item.delta_ffr, 3)}"
        f"  WSS {_number(item.wss_mean_pa, 1)}/{_number(item.wss_max_pa, 1)} Pa"
        f"  APS {_number(item.aps_upstream_pa, 0)}/{_number(item.aps_downstream_pa, 0)} Pa"
    )


def _vessel_line(item: VesselIndices) -> str:
    return (
        f"  {item.name:<14} FFR_CT {_number(item.ffr_ct, 3)}"
        f"  distal {_number(item.ffr_ct_distal, 3)}"
        f"  PPG {_number(item.ppg, 2)}  IMR_CT {_number(item.imr_ct_u, 1)} U"
        f"  R {_number(item.microvascular_resistance_wu, 0)} WU"
        f"  CFR {_number(item.cfr, 2)}  MRR {_number(item.mrr, 2)}"
    )


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
