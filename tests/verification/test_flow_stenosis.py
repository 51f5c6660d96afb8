"""Flow through stenoses against the axisymmetric reference of ``benchmarks``."""

import json
from pathlib import Path

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.environment import require_dolfinx

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem

STORED = Path(__file__).parents[2] / "benchmarks" / "axisymmetric_reference.json"
REFERENCE = {case["name"]: case for case in json.loads(STORED.read_text(encoding="utf-8"))}


def solved(case):
    tree = ch.gallery.cosine_stenosis(
        2 * case["radius_mm"],
        case["length_mm"],
        100 * case["stenosis"],
        case["lesion_length_mm"],
    )
    blood = ch.Blood(
        density_kg_m3=case["density"],
        dynamic_viscosity_pa_s=case["density"] * case["kinematic_viscosity"],
    )
    boundaries = ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=case["flow_ml_min"]),
        outlets={"*": ch.PressureOutlet(0.0)},
        blood=blood,
    )
    return ch.solve_flow(ch.mesh_lumen(ch.build_lumen(tree)), boundaries)


@pytest.mark.parametrize(
    "name",
    [
        "stenosis_50",
        pytest.param("stenosis_60", marks=pytest.mark.slow),
        pytest.param("stenosis_70", marks=pytest.mark.slow),
    ],
)
def test_pressure_drop_of_a_stenosis_is_within_one_percent(name):
    case = REFERENCE[name]
    solution = solved(case)
    inlet, outlet = solution.faces[:2]
    drop = solution.face_pressure_mmhg(inlet) - solution.face_pressure_mmhg(outlet)
    assert drop == pytest.approx(case["pressure_drop_mmhg"], rel=0.01)
    assert solution.stats.mass_balance_relative <= 1e-8


def test_reference_no_longer_changes_with_its_mesh():
    for case in REFERENCE.values():
        assert case["coarse_pressure_drop_mmhg"] == pytest.approx(
            case["pressure_drop_mmhg"], rel=1e-3
        )


def test_reference_far_upstream_is_poiseuille():
    for case in REFERENCE.values():
        shear = np.interp(5.0, case["wall_position_mm"], case["wss_pa"])
        viscosity = case["density"] * case["kinematic_viscosity"]
        flow = case["flow_ml_min"] * 1e-6 / 60
        exact = 4 * viscosity * flow / (np.pi * (case["radius_mm"] * 1e-3) ** 3)
        assert shear == pytest.approx(exact, rel=1e-2)
