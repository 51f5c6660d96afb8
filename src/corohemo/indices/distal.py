"""FFR behind a lesion: where it is read along a vessel, and what to know about that place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corohemo.indices.ffr import VesselPath
from corohemo.lumen import Lesion
from corohemo.units import MM

NEAREST, FARTHEST = 10.0 * MM, 20.0 * MM
"""Distances behind a lesion between which its FFR counts as distal; a jet recovers its pressure on
the first of them."""

OSTIAL = (
    "The lesion begins at the ostium, where the aortic pressure acts: the pressure that the blood "
    "loses on its way out of the aorta, at least half its density times its mean velocity there "
    "squared, is not in this FFR, which is too high by that."
)


@dataclass(frozen=True)
class FfrReading:
    """FFR read behind a lesion: value, branch, abscissa [m], and what to know about it."""

    ffr: float
    branch: str
    abscissa: float
    note: str | None = None


def read_distal(
    path: VesselPath, lesion: Lesion, *, distance: float, lesions: Sequence[Lesion]
) -> FfrReading:
    """FFR at ``distance`` [m] behind the lesion's end along a path, or at the vessel's end.

    A place inside another lesion would read the pressure of its throat, and one just behind it that
    of its jet. There FFR is read where that lesion begins if this is 10 mm behind or more, else as
    far behind it, up to 10 mm, as the 20 mm allow. If it takes all of them, FFR is read behind it.

    Args:
        path: Vessel that holds the lesion.
        lesion: The lesion.
        distance: Distance behind the lesion's end, 10-20 mm [m].
        lesions: All lesions of the lumen.
    """
    others = sorted(
        (other for other in lesions if other.branch in path.names and other.start >= lesion.end),
        key=lambda other: other.start,
    )
    wanted = lesion.end + distance
    free = _free_place(lesion, distance, others)
    place = min(free, path.end)
    notes = [OSTIAL] if lesion.start <= path.abscissa[0] else []
    if path.end < lesion.end + NEAREST:
        notes.append(
            f"The vessel ends {(path.end - lesion.end) / MM:.1f} mm behind lesion {lesion.name}, "
            "so FFR is read at the vessel's end instead of 10-20 mm distal."
        )
    elif place < min(wanted, path.end) or place > wanted:
        notes.append(_moved(lesion, place, others))
    included = [other.name for other in others if other.start < place]
    if included:
        notes.append(f"The reading includes the drop of {', '.join(included)}.")
    return FfrReading(
        ffr=path.ffr_at(place),
        branch=path.names[path.position_at(place)],
        abscissa=place,
        note=" ".join(notes) or None,
    )


def _free_place(lesion: Lesion, distance: float, others: Sequence[Lesion]) -> float:
    """Abscissa about ``distance`` behind a lesion in none of the ``others`` that follow it [m]."""
    wanted = lesion.end + distance
    blocking = [other for other in others if other.start < wanted < other.end + NEAREST]
    if not blocking:
        return wanted
    last = blocking[-1]
    if last.start >= lesion.end + NEAREST:
        return last.start
    behind = [other for other in others if other.start >= last.end]
    limits = lesion.end + FARTHEST, *(other.start for other in behind[:1])
    place = min(last.end + NEAREST, *limits)
    return place if place > last.end else _free_place(last, distance, behind)


def _moved(lesion: Lesion, place: float, others: Sequence[Lesion]) -> str:
    """Why FFR is read at another distance than asked for."""
    before = [other for other in others if other.end <= place]
    text = f"FFR is read {(place - lesion.end) / MM:.1f} mm behind lesion {lesion.name}"
    if not before:
        return f"{text}, where the next lesion begins."
    return f"{text}, {(place - before[-1].end) / MM:.1f} mm behind lesion {before[-1].name}."
