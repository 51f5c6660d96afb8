"""Run the verification checks and print a table: check, bound, measured, verdict.

``python benchmarks/validate.py [name ...]`` runs all checks or those whose function name contains a
given word. Exit code 1 if a bound is missed.
"""

import dataclasses
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from microvascular_rows import microvascular_rows
from pulsatile_rows import pipe_rows, step_rows, womersley_rows
from real_geometries import outcomes
from reduced_rows import one_d_rows, profile_rows, speed_rows, zero_d_rows
from uncertainty_rows import uncertainty_rows
from verification_bend import dean_rows
from verification_manufactured import manufactured_rows
from verification_nozzle import nozzle_rows
from verification_ranks import rank_rows

import corohemo as ch
from corohemo import units
from corohemo.indices import compute_plaque_stress
from corohemo.kernels.quadratic import facet_quadrature, facet_values
from corohemo.meshing.quality import mesh_quality
from corohemo.meshing.section_areas import section_areas

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
WATER_TIGHT = 1e-6


@dataclass(frozen=True)
class Row:
    """One line of the table; ``limit`` is what ``value`` may be at most."""

    check: str
    limit: float
    value: float
    note: str = ""

    @property
    def passed(self) -> bool:
        return bool(self.value <= self.limit)


def tube_boundaries(flow_ml_min: float, kinematic_viscosity: float | None = None) -> ch.Boundaries:
    """Parabolic inflow, open end; mu = 3.5 mPa s unless nu [m2/s] is given."""
    viscosity = 3.5e-3 if kinematic_viscosity is None else 1060.0 * kinematic_viscosity
    return ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=flow_ml_min, profile="parabolic"),
        outlets={"*": ch.PressureOutlet(pressure_mmhg=0.0)},
        blood=ch.Blood(density_kg_m3=1060.0, dynamic_viscosity_pa_s=viscosity),
    )


def check_poiseuille() -> Iterator[Row]:
    radius, length, flow = 1.5e-3, 40e-3, 80.0 * units.ML_PER_MIN
    mesh = ch.mesh_lumen(ch.build_lumen(ch.gallery.tube(diameter_mm=3, length_mm=40)))
    solution = ch.solve_flow(mesh, tube_boundaries(80.0))
    drop = solution.face_pressure_mmhg("inlet") - solution.face_pressure_mmhg(
        "outlet:" + only(mesh)
    )
    exact = 8 * 3.5e-3 * length * flow / (np.pi * radius**4) / units.MMHG
    yield Row("Poiseuille pressure drop [relative]", 0.005, abs(drop / exact - 1))
    wall = ch.compute_wall_shear(solution)
    inner = (wall.points[:, 0] - wall.points[:, 0].min() > radius) & (
        wall.points[:, 0].max() - wall.points[:, 0] > radius
    )
    shear = 4 * 3.5e-3 * flow / (np.pi * radius**3)
    yield Row(
        "Poiseuille wall shear, max over wall",
        0.02,
        np.abs(wall.magnitude[inner] / shear - 1).max(),
    )
    yield Row("Poiseuille mass balance", WATER_TIGHT, solution.stats.mass_balance_relative)


def only(mesh: ch.LumenMesh) -> str:
    (name,) = [face for face in mesh.faces if face.startswith("outlet:")]
    return name.removeprefix("outlet:")


def reference(name: str) -> dict[str, Any]:
    """Stored axisymmetric solution of ``benchmarks/axisymmetric_reference.py``."""
    stored = json.loads((ROOT / "benchmarks" / "axisymmetric_reference.json").read_text())
    return next(case for case in stored if case["name"] == name)


def check_stenosis() -> Iterator[Row]:
    """Three lesions at throat Reynolds numbers 430 to 510 against axisymmetric solutions."""
    for percent in (50, 60, 70):
        case = reference(f"stenosis_{percent}")
        lumen = ch.build_lumen(ch.gallery.cosine_stenosis(percent_diameter_stenosis=percent))
        boundaries = tube_boundaries(case["flow_ml_min"], case["kinematic_viscosity"])
        for _ in range(2):
            start = time.perf_counter()
            mesh = ch.mesh_lumen(lumen)
            solution = ch.solve_flow(mesh, boundaries)
            seconds = time.perf_counter() - start
        outlet = "outlet:" + only(mesh)
        drop = solution.face_pressure_mmhg("inlet") - solution.face_pressure_mmhg(outlet)
        peak = float(ch.compute_wall_shear(solution).magnitude.max())
        name, stats = f"{percent} % stenosis", solution.stats
        error = abs(drop / case["pressure_drop_mmhg"] - 1)
        yield Row(f"{name}: pressure drop", 0.01, error, f"{drop:.3f} mmHg")
        error = abs(peak / case["peak_wss_pa"] - 1)
        yield Row(f"{name}: largest facet mean of wall shear", 0.03, error, f"{peak:.1f} Pa")
        yield Row(f"{name}: mesh + solve [s], 1 rank", 8.0, seconds, f"{stats.unknowns} unknowns")
        solves = f"{stats.newton_iterations} linear solves"
        yield Row(f"{name}: Jacobians on quadratic elements", 12, stats.jacobians, solves)
        yield Row(f"{name}: mass balance", WATER_TIGHT, stats.mass_balance_relative)


def axial_wall_force(solution: ch.FlowSolution) -> float:
    """Axial force on the wall of a straight vessel along x [N], from the wall's own traction."""
    wall = ch.compute_wall_shear(solution, at="points")
    traction = wall.pressure[:, None] * wall.normals + wall.traction
    return float((wall.weights * traction[:, 0]).sum())


def axial_momentum(solution: ch.FlowSolution, face: str) -> float:
    """Pressure force plus momentum flux through a cap along x [N]."""
    mesh = solution.mesh
    facets = mesh.facets[mesh.facet_face == mesh.faces.index(face)]
    _, vectors = facet_quadrature(mesh.points, facets)
    field = np.column_stack([solution.velocity, solution.pressure])
    values = facet_values(field, facets)
    flux = np.einsum("kqd,kqd->kq", values[..., :3], vectors)
    pushed = (
        values[..., 3] * vectors[..., 0] + solution.boundaries.blood.density * flux * values[..., 0]
    )
    return abs(float(pushed.sum()))


def check_stress_identities() -> Iterator[Row]:
    lumen = ch.build_lumen(ch.gallery.cosine_stenosis(percent_diameter_stenosis=50))
    (lesion,) = lumen.lesions
    solution = ch.solve_flow(ch.mesh_lumen(lumen), tube_boundaries(120.0))
    offset = 90.0 * units.MMHG
    lifted = dataclasses.replace(solution, pressure=solution.pressure + offset)
    before, after = (compute_plaque_stress(field, lumen)[0] for field in (solution, lifted))
    ends = [lumen.section_at(lesion.branch, at).radius for at in (lesion.start, lesion.throat)]
    exact = offset * np.pi * (ends[0] ** 2 - ends[1] ** 2)
    change = after.upstream_force - before.upstream_force
    yield Row("APS (a): force by a pressure offset, upstream part", 0.005, abs(change / exact - 1))
    face = "outlet:" + only(solution.mesh)
    momentum = axial_momentum(solution, "inlet") - axial_momentum(solution, face)
    yield Row(
        "APS (b): wall force against momentum, 50 % stenosis",
        0.005,
        abs(axial_wall_force(solution) / momentum - 1),
    )
    tube = ch.solve_flow(ch.mesh_lumen(ch.build_lumen(ch.gallery.tube())), tube_boundaries(80.0))
    shear = 4 * 3.5e-3 * 80.0 * units.ML_PER_MIN / (np.pi * 1.5e-3**3)
    drag = shear * 2 * np.pi * 1.5e-3 * 40e-3
    yield Row(
        "APS (c): wall force of Poiseuille flow", 0.005, abs(axial_wall_force(tube) / drag - 1)
    )
    cone = ch.mesh_lumen(ch.build_lumen(ch.gallery.cone()))
    rest = dataclasses.replace(
        tube,
        mesh=cone,
        velocity=np.zeros_like(cone.points),
        pressure=np.full(len(cone.points), offset),
    )
    push = axial_momentum(rest, "inlet") - axial_momentum(rest, "outlet:" + only(cone))
    yield Row("APS (d): uniform pressure in a cone", 0.005, abs(axial_wall_force(rest) / push - 1))


def check_pressure_offset() -> Iterator[Row]:
    lumen = ch.build_lumen(ch.gallery.y_bifurcation())
    mesh = ch.mesh_lumen(lumen)
    flows = []
    for offset in (0.0, 20.0):
        boundaries = ch.Boundaries(
            inlet=ch.PressureInlet(pressure_mmhg=90.0 + offset),
            outlets={"*": ch.Resistance(resistance_wu=800.0, distal_pressure_mmhg=offset)},
        )
        solution = ch.solve_flow(mesh, boundaries)
        flows.append([solution.face_flow_ml_min(f"outlet:{name}") for name in lumen.outlet_names])
        pullback = ch.compute_indices(solution, lumen).pullbacks["hyperemic"][0]
        yield Row(
            f"FFR at the ostium, offset {offset:g} mmHg: |FFR - 1|", 1e-9, abs(pullback.ffr[0] - 1)
        )
    change = np.abs(np.subtract(*flows)).max() / np.max(flows)
    yield Row("flow change when 20 mmHg are added everywhere", 1e-6, change)


def check_left_tree() -> Iterator[Row]:
    tree = DATA / "left_coronary_tree" / "left_coronary_tree.swc"
    if not tree.exists():
        print(f"skipped check_left_tree: {tree} is not there")
        return
    results = []
    for ranks in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "corohemo", "run", str(tree)]
            command += ["--length-unit", "mm", "-o", folder, "--np", str(ranks)]
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds = time.perf_counter() - start
            results.append(read_result(Path(folder)))
        yield Row(f"left coronary tree, rest + hyperemia, {ranks} rank(s) [s]", 300.0, seconds)
    flows = [[o["flow_ml_min"] for o in r["states"]["hyperemic"]["outlets"]] for r in results]
    change = np.abs(np.subtract(*flows)).max() / np.max(flows)
    yield Row("1 against 2 ranks: outlet flows", 1e-6, change)
    for name, state in results[0]["states"].items():
        yield Row(
            f"left coronary tree, {name}: mass balance", WATER_TIGHT, state["mass_balance_relative"]
        )
    yield Row("peak memory of the largest process [GiB]", 6.0, peak_memory_gib())


def read_result(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text())


def peak_memory_gib() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


def check_mesh_geometry() -> Iterator[Row]:
    radius, bend = 1.5e-3, 8e-3
    disk, rim = np.pi * radius**2, 2 * np.pi * radius
    slant = float(np.hypot(40e-3, radius / 2))
    torus = ch.gallery.bend(3.0, bend_radius_mm=8.0, angle_deg=180.0, straight_mm=0.0)
    for name, tree, volume, wall in (
        ("tube", ch.gallery.tube(3.0, 40.0), disk * 40e-3, rim * 40e-3),
        ("cone", ch.gallery.cone(3.0, 1.5, 40.0), disk * 70e-3 / 3, 0.75 * rim * slant),
        ("half torus", torus, disk * np.pi * bend, rim * np.pi * bend),
    ):
        quality = mesh_quality(ch.mesh_lumen(ch.build_lumen(tree)))
        yield Row(f"{name}: volume of the mesh", 0.002, abs(quality.volume / volume - 1))
        yield Row(f"{name}: wall area of the mesh", 0.002, abs(quality.wall_area / wall - 1))
    trees = {"gallery's left tree": ch.gallery.left_tree()}
    real = DATA / "left_coronary_tree" / "left_coronary_tree.swc"
    if real.exists():
        trees["left_coronary_tree.swc"] = ch.read_centerline(real, length_unit="mm")
    for name, tree in trees.items():
        errors = section_errors(ch.build_lumen(tree))
        note = f"{len(errors)} sections"
        yield Row(f"{name}: section area outside bifurcations, mean", 0.005, errors.mean(), note)
        yield Row(f"{name}: the same, max", 0.02, errors.max())


def section_errors(lumen: ch.Lumen) -> np.ndarray:
    """Relative error of the default mesh's section areas, sixty a branch, bifurcations left out."""
    mesh = ch.mesh_lumen(lumen)
    errors = []
    for branch in lumen.branches:
        s = np.linspace(*branch.abscissas[[0, -1]], 62)[1:-1]
        wanted = np.pi * np.interp(s, branch.abscissas, branch.radii) ** 2
        errors.append(section_areas(mesh, lumen, branch.name, s) / wanted - 1)
    whole = np.abs(np.concatenate(errors))
    return whole[~np.isnan(whole)]


def check_import() -> Iterator[Row]:
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import corohemo"], check=True)
        whole = time.perf_counter() - start
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        seconds.append(whole - (time.perf_counter() - start))
    yield Row("import corohemo [s], median of 5", 0.3, float(np.median(seconds)))


def check_reduced() -> Iterator[Row]:
    tree = DATA / "left_coronary_tree"
    if DATA.is_dir():
        yield from (Row(*row) for row in zero_d_rows(DATA / "zero_d"))
        yield from (Row(*row) for row in one_d_rows(tree))
    reference = Path(__file__).with_name("axisymmetric_reference.json")
    yield from (Row(*row) for row in profile_rows(reference))
    yield from (Row(*row) for row in speed_rows(tree / "left_coronary_tree.swc"))


def check_real_geometries() -> Iterator[Row]:
    if not DATA.is_dir():
        print(f"skipped check_real_geometries: {DATA} is not there")
        return
    for outcome in outcomes([]):
        name = f"{outcome.name}: mass balance"
        yield Row(name, WATER_TIGHT, outcome.balance, outcome.told)


def check_womersley() -> Iterator[Row]:
    for line in womersley_rows():
        yield Row(*line)


def check_pipe_rcr() -> Iterator[Row]:
    if not (DATA / "pipe_rcr").exists():
        print(f"skipped check_pipe_rcr: {DATA / 'pipe_rcr'} is not there")
        return
    for rows in (pipe_rows, step_rows):
        for line in rows(DATA / "pipe_rcr"):
            yield Row(*line)


def check_manufactured() -> Iterator[Row]:
    for line in manufactured_rows():
        yield Row(*line)


def check_dean() -> Iterator[Row]:
    for line in dean_rows():
        yield Row(*line)


def check_nozzle() -> Iterator[Row]:
    if not (DATA / "fda_nozzle").exists():
        print(f"skipped check_nozzle: {DATA / 'fda_nozzle'} is not there")
        return
    for line in nozzle_rows(DATA / "fda_nozzle"):
        yield Row(*line)


def check_microvascular() -> Iterator[Row]:
    yield from (Row(*line) for line in microvascular_rows())


def check_uncertainty() -> Iterator[Row]:
    yield from (Row(*line) for line in uncertainty_rows())


def check_ranks() -> Iterator[Row]:
    for line in rank_rows():
        yield Row(*line)


CHECKS: tuple[Callable[[], Iterator[Row]], ...] = (
    check_import,
    check_mesh_geometry,
    check_poiseuille,
    check_stenosis,
    check_stress_identities,
    check_pressure_offset,
    check_left_tree,
    check_reduced,
    check_real_geometries,
    check_manufactured,
    check_dean,
    check_nozzle,
    check_microvascular,
    check_ranks,
    check_uncertainty,
    check_womersley,
    check_pipe_rcr,
)


def main(words: list[str]) -> int:
    missed = 0
    print(f"{'check':62s} {'bound':>9s} {'measured':>10s}")
    for check in CHECKS:
        if words and not any(word in check.__name__ for word in words):
            continue
        for row in check():
            missed += not row.passed
            verdict = "ok" if row.passed else "MISSED"
            print(
                f"{row.check:62s} {row.limit:9.3g} {row.value:10.3g} {verdict} {row.note}",
                flush=True,
            )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
