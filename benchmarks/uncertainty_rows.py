"""Rows of ``validate.py`` about uncertainty: coverage of synthetic patients, and time.

Each patient is a random tree with lesions that is true. Its scan has an error in every diameter;
flow, hyperemia, split, pressures and blood are drawn too. "3-D" is the reduced model with marched
profiles, which the propagation does not use: it runs once on the scan with average physiology, the
jet model is calibrated on that run and propagated. The truth is another run of it, on the true
lumen with the drawn physiology. 90 % of the intervals should hold it.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

import corohemo as ch
from corohemo.indices.reduced import reduced_pullbacks
from corohemo.indices.wire import path_transit_time
from corohemo.solvers.reduced import ReducedOptions
from corohemo.uncertainty import (
    CalibratedModel,
    InputUncertainty,
    UncertaintyOptions,
    propagate_uncertainty,
)
from corohemo.uncertainty.beds import population_beds
from corohemo.uncertainty.sampling import InputSpace
from corohemo.units import MM, MMHG, MMHG_S, WOOD_UNIT

PROFILE = ReducedOptions(losses="profile")
LEVEL = 0.90
WIRE = 70.0 * MM
Measured = tuple[str, float, float, str]
"""Check, bound, measured value, note."""


@dataclass(frozen=True)
class Coverage:
    """Part of the patients whose truth lies in their interval, and mean width of the intervals."""

    n_patients: int
    ffr: float
    imr: float
    ffr_width: float
    true_ffr: np.ndarray


def synthetic_coverage(n_patients: int, n_samples: int, *, first_seed: int = 0) -> Coverage:
    """Coverage of the lowest distal FFR and of IMR in the same vessel."""
    rows = [one_patient(first_seed + k, n_samples) for k in range(n_patients)]
    inside, widths, truths = (np.array(column) for column in zip(*rows, strict=True))
    ffr, imr = inside.mean(axis=0)
    return Coverage(n_patients, float(ffr), float(imr), float(widths.mean()), truths)


def one_patient(seed: int, n_samples: int) -> tuple[tuple[bool, bool], float, float]:
    """Whether FFR and IMR lie in their intervals, width of the FFR interval, true FFR."""
    true = ch.build_lumen(ch.gallery.random_tree(seed, ("plain", "stenosed")[seed % 2]))
    person, inputs = ch.Hyperemia(), InputUncertainty()
    space = InputSpace(true, inputs)
    point = np.random.default_rng(1000 + seed).random((1, len(space.groups)))
    draws = space.draws(point)
    scan = scanned(true, space.radii(point)[0], float(draws["diameter_bias_mm"][0]))
    truth = ch.solve_reduced(true, true_boundaries(true, person, draws), PROFILE)

    run = ch.solve_reduced(scan, ch.prescribe_boundaries(scan, person), PROFILE)
    model = CalibratedModel.of_run(
        scan, run.boundaries.blood, run.flows, reduced_pullbacks(run), source="the profile run"
    )
    found = propagate_uncertainty(
        scan,
        person,
        model=model,
        inputs=inputs,
        options=UncertaintyOptions(samples=n_samples, level=LEVEL, sobol_base=0, seed=seed),
    )
    ends = [truth.pressures[i][-1] / truth.inlet_pressure for i in true.outlets]
    worst = int(np.argmin(ends))
    name = true.outlet_names[worst]
    ffr = found.spread("vessels", name, "ffr_ct_distal")
    imr = found.spread("vessels", name, "imr_ct_u")
    inside = ffr.low <= ends[worst] <= ffr.high, imr.low <= true_imr(truth, worst) <= imr.high
    return inside, ffr.high - ffr.low, float(ends[worst])


def scanned(true: ch.Lumen, radii: np.ndarray, bias_mm: float) -> ch.Lumen:
    """The lumen as the scan shows it."""
    parts = np.split(radii, np.cumsum([branch.radii.size for branch in true.branches])[:-1])
    branches = [
        replace(
            branch,
            radii=part,
            reference_radii=branch.reference_radii
            * np.exp(0.5 * bias_mm * MM / branch.reference_radii),
        )
        for branch, part in zip(true.branches, parts, strict=True)
    ]
    return replace(true, branches=tuple(branches))


def true_boundaries(
    lumen: ch.Lumen, person: ch.Hyperemia, draws: dict[str, np.ndarray]
) -> ch.Boundaries:
    """The drawn physiology; the true lumen's own diameters split the flow."""
    beds = population_beds(lumen, person, draws | {"diameter_bias_mm": np.zeros(1)})
    outlets = {
        name: ch.Resistance(
            float(beds.resistance[0, index]) / WOOD_UNIT, float(beds.venous[0]) / MMHG
        )
        for index, name in zip(lumen.outlets, lumen.outlet_names, strict=True)
    }
    return ch.Boundaries(
        inlet=ch.PressureInlet(float(beds.aortic[0]) / MMHG),
        outlets=outlets,
        blood=ch.Blood(dynamic_viscosity_pa_s=float(draws["viscosity_pa_s"][0])),
    )


def true_imr(truth: ch.ReducedSolution, outlet: int) -> float:
    """IMR of the true vessel at its wire position [U]."""
    lumen = truth.lumen
    path = lumen.path(lumen.outlets[outlet])
    wire = min(WIRE, float(lumen.branches[path[-1]].abscissas[-1]))
    s = np.concatenate([lumen.branches[i].abscissas for i in path])
    pressure = np.interp(wire, s, np.concatenate([truth.pressures[i] for i in path]))
    return float(pressure * path_transit_time(lumen, path, truth.flows, wire) / MMHG_S)


def uncertainty_rows(n_patients: int = 200, n_samples: int = 1000) -> Iterator[Measured]:
    """Coverage off its nominal 90 %, and CPU seconds of the default propagation."""
    found = synthetic_coverage(n_patients, n_samples)
    for name, value in (("FFR", found.ffr), ("IMR_CT", found.imr)):
        note = f"{100 * value:.1f} % of {n_patients}, mean FFR width {found.ffr_width:.2f}"
        yield f"90 % intervals of {name}: |coverage - 0.90|", 0.05, abs(value - LEVEL), note
    lumen = ch.build_lumen(ch.gallery.left_tree())
    options = UncertaintyOptions(samples=2000, sobol_base=0)
    propagate_uncertainty(lumen, ch.Hyperemia(), options=options)
    start = time.process_time()
    propagate_uncertainty(lumen, ch.Hyperemia(), options=options)
    seconds = time.process_time() - start
    yield "2,000 samples of the left tree, both states, CPU [s]", 10.0, seconds, ""


if __name__ == "__main__":
    for row in uncertainty_rows(int(sys.argv[1]) if len(sys.argv) > 1 else 200):
        print(*row)
