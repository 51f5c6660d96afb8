"""Error bars of FFR in a case folder."""

import json

import pytest

import corohemo as ch
from corohemo.config import read_case

QUIET = ("report.pictures=false", "report.interactive=false", "report.flow_field=false")


@pytest.fixture
def tube(tmp_path):
    path = tmp_path / "tube.swc"
    shape = ch.gallery.cosine_stenosis(percent_diameter_stenosis=45.0, length_mm=45.0)
    ch.write_centerline(shape, path, length_unit="mm")
    return path


def run(tube, folder, *overrides):
    config = read_case(tube, length_unit="mm", overrides=(*QUIET, *overrides))
    ch.run_case(config, folder)
    return json.loads((folder / "result.json").read_text())


def bars(result):
    groups = result["lesions"], result["vessels"], result["states"]["hyperemic"]["outlets"]
    return [entry["ffr_ct_numerical_error"] for group in groups for entry in group]


@pytest.mark.fem
def test_a_case_that_asks_has_bars_in_result_report_and_methods(tube, tmp_path):
    pytest.importorskip("dolfinx_solver")
    asked = (
        "solver.numerical_error=true",
        "mesh.refinement=0.6",
        "case.resting_state=false",
        "uncertainty.samples=0",
    )
    folder = tmp_path / "out"
    result = run(tube, folder, *asked)
    found = bars(result)
    assert len(found) == 3
    assert all(0.0 < bar < 0.01 for bar in found)
    assert result["numerical_error"]["elements"] == "cubic"
    assert result["numerical_error"]["unknowns"] > result["states"]["hyperemic"]["unknowns"]
    assert "cubic elements" in result["notes"]["numerical_error"]
    assert "third of the cells" in result["notes"]["numerical_error"]
    assert f"± {found[1]:.4f}" in (folder / "report.html").read_text()
    assert "under cubic elements" in (folder / "methods.md").read_text()
    assert "ffr_ct_numerical_error" in (folder / "lesions.csv").read_text().splitlines()[0]


def test_a_reduced_case_has_none_and_says_why(tube, tmp_path):
    result = run(tube, tmp_path / "out", 'solver.model="reduced"', "solver.numerical_error=true")
    assert set(bars(result)) == {None}
    assert result["numerical_error"] == {}
    assert "no mesh" in result["notes"]["numerical_error"]
