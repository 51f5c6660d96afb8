"""What-if lumens: a stent placed, a lesion taken away; everything else stays where it was.

Only radii change, and sections that are widened become circles. Inside the edited span the radius
is the wanted one where the lumen is narrower, and over a transition length on either side the gain
falls to nothing as 3 u^2 - 2 u^3, so that the wall has no step. The transition follows the vessel
into the branches that continue it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import require_positive, said_of
from corohemo.errors import GeometryError, InputError
from corohemo.lesions import graded
from corohemo.lumen import Lumen, LumenBranch
from corohemo.lumen_options import EditOptions
from corohemo.units import MM

FloatArray = NDArray[np.float64]

SLACK = 1e-9
"""What an abscissa may miss a branch's end by, having been rounded [m]."""
FIT = 1e-6
"""A stent is not too narrow if it misses the lumen's diameter by this part."""
ROUNDED = 0.1
"""A section that is widened by this part of its radius becomes a circle; one widened less, less."""


def edited(lumen: Lumen, options: EditOptions) -> Lumen:
    """The lumen with all changes of ``options``.

    Raises:
        InputError: If a length is not a positive number.
        GeometryError: If a lesion or branch is not there, or a stent cannot lie where it should.
    """
    if options.without_lesions:
        with said_of("[edit] without_lesions"):
            lumen = remove_lesions(lumen, options.without_lesions)
    for number, stent in enumerate(options.stents, start=1):
        with said_of(f"[edit] stents, entry {number}"):
            lumen = place_stent(lumen, *stent)
    return lumen


def place_stent(
    lumen: Lumen,
    branch: str,
    start_mm: float,
    end_mm: float,
    diameter_mm: float,
    *,
    transition_mm: float | None = None,
) -> Lumen:
    """The lumen with a stent expanded in it; see ``Lumen.with_stent``.

    Raises:
        InputError: If a length is not a positive number.
        GeometryError: If the span is not on the branch, passes a bifurcation, or the lumen is
            wider than the stent all along it.
    """
    transition_mm = 0.5 * diameter_mm if transition_mm is None else transition_mm
    require_positive(diameter_mm=diameter_mm, transition_mm=transition_mm)
    vessel = lumen.branch(branch)
    start, end = _span(lumen, vessel, start_mm, end_mm)
    inside = (vessel.abscissas > start) & (vessel.abscissas < end)
    present = np.interp([start, end], vessel.abscissas, vessel.radii)
    present = np.concatenate([present, vessel.radii[inside]])
    radius = 0.5 * diameter_mm * MM
    loose = present > radius * (1.0 + FIT)
    if loose.all():
        raise GeometryError(
            f"a stent of {diameter_mm:.2f} mm is narrower than the lumen all along its "
            f"{end_mm - start_mm:.1f} mm (at least {2.0 * present.min() / MM:.2f} mm); choose a "
            "wider one.",
            branch=branch,
            abscissa=start,
        )
    notes = [
        f"A stent of {diameter_mm:.2f} mm lies in {branch} from {start_mm:.1f} to {end_mm:.1f} mm; "
        f"its edges are blended over {transition_mm:.1f} mm."
    ]
    if loose.any():
        notes.append(
            f"The stent in {branch} is narrower than the lumen in places (up to "
            f"{2.0 * present.max() / MM:.2f} mm); the lumen is left as it is there."
        )
    edited = _widened(lumen, vessel, np.array([start, end]), np.full(2, radius), transition_mm * MM)
    return graded(replace(edited, notes=(*lumen.notes, *notes)))


def remove_lesions(
    lumen: Lumen, names: tuple[str, ...], *, transition_mm: float | None = None
) -> Lumen:
    """The lumen at its healthy radius along lesions; see ``Lumen.without_lesion``.

    Raises:
        InputError: If no lesion is named, or the transition is not a positive number.
        GeometryError: If there is no lesion of that name.
    """
    if not names:
        raise InputError("Name the lesion to be removed, such as 'LAD-1'.")
    if transition_mm is not None:
        require_positive(transition_mm=transition_mm)
    edited, notes = lumen, list(lumen.notes)
    for lesion in map(lumen.lesion, names):
        vessel = lumen.branch(lesion.branch)
        inside = (vessel.abscissas > lesion.start) & (vessel.abscissas < lesion.end)
        at = np.concatenate([[lesion.start], vessel.abscissas[inside], [lesion.end]])
        healthy = np.interp(at, vessel.abscissas, vessel.reference_radii)
        blend = 0.5 * lesion.reference_diameter if transition_mm is None else transition_mm * MM
        edited = _widened(edited, vessel, at, healthy, blend)
        notes.append(
            f"Lesion {lesion.name} ({lesion.percent_diameter_stenosis:.0f} % of the diameter, "
            f"{lesion.start / MM:.1f} to {lesion.end / MM:.1f} mm) was opened to its healthy "
            f"radius; its borders are blended over {blend / MM:.1f} mm."
        )
    return graded(replace(edited, notes=tuple(notes)))


def _span(lumen: Lumen, branch: LumenBranch, start_mm: float, end_mm: float) -> tuple[float, float]:
    """Start and end of a stent [m], both on the branch."""
    if not (np.isfinite(start_mm) and np.isfinite(end_mm) and start_mm < end_mm):
        raise InputError(f"A stent needs start_mm < end_mm; got {start_mm!r} and {end_mm!r}.")
    low, high = float(branch.abscissas[0]), float(branch.abscissas[-1])
    start, end = start_mm * MM, end_mm * MM
    past_end = end > high + SLACK and branch.name not in lumen.outlet_names
    before_start = start < low - SLACK and branch.parent >= 0
    if (past_end and start < high) or (before_start and end > low):
        raise GeometryError(
            f"a stent from {start_mm:.1f} to {end_mm:.1f} mm passes a bifurcation: the branch "
            f"reaches from {low / MM:.1f} to {high / MM:.1f} mm; place one stent in each branch.",
            branch=branch.name,
            abscissa=high if past_end else low,
        )
    if start < low - SLACK or end > high + SLACK:
        raise GeometryError(
            f"a stent from {start_mm:.1f} to {end_mm:.1f} mm is not on it: the branch reaches from "
            f"{low / MM:.1f} to {high / MM:.1f} mm from the ostium.",
            branch=branch.name,
        )
    return max(start, low), min(end, high)


def _widened(
    lumen: Lumen, branch: LumenBranch, at: FloatArray, radii: FloatArray, transition: float
) -> Lumen:
    """The lumen at least ``radii`` wide over the span ``at`` of a branch, blended beyond its ends.

    Args:
        lumen: The lumen.
        branch: The branch on which the span lies.
        at: Rising abscissas, the first and last of which bound the span (n,) [m].
        radii: Wanted radii there (n,) [m].
        transition: Length of the blend on either side [m].
    """
    branches = list(lumen.branches)
    for index in lumen.vessel(lumen.index(branch.name)):
        part = branches[index]
        beyond = np.maximum(at[0] - part.abscissas, part.abscissas - at[-1])
        share = np.clip(1.0 - beyond / transition, 0.0, 1.0)
        gain = np.maximum(np.interp(part.abscissas, at, radii) - part.radii, 0.0)
        share = share**2 * (3.0 - 2.0 * share)
        rounded = share * np.minimum(gain / (ROUNDED * part.radii), 1.0)
        branches[index] = replace(
            part,
            radii=part.radii + share * gain,
            polar=None if part.polar is None else part.polar * (1.0 - rounded)[:, None],
        )
    return replace(lumen, branches=tuple(branches))
