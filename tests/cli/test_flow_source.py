"""Cases whose flow comes from numbers or from perfusion maps."""

import json
import re
from dataclasses import replace

import pytest

import corohemo as ch
from corohemo.case_boundaries import case_boundaries
from corohemo.config import read_case
from corohemo.errors import ConfigError, InputError
from corohemo.perfusion import synthetic_ventricle, write_nifti_map

STRESS = {"dLAD": 80.0, "D2": 150.0, "D1": 160.0, "dCx": 155.0, "OM2": 150.0, "OM1": 165.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A centerline with maps at stress and rest, and a case file."""
    pytest.importorskip("nibabel")
    folder = tmp_path_factory.mktemp("perfusion")
    tree = ch.gallery.left_tree()
    ch.write_centerline(tree, folder / "tree.swc")
    lumen = ch.build_lumen(tree)
    for name, factor in (("stress", 1.0), ("rest", 0.4)):
        flows = {outlet: factor * flow for outlet, flow in STRESS.items()}
        ventricle = synthetic_ventricle(lumen, flows, voxel_mm=4.0)
        write_nifti_map(ventricle.blood_flow, folder / f"{name}.nii.gz", coordinates="lps")
    write_nifti_map(ventricle.mask, folder / "myocardium.nii.gz", coordinates="lps")
    (folder / "case.toml").write_text(
        '[case]\ncenterline = "tree.swc"\nlength_unit = "mm"\n'
        '[solver]\nmodel = "reduced"\n'
        '[flow]\nsource = "perfusion"\nmyocardium = "myocardium.nii.gz"\ncoordinates = "lps"\n'
        'stress_map = "stress.nii.gz"\nrest_map = "rest.nii.gz"\n'
    )
    return folder


def run(folder, out, *overrides, file="case.toml"):
    config = read_case(folder / file, overrides=("report.page=false", *overrides))
    return ch.run_case(config, out).document


def test_maps_of_stress_and_rest_give_both_states_and_inform(folder, tmp_path):
    document = run(folder, tmp_path / "out", "uncertainty.samples=200")
    assert set(document["states"]) == {"hyperemic", "resting"}
    for state, factor, model in (
        ("hyperemic", 1.0, "FlowOutlet"),
        ("resting", 0.4, "Resistance"),
    ):
        assert document["states"][state]["flow_source"] == "perfusion"
        assert document["states"][state]["outlets"][0]["model"] == model
        total = document["states"][state]["inlet"]["flow_ml_min"]
        assert total == pytest.approx(factor * 140, rel=0.1)
    for vessel in document["vessels"]:
        assert vessel["microvascular_informative"]
        assert vessel["cfr"] == pytest.approx(2.5, rel=1e-3)
        assert "carry what was measured" in vessel["notes"]["microvascular"]
    entry = document["uncertainty"]["vessels"][0]
    assert entry["imr_ct_u"]["low"] < entry["imr_ct_u"]["nominal"] < entry["imr_ct_u"]["high"]
    assert {"stress_map", "rest_map", "myocardium"} <= set(document["provenance"]["inputs"])


def test_the_written_case_gives_the_same_result_elsewhere(folder, tmp_path):
    first = run(folder, tmp_path / "one")
    again = run(tmp_path / "one", tmp_path / "two")
    assert [v["imr_ct_u"] for v in again["vessels"]] == [v["imr_ct_u"] for v in first["vessels"]]


def test_rest_alone_needs_a_response_and_says_what_it_is_worth(folder, tmp_path):
    overrides = ('flow.stress_map=""', 'flow.response="age"', "flow.age_years=60.0")
    document = run(folder, tmp_path / "out", *overrides, 'flow.response_table="metzinger"')
    vessel = document["vessels"][0]
    assert vessel["microvascular_informative"]
    assert "CFR and MRR return that response" in vessel["notes"]["microvascular"]
    assert vessel["mrr"] == pytest.approx(2.28, rel=0.05)


def test_prescribed_total_is_split_and_informs_only_if_measured(folder, tmp_path):
    for measured in (False, True):
        document = run(
            folder,
            tmp_path / f"{measured}",
            'flow.source="prescribed"',
            "flow.total_ml_min=180.0",
            f"flow.is_measured={str(measured).lower()}",
        )
        assert document["states"]["hyperemic"]["inlet"]["flow_ml_min"] == pytest.approx(180.0)
        assert document["vessels"][0]["microvascular_informative"] is measured


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (('flow.source="allometric"',), "stress_map, rest_map, myocardium, coordinates would have"),
        (
            ('flow.response="age"', "flow.age_years=60.0", 'flow.response_table="uren1995"'),
            "not scaled by a response",
        ),
        (("flow.age_years=60.0",), 'set response = "age"'),
        (('flow.myocardium="rest.nii.gz"',), "flow. myocardium: The mask must hold 0 and 1"),
        (('flow.map_unit="mL/g/min"',), "flow. stress_map: The mean blood flow"),
        (('flow.source="scan"',), "allometric, prescribed, perfusion"),
        (('flow.source="prescribed"',), "either total_ml_min or outlets_ml_min"),
        (('flow.myocardium=""',), "needs myocardium"),
        (('flow.response="age"',), "needs age_years"),
        (('flow.myocardium="none.nii"',), "no such file"),
        (('flow.stress_map="rest.nii.gz"', 'flow.rest_map="stress.nii.gz"'), "below the resting"),
    ],
)
def test_impossible_sources_are_refused(folder, tmp_path, overrides, words):
    with pytest.raises((ConfigError, InputError), match=words):
        run(folder, tmp_path / "out", *overrides)


def test_a_heart_beat_and_a_source_of_steady_flow_exclude_each_other(folder):
    config = read_case(
        folder / "case.toml", overrides=("pulsatile.on=true", 'solver.model="elements"')
    )
    with pytest.raises(ConfigError, match="cannot be combined with"):
        case_boundaries(config, ch.build_lumen(config.read_tree()))


def test_coordinates_have_no_default(folder, tmp_path):
    text = (folder / "case.toml").read_text().replace('coordinates = "lps"\n', "")
    (folder / "without.toml").write_text(text)
    with pytest.raises(ConfigError, match="patient system"):
        run(folder, tmp_path / "out", file="without.toml")


def test_settings_of_the_source_are_written_down(folder, tmp_path):
    run(folder, tmp_path / "out")
    written = json.loads((tmp_path / "out" / "result.json").read_text())["settings"]
    row = next(r for r in written if (r["section"], r["name"]) == ("flow", "source"))
    assert row["value"] == "perfusion"
    assert row["given"]


def test_an_opened_lesion_raises_a_flow_that_a_stress_map_gave(folder, tmp_path):
    before = run(folder, tmp_path / "before")
    after = run(folder, tmp_path / "after", 'edit.without_lesions=["pLAD-1", "mLAD-1"]')
    flows = [one["states"]["hyperemic"]["inlet"]["flow_ml_min"] for one in (before, after)]
    assert flows[1] > 1.01 * flows[0]
    assert {row["pattern"] for row in after["territories"]} == {None}
    assert "before the edit" in after["territories"][0]["notes"]["pattern"]
    outlet = after["states"]["hyperemic"]["outlets"][0]
    assert outlet["model"] == "Resistance"
    assert any("answers an edit" in text for text in after["states"]["hyperemic"]["assumptions"])
    ratio = after["vessels"][0]["microvascular_resistance_wu"] / outlet["resistance_wu"]
    assert ratio == pytest.approx(1.0, rel=0.2)


def test_less_flow_under_stress_is_kept_if_asked_for(folder, tmp_path):
    swapped = ('flow.stress_map="rest.nii.gz"', 'flow.rest_map="stress.nii.gz"')
    document = run(folder, tmp_path / "out", *swapped, "flow.allow_steal=true")
    vessel = document["vessels"][0]
    assert vessel["cfr"] == pytest.approx(0.4, rel=1e-3)
    assert "below the resting flow" in vessel["notes"]["cfr"]
    assert vessel["endotype"] is None


def test_a_prescribed_flow_that_indices_call_measured_informs(folder, tmp_path):
    overrides = ('flow.source="prescribed"', "flow.total_ml_min=180.0")
    document = run(folder, tmp_path / "out", *overrides, "indices.prescribed_flow_is_measured=true")
    assert document["vessels"][0]["microvascular_informative"]


@pytest.fixture(scope="module")
def phases(folder):
    """The centerline in a second phase, 0.25 mm wider, and one that is longer and as wide."""
    tree = ch.gallery.left_tree()
    branches = [replace(b, radii=b.radii + 0.125e-3) for b in tree.branches]
    ch.write_centerline(replace(tree, branches=tuple(branches)), folder / "wide.swc")
    return (
        'flow.source="deformation"',
        'flow.phases=["tree.swc", "wide.swc"]',
        "flow.phase_times_s=[0.1, 0.5]",
        "flow.period_s=0.9",
        "flow.pulse_pressure_mmhg=45.0",
    )


def test_phases_give_an_experimental_flow_with_its_own_spread(folder, phases, tmp_path):
    wide = "uncertainty.samples=400"
    document = run(folder, tmp_path / "out", *phases, wide)
    assert document["states"]["resting"]["flow_source"] == "deformation"
    assumptions = document["states"]["hyperemic"]["assumptions"]
    assert any("EXPERIMENTAL" in text for text in assumptions)
    vessel = document["vessels"][0]
    assert vessel["microvascular_informative"]
    assert "EXPERIMENTAL" in vessel["notes"]["microvascular"]
    assert vessel["endotype"] is None
    assert {"phase1", "phase2"} <= set(document["provenance"]["inputs"])
    stated = float(re.search(r"deviation is (\d+) %", " ".join(assumptions)).group(1)) / 100
    flow_factor = document["uncertainty"]["inputs"]["flow_factor"]
    assert float(re.search(r"sd=([\d.]+)", flow_factor).group(1)) == pytest.approx(stated, abs=0.01)
    known = run(folder, tmp_path / "known", *phases, wide, "uncertainty.flow_relative_sd=0.1")
    spans = [one["uncertainty"]["vessels"][0]["imr_ct_u"] for one in (document, known)]
    assert spans[0]["sd"] > 2 * spans[1]["sd"]
    again = run(tmp_path / "out", tmp_path / "again")
    assert again["uncertainty"]["inputs"]["flow_factor"] == flow_factor


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("flow.period_s=900.0", "phases: DeformationFlow.period_s must lie between"),
        ("flow.phase_times_s=[0.1]", "one time for each"),
        ('flow.phases=["tree.swc", "tree.swc"]', "cannot be identified"),
        ('flow.phases=["tree.swc", "none.swc"]', "none.swc"),
        ("flow.phases=[]", "needs phases"),
    ],
)
def test_phases_that_say_nothing_are_refused(folder, phases, tmp_path, override, words):
    with pytest.raises((ConfigError, InputError), match=words):
        run(folder, tmp_path / "out", *phases, override)


def test_territories_stand_beside_the_flow_that_they_gave(folder, tmp_path):
    document = run(folder, tmp_path / "out", "report.page=true", "report.pictures=false")
    assert "territories" not in document["notes"]
    outlets = {row["name"]: row for row in document["states"]["hyperemic"]["outlets"]}
    assert {row["name"] for row in document["territories"]} == set(STRESS)
    vessels = {vessel["name"]: vessel for vessel in document["vessels"]}
    for row in document["territories"]:
        assert row["mbf_stress_ml_100ml_min"] == pytest.approx(STRESS[row["name"]], rel=0.05)
        assert row["flow_stress_ml_min"] == pytest.approx(outlets[row["name"]]["flow_ml_min"])
        volume = row["mass_g"] / 1.05
        flow = row["mbf_stress_ml_100ml_min"] * volume / 100
        assert row["flow_stress_ml_min"] == pytest.approx(flow, rel=1e-9)
        assert row["mpr"] == pytest.approx(2.5, rel=1e-6)
        assert row["perfusion_is_low"] == (row["relative_mbf"] < 0.72)
        is_limited = vessels[row["name"]]["ffr_ct"] <= 0.80
        low = "epicardial" if is_limited else "microvascular"
        normal = "compensated" if is_limited else "matched_normal"
        assert row["pattern"] == (low if row["perfusion_is_low"] else normal)
    assert "Perfusion of the territories" in (tmp_path / "out" / "report.html").read_text()


def test_without_a_stress_map_the_mismatch_is_null_with_a_reason(folder, tmp_path):
    row = run(folder, tmp_path / "out", 'flow.stress_map=""')["territories"][0]
    keys = ("mbf_stress_ml_100ml_min", "flow_stress_ml_min")
    for key in (*keys, "mpr", "relative_mbf", "flow_share_ratio", "perfusion_is_low", "pattern"):
        assert row[key] is None
        assert "map under stress" in row["notes"][key]


def test_without_maps_there_are_no_territories_and_a_reason(folder, tmp_path):
    document = run(folder, tmp_path / "out", 'flow.source="prescribed"', "flow.total_ml_min=180.0")
    assert document["territories"] == []
    assert "perfusion maps" in document["notes"]["territories"]


def test_cut_offs_of_perfusion_can_be_set_and_say_what_they_did(folder, tmp_path):
    usual = run(folder, tmp_path / "usual")["territories"]
    strict = run(folder, tmp_path / "strict", "perfusion.absolute=1000.0")["territories"]
    for before, after in zip(usual, strict, strict=True):
        assert after["perfusion_is_low"]
        assert "cut-off 1000" in after["notes"]["perfusion_is_low"]
        said = before["notes"]["perfusion_is_low"]
        assert said.startswith("Low: relative MBF" if before["perfusion_is_low"] else "Not low")
    with pytest.raises(ConfigError, match=r"\[perfusion\] relative would have no effect"):
        run(
            folder,
            tmp_path / "out",
            'flow.source="prescribed"',
            "flow.total_ml_min=180.0",
            "perfusion.relative=0.8",
        )
