"""How sure is FFR, and what would make it surer?

The gallery's left tree under population physiology, then with a measured hyperemic flow: knowing
the flow to 10 % narrows the interval of FFR more than a better scan would.
"""

import os
from dataclasses import replace

import corohemo as ch
from corohemo.uncertainty import InputUncertainty, LogNormal, Uncertainty

VESSEL = "dLAD"


def main() -> tuple[Uncertainty, Uncertainty]:
    """Print both intervals and the blame, and give both results."""
    quick = bool(os.environ.get("COROHEMO_QUICK"))
    options = ch.UncertaintyOptions(samples=500 if quick else 2000, sobol_base=64 if quick else 256)
    lumen = ch.build_lumen(ch.gallery.left_tree())
    person = ch.Hyperemia(total_coronary_resistance_index=0.30)
    population = ch.propagate_uncertainty(lumen, person, options=options)

    flow = ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, person))
    given = ch.GivenFlow(
        flow_ml_min={name: flow.face_flow_ml_min(f"outlet:{name}") for name in lumen.outlet_names},
        state="hyperemic",
        is_measured=True,
    )
    states = ch.boundaries_from_flow(lumen, given.estimate(lumen), mean_aortic_pressure_mmhg=93.0)
    measured_inputs = replace(InputUncertainty(), flow_factor=LogNormal(1.0, 0.10))
    measured = ch.propagate_uncertainty(
        lumen, states.hyperemic, inputs=measured_inputs, options=options
    )
    for name, found in (("population flow", population), ("flow measured to 10 %", measured)):
        ffr = found.spread("vessels", VESSEL, "ffr_ct_distal")
        print(
            f"{name}: distal FFR of {VESSEL} {ffr.nominal:.3f}, {100 * found.level:.0f} % interval "
            f"{ffr.low:.3f}-{ffr.high:.3f}, P(FFR <= 0.80) = {ffr.probability:.2f}"
        )
        entry = next(s for s in found.sensitivities if s.name == VESSEL)
        ranked = sorted(entry.total.items(), key=lambda item: -item[1])[:3]
        print("  most of the variance: " + ", ".join(f"{k} {v:.2f}" for k, v in ranked))
    return population, measured


if __name__ == "__main__":
    main()
