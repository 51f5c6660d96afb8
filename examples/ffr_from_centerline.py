"""Is a lesion of the left coronary tree worth a stent? CT-FFR from a centerline alone.

FFR is the mean pressure behind a lesion over the aortic pressure while the microcirculation is
fully dilated; at 0.80 or below, the lesion limits the flow. The pressures come from the flow
equations in the lumen; the flow comes from population laws (myocardial mass, outlet diameters,
adenosine response), each printed with its source. The microvascular values therefore return what
was assumed, and say so. Run with COROHEMO_QUICK=1 for a coarser mesh.

    python examples/ffr_from_centerline.py [report-folder]
"""

import os
import sys

import corohemo as ch


def main(folder: str | None = None) -> ch.Indices:
    """Print the indices of the gallery's left tree, write the report if asked, return them."""
    refinement = 0.5 if os.environ.get("COROHEMO_QUICK") else 1.0
    lumen = ch.build_lumen(ch.gallery.left_tree())
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=refinement))
    state = ch.Hyperemia(mean_aortic_pressure_mmhg=93.0, myocardial_mass_g=130.0)
    boundaries = ch.prescribe_boundaries(lumen, state)
    print("\n".join(boundaries.notes))
    indices = ch.compute_indices(ch.solve_flow(mesh, boundaries), lumen)
    print(indices.summary())
    if folder is not None:
        ch.write_report(indices, folder)
    return indices


if __name__ == "__main__":
    main(*sys.argv[1:2])
