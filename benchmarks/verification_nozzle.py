"""The FDA's benchmark nozzle at a throat Reynolds number of 500, sudden expansion, against PIV.

Hariharan et al., J Biomech Eng 2011;133:041002; Stewart et al., Cardiovasc Eng Technol
2012;3:139. Inlet of 12 mm, cone of 22.685 mm, throat of 4 mm over 40 mm, sudden expansion to 12 mm
at z = 0. The lumen is a straight centerline with these radii, and a step is what a lumen of
sections cannot have: it is drawn out over ``JUMP_MM``, a wall of 53 degrees, from which the jet
comes off all the same. Steeper ones shear the swept cells so much that the jet suffers.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import corohemo as ch
from corohemo import units

Line = tuple[str, float, float, str]
FloatArray = NDArray[np.float64]

DENSITY, VISCOSITY = 1056.0, 3.5e-3
FLOW = 5.20624e-6
"""Flow [m3/s]."""
PROFILE_MM = ((-110.0, 6.0), (-62.685, 6.0), (-40.0, 2.0), (0.0, 2.0), (0.0, 6.0), (200.0, 6.0))
"""Positions z and radii."""
JUMP_MM = 3.0
SPACING_MM = 0.5
RINGS = (0.12, 0.23, 0.31, 0.37, 0.46, 0.6, 0.78, 0.92, 1.0)
"""Dense where the wall of the throat goes on as the edge of the jet, at a third of the radius."""
WINDOW = (-0.064, 0.032)
"""Stations that are compared [m]."""
BAND = 0.1
STRAY = 1e-5
"""Distance up to which a node lies on the axis [m]."""


def nozzle_tree() -> ch.VesselTree:
    """The nozzle along x = z + 110 mm."""
    stops = np.array(PROFILE_MM)
    stops[stops.shape[0] - 2, 0] += JUMP_MM
    z = np.union1d(np.arange(stops[0, 0], stops[-1, 0] + SPACING_MM, SPACING_MM), stops[:, 0])
    z = np.union1d(z[z <= stops[-1, 0]], np.linspace(-JUMP_MM, 2 * JUMP_MM, 7))
    points = np.column_stack([z - stops[0, 0], np.zeros_like(z), np.zeros_like(z)])
    parents = np.arange(-1, len(z) - 1)
    return ch.VesselTree.from_arrays(points, np.interp(z, *stops.T), parents, length_unit="mm")


def nozzle_mesh(refinement: float = 0.8) -> ch.LumenMesh:
    """Its mesh."""
    lumen = ch.build_lumen(
        nozzle_tree(), ch.LumenOptions(section_spacing_radii=0.02, smoothing_radii=0.0)
    )
    options = ch.MeshOptions(
        sectors=12, rings=RINGS, axial_step_radii=1.2, lesion_step_radii=0.4, refinement=refinement
    )
    return ch.mesh_lumen(lumen, options)


def nozzle_flow(mesh: ch.LumenMesh) -> ch.FlowSolution:
    """Steady flow with a developed inlet."""
    boundaries = ch.Boundaries(
        inlet=ch.FlowInlet(FLOW / units.ML_PER_MIN, profile="parabolic"),
        outlets={"*": ch.PressureOutlet(0.0)},
        blood=ch.Blood(DENSITY, VISCOSITY),
    )
    return ch.solve_flow(mesh, boundaries)


def nozzle_rows(data: Path) -> Iterator[Line]:
    """Centreline velocity at the stations against the mean of the laboratories."""
    mesh = nozzle_mesh()
    solution = nozzle_flow(mesh)
    table = np.genfromtxt(data / "SE_Re500_centerline_velocity.csv", delimiter=",", names=True)
    inside = (table["z_m"] >= WINDOW[0]) & (table["z_m"] <= WINDOW[1])
    z, measured = table["z_m"][inside], table["interlab_mean_m_s"][inside]
    found = axis_velocity(solution, z)
    error = found - measured
    worst = int(np.abs(error / measured).argmax())
    unknowns = f"{solution.stats.unknowns} unknowns"
    yield (
        "FDA nozzle, Re 500: centreline velocity, worst station",
        BAND,
        float(np.abs(error / measured)[worst]),
        f"z = {1e3 * z[worst]:.0f} mm of {len(z)} stations, {unknowns}",
    )
    nrmse = float(np.sqrt(np.mean(error**2)) / measured.max())
    yield "the same: root mean square over the largest", 0.1, nrmse, ""
    mean = float(np.abs(error / measured).mean())
    stored = json.loads(Path(__file__).with_name("nozzle_reference.json").read_text())
    sharp = np.interp(1e3 * z, stored["z_mm"], stored["velocity_m_s"])
    apart = float(np.abs(found / sharp - 1).max())
    yield "the same, against the axisymmetric flow behind a true step", 0.03, apart, ""
    yield (
        "the same: mean of the relative errors",
        0.34,
        mean,
        "laminar participants of the round robin",
    )


def axis_velocity(solution: ch.FlowSolution, z: FloatArray) -> FloatArray:
    """Axial velocity on the axis at positions z [m]."""
    points = solution.mesh.points
    on_axis = np.hypot(points[:, 1], points[:, 2]) < STRAY
    places = points[on_axis, 0] + PROFILE_MM[0][0] * units.MM
    order = np.argsort(places)
    return np.interp(z, places[order], solution.velocity[on_axis, 0][order])
