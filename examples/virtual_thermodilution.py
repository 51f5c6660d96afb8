"""Do bolus IMR and continuous thermodilution see the same microcirculation?

The same beds behind the gallery's left tree, measured three ways: T_mn of a bolus, a continuous
infusion in front of and behind the first side branches, and the truth.
"""

import corohemo as ch
from corohemo.units import WOOD_UNIT

VESSEL = "dLAD"


def main() -> dict[float, ch.Thermodilution]:
    """Print the readings by the infusion's place [mm] and give them."""
    lumen = ch.build_lumen(ch.gallery.left_tree())
    person = ch.Hyperemia(total_coronary_resistance_index=0.30)
    hyperemic, resting = (
        ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, state))
        for state in (person, person.at_rest())
    )
    readings = {}
    for place in (0.0, 15.0, 40.0):
        found = ch.measure_thermodilution(
            hyperemic,
            VESSEL,
            resting=resting,
            options=ch.ThermodilutionOptions(infusion_mm=place),
        )
        readings[place] = found
        print(f"infusion at {place:.0f} mm: R_mu {found.infusion.resistance / WOOD_UNIT:.0f} WU")
    print(found.summary())
    return readings


if __name__ == "__main__":
    main()
