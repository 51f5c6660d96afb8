"""Uncertainty in a case folder."""

import json

import pytest

import corohemo as ch
from corohemo.config import read_case
from corohemo.errors import ConfigError
from corohemo.uncertainty import UncertaintySettings


@pytest.fixture
def tree_file(tmp_path):
    path = tmp_path / "tree.swc"
    ch.write_centerline(ch.gallery.y_bifurcation(), path, length_unit="mm")
    return path


def run(tree_file, folder, *overrides):
    config = read_case(
        tree_file, length_unit="mm", overrides=('solver.model="reduced"', *overrides)
    )
    return ch.run_case(config, folder)


def test_a_reduced_case_with_samples_holds_intervals_around_its_own_numbers(tree_file, tmp_path):
    result = run(tree_file, tmp_path / "out", "uncertainty.samples=300")
    written = json.loads((tmp_path / "out" / "result.json").read_text())
    assert written["uncertainty"] == json.loads(json.dumps(result.document["uncertainty"]))
    assert written["uncertainty"]["samples"] == 300
    for vessel, entry in zip(written["vessels"], written["uncertainty"]["vessels"], strict=True):
        assert entry["name"] == vessel["name"]
        for key in ("ffr_ct", "ffr_ct_distal", "imr_ct_u", "cfr", "mrr"):
            assert entry[key]["nominal"] == pytest.approx(vessel[key], rel=1e-6), key
            assert entry[key]["low"] < entry[key]["median"] < entry[key]["high"]
        assert 0 <= entry["ffr_ct"]["probability"] <= 1
    assert "calibrated on" in written["notes"]["uncertainty"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Uncertainty of the inputs" in page


def test_a_reduced_case_without_samples_says_so(tree_file, tmp_path):
    document = run(tree_file, tmp_path / "out").document
    assert document["uncertainty"] == {}
    assert "not asked for" in document["notes"]["uncertainty"]


def test_an_impossible_propagation_is_a_note_and_no_failure(tree_file, tmp_path):
    overrides = ("uncertainty.samples=100", "uncertainty.aortic_pressure_sd_mmhg=100.0")
    result = run(tree_file, tmp_path / "out", *overrides)
    assert result.status == "converged"
    assert result.document["uncertainty"] == {}
    assert "no possible flow" in result.document["notes"]["uncertainty"]


@pytest.mark.parametrize(
    "fields",
    [
        {"viscosity_low_pa_s": 5e-3},
        {"level": 1.5},
        {"flow_relative_sd": -0.1},
        {"sobol_base": 100},
        {"samples": -5},
    ],
)
def test_impossible_settings_are_refused(fields):
    with pytest.raises(ConfigError):
        UncertaintySettings(**fields)
