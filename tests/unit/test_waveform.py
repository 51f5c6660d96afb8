"""Waveforms: exact on what their interpolation can hold, refused where they do not repeat."""

import numpy as np
import pytest

from corohemo.errors import ConfigError
from corohemo.waveform import INTERPOLATIONS, Waveform, level_at, mean_level

TIMES = np.linspace(0.1, 0.9, 41)
PERIOD = 0.8


def sine(phase):
    return 3.0 + 2.0 * np.sin(2 * np.pi * phase / PERIOD)


def test_samples_are_met_and_repeat():
    for interpolation in INTERPOLATIONS:
        wave = Waveform(TIMES, sine(TIMES), interpolation)
        for shift in (0.0, PERIOD, -3 * PERIOD):
            np.testing.assert_allclose(wave.at(TIMES + shift), sine(TIMES), atol=1e-12)


def test_fourier_waveform_is_exact_for_its_modes():
    wave = Waveform.from_fourier(PERIOD, [3.0, 0.5 - 2j, 0.0, 1j])
    t = np.linspace(-1.0, 2.0, 57)
    omega = 2 * np.pi / PERIOD
    exact = 3 + 0.5 * np.cos(omega * t) + 2 * np.sin(omega * t) - np.sin(3 * omega * t)
    slope = omega * (-0.5 * np.sin(omega * t) + 2 * np.cos(omega * t) - 3 * np.cos(3 * omega * t))
    np.testing.assert_allclose(wave.at(t), exact, atol=1e-12)
    np.testing.assert_allclose(wave.derivative(t), slope, atol=1e-10)
    np.testing.assert_allclose(wave.fourier(3), [3.0, 0.5 - 2j, 0.0, 1j], atol=1e-10)
    assert wave.mean == pytest.approx(3.0)


def test_fourier_coefficients_of_a_triangle_are_exact():
    triangle = Waveform([0.0, 0.5, 1.0], [1.0, -1.0, 1.0])
    expected = [8 / (np.pi * k) ** 2 if k % 2 else 0.0 for k in range(9)]
    np.testing.assert_allclose(triangle.fourier(8), expected, atol=1e-8)


def test_interpolations_converge_at_their_order():
    def error(interpolation, n):
        t = np.linspace(0.0, PERIOD, n + 1)
        fine = np.linspace(0.0, PERIOD, 997)
        return np.abs(Waveform(t, sine(t), interpolation).at(fine) - sine(fine)).max()

    assert np.log2(error("linear", 20) / error("linear", 40)) == pytest.approx(2.0, abs=0.1)
    assert np.log2(error("cubic", 20) / error("cubic", 40)) == pytest.approx(4.0, abs=0.2)


def test_mean_and_derivative_are_those_of_the_interpolant():
    wave = Waveform([0.0, 0.25, 1.0], [0.0, 4.0, 0.0])
    assert wave.mean == pytest.approx(2.0)
    np.testing.assert_allclose(wave.derivative([0.1, 0.5, 1.1]), [16.0, -16.0 / 3.0, 16.0])
    assert wave.scaled(-2.0).mean == pytest.approx(-4.0)
    assert wave.shifted(0.25).at(0.5) == pytest.approx(4.0)
    assert wave.shifted(-0.4).at(0.85) == pytest.approx(4.0)
    assert wave.shifted(-2.4).t_s[0] == pytest.approx(0.6)


def test_equal_waveforms_are_equal():
    assert Waveform([0, 1], [2, 2]) == Waveform([0.0, 1.0], [2.0, 2.0])
    assert Waveform([0, 1], [2, 2]) != Waveform([0, 1], [3, 3])
    assert len({Waveform([0, 1], [2, 2]), Waveform([0, 1], [2, 2])}) == 1


@pytest.mark.parametrize(
    ("times", "values", "interpolation", "says"),
    [
        ([0, 1, 2], [0, 5, 3], "linear", "does not repeat"),
        ([-0.1, 0.4, 0.9], [0, 5, 0], "linear", "must not be negative; the first is -0.1 s"),
        ([0, 2, 1], [0, 5, 0], "linear", "must increase"),
        ([0, 1], [0, 5, 0], "linear", "as many times as values"),
        ([0], [1], "linear", "at least two"),
        ([0, 1], [np.nan, 1], "linear", "finite"),
        ([0, 1], ["a", "b"], "linear", "must be numbers"),
        ([0, 0.5, 2], [0, 5, 0], "fourier", "equal steps"),
        ([0, 1], [1, 1], "spline", "cubic"),
    ],
)
def test_what_is_no_waveform_is_refused(times, values, interpolation, says):
    with pytest.raises(ConfigError, match=says):
        Waveform(times, values, interpolation)


def test_number_is_a_level_without_period():
    assert mean_level(5.0) == 5.0
    np.testing.assert_array_equal(level_at(5.0, [0.0, 1.0]), [5.0, 5.0])
