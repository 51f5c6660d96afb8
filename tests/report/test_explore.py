"""The data behind the interactive tree, and the cohort's page, without a browser."""

import json
import re
import shutil
import sys

import numpy as np
import pytest

from corohemo.errors import InputError
from corohemo.report import render_report
from corohemo.report.cohort_figures import upper_closed_counts
from corohemo.report.dashboard import render_cohort, write_dashboard
from corohemo.report.surface import read_surface, tree_surface


def case_data(folder):
    text = (folder / "report.html").read_text()
    return json.loads(
        re.search(r'<script id="case" type="application/json">(.*?)</script>', text, re.S)[1]
    )


def test_thinning_keeps_points_and_their_values(wall_case):
    surface = read_surface(wall_case, has_wall=True)
    whole, thin = tree_surface(surface), tree_surface(surface, max_triangles=300)
    assert 250 <= len(thin.triangles) <= 350 < len(whole.triangles)
    rows = {
        (*point, at, shear)
        for point, at, shear in zip(
            whole.points.tolist(), whole.abscissa_mm, whole.values["WSS_Pa"], strict=True
        )
    }
    for point, at, shear in zip(
        thin.points.tolist(), thin.abscissa_mm, thin.values["WSS_Pa"], strict=True
    ):
        assert (*point, at, shear) in rows


def test_tubes_have_the_radius_of_the_sections(reduced_case):
    surface = tree_surface(read_surface(reduced_case, has_wall=False))
    branch = case_data(reduced_case)["branches"][0]
    at = surface.abscissa_mm[surface.branch == 0]
    axis = np.column_stack(
        [np.interp(at, branch["abscissa_mm"], branch[f"{name}_mm"]) for name in "xyz"]
    )
    distance = np.linalg.norm(surface.points[surface.branch == 0] - axis, axis=1)
    radius = np.interp(at, branch["abscissa_mm"], branch["radius_mm"])
    assert distance == pytest.approx(radius, rel=0.02)


def test_readings_of_the_page_are_those_of_the_result(reduced_case, reduced_result):
    readings = case_data(reduced_case)["readings"]
    own = {one["name"]: one["ffr"] for one in readings if one["kind"] == "vessel"}
    assert own == {one["name"]: one["ffr_ct"] for one in reduced_result["vessels"]}
    assert sum(one["kind"] == "lesion" for one in readings) == len(reduced_result["lesions"])


def test_each_vessel_reads_its_ffr_where_the_result_says(reduced_case, reduced_result):
    branches = {one["name"]: one for one in case_data(reduced_case)["branches"]}
    for vessel in reduced_result["vessels"]:
        branch = branches[vessel["ffr_ct_branch"]]
        ffr = np.interp(
            vessel["ffr_ct_position_mm"], branch["abscissa_mm"], branch["ratio"]["hyperemic"]
        )
        assert ffr == pytest.approx(vessel["ffr_ct"], abs=1e-5)


def test_names_cannot_end_the_script_of_the_page(reduced_case, tmp_path):
    shutil.copy(reduced_case / "lumen.vtp", tmp_path)
    for name in ("result.json", "sections.csv"):
        text = (reduced_case / name).read_text()
        (tmp_path / name).write_text(text.replace("OM1", "</script>"))
    render_report(tmp_path, pictures=False)
    assert "</script>" in [one["name"] for one in case_data(tmp_path)["branches"]]


def test_without_plotly_the_page_says_how_to_get_it(reduced_case, tmp_path, monkeypatch):
    for name in ("result.json", "sections.csv", "lumen.vtp"):
        (tmp_path / name).write_bytes((reduced_case / name).read_bytes())
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    text = render_report(tmp_path, pictures=False).read_text()
    assert "needs plotly: pip install" in text
    assert "<script" not in text


def test_a_bin_holds_its_upper_edge_as_a_band_does():
    edges = 0.025 * np.arange(28, 41)
    counts = upper_closed_counts([0.75, 0.80, 0.801], edges)
    assert counts[np.searchsorted(edges, 0.75) - 1] == 1
    assert counts[np.searchsorted(edges, 0.80) - 1] == 1
    assert counts.sum() == 3


def test_dashboard_tells_failures_and_links_results_until_there_are_pages(cohort):
    text = write_dashboard(cohort).read_text()
    assert "No vessel has WSS max [Pa], APS net [Pa]." in text
    assert 'data-title="WSS max [Pa]"' not in text
    assert "lost.swc: The file does not exist." in text
    assert "3 solved cases have no report.html" in text
    render_cohort(cohort, pictures=False)
    text = (cohort / "dashboard.html").read_text()
    assert "no report.html" not in text
    for name in ("ds30", "ds50", "ds70"):
        assert f'href="cases/{name}/report.html"' in text
        assert (cohort / "cases" / name / "report.html").is_file()


def test_a_folder_of_neither_kind_is_a_sentence(tmp_path):
    with pytest.raises(InputError, match=r"There is no cases\.csv here"):
        write_dashboard(tmp_path)
