"""One small case through the command line: the folder, its files and what they hold."""

import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys

import pytest

import corohemo as ch
from corohemo.citation import cite
from corohemo.report import render_report

pytestmark = pytest.mark.fem

DRAWING_HINTS = ("GL Driver Message", "software WebGL", "Canvas2D: Multiple readback")
"""What Chromium without a graphics card says of speed; tests/report looks at the levels."""
STATE = {"inlet", "outlets", "mass_balance_relative", "newton_iterations", "residual_relative"}
LESION = {
    "name", "branch", "start_mm", "end_mm", "percent_diameter_stenosis", "minimum_lumen_area_mm2",
    "ffr_ct", "delta_ffr", "wss_mean_pa", "wss_max_pa", "aps_upstream_pa", "aps_downstream_pa",
    "aps_net_pa",
}  # fmt: skip
VESSEL = {
    "name", "ffr_ct", "ffr_ct_distal", "ppg", "imr_ct_u", "microvascular_resistance_wu", "cfr",
    "mrr", "flow_source", "microvascular_informative",
}  # fmt: skip
TOP = {
    "schema_version", "case_id", "status", "message", "states", "lesions", "vessels",
    "uncertainty", "mesh", "timing_s", "provenance", "notes",
}  # fmt: skip


def corohemo(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "corohemo", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    pytest.importorskip("dolfinx_solver")
    root = tmp_path_factory.mktemp("case")
    tree = root / "tube.swc"
    shape = ch.gallery.cosine_stenosis(percent_diameter_stenosis=45.0, length_mm=45.0)
    ch.write_centerline(shape, tree, length_unit="mm")
    case = root / "patient-1.toml"
    case.write_text(
        '[case]\ncenterline = "tube.swc"\nlength_unit = "mm"\n'
        "[mesh]\nrefinement = 0.6\n[physiology]\nmyocardial_mass_g = 120.0\ntree_share = 0.3\n"
    )
    done = corohemo("run", case, "-o", root / "out")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return root / "out"


@pytest.fixture(scope="session")
def result(folder):
    return json.loads((folder / "result.json").read_text())


def test_folder_holds_every_file(folder):
    expected = {
        "case.toml", "result.json", "sections.csv", "lesions.csv", "outlets.csv", "lumen.vtp",
        "wall_sectors.csv",
        "wall.vtp", "flow.vtu", "report.html", "methods.md", "references.bib", "log.txt",
        "provenance.json",
    }  # fmt: skip
    assert {path.name for path in folder.iterdir()} == expected


def test_result_has_the_keys_of_the_contract(result):
    assert set(result) >= TOP
    assert set(result["states"]) == {"hyperemic", "resting"}
    for state in result["states"].values():
        assert set(state) >= STATE
        assert all(set(o) >= {"name", "flow_ml_min", "ffr_ct"} for o in state["outlets"])
    assert all(set(lesion) >= LESION for lesion in result["lesions"])
    assert all(set(vessel) >= VESSEL for vessel in result["vessels"])
    assert set(result["mesh"]) >= {"cells", "nodes", "order"}
    assert set(result["timing_s"]) >= {"mesh", "solve", "indices", "report", "total"}


def test_numbers_of_the_result_are_sound(result):
    assert result["status"] == "converged"
    assert result["case_id"] == "patient-1"
    (lesion,) = result["lesions"]
    assert 0.5 < lesion["ffr_ct"] < 1.0
    assert lesion["percent_diameter_stenosis"] == pytest.approx(45.0, abs=2.0)
    for state in result["states"].values():
        assert abs(state["mass_balance_relative"]) < 1e-6
    assert result["volume_to_mass_mm3_g"] == pytest.approx(result["lumen_volume_mm3"] / 120.0)
    assert result["vessels"][0]["microvascular_informative"] is False


def test_what_was_not_computed_has_a_reason(result):
    for vessel in result["vessels"]:
        for key in VESSEL - {"name", "flow_source"}:
            assert vessel[key] is not None or vessel["notes"].get(key), key
    for outlet in result["states"]["resting"]["outlets"]:
        assert outlet["ffr_ct"] is None
    assert result["states"]["resting"]["notes"]


def test_sections_run_from_the_ostium_at_ffr_one(folder):
    with (folder / "sections.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    first = next(row for row in rows if row["state"] == "hyperemic")
    assert float(first["ffr"]) == pytest.approx(1.0, abs=1e-6)
    assert {row["state"] for row in rows} == {"hyperemic", "resting"}


def test_provenance_names_inputs_and_versions(result):
    assert len(result["provenance"]["inputs"]["centerline"]["sha256"]) == 64
    assert result["provenance"]["packages"]["numpy"]


def test_resolved_case_solves_again_to_the_same_settings(folder):
    from corohemo.config import read_case

    config = read_case(folder / "case.toml")
    assert config.mesh.refinement == 0.6
    assert config.centerline.is_file()


def test_report_is_rendered_again_without_solving(folder):
    before = (folder / "report.html").read_text()
    render_report(folder)
    after = (folder / "report.html").read_text()
    assert len(after) == pytest.approx(len(before), rel=0.01)


def test_citation_names_what_was_used(folder):
    text = cite(folder)
    assert "taylor2013" in text
    assert "@misc{choi2015" in text
    assert "assumption of this computation" in text


def test_a_flow_that_does_not_converge_is_written_down(folder, tmp_path):
    done = corohemo(
        "run", folder / "case.toml", "-o", tmp_path / "out", "-q",
        "--set", "solver.max_iterations=1", "--set", "mesh.refinement=0.5",
        "--set", "solver.tolerance=1e-25",
    )  # fmt: skip
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert result["status"] in ("not_converged", "failed")
    assert result["message"] in " ".join(done.stderr.split())
    assert set(result) >= TOP
    assert result["notes"]["states"] == result["message"]
    assert not (tmp_path / "out" / "report.html").exists()


def test_bad_geometry_is_written_down(tmp_path):
    tree = tmp_path / "closed.swc"
    tree.write_text("1 2 0 0 0 1.5 -1\n2 2 0 0 10 0.001 1\n3 2 0 0 20 1.5 2\n")
    done = corohemo("run", tree, "-o", tmp_path / "out", "--length-unit", "mm", "-q")
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert done.returncode == 2
    assert result["status"] == "failed"
    assert result["timing_s"]["solve"] is None


@pytest.mark.mpi
def test_two_ranks_give_the_same_flows(folder, tmp_path, result):
    done = corohemo("run", folder / "case.toml", "-o", tmp_path / "two", "-q", "--np", "2")
    assert done.returncode == 0, done.stderr
    two = json.loads((tmp_path / "two" / "result.json").read_text())
    for name, state in result["states"].items():
        assert two["states"][name]["ranks"] == 2
        one, other = (s["outlets"][0]["flow_ml_min"] for s in (state, two["states"][name]))
        assert math.isclose(one, other, rel_tol=1e-6)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_report_loads_in_a_browser_without_errors(folder, tmp_path):
    page = (folder / "report.html").resolve()
    done = subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", f"--user-data-dir={tmp_path}",
            "--enable-logging=stderr", "--v=0", "--virtual-time-budget=3000", "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )  # fmt: skip
    assert "Research use only" in done.stdout
    assert done.stdout.count("<svg") >= 8
    told = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert [line for line in told if not any(hint in line for hint in DRAWING_HINTS)] == []


def test_report_asks_for_nothing_from_outside(folder):
    page = (folder / "report.html").read_text()
    assert "<script src" not in page
    assert "default-src 'none'" in page
    written = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    outside = re.findall(r'(?:src|href)="(?!data:|#)([^"]+)"', written)
    assert outside == []
