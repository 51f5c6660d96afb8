"""Blood flow from curves: exact cases, noise, and the known bias of each model."""

import numpy as np
import pytest

from corohemo.errors import InputError
from corohemo.perfusion import (
    TimeAttenuation,
    arterial_curve,
    fermi_deconvolution,
    maximum_slope,
    maximum_slope_bias,
    patlak,
)

FINE = np.arange(0.0, 40.0, 0.01)
RESIDUES = {"short": (0.05, 0.5), "usual": (0.1, 0.3), "long": (1.0, 0.15)}


def fermi(name):
    shape, rate = RESIDUES[name]
    return (1 + shape) / (1 + shape * np.exp(rate * FINE))


def tissue(residue, blood_flow, times):
    """Trapezoidal convolution on a grid of 10 ms, apart from the package's quadrature."""
    artery = arterial_curve(FINE)
    curve = np.convolve(artery, residue)[: FINE.size] - 0.5 * (artery + artery[0] * residue)
    return np.interp(times, FINE, blood_flow / 6000 * 0.01 * curve)


@pytest.mark.parametrize("residue", RESIDUES)
@pytest.mark.parametrize("blood_flow", [60.0, 120.0, 250.0])
def test_fermi_deconvolution_of_noisy_curves_has_less_than_three_percent_bias(residue, blood_flow):
    times = np.arange(0.0, 36.0, 1.0)
    clean = tissue(fermi(residue), blood_flow, times)
    noise = np.random.default_rng(7).normal(0.0, clean.max() / 20, (300, times.size))
    curves = TimeAttenuation.from_arrays(times, arterial_curve(times), clean + noise)
    ratio = 6000 * fermi_deconvolution(curves).flow / blood_flow
    assert abs(ratio.mean() - 1) < 0.03
    assert ratio.std() < 0.12


@pytest.mark.parametrize("residue", RESIDUES)
def test_fermi_deconvolution_of_clean_curves_is_limited_by_the_image_interval(residue):
    errors = []
    for interval in (2.0, 1.0, 0.5):
        times = np.arange(0.0, 36.0, interval)
        curves = TimeAttenuation.from_arrays(
            times, arterial_curve(times), tissue(fermi(residue), 100.0, times)
        )
        errors.append(abs(6000 * fermi_deconvolution(curves).flow[0] / 100.0 - 1))
    assert errors[0] < 0.02
    assert errors[2] < 0.3 * errors[0]


def test_images_at_uneven_times_are_deconvolved_too():
    times = np.concatenate([np.arange(0, 16, 1.0), np.arange(16, 37, 3.0)])
    curves = TimeAttenuation.from_arrays(
        times, arterial_curve(times), tissue(fermi("usual"), 100.0, times)
    )
    assert 6000 * fermi_deconvolution(curves).flow[0] == pytest.approx(100.0, rel=0.02)


def test_delay_is_found_among_those_tried():
    times = np.arange(0.0, 36.0, 1.0)
    late = np.interp(times - 2.0, FINE, tissue(fermi("usual"), 100.0, FINE), left=0.0)
    curves = TimeAttenuation.from_arrays(times, arterial_curve(times), late)
    fit = fermi_deconvolution(curves, delays_s=(0.0, 1.0, 2.0, 3.0))
    assert fit.delay[0] == 2.0
    assert 6000 * fit.flow[0] == pytest.approx(100.0, rel=0.02)
    assert 6000 * fermi_deconvolution(curves).flow[0] != pytest.approx(100.0, rel=0.05)


@pytest.mark.parametrize("residue", RESIDUES)
def test_maximum_slope_is_too_low_by_its_known_factor(residue):
    times = np.arange(0.0, 36.0, 0.1)
    curves = TimeAttenuation.from_arrays(
        times, arterial_curve(times), tissue(fermi(residue), 100.0, times)
    )
    factor = maximum_slope_bias(arterial_curve(FINE), fermi(residue))
    assert 0.8 < factor < 0.9
    assert 6000 * maximum_slope(curves)[0] / 100.0 == pytest.approx(factor, rel=2e-3)


def test_maximum_slope_of_tissue_that_keeps_everything_is_exact():
    assert maximum_slope_bias(arterial_curve(FINE), np.ones(FINE.size)) == pytest.approx(1.0)


def test_maximum_slope_of_an_exponential_residue_has_a_closed_form():
    """For C_a = t, R = exp(-k t): C_a + R' * C_a = (1 - exp(-k t)) / k, greatest at the end."""
    times = np.arange(0.0, 10.0, 0.001)
    factor = maximum_slope_bias(times, np.exp(-0.2 * times))
    end = times[-1]
    assert factor == pytest.approx((1 - np.exp(-0.2 * end)) / 0.2 / end, rel=1e-5)


def test_patlak_line_is_exact_without_backflow():
    times = np.arange(0.0, 36.0, 1.5)
    artery = arterial_curve(times)
    areas = np.concatenate([[0.0], np.cumsum(0.5 * np.diff(times) * (artery[1:] + artery[:-1]))])
    curves = TimeAttenuation.from_arrays(times, artery, 0.012 * areas + 0.1 * artery)
    fit = patlak(curves)
    assert fit.transfer[0] == pytest.approx(0.012, rel=1e-10)
    assert fit.blood_volume[0] == pytest.approx(0.1, rel=1e-10)


@pytest.mark.parametrize("flow", [0.005, 0.02, 0.05])
def test_patlak_underestimates_by_the_extraction_and_its_inverse_undoes_it(flow):
    surface = 0.03
    transfer = flow * (1 - np.exp(-surface / flow))
    times = np.arange(0.0, 36.0, 1.5)
    artery = arterial_curve(times)
    areas = np.concatenate([[0.0], np.cumsum(0.5 * np.diff(times) * (artery[1:] + artery[:-1]))])
    fit = patlak(TimeAttenuation.from_arrays(times, artery, transfer * areas))
    assert fit.transfer[0] < flow
    assert fit.flow(surface)[0] == pytest.approx(flow, rel=1e-8)
    with pytest.raises(InputError, match="permeability-surface product"):
        fit.flow(0.5 * transfer)


def test_time_to_peak_counts_from_the_artery():
    times = np.arange(0.0, 36.0, 0.5)
    curves = TimeAttenuation.from_arrays(
        times, arterial_curve(times), tissue(fermi("usual"), 100.0, times)
    )
    peak = times[curves.tissue[0].argmax()]
    assert curves.time_to_peak()[0] == peak - times[curves.arterial.argmax()]
    onset = curves.arterial_onset()
    assert np.interp(onset, times, curves.arterial) == pytest.approx(0.1 * curves.arterial.max())
    assert curves.time_to_peak(reference="onset")[0] == pytest.approx(peak - onset)


def test_a_peak_beyond_the_last_image_has_no_time():
    rising = np.vstack([TIMES, arterial_curve(TIMES)])
    curves = TimeAttenuation.from_arrays(TIMES, arterial_curve(TIMES), rising)
    np.testing.assert_array_equal(curves.time_to_peak(), [np.nan, 0.0])


def test_baseline_is_taken_off():
    times = np.arange(0.0, 36.0, 1.0)
    artery, curve = arterial_curve(times), tissue(fermi("usual"), 100.0, times)
    raw = TimeAttenuation.from_arrays(times, artery + 45.0, curve + 52.0, baseline_images=4)
    np.testing.assert_allclose(raw.arterial, artery, atol=1e-9)
    np.testing.assert_allclose(raw.tissue[0], curve, atol=1e-9)


TIMES = np.arange(0.0, 20.0, 1.0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: (TIMES, arterial_curve(TIMES)[:-1], TIMES), "one length"),
        (lambda: (TIMES, arterial_curve(TIMES), TIMES[:-2]), "one length"),
        (lambda: (TIMES - 1, arterial_curve(TIMES), TIMES), "not negative"),
        (lambda: (TIMES[::-1], arterial_curve(TIMES), TIMES), "must ascend"),
        (lambda: (TIMES, 0 * TIMES, TIMES), "no contrast"),
        (lambda: (TIMES, arterial_curve(TIMES), TIMES * np.nan), "no numbers"),
        (lambda: (TIMES[:3], TIMES[:3], TIMES[:3]), "at least five"),
        (lambda: (TIMES / 60, arterial_curve(TIMES), TIMES), "times in seconds"),
        (lambda: (1000 * TIMES, arterial_curve(TIMES), TIMES), "times in seconds"),
        (lambda: (TIMES[:9], arterial_curve(TIMES)[:9], TIMES[:9]), "peak was not imaged"),
    ],
)
def test_impossible_curves_are_refused(make, words):
    with pytest.raises(InputError, match=words):
        TimeAttenuation.from_arrays(*make())


def test_curves_without_contrast_and_impossible_settings_are_refused():
    flat = TimeAttenuation.from_arrays(TIMES, arterial_curve(TIMES), np.zeros((2, TIMES.size)))
    with pytest.raises(InputError, match="2 of 2 tissue curves show no contrast"):
        fermi_deconvolution(flat)
    with pytest.raises(InputError, match="delays must lie"):
        fermi_deconvolution(flat, delays_s=(-1.0,))
    with pytest.raises(InputError, match="window"):
        maximum_slope(flat, window=1)
    with pytest.raises(InputError, match="Patlak line needs three"):
        patlak(flat, start_s=18.5)


@pytest.mark.parametrize(
    ("times", "tissue_values", "words"),
    [
        (TIMES, [[1.0, 2.0], [3.0]], "tissue must hold numbers"),
        (["a"] * TIMES.size, np.ones(TIMES.size), "times must hold numbers"),
        (TIMES, "none", "tissue must hold numbers"),
    ],
)
def test_curves_that_are_no_numbers_are_refused_by_name(times, tissue_values, words):
    with pytest.raises(InputError, match=words):
        TimeAttenuation.from_arrays(times, arterial_curve(TIMES), tissue_values)


@pytest.mark.parametrize("curve", [0.0 * TIMES, -TIMES, TIMES[::-1]])
def test_tissue_that_takes_up_nothing_has_no_flow_and_no_peak(curve):
    curves = TimeAttenuation.from_arrays(TIMES, arterial_curve(TIMES), curve)
    for model in (maximum_slope, fermi_deconvolution):
        with pytest.raises(InputError, match="show no contrast"):
            model(curves)
    assert np.isnan(curves.time_to_peak()[0])


def test_a_voxel_of_blood_has_no_fermi_flow():
    """Its curve is the artery's own: the residue is gone at once, however high the flow."""
    curves = TimeAttenuation.from_arrays(TIMES, arterial_curve(TIMES), 0.3 * arterial_curve(TIMES))
    assert np.isnan(fermi_deconvolution(curves).flow[0])


def test_delays_may_be_an_array_and_must_be_numbers():
    curves = TimeAttenuation.from_arrays(
        TIMES, arterial_curve(TIMES), tissue(fermi("usual"), 120.0, TIMES)
    )
    found = fermi_deconvolution(curves, delays_s=np.array([0.0, 1.0]))
    assert 6000 * found.flow[0] == pytest.approx(120.0, rel=0.02)
    with pytest.raises(InputError, match="delays"):
        fermi_deconvolution(curves, delays_s=(np.nan,))
