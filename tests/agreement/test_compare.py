"""Comparisons from tables: pairs, levels, subgroups, the folder, the command."""

import json
import re
import sys

import numpy as np
import pytest

import corohemo as ch
from corohemo.agreement import QUANTITIES, CompareOptions, compare, make_pairs, read_vessels
from corohemo.agreement.levels import subgroups, worst_of_patients
from corohemo.bands import band_of
from corohemo.cli import main
from corohemo.vessel_names import main_vessel

N_PATIENTS = 40


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Two vessels of each patient; the sexes differ in bias, one vessel was not computed."""
    draw = np.random.default_rng(4)
    lines = [
        "case_id,vessel,status,message,ffr_ct,ffr_invasive,percent_diameter_stenosis,sex,agatston"
    ]
    for patient in range(N_PATIENTS):
        sex = "female" if patient % 3 == 0 else "male"
        for vessel in ("dLAD", "dCx"):
            true = draw.uniform(0.6, 0.98)
            computed = true + draw.normal(0.02 if sex == "male" else -0.03, 0.03)
            stenosis = 100.0 * (1.0 - true) + draw.normal(20.0, 15.0)
            lines.append(
                f"p{patient},{vessel},converged,,{computed:.4f},{true:.4f},{stenosis:.1f},{sex},"
                f"{draw.integers(0, 900)}"
            )
    lines.append("p99,,failed,The mesh is torn.,,0.7,,male,0")
    path = tmp_path_factory.mktemp("table") / "vessels.csv"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def pairs(table):
    return make_pairs(read_vessels(table), QUANTITIES["FFR"])


@pytest.fixture(scope="module")
def document(pairs):
    return compare(pairs, CompareOptions(draws=300))


def test_a_vessel_that_was_not_computed_is_left_out_with_its_reason(pairs):
    assert len(pairs) == 2 * N_PATIENTS
    assert pairs.left_out == ("p99: The mesh is torn.",)


def test_a_patient_is_as_ill_as_the_worst_vessel(pairs):
    patients = worst_of_patients(pairs)
    assert len(patients) == N_PATIENTS
    for name, value in zip(patients.patients, patients.invasive, strict=True):
        own = [v for v, p in zip(pairs.invasive, pairs.patients, strict=True) if p == name]
        assert value == min(own)


def test_subgroups_find_the_bias_of_each_sex(document):
    bias = {row["class"]: row["bias"] for row in document["subgroups"] if row["column"] == "sex"}
    assert bias["female"]["high"] < 0.0 < bias["male"]["low"]
    assert {row["column"] for row in document["subgroups"]} == {"sex", "agatston"}


def test_calcium_scores_have_their_usual_classes(pairs):
    labels = [label for column, label, _ in subgroups(pairs, ["agatston"])]
    assert set(labels) <= {"0", "1-99", "100-399", "400 and more"}


def test_the_index_is_tested_against_the_stenosis_in_the_same_vessels(document):
    (other,) = document["comparators"]
    assert other["auc_difference"]["difference"]["value"] == pytest.approx(
        document["vessel"]["auc"]["value"] - other["auc"]["value"]
    )
    assert other["auc_difference"]["p_value"] < 0.05


def test_bins_hold_every_vessel_once(document):
    assert sum(row["n"] for row in document["vessel"]["bins"]) == 2 * N_PATIENTS


@pytest.mark.parametrize(
    ("name", "band"),
    [("FFR", "abnormal grey"), ("IMR", "grey abnormal"), ("CFR", "grey normal")],
)
def test_the_ends_of_the_grey_zone_lie_where_the_rule_of_disease_puts_them(name, band):
    quantity = QUANTITIES[name]
    ends = np.array(quantity.grey_zone)
    assert " ".join(band_of(end, quantity.grey_zone, quantity.rule) for end in ends) == band
    assert quantity.is_grey(ends).tolist() == [one == "grey" for one in band.split()]
    assert quantity.is_grey(np.array([ends.mean()])).all()


def test_an_ffr_at_an_end_of_the_grey_zone_has_one_band_everywhere(tmp_path):
    path = tmp_path / "t.csv"
    values = (0.74, 0.75, 0.76, 0.80, 0.81)
    rows = [f"a{i},LAD,{value},{value}" for i, value in enumerate(values)]
    path.write_text("case_id,vessel,ffr_ct,ffr_invasive\n" + "\n".join(rows))
    found = compare(make_pairs(read_vessels(path), QUANTITIES["FFR"]), CompareOptions(draws=0))
    zone = found["vessel"]["grey_zone"]
    assert zone["n_inside"] == sum(band_of(value) == "grey" for value in values) == 2
    assert found["quantity"]["grey_zone"] == (0.75, 0.80)


def test_a_vessel_measured_twice_is_named_by_its_line(tmp_path):
    (tmp_path / "t.csv").write_text("case_id,vessel,ffr_ct\na,LAD,0.8\n")
    (tmp_path / "i.csv").write_text("case_id,vessel,ffr_invasive\n\na,LAD,0.8\n\n\na,LAD,0.7\n")
    with pytest.raises(ch.InputError, match="Row 6: vessel LAD of case a"):
        read_vessels(tmp_path / "t.csv", tmp_path / "i.csv")


def test_the_level_is_that_of_every_interval(pairs):
    narrow, wide = (compare(pairs, CompareOptions(level=p, draws=0)) for p in (0.5, 0.95))
    for inner, outer in zip(narrow["vessel"]["bins"], wide["vessel"]["bins"], strict=True):
        if outer["n"]:
            assert inner["accuracy"]["low"] >= outer["accuracy"]["low"]
            assert inner["accuracy"]["high"] <= outer["accuracy"]["high"]
            assert inner["accuracy"] != outer["accuracy"]


def test_screening_threshold_holds_what_was_wanted(document, pairs):
    place = document["vessel"]["thresholds"]["screening"]
    disease = pairs.invasive <= 0.80
    found = (pairs.computed <= place["threshold"] + 1e-12)[disease].mean()
    assert found == pytest.approx(place["sensitivity"])
    assert found >= 0.95


def test_vessels_of_one_patient_widen_the_interval(document):
    """Drawing patients must not give a narrower interval of the bias than vessels would by far."""
    own = document["vessel"]["patient_bootstrap"]["bias"]
    plain = document["vessel"]["bland_altman"]["bias"]
    assert own["value"] == pytest.approx(plain["value"], abs=1e-12)
    assert (own["high"] - own["low"]) > 0.8 * (plain["high"] - plain["low"])


def test_assumed_microvascular_numbers_are_said_to_be_assumed(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"a{i},LAD,{20 + i},{22 + 2 * (i % 5)},False" for i in range(9)]
    path.write_text(
        "case_id,vessel,imr_ct_u,imr_invasive,microvascular_informative\n" + "\n".join(rows)
    )
    found = compare(make_pairs(read_vessels(path), QUANTITIES["IMR"]), CompareOptions(draws=0))
    assert "returns the assumed flow" in found["notes"][0]


def test_invasive_table_is_joined_by_case_and_vessel(tmp_path):
    (tmp_path / "v.csv").write_text(
        "case_id,vessel,message,ffr_ct\na,dLAD,,0.8\na,D1,,0.9\na,dCx,,0.95\nb,OM1,,0.7\nc,,lost,\n"
    )
    (tmp_path / "i.csv").write_text(
        "case_id,vessel,ffr_invasive\na,LAD,0.78\na,D1,0.88\na,LCx,0.9\na,RCA,0.9\nb,,0.72\nc,LAD,0.7\nd,LAD,1\n"
    )
    joined = read_vessels(tmp_path / "v.csv", tmp_path / "i.csv")
    found = make_pairs(joined, QUANTITIES["FFR"])
    assert found.names == ("a dLAD", "a D1", "a dCx", "b OM1")
    assert found.invasive.tolist() == [0.78, 0.88, 0.9, 0.72]
    assert len(found.left_out) == 3
    assert "lost" in found.left_out[1]


def test_segments_belong_to_their_main_vessel():
    assert main_vessel("dLAD") == main_vessel("LAD") == "lad"
    assert main_vessel("mCx") == main_vessel("LCx") == "cx"
    assert main_vessel("D1") == "d1"


def test_the_folder_holds_numbers_tables_figures_and_page(table, tmp_path, monkeypatch, capsys):
    command = ["corohemo", "compare", str(table), "-o", str(tmp_path), "--draws", "50"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0, capsys.readouterr().err
    whole = json.loads((tmp_path / "compare.json").read_text())
    assert whole["quantities"]["FFR"]["n_vessels"] == 2 * N_PATIENTS
    figures = {path.name for path in (tmp_path / "figures").iterdir()}
    kinds = ("scatter", "bland-altman", "roc", "bins", "subgroups")
    assert figures == {f"FFR-{kind}.{suffix}" for kind in kinds for suffix in ("png", "svg")}
    page = (tmp_path / "compare.html").read_text()
    assert not re.search(r'(src|href)="https?:', page)
    assert ">None<" not in page
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("vessel,ffr_ct\nLAD,0.8\n", "no column case_id"),
        ("case_id,ffr_ct\na,0.8\n", "no measured values"),
        ("case_id,ffr_ct,ffr_invasive\na,0.8,0.8\n", "1 pairs"),
    ],
)
def test_tables_that_cannot_be_compared_are_refused(tmp_path, monkeypatch, capsys, text, sentence):
    path = tmp_path / "t.csv"
    path.write_text(text)
    monkeypatch.setattr(sys, "argv", ["corohemo", "compare", str(path), "-o", str(tmp_path / "o")])
    with pytest.raises(SystemExit) as stop:
        main()
    shown = capsys.readouterr().err
    assert stop.value.code in (1, 2)
    assert sentence in shown
    assert "Traceback" not in shown


def test_notes_say_which_pairs_are_synthetic_or_did_not_converge_and_what_was_compared(tmp_path):
    lines = ["case_id,vessel,status,ffr_ct,ffr_ct_wire,ffr_invasive,synthetic"]
    lines += [f"p{k},LAD,converged,0.8,0.8{k},0.7{k},yes" for k in range(4)]
    lines += ["p4,LAD,not_converged,0.75,,0.7,", "p5,LAD,converged,0.7,,0.75,"]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    notes = make_pairs(read_vessels(tmp_path / "t.csv"), QUANTITIES["FFR"]).notes
    assert notes == (
        "4 of 6 vessels are synthetic: no person has them.",
        "Computed values: ffr_ct_wire in 4, ffr_ct in 2 of 6 vessels.",
        "In 1 of 6 vessels the flow did not converge; see their messages.",
    )


def test_a_quantity_with_few_pairs_does_not_stop_the_others(tmp_path, monkeypatch, capsys):
    lines = ["case_id,ffr_ct,ffr_invasive,imr_ct_u,imr_invasive"]
    lines += [f"p{k},0.8{k},0.7{k},{20 if k < 2 else ''},25" for k in range(6)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    command = ["corohemo", "compare", str(tmp_path / "t.csv"), "-o", str(tmp_path / "o")]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert "IMR: 2 pairs, too few to compare" in capsys.readouterr().err
    assert list(json.loads((tmp_path / "o" / "compare.json").read_text())["quantities"]) == ["FFR"]


@pytest.mark.parametrize(
    ("name", "value", "printed"),
    [
        ("FFR", 0.8, "0.80"),
        ("IMR", 25.0, "25 U"),
        ("CFR", 2.0, "2.0"),
        ("resistance", 500.0, "500 WU"),
    ],
)
def test_cut_offs_are_printed_as_people_write_them(name, value, printed):
    assert QUANTITIES[name].cut_off(value) == printed


def test_an_unknown_quantity_names_the_known_ones():
    from corohemo.agreement.quantities import quantity_named

    with pytest.raises(ch.ConfigError, match="known are FFR"):
        quantity_named("speed")
