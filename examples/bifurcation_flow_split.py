"""Where does the blood go at a bifurcation: to the larger vessel, or to the lower resistance?

Population models split the resting flow by outlet diameter, D^n with n near 2.6: a law of the
microcirculation behind the vessels. A lesion in the side branch does not change that bed, but it
adds its own resistance in hyperemia, when the bed's is low, and flow moves to the other daughter.
The split is therefore a result, not an input. Solved by the reduced model in milliseconds.

    python examples/bifurcation_flow_split.py
"""

from typing import NamedTuple

import numpy as np

import corohemo as ch
from corohemo.physiology import outlet_fractions


class Split(NamedTuple):
    """Part of the inlet flow that enters the side branch [-]."""

    percent_diameter_stenosis: float
    allometric: float
    resting: float
    hyperemic: float


def narrow_side_branch(tree: ch.VesselTree, percent: float) -> ch.VesselTree:
    """The same tree with a cosine narrowing over the middle half of its last branch."""
    *others, side = tree.branches
    place = (side.abscissas - side.start_abscissa) / side.length
    dip = np.where(np.abs(place - 0.5) < 0.25, 0.5 * (1 + np.cos(4 * np.pi * (place - 0.5))), 0.0)
    radii = side.radii * (1 - percent / 100 * dip)
    narrowed = ch.Branch(side.name, side.points, radii, side.parent, side.start_abscissa)
    return ch.VesselTree((*others, narrowed), source=tree.source)


def split_of(percent: float) -> Split:
    """Flow into the side branch by the law and by the solved network, in both states."""
    lumen = ch.build_lumen(narrow_side_branch(ch.gallery.y_bifurcation(), percent))
    hyperemia = ch.Hyperemia(tree_share=0.45)
    side = lumen.outlet_names[-1]
    parts = []
    for state in (hyperemia.at_rest(), hyperemia):
        solution = ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, state))
        inlet = solution.face_flow_ml_min("inlet")
        parts.append(solution.face_flow_ml_min(f"outlet:{side}") / inlet)
    return Split(percent, float(outlet_fractions(lumen, hyperemia)[-1]), *parts)


def main(severities: tuple[float, ...] = (0.0, 50.0, 70.0, 80.0)) -> list[Split]:
    """Print and return one row per severity of the side branch."""
    print("Part of the flow that enters the side branch")
    print("stenosis [%]   law    rest   hyperemia")
    rows = [split_of(percent) for percent in severities]
    for percent, *parts in rows:
        print(f"{percent:12.0f}  " + "  ".join(f"{part:.3f}" for part in parts))
    return rows


if __name__ == "__main__":
    main()
