"""Virtual thermodilution of a case by the reduced model: entries, curves, page and sentences."""

import csv
import json
import sys

import numpy as np
import pytest

import corohemo as ch
from corohemo.case_thermodilution import check_thermodilution
from corohemo.cli import main
from corohemo.config import read_case
from corohemo.errors import ConfigError
from corohemo.report import render_report
from corohemo.thermodilution.temperature import temperature_ratio

SETTINGS = ("solver.model=reduced", "report.page=false", "thermodilution.on=true")


@pytest.fixture(scope="module")
def tube(tmp_path_factory):
    path = tmp_path_factory.mktemp("tube") / "tube.swc"
    ch.write_centerline(ch.gallery.tube(3.0, 80.0), path, length_unit="mm")
    return path


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    path = tmp_path_factory.mktemp("left") / "left.swc"
    ch.write_centerline(ch.gallery.left_tree(), path, length_unit="mm")
    return path


def settled(tree, *overrides):
    return read_case(tree, length_unit="mm", overrides=(*SETTINGS, *overrides))


def run(tree, folder, *overrides):
    return ch.run_case(settled(tree, *overrides), folder).document


@pytest.fixture(scope="module")
def case(left, tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    return folder, run(left, folder, "report.pictures=false", "report.interactive=false")


def entries(document):
    return {row["name"]: row for row in document["thermodilution"]}


def test_a_straight_vessel_reads_volume_over_flow_and_its_resistance(tube, tmp_path):
    document = run(tube, tmp_path, "physiology.tree_share=0.6")
    (row,) = document["thermodilution"]
    flow = document["states"]["hyperemic"]["inlet"]["flow_ml_min"]
    assert flow > 200.0
    volume_ml = np.pi * 0.15**2 * 7.0
    assert row["volume_mm3"] == pytest.approx(1e3 * volume_ml, rel=1e-3)
    assert row["bolus_transit_time_s"] == pytest.approx(60.0 * volume_ml / flow, rel=5e-3)
    assert row["infusion_resistance_wu"] == pytest.approx(row["true_resistance_wu"], rel=0.01)
    assert row["bolus_resistance_wu"] == pytest.approx(row["true_resistance_wu"], rel=5e-3)
    assert row["bolus_cfr"] == pytest.approx(row["true_cfr"], rel=5e-3)
    assert "infusion" not in row["notes"]


def test_what_a_wire_reads_stands_where_the_indices_read(case):
    _, document = case
    for vessel in document["vessels"]:
        row = entries(document)[vessel["name"]]
        assert row["wire_position_mm"] == vessel["wire_position_mm"]
        assert row["true_resistance_wu"] == vessel["microvascular_resistance_wu"]
        assert row["true_cfr"] == vessel["cfr"]
        assert row["bolus_imr_u"] == pytest.approx(vessel["imr_ct_u"], rel=5e-3)
        assert row["true_flow_ml_min"] / row["true_flow_rest_ml_min"] == pytest.approx(
            row["true_cfr"]
        )
        assert row["bolus_imr_u"] == pytest.approx(
            row["distal_pressure_mmhg"] * row["bolus_transit_time_s"], rel=1e-9
        )


def test_differences_are_those_of_the_numbers_beside_them(case):
    for row in case[1]["thermodilution"]:
        for name, unit in (("flow", "_ml_min"), ("cfr", ""), ("resistance", "_wu")):
            expected = row[f"infusion_{name}{unit}"] / row[f"true_{name}{unit}"] - 1.0
            assert row[f"infusion_{name}_relative_difference"] == pytest.approx(expected)
        assert row["infusion_flow_relative_difference"] > 0.0
        assert row["infusion_resistance_relative_difference"] < 0.0


def test_an_assumed_flow_is_called_an_input_and_a_measured_one_is_not(left, case, tmp_path):
    assert "not the patient" in case[1]["thermodilution"][0]["notes"]["method"]
    names = ch.build_lumen(ch.read_centerline(left, length_unit="mm")).outlet_names
    path = tmp_path / "case.toml"
    path.write_text(
        f'[case]\ncenterline = "{left}"\nlength_unit = "mm"\n[flow]\nsource = "prescribed"\n'
        "[flow.outlets_ml_min]\n"
        + "".join(f"{name} = 20.0\n" for name in names)
        + "[indices]\nprescribed_flow_is_measured = true\n"
    )
    config = read_case(path, overrides=SETTINGS)
    (row, *_) = ch.run_case(config, tmp_path / "out").document["thermodilution"]
    assert "not the patient" not in row["notes"]["method"]


def test_curves_hold_all_of_the_bolus_and_its_mean_time(case):
    folder, document = case
    with (folder / "thermodilution.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    for name, row in entries(document).items():
        for state, key in (("hyperemic", "_s"), ("resting", "_rest_s")):
            time, ostium, wire = np.array(
                [
                    [float(one[column]) for column in list(one)[2:]]
                    for one in rows
                    if (one["vessel"], one["state"]) == (name, state)
                ]
            ).T
            ostium, wire = (part / (1.08 - 0.08 * part) for part in (ostium, wire))
            assert wire.sum() == pytest.approx(ostium.sum(), rel=5e-3)
            passed = time @ wire / wire.sum() - time @ ostium / ostium.sum()
            assert passed == pytest.approx(row[f"bolus_transit_time{key}"], rel=5e-3)


def test_the_page_shows_them_from_the_files_alone(case):
    folder, document = case
    page = render_report(folder, pictures=False, interactive=False).read_text()
    assert "Virtual thermodilution" in page
    assert "the methods are compared, not the patient" in page
    for row in document["thermodilution"]:
        assert f"{row['bolus_transit_time_s']:.3f}" in page
    assert json.loads((folder / "result.json").read_text())["thermodilution"]


def test_settings_of_the_folder_give_the_same_readings(case, tmp_path):
    folder, document = case
    config = read_case(folder / "case.toml")
    assert config.thermodilution == settled(config.centerline).thermodilution
    assert ch.run_case(config, tmp_path).document["thermodilution"] == document["thermodilution"]


def test_it_is_off_by_default_and_leaves_no_table_of_an_earlier_run(tube, tmp_path):
    run(tube, tmp_path)
    assert (tmp_path / "thermodilution.csv").exists()
    document = run(tube, tmp_path, "thermodilution.on=false")
    assert document["thermodilution"] == []
    assert "thermodilution.on" in document["notes"]["thermodilution"]
    assert document["timing_s"].get("thermodilution") is None
    assert not (tmp_path / "thermodilution.csv").exists()


def every_null_has_a_reason(row):
    missing = [key for key, value in row.items() if value is None]
    assert all(row["notes"][key] for key in missing)
    return set(missing)


def test_without_a_resting_state_there_is_no_reserve_and_a_reason(left, tmp_path):
    for row in run(left, tmp_path, "case.resting_state=false")["thermodilution"]:
        missing = every_null_has_a_reason(row)
        assert {"bolus_transit_time_rest_s", "bolus_cfr", "infusion_cfr", "true_cfr"} <= missing
        assert row["bolus_imr_u"] is not None
        assert "resting" in row["notes"]["bolus_cfr"]


def test_a_resting_flow_alone_has_no_readings_and_a_reason(tube, tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(
        f'[case]\ncenterline = "{tube}"\nlength_unit = "mm"\n[boundaries]\nstate = "resting"\n'
        'inlet = {model = "pressure", pressure_mmhg = 90.0}\n'
        'outlets."*" = {model = "resistance", resistance_wu = 900.0}\n'
    )
    document = ch.run_case(read_case(path, overrides=SETTINGS), tmp_path / "out").document
    (row,) = document["thermodilution"]
    assert "bolus_imr_u" in every_null_has_a_reason(row)
    assert "hyperemic" in row["notes"]["bolus_imr_u"]


def test_an_infusion_above_the_resting_flow_leaves_the_hyperemic_readings(tube, tmp_path):
    (row,) = run(tube, tmp_path, "thermodilution.resting_infusion_ml_min=150.0")["thermodilution"]
    assert row["infusion_flow_ml_min"] > 150.0
    assert "infusion_cfr" in every_null_has_a_reason(row)
    assert "lower resting_infusion_ml_min" in row["notes"]["infusion_cfr"]


def test_a_vessel_that_ends_before_the_tip_has_a_reason_and_the_others_their_numbers(
    left, tmp_path
):
    lumen = ch.build_lumen(ch.read_centerline(left, length_unit="mm"))
    ends = {b.name: 1e3 * float(b.abscissas[-1]) for b in lumen.branches}
    lengths = sorted(ends[name] for name in lumen.outlet_names)
    tip, wire = 0.5 * (lengths[0] + lengths[-1]), lengths[-1] + 10.0
    rows = entries(
        run(left, tmp_path, f"thermodilution.infusion_mm={tip}", f"indices.wire_mm={wire}")
    )
    short = [name for name in lumen.outlet_names if ends[name] <= tip]
    assert short
    assert len(short) < len(rows)
    for name, row in rows.items():
        if name in short:
            every_null_has_a_reason(row)
            assert "infusion_mm" in row["notes"]["bolus_imr_u"]
        else:
            assert row["infusion_resistance_wu"] > 0.0


def test_chosen_vessels_and_wires_are_measured(left, tmp_path):
    rows = entries(
        run(
            left,
            tmp_path,
            'thermodilution.vessels=["D1"]',
            "indices.wire_positions_mm={D1 = 50.0}",
            "thermodilution.infusion_mm=15.0",
        )
    )
    assert list(rows) == ["D1"]
    assert rows["D1"]["wire_position_mm"] == 50.0
    assert rows["D1"]["infusion_position_mm"] == 15.0


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ('thermodilution.vessels=["LDA"]', "no vessel 'LDA'"),
        ("indices.wire_positions_mm={LDA = 50.0}", "no vessel 'LDA'"),
        ("indices.wire_mm=-5.0", "wire_mm"),
        ("thermodilution.infusion_mm=70.0", "must lie before the wire of dLAD"),
        ("thermodilution.dimensions=3", "needs a 3-D flow"),
        ("thermodilution.dimensions=2", "1 or 3"),
        ('thermodilution.vessels=["D1", "D1"]', "more than once"),
        ("thermodilution.wire_mm=60.0", "wire_mm is not a setting"),
        ("thermodilution.rise_s=0.5", "rise_s must not exceed injection_s"),
        ("thermodilution.infusion_ml_min=-1.0", "infusion_ml_min"),
    ],
)
def test_settings_that_fit_no_vessel_are_sentences_before_any_solve(
    left, tmp_path, setting, sentence, monkeypatch, capsys
):
    with pytest.raises(ConfigError, match=sentence) as caught:
        run(left, tmp_path / "out", setting)
    assert "ThermodilutionSettings" not in str(caught.value)
    if (tmp_path / "out" / "result.json").exists():
        document = json.loads((tmp_path / "out" / "result.json").read_text())
        assert document["timing_s"]["solve"] is None
        assert document["thermodilution"] == []
    options = [part for one in (*SETTINGS, setting) for part in ("--set", one)]
    command = ["corohemo", "check", str(left), "--length-unit", "mm", *options]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code
    assert sentence.split()[0] in capsys.readouterr().err


def test_a_wire_in_a_vessel_that_is_not_measured_may_lie_before_the_tip(left):
    config = settled(
        left,
        'thermodilution.vessels=["dLAD"]',
        "thermodilution.infusion_mm=40.0",
        "indices.wire_positions_mm={D1 = 30.0}",
    )
    lumen = ch.build_lumen(config.read_tree(), config.lumen)
    assert check_thermodilution(config, lumen) == ("dLAD",)


def test_temperature_of_a_mixture_goes_from_blood_to_saline():
    saline = np.linspace(0.0, 1.0, 11)
    ratio = temperature_ratio(saline, 1.08)
    assert ratio[0] == 0.0
    assert ratio[-1] == 1.0
    assert np.all(np.diff(ratio) > 0.0)
    np.testing.assert_allclose(temperature_ratio(saline, 1.0), saline)
    stored = saline * 1.08
    np.testing.assert_allclose(ratio * (1.0 - saline + stored), stored, atol=1e-15)


def test_a_pulsatile_flow_carries_saline_by_its_mean(tube, tmp_path):
    (row,) = run(tube, tmp_path, "pulsatile.on=true")["thermodilution"]
    assert "cycle's mean" in row["notes"]["method"]
    assert row["bolus_resistance_wu"] == pytest.approx(row["true_resistance_wu"], rel=5e-3)
