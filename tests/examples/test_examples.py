"""Every example runs, and one number of each stays what it is."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setenv("COROHEMO_QUICK", "1")


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_stenosed_side_branch_loses_flow_in_hyperemia_more_than_at_rest():
    healthy, severe = load("bifurcation_flow_split").main((0.0, 80.0))
    assert healthy.hyperemic == pytest.approx(healthy.allometric, abs=5e-3)
    assert severe.allometric - severe.resting < 0.04
    assert severe.hyperemic == pytest.approx(0.222, abs=0.01)


def test_noisy_stress_map_finds_the_territory_with_too_little_flow():
    rows = load("perfusion_flow").main()
    assert rows["dLAD"].mismatch.pattern == "microvascular"
    assert {row.mismatch.pattern for name, row in rows.items() if name != "dLAD"} == {
        "matched_normal"
    }
    assert rows["dLAD"].blood_flow == pytest.approx(80.0, rel=0.03)


def test_measured_flow_narrows_the_interval_of_ffr():
    population, measured = load("ffr_uncertainty").main()
    wide, narrow = (
        found.spread("vessels", "dLAD", "ffr_ct_distal") for found in (population, measured)
    )
    assert narrow.high - narrow.low < 0.6 * (wide.high - wide.low)


def test_infusion_before_side_branches_finds_too_little_resistance():
    readings = load("virtual_thermodilution").main()
    resistances = [found.infusion.resistance for found in readings.values()]
    assert resistances == sorted(resistances)
    assert resistances[-1] < next(iter(readings.values())).true_resistance
    assert readings[0.0].imr_u == pytest.approx(32.9, abs=0.5)


@pytest.mark.fem
def test_half_stenosis_takes_its_axisymmetric_pressure():
    pytest.importorskip("dolfinx_solver")
    (row,) = load("stenosis_pressure_drop").main((50.0,))
    assert row.three_dimensional == pytest.approx(5.55, rel=0.06)
    assert row.reduced == pytest.approx(row.three_dimensional, abs=1.0)


@pytest.mark.fem
def test_stent_in_the_first_of_two_lesions_leaves_more_to_the_second():
    pytest.importorskip("dolfinx_solver")
    none, stent, healthy = load("virtual_stent").main()
    assert none.flow_ml_min < stent.flow_ml_min < healthy.flow_ml_min
    assert none.ffr == pytest.approx(0.861, abs=0.01)
    assert stent.ffr == pytest.approx(0.938, abs=0.005)


@pytest.mark.fem
@pytest.mark.slow
def test_left_tree_has_its_lowest_ffr_behind_the_mid_lad_lesion():
    pytest.importorskip("dolfinx_solver")
    indices = load("ffr_from_centerline").main()
    lowest = min(indices.lesions, key=lambda lesion: lesion.ffr_ct)
    assert lowest.lesion.name == "mLAD-1"
    assert lowest.ffr_ct == pytest.approx(0.911, abs=0.01)
