"""Every real geometry of the shared data: does it mesh and solve?

``python benchmarks/real_geometries.py [word ...]`` runs all or those whose name holds a word; the
validation runs them too. Coronary trees are solved in hyperemia with all defaults, and where that
does not converge with the inflow of the reduced model instead of the aortic pressure; vessels of
other sizes with a parabolic inflow of Reynolds number 200 and no pressure at the outlets.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import corohemo as ch
from corohemo import units
from corohemo.io.vtkxml import read_vtk_xml

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SIMVASCULAR = "simvascular_centerlines"
REYNOLDS = 200.0
LAW = ch.RadiusLaw(ostium_diameter_mm=4.0, outlet_diameter_mm=1.2)


@dataclass(frozen=True)
class Geometry:
    """A name, how to read it, and whether its flow is that of hyperemia."""

    name: str
    read: Callable[[], ch.VesselTree]
    coronary: bool = True
    options: ch.LumenOptions | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one geometry; ``balance`` is infinite where there is no solution."""

    name: str
    balance: float
    told: str


def polylines(name: str, tree: int) -> ch.VesselTree:
    path = DATA / "real_centerlines" / f"{name}.npy"
    return ch.read_polylines(path, LAW, length_unit="mm")[tree]


def coronary_surface() -> ch.VesselTree:
    folder = DATA / "coronary_surface"
    caps = [folder / f"BC{k}.stl" for k in range(7)]
    return ch.read_surface(folder / "m1_fluid.stl", caps=caps, length_unit="mm")


def vmtk_surface() -> ch.VesselTree:
    """The aorta with round ends: they are taken where VMTK's centerline ends."""
    folder = DATA / "vmtk_centerlines"
    lines = read_vtk_xml(folder / "aorta-centerline.vtp", "PolyData")
    connectivity, offsets = lines.cells["Lines"]
    parts = np.split(connectivity, offsets[:-1])
    ends = [parts[0][0], *(part[-1] for part in parts)]
    return ch.read_surface(
        folder / "aorta-surface.vtp",
        caps=lines.points[ends].tolist(),
        length_unit="mm",
        check_scale=False,
    )


def other(path: str, unit: str) -> Callable[[], ch.VesselTree]:
    return lambda: ch.read_centerline(DATA / path, length_unit=unit, check_scale=False)


GEOMETRIES = (
    Geometry("contours: qca_bifurcation", lambda: ch.read_contours(DATA / "qca_bifurcation")),
    Geometry("surface: coronary_surface", coronary_surface),
    Geometry(
        "surface: simvascular aorta",
        other("simvascular_centerlines/model_surface.vtp", "cm"),
        False,
    ),
    Geometry("surface: vmtk aorta", vmtk_surface, False),
    Geometry(
        "centerline: left_coronary_tree", other("left_coronary_tree/left_coronary_tree.swc", "mm")
    ),
    Geometry("centerline: vmtk aorta", other("vmtk_centerlines/aorta-centerline.vtp", "mm"), False),
    Geometry(
        "centerline: simvascular aorta",
        other("simvascular_centerlines/centerlines.vtp", "cm"),
        False,
    ),
    Geometry("polylines: ORCA 1", lambda: polylines("ORCA_centerlines", 0)),
    Geometry("polylines: ORCA 2", lambda: polylines("ORCA_centerlines", 1)),
    Geometry("polylines: FUMPE 1", lambda: polylines("centerlines", 0)),
    Geometry(
        "polylines: FUMPE 2 (zigzag, largest_shift_radii = 1)",
        lambda: polylines("centerlines", 1),
        options=ch.LumenOptions(largest_shift_radii=1.0),
    ),
    Geometry("polylines: FUMPE 3", lambda: polylines("centerlines", 2)),
)


def boundaries_of(lumen: ch.Lumen, *, coronary: bool) -> ch.Boundaries:
    if coronary:
        return ch.prescribe_boundaries(lumen, ch.Hyperemia())
    blood = ch.Blood()
    diameter = 2.0 * lumen.inlet_plane.radius
    flow = REYNOLDS * np.pi * diameter * blood.dynamic_viscosity / (4.0 * blood.density)
    return ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=float(flow / units.ML_PER_MIN), profile="parabolic"),
        outlets={"*": ch.PressureOutlet(pressure_mmhg=0.0)},
        blood=blood,
    )


def by_inflow(lumen: ch.Lumen, mesh: ch.LumenMesh, boundaries: ch.Boundaries) -> ch.FlowSolution:
    """The same outlets with a parabolic inflow, raised in steps to that of the reduced model."""
    flow = ch.solve_reduced(lumen, boundaries).face_flow_ml_min("inlet")
    solution = None
    for share in (0.45, 0.7, 0.88, 1.0):
        inlet = ch.FlowInlet(flow_ml_min=share * flow, profile="parabolic")
        solution = ch.solve_flow(mesh, replace(boundaries, inlet=inlet), initial=solution)
    return solution


def run(geometry: Geometry) -> Outcome:
    clock = [time.process_time()]
    told = ""
    try:
        lumen = ch.build_lumen(geometry.read(), geometry.options)
        clock.append(time.process_time())
        mesh = ch.mesh_lumen(lumen)
        clock.append(time.process_time())
        told = f"{len(lumen.outlets)} outlets, {len(mesh.cells)} cells, "
        told += f"read {clock[1] - clock[0]:.1f} s, mesh {clock[2] - clock[1]:.1f} s"
        boundaries = boundaries_of(lumen, coronary=geometry.coronary)
        try:
            solution = ch.solve_flow(mesh, boundaries)
        except ch.NotConvergedError:
            if not geometry.coronary:
                raise
            told += ", not converged with its inlet pressure, with its inflow"
            solution = by_inflow(lumen, mesh, boundaries)
    except ch.CorohemoError as error:
        return Outcome(geometry.name, np.inf, f"{told}; {type(error).__name__}: {error}")
    stats = solution.stats
    told += (
        f", solve {time.process_time() - clock[2]:.0f} s, {stats.newton_iterations} linear solves"
    )
    return Outcome(geometry.name, stats.mass_balance_relative, told)


def outcomes(words: list[str]) -> Iterator[Outcome]:
    """Outcomes of the geometries whose name holds a word; of all if there is none."""
    for geometry in GEOMETRIES:
        if not words or any(word in geometry.name for word in words):
            yield run(geometry)


if __name__ == "__main__":
    for outcome in outcomes(sys.argv[1:]):
        print(f"{outcome.name:55s} mass balance {outcome.balance:9.2e}  {outcome.told}", flush=True)
