"""Checks of ``validate.py`` on tubes: Poiseuille flow; lesions against axisymmetric solutions."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from validation_row import WATER_TIGHT, Row

import corohemo as ch
from corohemo import units

REFERENCE = Path(__file__).with_name("axisymmetric_reference.json")


def tube_boundaries(flow_ml_min: float, kinematic_viscosity: float | None = None) -> ch.Boundaries:
    """Parabolic inflow, open end; mu = 3.5 mPa s unless nu [m2/s] is given."""
    viscosity = 3.5e-3 if kinematic_viscosity is None else 1060.0 * kinematic_viscosity
    return ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=flow_ml_min, profile="parabolic"),
        outlets={"*": ch.PressureOutlet(pressure_mmhg=0.0)},
        blood=ch.Blood(density_kg_m3=1060.0, dynamic_viscosity_pa_s=viscosity),
    )


def only(mesh: ch.LumenMesh) -> str:
    (name,) = [face for face in mesh.faces if face.startswith("outlet:")]
    return name.removeprefix("outlet:")


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


def reference(name: str) -> dict[str, Any]:
    """Stored axisymmetric solution of ``benchmarks/axisymmetric_reference.py``."""
    stored = json.loads(REFERENCE.read_text())
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
