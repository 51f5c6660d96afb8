"""Rows of ``validate.py`` about microcirculation, thermodilution and CT perfusion."""

from collections.abc import Iterator
from itertools import product

import numpy as np

import corohemo as ch
from corohemo.indices.microvascular import microcirculatory_index
from corohemo.perfusion import (
    TimeAttenuation,
    arterial_curve,
    fermi_deconvolution,
    maximum_slope,
    maximum_slope_bias,
)
from corohemo.physiology import flow_fractions
from corohemo.units import ML, MMHG

Measured = tuple[str, float, float, str]
"""Check, bound, measured value, note."""

FINE = np.arange(0.0, 40.0, 0.01)
RESIDUES = ((0.05, 0.5), (0.1, 0.3), (1.0, 0.15))
"""Fermi's shape and rate [1/s]."""
FLOWS = (60.0, 120.0, 250.0)
"""True blood flow [mL/100 mL/min]."""
SPLITS = {
    2.0: (0.468, 0.325, 0.208),
    2.15: (0.478, 0.323, 0.200),
    2.33: (0.490, 0.320, 0.190),
    2.38: (0.493, 0.319, 0.188),
    2.55: (0.504, 0.317, 0.179),
    2.6: (0.507, 0.316, 0.177),
    2.7: (0.514, 0.314, 0.172),
    3.0: (0.533, 0.309, 0.158),
}
"""Flow fractions of outlets of 3.0, 2.5 and 2.0 mm by diameter exponent."""


def microvascular_rows() -> Iterator[Measured]:
    """Definitions against worked examples, thermodilution in a tube, blood flow from curves."""
    example = microcirculatory_index(85.0 * MMHG, 0.5 * ML / (3.3 * ML))
    yield "IMR_CT example: |IMR - 12.9 U|", 0.05, abs(example - 12.9), f"{example:.2f} U"
    diameters = np.array([3.0, 2.5, 2.0])
    gap = max(np.abs(flow_fractions(diameters, n) - f).max() for n, f in SPLITS.items())
    yield "split fractions of the table, largest difference", 5e-4, float(gap), "8 exponents"
    yield from thermodilution_rows()
    yield from blood_flow_rows()


def thermodilution_rows() -> Iterator[Measured]:
    """A straight vessel of 3 mm."""
    lumen = ch.build_lumen(ch.gallery.tube(3.0, 80.0))
    boundaries = ch.Boundaries(
        inlet=ch.PressureInlet(90.0), outlets={"*": ch.Resistance(400.0)}, state="hyperemic"
    )
    found = ch.measure_thermodilution(ch.solve_reduced(lumen, boundaries), "tube")
    error = abs(found.bolus.transit_time / found.bolus.volume_over_flow - 1)
    yield "bolus in a straight vessel: T_mn against V / Q", 0.005, error, ""
    error = abs(found.infusion.resistance / found.true_resistance - 1)
    yield "continuous infusion: R_mu against the true one", 0.01, error, "216 mL/min"


def blood_flow_rows() -> Iterator[Measured]:
    """Synthetic curves of one-second images; three residues, three flows."""
    times = np.arange(0.0, 36.0, 1.0)
    artery, rng = arterial_curve(FINE), np.random.default_rng(1)
    worst, slope_gap = 0.0, 0.0
    for (shape, rate), flow in product(RESIDUES, FLOWS):
        residue = (1 + shape) / (1 + shape * np.exp(rate * FINE))
        curve = np.convolve(artery, residue)[: FINE.size] - 0.5 * artery
        exact = flow / 6000 * 0.01 * curve
        clean = np.interp(times, FINE, exact)
        noisy = clean + rng.normal(0.0, clean.max() / 20, (500, times.size))
        curves = TimeAttenuation.from_arrays(times, arterial_curve(times), noisy)
        bias = 6000 * fermi_deconvolution(curves).flow.mean() / flow - 1
        worst = max(worst, abs(float(bias)))
        fine = TimeAttenuation.from_arrays(FINE[::10], artery[::10], exact[::10])
        known = maximum_slope_bias(artery, residue)
        slope_gap = max(slope_gap, abs(6000 * maximum_slope(fine)[0] / flow / known - 1))
    yield "Fermi deconvolution at SNR 20, largest bias of the mean", 0.03, worst, "9 x 500 curves"
    yield "maximum slope against its known bias, no noise", 0.005, slope_gap, "0.1 s images"


if __name__ == "__main__":
    for row in microvascular_rows():
        print(*row)
