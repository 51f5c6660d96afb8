"""Does a stress perfusion map tell epicardial from microvascular disease?

A synthetic left ventricle under the gallery's left tree, with the blood flow of dLAD's territory
halved. Noisy time-attenuation curves give MBF by Fermi deconvolution, territories of the tree give
the flow of each outlet, and FFR follows under that flow, unscaled: dLAD has too little flow behind
open arteries.
"""

from dataclasses import dataclass

import numpy as np

import corohemo as ch
from corohemo.indices.reduced import reduced_indices
from corohemo.perfusion import (
    Mismatch,
    fermi_deconvolution,
    perfusion_by_territory,
    perfusion_mismatch,
    synthetic_ventricle,
)

TRUE_MBF = {"dLAD": 80.0, "D2": 150.0, "D1": 160.0, "dCx": 155.0, "OM2": 150.0, "OM1": 165.0}


@dataclass(frozen=True)
class Territory:
    """One outlet: true and found MBF [mL/100 mL/min], flow [mL/min], FFR and IMR_CT [U]."""

    true_blood_flow: float
    blood_flow: float
    flow_ml_min: float
    ffr: float
    imr: float
    mismatch: Mismatch


def main() -> dict[str, Territory]:
    """Print a row per outlet and give the rows."""
    lumen = ch.build_lumen(ch.gallery.left_tree(lesions=False))
    ventricle = synthetic_ventricle(lumen, TRUE_MBF)
    curves = ventricle.curves(np.arange(0.0, 36.0, 1.0), signal_to_noise=20.0)
    blood_flow = ventricle.filled(6000.0 * fermi_deconvolution(curves).flow)
    stress = perfusion_by_territory(
        blood_flow, ventricle.territories, state="hyperemic", depth=ventricle.depth
    )
    states = ch.boundaries_from_flow(
        lumen,
        stress.flow_source().estimate(lumen),
        mean_aortic_pressure_mmhg=88.0,
        venous_pressure_mmhg=5.0,
    )
    solution = ch.solve_reduced(lumen, states.hyperemic)
    vessels = reduced_indices({"hyperemic": solution}).vessels
    ffr = {vessel.name: vessel.ffr_ct_distal for vessel in vessels}
    patterns = perfusion_mismatch(stress, lumen, ffr=ffr)
    rows = {}
    print("outlet   true MBF  found   flow [mL/min]  FFR    IMR_CT [U]  pattern")
    for row, vessel, pattern in zip(stress.rows, vessels, patterns, strict=True):
        assert vessel.microvascular_informative
        rows[row.outlet] = Territory(
            TRUE_MBF[row.outlet],
            row.blood_flow,
            row.flow_ml_min,
            ffr[row.outlet],
            vessel.imr_ct_u,
            pattern,
        )
        print(
            f"{row.outlet:8s} {TRUE_MBF[row.outlet]:6.0f} {row.blood_flow:8.1f}"
            f" {row.flow_ml_min:11.1f} {ffr[row.outlet]:11.3f} {vessel.imr_ct_u:9.1f}"
            f"       {pattern.pattern}"
        )
    return rows


if __name__ == "__main__":
    main()
