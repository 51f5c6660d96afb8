"""A pulsatile case solved by the reduced model, from its file to its folder."""

import csv
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

import corohemo as ch
from corohemo.case_flow import idle_settings
from corohemo.citation import cite
from corohemo.cli.app import app
from corohemo.config import read_case
from corohemo.indices.aortic_cycle import WAVE_FREE_MARGIN_S, WAVE_FREE_START

STEPS = 100
CYCLE = ("solver.model=reduced", "pulsatile.on=true", f"pulsatile.steps_per_cycle={STEPS}")
NO_PAGE = "report.page=false"
OWN = """\
[case]
centerline = "y.swc"
length_unit = "mm"
[solver]
model = "reduced"
[report]
page = false
[boundaries]
state = "resting"
"""
BED = """
model = "coronary"
arterial_resistance_wu = 290
arterial_compliance_ml_mmhg = 0.0009
microvascular_resistance_wu = 470
intramyocardial_compliance_ml_mmhg = 0.007
venous_resistance_wu = 140
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    path = tmp_path_factory.mktemp("tree") / "left.swc"
    ch.write_centerline(ch.gallery.left_tree(), path, length_unit="mm")
    return path


@pytest.fixture(scope="module")
def folder(tree, tmp_path_factory):
    out = tmp_path_factory.mktemp("case") / "out"
    config = read_case(tree, length_unit="mm", overrides=(*CYCLE, "report.pictures=false"))
    ch.run_case(config, out)
    return out


@pytest.fixture(scope="module")
def document(folder):
    return json.loads((folder / "result.json").read_text())


def table(path, **wanted):
    with path.open(newline="") as stream:
        rows = csv.DictReader(stream)
        return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


def own_case(folder, text, **values):
    ch.write_centerline(ch.gallery.y_bifurcation(), folder / "y.swc", length_unit="mm")
    path = folder / "case.toml"
    path.write_text(OWN + text.format(**values))
    return path


def test_both_states_repeat_and_flow_leaves_as_it_comes_at_every_time(folder, document):
    assert document["status"] == "converged"
    for name, state in document["states"].items():
        pulse = state["pulse"]
        assert pulse["is_periodic"]
        assert pulse["steps_per_cycle"] == STEPS
        assert state["mass_balance_relative"] < 1e-12
        inflow = column(table(folder / "cycle.csv", state=name, face="inlet"), "flow_ml_min")
        outflow = sum(
            column(
                table(folder / "cycle.csv", state=name, face=f"outlet:{one['name']}"), "flow_ml_min"
            )
            for one in state["outlets"]
        )
        np.testing.assert_allclose(outflow, inflow, rtol=1e-12)
        assert inflow.mean() == pytest.approx(state["inlet"]["flow_ml_min"], rel=1e-12)
        assert pulse["inlet"]["flow_range_ml_min"] == pytest.approx([inflow.min(), inflow.max()])


def test_ratios_are_those_of_the_pressures_in_the_tables(folder, document):
    end = read_case(folder / "case.toml").heartbeat.end_systole
    pulse = document["states"]["resting"]["pulse"]
    period = pulse["period_s"]
    for kind, group in (("vessel", "vessels"), ("lesion", "lesions")):
        for one in pulse[group]:
            rows = table(
                folder / "cycle_readings.csv", state="resting", kind=kind, name=one["name"]
            )
            assert len(rows) == STEPS
            times, distal, aortic = (
                column(rows, key) for key in ("time_s", "pressure_mmhg", "aortic_pressure_mmhg")
            )
            start = (end + WAVE_FREE_START * (1.0 - end)) * period
            free = (times >= start) & (times <= period - WAVE_FREE_MARGIN_S)
            assert one["ifr"] == pytest.approx(distal[free].mean() / aortic[free].mean())
            assert one["rfr"] == pytest.approx((distal / aortic).min())
            assert one["pressure_ratio"] == pytest.approx(distal.mean() / aortic.mean())
            assert one["rfr"] <= one["ifr"] < 1.0


def test_hyperemic_ratios_are_ffr_and_have_no_ifr(document):
    pulse = document["states"]["hyperemic"]["pulse"]
    for group, key in (("vessels", "ffr_ct_wire"), ("lesions", "ffr_ct")):
        for one, entry in zip(pulse[group], document[group], strict=True):
            low, high = one["pressure_ratio_range"]
            assert low < one["pressure_ratio"] == entry[key] < high
            assert (one["ifr"], one["rfr"]) == (None, None)
            assert "rest" in one["notes"]["ifr"]


def test_pullback_over_the_cycle_has_the_sections_and_their_mean(folder):
    rows, sections = table(folder / "cycle_pullback.csv"), table(folder / "sections.csv")
    keys = ("state", "branch", "abscissa_mm")
    assert [[row[k] for k in keys] for row in rows] == [[row[k] for k in keys] for row in sections]
    np.testing.assert_allclose(column(rows, "pressure_ratio"), column(sections, "ffr"), rtol=1e-9)
    assert (column(rows, "pressure_min_mmhg") < column(sections, "pressure_mmhg")).all()
    assert (column(rows, "pressure_max_mmhg") > column(sections, "pressure_mmhg")).all()


def test_what_needs_a_wall_is_null_with_a_reason(document):
    for state in document["states"].values():
        assert state["model"] == "reduced"
        assert state["pulse"]["wall"] == []
        assert "no wall" in state["pulse"]["notes"]["wall"]
        assert "wall shear" not in state["pulse"]["notes"]["means"]
        for key in ("newton_iterations", "residual_relative"):
            assert state[key] is None
            assert state["notes"][key]
        assert "pulse" not in state["notes"]
    for lesion in document["lesions"]:
        assert lesion["wss_max_pa"] is None
        assert "wall" in lesion["notes"]["wss_max_pa"]


def test_page_and_methods_say_which_model_and_which_mean(folder, document):
    page = re.sub(r"\s+", " ", (folder / "report.html").read_text())
    assert "Reduced model over the cardiac cycle, indices of its mean" in page
    assert (
        "indices outside of a state's pulse are those of the cycle's mean"
        in (document["notes"]["model"])
    )
    assert page.count("at the wire positions") == 2
    assert ">None<" not in page
    assert "Pulsatile flow was computed with a reduced model" in cite(document)


def test_tables_of_lesions_hold_the_ratios_at_rest(folder, document):
    pulse = document["states"]["resting"]["pulse"]
    for row, one in zip(table(folder / "lesions.csv"), pulse["lesions"], strict=True):
        assert (float(row["ifr"]), float(row["rfr"])) == (one["ifr"], one["rfr"])


def test_no_dolfinx_is_loaded(tree, tmp_path):
    code = (
        "import sys; from corohemo.config import read_case; import corohemo as ch;"
        f"config = read_case({str(tree)!r}, length_unit='mm', overrides={(*CYCLE, NO_PAGE)!r});"
        f"ch.run_case(config, {str(tmp_path)!r});"
        "print(sorted({'dolfinx', 'mpi4py', 'petsc4py', 'gmsh'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "outlet",
    ['model = "resistance"\nresistance_wu = 900', BED, 'model = "pressure"\npressure_mmhg = 80'],
    ids=["resistance", "bed", "pressure"],
)
def test_a_cycle_in_which_nothing_varies_is_the_steady_state(tmp_path, outlet):
    text = 'inlet = {{ model = "pressure", pressure_mmhg = 93.0 }}\n[boundaries.outlets."*"]\n'
    case = own_case(tmp_path, text + outlet)
    steady = ch.run_case(case, tmp_path / "steady").document
    case.write_text(case.read_text() + "\n[pulsatile]\non = true\nperiod_s = 0.8\n")
    cycle = ch.run_case(case, tmp_path / "cycle").document
    a, b = (one["states"]["resting"] for one in (steady, cycle))
    for one, other in zip([a["inlet"], *a["outlets"]], [b["inlet"], *b["outlets"]], strict=True):
        for key in ("flow_ml_min", "pressure_mmhg"):
            assert other[key] == pytest.approx(one[key], rel=1e-8)
    low, high = b["pulse"]["inlet"]["flow_range_ml_min"]
    assert high - low < 1e-6 * high
    assert [v["ffr_ct_distal"] for v in cycle["vessels"]] == [
        v["ffr_ct_distal"] for v in steady["vessels"]
    ]


def test_heart_in_a_closed_loop_is_reported(tmp_path):
    text = (
        'inlet = {{ model = "closed_loop", preset = "simaan2009", heart_rate_bpm = 70 }}\n'
        f'[boundaries.outlets."*"]{BED}ventricular_share = 1.5\n'
        "[pulsatile]\non = true\n"
    )
    case = own_case(tmp_path, text)
    state = ch.run_case(case, tmp_path / "out").document["states"]["resting"]
    low, high = state["pulse"]["heart"]["aortic_pressure_range_mmhg"]
    assert state["pulse"]["inlet"]["pressure_range_mmhg"] == pytest.approx([low, high], rel=1e-3)
    assert low < state["inlet"]["pressure_mmhg"] < high
    assert all(one["ifr"] < 1.0 for one in state["pulse"]["outlets"])
    assert any("ejection" in note for note in state["assumptions"])
    shown = CliRunner().invoke(app, ["check", str(case)])
    assert shown.exit_code == 0, shown.output
    assert "The heart ejects" in shown.output


def test_check_expects_what_a_run_finds_and_names_settings_without_effect(tree, tmp_path):
    overrides = (*CYCLE, NO_PAGE, "pulsatile.max_cycles=3", "pulsatile.start=rest")
    config = read_case(tree, length_unit="mm", overrides=overrides)
    assert idle_settings(config) == ["pulsatile.max_cycles", "pulsatile.start"]
    case = tmp_path / "case.toml"
    case.write_text(config.to_toml())
    shown = CliRunner().invoke(app, ["check", str(case)])
    assert shown.exit_code == 0, shown.output
    assert "without effect on the reduced model: pulsatile.max_cycles, pulsatile.start" in (
        shown.output
    )
    found = ch.run_case(case, tmp_path / "out").document["states"]["hyperemic"]
    cycles = found["pulse"]["cycles"]
    assert f"reduced model, hyperemic: repeats in cycle {cycles}" in shown.output
    for outlet in found["outlets"]:
        line = (
            f"outlet {outlet['name']} {outlet['flow_ml_min']:.1f} mL/min, "
            f"{outlet['pressure_mmhg']:.1f} mmHg, FFR {outlet['ffr_ct']:.2f}"
        )
        assert line in shown.output


def test_marched_profiles_are_refused_by_run_and_check_alike(tree, tmp_path):
    config = read_case(tree, length_unit="mm", overrides=(*CYCLE, "solver.losses=profile"))
    with pytest.raises(ch.ConfigError, match="profiles are steady"):
        ch.run_case(config, tmp_path / "out")
    case = tmp_path / "case.toml"
    case.write_text(config.to_toml())
    refused = CliRunner().invoke(app, ["check", str(case)]).exception
    assert isinstance(refused, ch.ConfigError)
    assert 'set solver.losses = "jet"' in str(refused)
