"""Properties of the viscosity laws."""

from dataclasses import asdict

import numpy as np
import pytest

import corohemo as ch
from corohemo.case_boundaries import case_boundaries
from corohemo.citation import _fluid
from corohemo.config import read_case

RATES = np.array([1.0, 10.0, 100.0, 1000.0])


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (ch.CarreauYasuda(), [0.02710, 0.00898, 0.00471, 0.00374]),
        (
            ch.CarreauYasuda(relaxation_time_s=1.902, index=0.22, transition=1.25),
            [0.02872, 0.00865, 0.00433, 0.00360],
        ),
        (
            ch.CarreauYasuda(
                zero_shear_viscosity_pa_s=0.16,
                infinite_shear_viscosity_pa_s=0.0035,
                relaxation_time_s=8.2,
                index=0.2128,
                transition=0.64,
            ),
            [0.02597, 0.00804, 0.00428, 0.00363],
        ),
    ],
)
def test_carreau_yasuda_gives_the_published_viscosities(law, expected):
    assert law.viscosity(RATES) == pytest.approx(expected, abs=6e-6)


def test_carreau_yasuda_lies_between_its_limits_and_thins():
    law = ch.CarreauYasuda()
    viscosity = law.viscosity(np.geomspace(1e-6, 1e8, 50))
    assert np.all(np.diff(viscosity) < 0)
    assert viscosity[0] == pytest.approx(law.zero_shear_viscosity_pa_s)
    assert viscosity[-1] == pytest.approx(law.infinite_shear_viscosity_pa_s, rel=1e-3)


def test_thickening_parameters_are_refused():
    with pytest.raises(ch.ConfigError, match="thins with shear"):
        ch.CarreauYasuda(index=1.2)


def test_viscosity_rises_with_the_hematocrit_from_that_of_plasma():
    values = [ch.viscosity_from_hematocrit(h) for h in (0.0, 0.3, 0.45, 0.6)]
    assert values[0] == pytest.approx(1.2e-3)
    assert values[2] == pytest.approx(3.2 * 1.2e-3)
    assert np.all(np.diff(values) > 0)


def test_hematocrit_in_percent_is_refused():
    with pytest.raises(ch.ConfigError, match=r"45 percent is 0\.45"):
        ch.viscosity_from_hematocrit(45.0)


@pytest.mark.parametrize("value", ["0.45", None, True, [0.45], np.array([0.45]), -0.1, np.nan])
def test_hematocrit_that_is_no_fraction_is_refused(value):
    with pytest.raises(ch.ConfigError, match="hematocrit must be a fraction"):
        ch.viscosity_from_hematocrit(value)


@pytest.mark.parametrize("value", ["1e-3", 0.0, np.inf, np.nan])
def test_plasma_without_a_viscosity_is_refused(value):
    with pytest.raises(ch.ConfigError, match="plasma_viscosity_pa_s must be positive"):
        ch.viscosity_from_hematocrit(0.4, plasma_viscosity_pa_s=value)


def test_blood_takes_its_viscosity_from_the_hematocrit():
    blood = ch.Blood(hematocrit=0.3)
    found = ch.viscosity_from_hematocrit(0.3)
    assert blood.dynamic_viscosity == found
    assert ch.Blood(dynamic_viscosity_pa_s=found, hematocrit=0.3) == blood
    with pytest.raises(ch.ConfigError, match="leave one out"):
        ch.Blood(dynamic_viscosity_pa_s=4e-3, hematocrit=0.3)


def test_case_file_gives_rheology_and_hematocrit_and_keeps_them(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(
        '[case]\ncenterline = "y.swc"\n[blood]\nhematocrit = 0.3\nrheology = {index = 0.5}\n'
    )
    blood = read_case(path).blood
    assert blood == ch.Blood(rheology=ch.CarreauYasuda(index=0.5), hematocrit=0.3)
    path.write_text(read_case(path).to_toml())
    assert read_case(path).blood == blood


@pytest.mark.parametrize(
    ("blood", "says"),
    [
        (
            "rheology = {indx = 0.5}",
            r"\[blood.rheology\] indx is not a setting; .* index",
        ),
        ('rheology = {index = "a"}', r"\[blood.rheology\] index must be a valid number"),
        (
            "rheology = {index = 1.5}",
            r"\[blood.rheology\] CarreauYasuda describes .* thins",
        ),
        ("rheology = 3", r"\[blood\] rheology must be"),
        ("hematocrit = 45", r"45 percent is 0\.45"),
        ("hematocrit = 0.4\ndynamic_viscosity_pa_s = 4e-3", "leave one out"),
    ],
)
def test_blood_that_cannot_be_is_refused_with_its_setting(tmp_path, blood, says):
    path = tmp_path / "case.toml"
    path.write_text(f'[case]\ncenterline = "y.swc"\n[blood]\n{blood}\n')
    with pytest.raises(ch.ConfigError, match=says):
        read_case(path)


def test_reduced_case_refuses_a_law_of_the_shear_rate(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text(
        '[case]\ncenterline = "y.swc"\n[blood]\nrheology = {}\n[solver]\nmodel = "reduced"\n'
    )
    with pytest.raises(ch.ConfigError, match="rheology would have no effect"):
        case_boundaries(read_case(path), ch.build_lumen(ch.gallery.y_bifurcation()))


def test_methods_tell_the_blood_that_was_solved_for():
    thinning = asdict(ch.Blood(rheology=ch.CarreauYasuda()))
    assert "Newtonian" not in _fluid(thinning, is_meshed=True)
    assert "56 mPa s at rest to 3.45 mPa s" in _fluid(thinning, is_meshed=True)
    assert "viscosity 3.5 mPa s)" in _fluid(thinning, is_meshed=False)
    cells = asdict(ch.Blood(hematocrit=0.45))
    assert "viscosity 3.84 mPa s from a hematocrit of 0.45" in _fluid(cells, is_meshed=True)
