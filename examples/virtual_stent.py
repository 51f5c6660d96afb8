"""Two lesions in series: what does a stent in the first one do, and what is left to the second?

Dilated microvessels stay what they are when an epicardial lesion is opened, so the resistance
behind the vessel is the same before and after. A stent then raises the flow as well as the
pressure, and the lesion downstream, which now carries more, takes part of the gain: the pressure
drop across it grows although nobody touched it. So the pullback of the untreated vessel
understates what the remaining lesion will cost. Run with COROHEMO_QUICK=1 for a coarser mesh.

    python examples/virtual_stent.py
"""

import os
from typing import NamedTuple

import numpy as np

import corohemo as ch
from corohemo.gallery.shapes import cosine_dip

BEHIND = ch.Boundaries(
    inlet=ch.PressureInlet(pressure_mmhg=93.0),
    outlets={"*": ch.Resistance(resistance_wu=700.0, distal_pressure_mmhg=5.0)},
)


class Treatment(NamedTuple):
    """FFR at the vessel's end and its flow, in 3-D and by the reduced model."""

    name: str
    ffr: float
    flow_ml_min: float
    ffr_reduced: float


def diseased_vessel() -> ch.Lumen:
    """A vessel of 3 mm and 50 mm with narrowings of 60 % and 50 % of the diameter."""
    x = np.linspace(0.0, 50.0, 401)
    dip = 0.6 * cosine_dip(x - 14.0, 10.0) + 0.5 * cosine_dip(x - 32.0, 10.0)
    points = np.stack([x, 0.0 * x, 0.0 * x], axis=1)
    parents = np.arange(len(x)) - 1
    tree = ch.VesselTree.from_arrays(
        points, 1.5 * (1.0 - dip), parents, names=["LAD"] * len(x), length_unit="mm"
    )
    return ch.build_lumen(tree)


def treated(name: str, lumen: ch.Lumen) -> Treatment:
    """Mesh and solve one lumen in front of the same microcirculation."""
    refinement = 0.7 if os.environ.get("COROHEMO_QUICK") else 1.0
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=refinement))
    solution = ch.solve_flow(mesh, BEHIND)
    reduced = ch.solve_reduced(lumen, BEHIND)
    ffr, ffr_reduced = (
        flow.face_pressure_mmhg("outlet:LAD") / flow.face_pressure_mmhg("inlet")
        for flow in (solution, reduced)
    )
    return Treatment(name, ffr, solution.face_flow_ml_min("inlet"), ffr_reduced)


def main() -> list[Treatment]:
    """Print and return one row per treatment."""
    lumen = diseased_vessel()
    first = lumen.lesions[0]
    stented = lumen.with_stent(
        first.branch,
        start_mm=1e3 * first.start,
        end_mm=1e3 * first.end,
        diameter_mm=1e3 * first.reference_diameter,
    )
    healthy = lumen.without_lesion(*(lesion.name for lesion in lumen.lesions))
    print(stented.notes[-1])
    print("treatment                 FFR   flow [mL/min]   FFR, reduced model")
    rows = [
        treated("none", lumen),
        treated("stent in the first", stented),
        treated("both opened", healthy),
    ]
    for name, ffr, flow, reduced in rows:
        print(f"{name:22s} {ffr:6.3f} {flow:15.1f} {reduced:20.3f}")
    return rows


if __name__ == "__main__":
    main()
