"""The numerical error bar of FFR against exact and reference errors."""

import json
from pathlib import Path

import numpy as np
import pytest

import corohemo as ch
from corohemo.error_bar import COARSE, FLOOR
from corohemo.errors import ConfigError
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.transient_solution import TransientSolution
from corohemo.units import ML_PER_MIN, MMHG

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem

STORED = Path(__file__).parents[2] / "benchmarks" / "axisymmetric_reference.json"
REFERENCE = {case["name"]: case for case in json.loads(STORED.read_text(encoding="utf-8"))}
BEHIND = 80.0
"""Pressure at the outlet [mmHg]."""


def estimated(tree, boundaries, refinement):
    """FFR at the only outlet, and the bars."""
    lumen = ch.build_lumen(tree)
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=refinement))
    solution = ch.solve_flow(mesh, boundaries)
    inlet, outlet = solution.faces[:2]
    ffr = solution.face_pressure_mmhg(outlet) / solution.face_pressure_mmhg(inlet)
    return ffr, ch.estimate_ffr_error(solution, lumen)


def under_flow(flow, blood=None):
    return ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=flow),
        outlets={"*": ch.PressureOutlet(BEHIND)},
        blood=blood or ch.Blood(),
    )


def test_bar_of_a_tube_holds_half_its_error_and_shrinks_with_the_mesh():
    boundaries = under_flow(80.0)
    resistance = 8 * boundaries.blood.dynamic_viscosity * 15e-3 / (np.pi * 1.5e-3**4)
    exact = BEHIND / (BEHIND + resistance * 80.0 * ML_PER_MIN / MMHG)
    bars = []
    for refinement in (0.6, 1.0):
        ffr, errors = estimated(ch.gallery.tube(3.0, 15.0), boundaries, refinement)
        (bar,) = errors.outlets.values()
        assert bar >= 0.5 * abs(ffr - exact)
        bars.append(bar)
    assert bars[1] < 0.5 * bars[0]
    assert bars[0] < 1e-4


def test_bar_of_a_stenosis_is_within_a_factor_of_two_and_shrinks_with_the_mesh():
    case = REFERENCE["stenosis_50"]
    tree = ch.gallery.cosine_stenosis(
        2 * case["radius_mm"], case["length_mm"], 50.0, case["lesion_length_mm"]
    )
    viscosity = case["density"] * case["kinematic_viscosity"]
    blood = ch.Blood(density_kg_m3=case["density"], dynamic_viscosity_pa_s=viscosity)
    boundaries = under_flow(case["flow_ml_min"], blood)
    exact = BEHIND / (BEHIND + case["pressure_drop_mmhg"])
    bars = []
    for refinement in (0.6, 1.0):
        ffr, errors = estimated(tree, boundaries, refinement)
        (bar,) = errors.outlets.values()
        assert 0.5 <= bar / abs(ffr - exact) <= 2.0
        bars.append(bar)
    assert bars[1] < 0.5 * bars[0]
    assert set(errors.lesions) == {"stenosis-1"}
    assert errors.vessels["stenosis"] == errors.lesions["stenosis-1"]


def test_no_bar_is_below_a_share_of_the_largest_change():
    lumen = ch.build_lumen(ch.gallery.y_bifurcation())
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.6))
    boundaries = ch.prescribe_boundaries(lumen, ch.Hyperemia())
    errors = ch.estimate_ffr_error(ch.solve_flow(mesh, boundaries), lumen)
    largest = max(map(abs, errors.outlet_changes.values()))
    for name, bar in errors.outlets.items():
        assert bar == max(abs(errors.outlet_changes[name]), FLOOR * largest)
    assert errors.vessels == pytest.approx(errors.outlets)


def test_a_coarser_mesh_adds_what_the_cells_do_to_the_cubic_flow():
    lumen = ch.build_lumen(ch.gallery.y_bifurcation())
    boundaries = ch.prescribe_boundaries(lumen, ch.Hyperemia())
    flow, coarse = (
        ch.solve_flow(ch.mesh_lumen(lumen, ch.MeshOptions(refinement=size)), boundaries)
        for size in (0.6, COARSE * 0.6)
    )
    alone = ch.estimate_ffr_error(flow, lumen)
    errors = ch.estimate_ffr_error(flow, lumen, coarse=coarse)
    assert alone.outlet_wall_changes is None
    assert errors.outlet_changes == pytest.approx(alone.outlet_changes, abs=1e-9)
    for name, bar in errors.outlets.items():
        change = errors.outlet_wall_changes[name]
        assert bar == max(alone.outlets[name], abs(change))
        assert 0.0 < abs(change) < 0.01
    other = ch.estimate_ffr_error(flow, lumen, coarse=flow)
    assert other.outlets == pytest.approx(alone.outlets, rel=1e-6)
    assert max(map(abs, other.outlet_wall_changes.values())) < 1e-9


def test_a_pulsatile_flow_is_refused():
    solution = TransientSolution.__new__(TransientSolution)
    with pytest.raises(ConfigError, match="steady flows only"):
        ch.estimate_ffr_error(solution, ch.build_lumen(ch.gallery.tube()))
