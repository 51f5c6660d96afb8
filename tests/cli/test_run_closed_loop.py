"""A case whose tree hangs in a closed loop with the heart, from its file to its folder."""

import json

import pytest
from typer.testing import CliRunner

import corohemo as ch
from corohemo.case import run_case
from corohemo.case_boundaries import case_boundaries
from corohemo.cli.app import app
from corohemo.config import read_case

LOOP = """\
[case]
centerline = "tube.swc"
length_unit = "mm"
[mesh]
refinement = 0.4
[report]
pictures = false
interactive = false
[pulsatile]
on = true
steps_per_cycle = 16
step_tolerance = 1e-4
max_cycles = 3
periodicity = 0.05
[boundaries]
state = "resting"
inlet = { model = "closed_loop", preset = "simaan2009", heart_rate_bpm = 70 }
[boundaries.outlets."*"]
model = "coronary"
arterial_resistance_wu = 290
arterial_compliance_ml_mmhg = 0.0009
microvascular_resistance_wu = 470
intramyocardial_compliance_ml_mmhg = 0.007
venous_resistance_wu = 140
ventricular_share = 1.5
"""


@pytest.fixture
def case(tmp_path):
    tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=40.0, length_mm=16.0)
    ch.write_centerline(tree, tmp_path / "tube.swc", length_unit="mm")
    path = tmp_path / "loop.toml"
    path.write_text(LOOP)
    return path


@pytest.mark.fem
def test_case_in_a_loop_reports_its_heart(case, tmp_path):
    pytest.importorskip("dolfinx_solver")
    result = run_case(case, tmp_path / "out")
    document = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result.status == document["status"] == "converged"
    state = document["states"]["resting"]
    heart = state["pulse"]["heart"]
    low, high = heart["aortic_pressure_range_mmhg"]
    assert 60.0 < low < state["inlet"]["pressure_mmhg"] < high < 140.0
    assert 0.4 < heart["ejection_fraction"] < 0.6
    assert heart["blood_volume_ml"] == pytest.approx(290.0)
    assert any("Simaan" in note for note in state["assumptions"])
    assert any("heart_rate_bpm" in note for note in state["assumptions"])
    (outlet,) = state["pulse"]["outlets"]
    assert outlet["ifr"] < 1.0
    assert state["pulse"]["period_s"] == pytest.approx(60.0 / 70.0)


def test_check_shows_the_heart_without_a_solve(case):
    shown = CliRunner().invoke(app, ["check", str(case)])
    assert shown.exit_code == 0, shown.output
    assert "The heart ejects" in shown.output
    assert "ClosedLoopHeart at the inlet" in shown.output


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (("on = true", "on = false"), "pulsatile.on = true"),
        (('preset = "simaan2009", ', ""), "maximal_elastance_mmhg_ml is missing"),
        (("heart_rate_bpm", "heart_rate"), "no setting of the model 'closed_loop'"),
        (("simaan2009", "simaan"), "must be one of simaan2009"),
        (("ventricular_share = 1.5", "venous_pressure_mmhg = 5.0"), "drains into the atrium"),
    ],
)
def test_what_is_wrong_with_a_loop_is_said_by_name(case, change, match):
    case.write_text(LOOP.replace(*change))
    config = read_case(case)
    lumen = ch.build_lumen(config.read_tree(), config.lumen)
    with pytest.raises(ch.ConfigError, match=match):
        case_boundaries(config, lumen)
