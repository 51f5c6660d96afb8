"""Rows of ``validate.py``: wall and plaque indices of solved flows against their closed forms.

Poiseuille's flow and one that pulsates about a mean (Womersley), in a tube on the default mesh, and
blood at rest in a cone. A radius or more from the caps; largest and mean over the facets.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from tube_checks import tube_boundaries

import corohemo as ch
from corohemo.indices import compute_plaque_stress
from corohemo.indices.wall_pulse import WallPulse
from corohemo.lumen import Lesion
from corohemo.solvers.womersley import womersley_response
from corohemo.units import ML_PER_MIN, MM, MMHG

FloatArray = NDArray[np.float64]
Line = tuple[str, float, float, str]

RADIUS, LENGTH, PERIOD = 1.5e-3, 20e-3, 0.8
MEAN, AMPLITUDE = 10.0, 20.0
LARGEST, AVERAGE, ABSOLUTE = 0.02, 0.005, 0.02
"""Bounds of the largest and the mean relative error, and of numbers that are near or at zero."""


def wall_rows() -> Iterator[Line]:
    """All indices, flow by flow."""
    yield from poiseuille_rows()
    yield from womersley_rows()
    yield from cone_rows()


def poiseuille_rows() -> Iterator[Line]:
    """Wall shear by facets and sectors, and plaque stress of a stretch of the wall."""
    lumen = ch.build_lumen(ch.gallery.tube(diameter_mm=2 * RADIUS / MM, length_mm=LENGTH / MM))
    lumen = dataclasses.replace(lumen, lesions=(stretch(lumen, 0.25 * LENGTH, 0.75 * LENGTH),))
    solution = ch.solve_flow(ch.mesh_lumen(lumen), tube_boundaries(80.0))
    shear = 4 * 3.5e-3 * 80.0 * ML_PER_MIN / (np.pi * RADIUS**3)
    wall = ch.compute_wall_shear(solution)
    middle = inner(wall.points[:, 0])
    yield from relative("Poiseuille: WSS, facets", wall.magnitude[middle], shear)
    lifted = dataclasses.replace(solution, pressure=solution.pressure + 90.0 * MMHG)
    (stress,) = compute_plaque_stress(lifted, lumen)
    for name in ("upstream", "downstream", "net", "mean_magnitude"):
        error = abs(getattr(stress, name) / shear - 1)
        yield f"Poiseuille: APS {name}, 90 mmHg added", AVERAGE, error, ""


def womersley_rows() -> Iterator[Line]:
    """Indices of a cycle in which the shear turns round."""
    lumen = ch.build_lumen(ch.gallery.tube(diameter_mm=2 * RADIUS / MM, length_mm=LENGTH / MM))
    wave = ch.Waveform.from_fourier(PERIOD, [MEAN, AMPLITUDE])
    blood = ch.Blood()
    boundaries = ch.Boundaries(
        inlet=ch.FlowInlet(wave, profile="womersley"), outlets={"*": ch.PressureOutlet(0.0)}
    )
    options = ch.TransientOptions(steps_per_cycle=100, max_cycles=6)
    solution = ch.solve_flow(ch.mesh_lumen(lumen), boundaries, options)
    assert isinstance(solution, ch.TransientSolution)
    assert solution.wall is not None
    wall = ch.compute_wall_shear(solution)
    pulse = WallPulse.of(solution.wall, len(wall.points))
    middle = inner(wall.points[:, 0])
    number = RADIUS * np.sqrt(2 * np.pi / PERIOD / blood.kinematic_viscosity)
    flow, _, shear = womersley_response(float(number))
    unit = 4 * blood.dynamic_viscosity * ML_PER_MIN / (np.pi * RADIUS**3)
    turn = np.exp(2j * np.pi * np.arange(20_000) / 20_000)
    series = unit * (MEAN + np.real(AMPLITUDE * shear / flow * turn))
    mean, tawss = abs(series.mean()), np.abs(series).mean()
    osi = 0.5 * (1 - mean / tawss)
    name = f"Womersley, alpha {number:.1f}, OSI {osi:.3f}"
    yield from relative(f"{name}: TAWSS", pulse.tawss[middle], tawss)
    yield from relative(f"{name}: RRT", pulse.rrt[middle], 1 / mean)
    assert pulse.trans_wss is not None
    assert pulse.cfi is not None
    assert pulse.tsvi is not None
    zeros = {
        "OSI less its exact value": pulse.osi[middle] - osi,
        "ECAP over its exact value, less one": pulse.ecap[middle] * tawss / osi - 1,
        "transWSS over TAWSS": pulse.trans_wss[middle] / tawss,
        "cross-flow index": pulse.cfi[middle],
        "TSVI times the radius": pulse.tsvi[middle] * RADIUS,
    }
    for key, values in zeros.items():
        yield f"{name}: {key}, largest", ABSOLUTE, float(np.abs(values).max()), ""


def cone_rows() -> Iterator[Line]:
    """Blood at rest under 90 mmHg: no shear, and the axial stress of the pressure on the slope."""
    lumen = ch.build_lumen(ch.gallery.cone())
    branch = lumen.branches[0]
    lumen = dataclasses.replace(
        lumen, lesions=(stretch(lumen, 0.25 * branch.length, 0.75 * branch.length),)
    )
    boundaries = ch.Boundaries(inlet=ch.PressureInlet(90.0), outlets={"*": ch.PressureOutlet(90.0)})
    solution = ch.solve_flow(ch.mesh_lumen(lumen), boundaries)
    pressure = 90.0 * MMHG
    shear = float(ch.compute_wall_shear(solution).magnitude.max())
    yield "cone at rest: largest WSS over the pressure", 1e-10, shear / pressure, ""
    slope = (branch.radii[-1] - branch.radii[0]) / branch.length
    exact = -pressure * slope / np.hypot(1.0, slope)
    (stress,) = compute_plaque_stress(solution, lumen)
    for name in ("upstream", "net", "mean_magnitude"):
        error = abs(getattr(stress, name) / exact - 1)
        yield f"cone at rest: APS {name} against p sin", AVERAGE, error, f"{exact:.0f} Pa"


def stretch(lumen: ch.Lumen, start: float, end: float) -> Lesion:
    """A stretch of the first branch by the name of a lesion, its throat in the middle."""
    return Lesion(
        name="stretch",
        branch=lumen.branches[0].name,
        start=start,
        throat=0.5 * (start + end),
        end=end,
        percent_diameter_stenosis=0.0,
        percent_area_stenosis=0.0,
        minimum_lumen_area=0.0,
        reference_diameter=0.0,
        radius_gradient_upstream=0.0,
        radius_gradient_downstream=0.0,
    )


def inner(along: FloatArray) -> NDArray[np.bool_]:
    """Places a radius or more from both caps."""
    return (along - along.min() > RADIUS) & (along.max() - along > RADIUS)


def relative(name: str, values: FloatArray, exact: float) -> Iterator[Line]:
    """Largest and mean relative error."""
    errors = np.abs(values / exact - 1)
    yield f"{name}, largest", LARGEST, float(errors.max()), ""
    yield f"{name}, mean", AVERAGE, float(errors.mean()), ""


if __name__ == "__main__":
    for line in wall_rows():
        print(*line)
