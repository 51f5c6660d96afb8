"""What a case knows beside its indices, put into its ``result.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from corohemo.report.document import Document
from corohemo.report.thermodilution import thermodilution_entry

if TYPE_CHECKING:
    from corohemo.error_bar import FfrErrors
    from corohemo.thermodilution.vessels import VesselThermodilution
    from corohemo.uncertainty.results import Uncertainty

ESTIMATED_NOTE = (
    "The numerical error bar of an FFR is its change when the flow is solved with cubic elements "
    "on the same cells, or a third of the largest such change in the tree. What is wrong with the "
    "lumen and the conditions is not in it."
)
WALL_NOTE = (
    "A bar is at least what a mesh of a third of the cells changes, which holds what the mesh's "
    "wall does."
)
NO_WALL_NOTE = (
    "There is no flow on a coarser mesh, so the distance of the mesh's wall from the lumen's is "
    "not in it."
)


def add_circumstances(
    document: Document,
    *,
    numerical_error: FfrErrors | str | None,
    uncertainty: Uncertainty | str | None,
    territories: Sequence[Mapping[str, Any]] | str | None,
    thermodilution: Sequence[VesselThermodilution] | str | None,
    settings: Sequence[Mapping[str, Any]],
    timing_s: Mapping[str, float] | None,
    provenance: Mapping[str, Any] | None,
) -> None:
    """Put in what a case knows beside its indices, with the arguments of ``write_report``."""
    _add_numerical_error(document, numerical_error)
    _add_uncertainty(document, uncertainty)
    _add_rows(document, "territories", territories)
    entries: Sequence[Document] | str | None
    if thermodilution is None or isinstance(thermodilution, str):
        entries = thermodilution
    else:
        entries = [thermodilution_entry(one) for one in thermodilution]
    _add_rows(document, "thermodilution", entries)
    document["timing_s"] |= timing_s or {}
    document["provenance"] = dict(provenance or {})
    document["settings"] = [dict(row) for row in settings]


def _add_rows(document: Document, key: str, rows: Sequence[Mapping[str, Any]] | str | None) -> None:
    """Put in rows, or the sentence that says why there are none."""
    if isinstance(rows, str):
        document["notes"][key] = rows
    elif rows is not None:
        document[key] = [dict(row) for row in rows]
        del document["notes"][key]


def _add_numerical_error(document: Document, found: FfrErrors | str | None) -> None:
    """Put the error bars beside the FFRs, or the sentence that says why there are none."""
    if isinstance(found, str):
        document["notes"]["numerical_error"] = found
    elif found is not None:
        wall = NO_WALL_NOTE if found.outlet_wall_changes is None else WALL_NOTE
        document["notes"]["numerical_error"] = f"{ESTIMATED_NOTE} {wall}"
        document["numerical_error"] = {
            "elements": "cubic",
            "unknowns": found.stats.unknowns,
            "seconds": found.stats.seconds,
        }
        bars = {"lesions": found.lesions, "vessels": found.vessels}
        for group, of in bars.items():
            for entry in document[group]:
                entry["ffr_ct_numerical_error"] = of[entry["name"]]
        for entry in document["states"]["hyperemic"]["outlets"]:
            entry["ffr_ct_numerical_error"] = found.outlets[entry["name"]]


def _add_uncertainty(document: Document, found: Uncertainty | str | None) -> None:
    """Put the uncertainty into a document, or the sentence that says why there is none."""
    if isinstance(found, str):
        document["notes"]["uncertainty"] = found
    elif found is not None:
        document["uncertainty"] = found.document()
        document["notes"]["uncertainty"] = " ".join(found.notes)
