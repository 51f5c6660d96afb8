"""Friction of developed flow in a curved pipe, against White's correlation.

    fc / fs = (1 - (1 - (11.6 / De)^0.45)^2.22)^-1,    De = Re sqrt(a / R),  11.6 < De < 2000

(White, Proc R Soc A 1929;123:645); Ito gives the same to 0.8 % for De of 100 to 500.
The pipe is a helix so flat that its torsion does not show, long enough for the flow to develop. The
pressure gradient is taken over the last part but for two diameters, whose flow the outlet disturbs.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

import corohemo as ch
from corohemo import units

Line = tuple[str, float, float, str]
FloatArray = NDArray[np.float64]

DENSITY, VISCOSITY = 1060.0, 3.5e-3
RADIUS_MM = 1.5
COIL_MM = 15.0
PITCH_MM = 6.0
"""Rise of the helix in a turn."""
POINTS_PER_TURN = 240
DEAN_NUMBERS = {100.0: 0.9, 200.0: 1.1, 500.0: 1.5}
"""Dean numbers, and the turns in which their flow develops and is measured."""
MEASURED_TURN = 0.35
"""Last part of a pipe over which the pressure gradient is taken [turns]."""


def dean_rows(refinement: float = 1.0) -> Iterator[Line]:
    """Friction over that of a straight pipe, and how far the flow still develops."""
    for dean, turns in DEAN_NUMBERS.items():
        ratio, drift, unknowns = friction_ratio(dean, turns, refinement)
        note = f"ratio {ratio:.3f}, White {white(dean):.3f}; {unknowns} unknowns"
        yield f"developed bend, De {dean:g}: friction", 0.03, abs(ratio / white(dean) - 1), note
        yield "the same: change of the gradient along the measured part", 0.01, drift, ""


def white(dean: float) -> float:
    """White's ratio of friction factors."""
    return float(1.0 / (1.0 - (1.0 - (11.6 / dean) ** 0.45) ** 2.22))


def coil(turns: float) -> ch.VesselTree:
    """A flat helix."""
    angles = np.linspace(0.0, 2 * np.pi * turns, int(turns * POINTS_PER_TURN) + 1)
    rise = PITCH_MM * angles / (2 * np.pi)
    points = np.stack([COIL_MM * np.cos(angles), COIL_MM * np.sin(angles), rise], axis=1)
    parents = np.arange(-1, len(points) - 1)
    radii = np.full(len(points), RADIUS_MM)
    return ch.VesselTree.from_arrays(points, radii, parents, length_unit="mm")


def friction_ratio(dean: float, turns: float, refinement: float) -> tuple[float, float, int]:
    """Pressure gradient over Poiseuille's, its relative change by halves, and the unknowns."""
    climb = PITCH_MM / (2 * np.pi * COIL_MM)
    reynolds = dean * np.sqrt(COIL_MM * (1 + climb**2) / RADIUS_MM)
    radius = RADIUS_MM * units.MM
    flow = reynolds * VISCOSITY / (2 * DENSITY * radius) * np.pi * radius**2
    lumen = ch.build_lumen(coil(turns))
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(axial_step_radii=1.6, refinement=refinement))
    boundaries = ch.Boundaries(
        inlet=ch.FlowInlet(flow / units.ML_PER_MIN, profile="parabolic"),
        outlets={"*": ch.PressureOutlet(0.0)},
        blood=ch.Blood(DENSITY, VISCOSITY),
    )
    solution = ch.solve_flow(mesh, boundaries)
    pullback = ch.compute_indices(solution, lumen).pullbacks["hyperemic"][0]
    end = pullback.abscissa[-1] - 4 * radius
    start = end - MEASURED_TURN * 2 * np.pi * COIL_MM * units.MM * np.sqrt(1 + climb**2)
    places, straight = pullback.abscissa, 8 * VISCOSITY * flow / (np.pi * radius**4)
    middle = (start + end) / 2
    first, second, whole = (
        gradient(places, pullback.pressure, *part) / straight
        for part in ((start, middle), (middle, end), (start, end))
    )
    return whole, abs(second / first - 1), solution.stats.unknowns


def gradient(places: FloatArray, pressures: FloatArray, start: float, end: float) -> float:
    """Fall of the section mean pressure with the abscissa between two places [Pa/m]."""
    inside = (places >= start) & (places <= end)
    return -float(np.polyfit(places[inside], pressures[inside], 1)[0])
