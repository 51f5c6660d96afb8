"""The section [boundaries]: what it builds, keeps and refuses."""

from pathlib import Path

import pytest

import corohemo as ch
from corohemo.case_boundaries import case_boundaries
from corohemo.config import read_case

INLET = 'inlet = {model = "flow", flow_ml_min = {file = "in.flow", factor = -60.0}}\n'
OUTLETS = (
    "[boundaries.outlets]\n"
    'main = {model = "rcr", proximal_resistance_wu = 50, compliance_ml_mmhg = 0.01, '
    "distal_resistance_wu = 700}\n"
    '"*" = {model = "pressure", pressure_mmhg = [[0.0, 0.4, 0.8], [60.0, 70.0, 60.0]]}\n'
)


@pytest.fixture(scope="module")
def lumen():
    return ch.build_lumen(ch.gallery.y_bifurcation())


def written(folder, text, more=""):
    (folder / "in.flow").write_text("0 -1\n0.3 -2\n0.8 -1\n")
    path = folder / "case.toml"
    path.write_text(f'[case]\ncenterline = "y.swc"\n[boundaries]\n{text}\n{more}')
    return path


def test_conditions_are_built_by_name_with_waveforms_from_files(tmp_path, lumen):
    path = written(tmp_path, 'state = "resting"\n' + INLET + OUTLETS)
    (found,) = case_boundaries(read_case(path), lumen).items()
    name, boundaries = found
    assert name == "resting"
    assert boundaries.inlet.flow_ml_min.at(0.3) == pytest.approx(120.0)
    assert isinstance(boundaries.outlet("main"), ch.RCR)
    assert boundaries.outlet("side").pressure_mmhg.at(0.4) == pytest.approx(70.0)
    assert boundaries.period_s == pytest.approx(0.8)


def test_settings_written_out_give_the_same_conditions_elsewhere(tmp_path, lumen):
    first = read_case(written(tmp_path, INLET + OUTLETS))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "case.toml").write_text(first.to_toml())
    second = read_case(elsewhere / "case.toml")
    assert case_boundaries(second, lumen) == case_boundaries(first, lumen)


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        (INLET, "", "outlets is missing"),
        ('inlet = {model = "flux"}\n' + OUTLETS, "", "model must be one of pressure, flow"),
        ('inlet = {model = "flow", flow_ml = 3}\n' + OUTLETS, "", "flow_ml is no setting"),
        ('inlet = {model = "flow"}\n' + OUTLETS, "", "flow_ml_min is missing"),
        ("inlet = 3\n" + OUTLETS, "", "inlet"),
        (
            INLET + OUTLETS.replace("0.0, 0.4, 0.8", "-0.4, 0.0, 0.4"),
            "",
            r"outlets\.\*\] pressure_mmhg: The times of a waveform must not be negative",
        ),
        (INLET + OUTLETS.replace("main", "mian"), "", "no outlet 'mian'"),
        (INLET + OUTLETS.replace('"*"', "side"), "[rest]\ntree_share = 0.2\n", "rest.tree_share"),
        (INLET + OUTLETS, "[heartbeat]\nheart_rate_bpm = 60.0\n", "heartbeat.heart_rate_bpm"),
        (INLET + OUTLETS.replace("700", '"high"'), "", "must be a number"),
        (INLET.replace("in.flow", "out.flow") + OUTLETS, "", "out.flow"),
        (INLET.replace('"in.flow"', "1") + OUTLETS, "", "flow_ml_min: file cannot be 1"),
        (INLET.replace("-60.0", '"x"') + OUTLETS, "", "flow_ml_min: factor cannot be 'x'"),
        (
            'inlet = {model = "flow", flow_ml_min = 60}\n[boundaries.outlets]\n'
            '"*" = {model = "flow", flow_ml_min = 30}\n',
            "",
            "pressure is undetermined",
        ),
        (
            'inlet = {model = "pressure", pressure_mmhg = 90}\n[boundaries.outlets]\n'
            '"*" = {model = "resistance", resistance_wu = 900}\n',
            "[pulsatile]\non = true\n",
            "nothing in \\[boundaries\\] varies in time",
        ),
        (
            INLET + OUTLETS,
            "[pulsatile]\non = true\nperiod_s = 0.9\n",
            r"\[pulsatile\]: period_s is 0.9 s but the waveforms repeat after 0.8 s",
        ),
        (
            INLET + OUTLETS,
            '[solver]\nmodel = "reduced"\nlosses = "profile"\n[pulsatile]\non = true\n',
            'set solver.losses = "jet"',
        ),
    ],
)
def test_conditions_that_cannot_be_meant_are_refused(tmp_path, lumen, text, more, message):
    with pytest.raises(ch.CorohemoError, match=message):
        case_boundaries(read_case(written(tmp_path, text, more)), lumen)


def test_a_heart_beat_from_a_file_begins_at_its_first_time(tmp_path, lumen):
    (tmp_path / "aorta.txt").write_text("0.1 80\n0.4 120\n1.0 80\n")
    path = tmp_path / "case.toml"
    path.write_text(
        '[case]\ncenterline = "y.swc"\n[pulsatile]\non = true\naortic_pressure = "aorta.txt"\n'
    )
    states = case_boundaries(read_case(path), lumen)
    assert list(states) == ["hyperemic", "resting"]
    for boundaries in states.values():
        wave = boundaries.inlet.pressure_mmhg
        assert wave.period_s == pytest.approx(0.9)
        assert wave.t_s[0] == 0.0
        assert wave.at(0.3) == pytest.approx(wave.values.max())


def test_a_missing_file_is_named_by_its_whole_path(tmp_path, lumen):
    path = written(tmp_path, INLET.replace("in.flow", "none.flow") + OUTLETS)
    with pytest.raises(ch.InputError) as caught:
        case_boundaries(read_case(path), lumen)
    assert Path(caught.value.file) == tmp_path / "none.flow"
    assert str(caught.value).startswith("[boundaries.inlet] ")


def test_waveform_whose_name_is_no_path_is_refused_with_its_setting(tmp_path):
    inlet = 'inlet = {model = "pressure", pressure_mmhg = "a\\u0000b"}\n'
    path = written(tmp_path, 'state = "resting"\n' + inlet + OUTLETS)
    with pytest.raises(ch.ConfigError, match=r"\[boundaries\] inlet, pressure_mmhg: .*null"):
        read_case(path).input_files  # noqa: B018
