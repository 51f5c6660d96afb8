"""Properties of the viscosity laws."""

import numpy as np
import pytest

import corohemo as ch

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
