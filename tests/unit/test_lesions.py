"""Healthy radius and lesions: the truth of synthetic vessels is found again."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.gallery.shapes import cosine_dip


def diseased(length_mm, lesions, *, start_mm=1.8, end_mm=1.2, noise=0.0, seed=0):
    """A tapered vessel with (throat, length, percent) lesions, and its healthy radius."""
    s = np.linspace(0.0, length_mm, int(length_mm / 0.4) + 1)
    healthy = start_mm + (end_mm - start_mm) * s / length_mm
    radii = healthy * (1.0 + noise * np.random.default_rng(seed).normal(size=len(s)))
    for throat, length, percent in lesions:
        radii = radii * (1.0 - percent / 100.0 * cosine_dip(s - throat, length))
    points = np.stack([s, 0 * s, 0 * s], axis=1)
    tree = ch.VesselTree.from_arrays(points, radii, np.arange(len(s)) - 1, length_unit="mm")
    lumen = ch.build_lumen(tree)
    at = lumen.branches[0].abscissas * 1e3
    return lumen, np.interp(at, s, healthy) * 1e-3


CASES = {
    "one": [(30.0, 10.0, 50.0)],
    "two": [(15.0, 8.0, 30.5), (45.0, 15.0, 80.0)],
    "three": [(12.0, 10.0, 40.0), (32.0, 12.0, 70.0), (50.0, 8.0, 60.0)],
    "ostial": [(0.0, 12.0, 60.0)],
    "distal end": [(60.0, 12.0, 60.0)],
    "long": [(30.0, 30.0, 65.0)],
}


@pytest.mark.parametrize("name", CASES)
def test_healthy_radius_is_found_within_three_percent(name):
    lumen, healthy = diseased(60.0, CASES[name])
    np.testing.assert_allclose(lumen.branches[0].reference_radii, healthy, rtol=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_healthy_radius_is_found_in_noise(seed):
    lumen, healthy = diseased(60.0, CASES["two"], noise=0.05, seed=seed)
    np.testing.assert_allclose(lumen.branches[0].reference_radii, healthy, rtol=0.05)


@pytest.mark.parametrize("name", CASES)
def test_every_lesion_is_found_with_its_severity(name):
    lumen, _ = diseased(60.0, CASES[name])
    assert len(lumen.lesions) == len(CASES[name])
    for lesion, (throat, length, percent) in zip(lumen.lesions, CASES[name], strict=True):
        assert lesion.throat * 1e3 == pytest.approx(throat, abs=0.5)
        assert lesion.percent_diameter_stenosis == pytest.approx(percent, abs=2.5)
        assert lesion.start <= lesion.throat <= lesion.end
        assert lesion.length * 1e3 <= length


@pytest.mark.parametrize("seed", range(5))
def test_healthy_noise_is_no_lesion(seed):
    lumen, _ = diseased(80.0, [], noise=0.05, seed=seed)
    assert lumen.lesions == ()


@pytest.mark.parametrize("end_mm", [1.8, 1.2, 0.7])
def test_healthy_taper_is_no_lesion(end_mm):
    lumen, healthy = diseased(60.0, [], end_mm=end_mm)
    assert lumen.lesions == ()
    np.testing.assert_allclose(lumen.branches[0].reference_radii, healthy, rtol=0.03)


def test_healthy_radius_never_rises_within_a_branch():
    for seed in range(10):
        for branch in ch.build_lumen(ch.gallery.random_tree(seed)).branches:
            assert np.all(np.diff(branch.reference_radii) <= 1e-12)
            assert np.all(branch.reference_radii > 0)


def test_left_tree_has_its_three_lesions():
    lumen = ch.build_lumen(ch.gallery.left_tree())
    found = {lesion.name: lesion.percent_diameter_stenosis for lesion in lumen.lesions}
    assert found == {
        "pLAD-1": pytest.approx(60.0, abs=1.0),
        "mLAD-1": pytest.approx(40.0, abs=1.0),
        "mCx-1": pytest.approx(50.0, abs=1.0),
    }


def test_healthy_left_tree_has_no_lesion():
    assert ch.build_lumen(ch.gallery.left_tree(lesions=False)).lesions == ()


def test_lesions_do_not_change_the_healthy_radius_of_the_left_tree():
    ill = ch.build_lumen(ch.gallery.left_tree())
    well = ch.build_lumen(ch.gallery.left_tree(lesions=False))
    for a, b in zip(ill.branches, well.branches, strict=True):
        expected = np.interp(a.abscissas, b.abscissas, b.reference_radii)
        np.testing.assert_allclose(a.reference_radii, expected, rtol=0.03)


def test_lesion_numbers_are_those_of_the_cosine():
    lumen = ch.build_lumen(ch.gallery.cosine_stenosis())
    (lesion,) = lumen.lesions
    assert lesion.name == "stenosis-1"
    assert lesion.percent_diameter_stenosis == pytest.approx(50.0, abs=0.1)
    assert lesion.percent_area_stenosis == pytest.approx(75.0, abs=0.1)
    assert lesion.minimum_lumen_area == pytest.approx(np.pi * 0.75e-3**2, rel=2e-3)
    assert lesion.minimum_lumen_diameter == pytest.approx(1.5e-3, rel=1e-3)
    assert lesion.reference_diameter == pytest.approx(3.0e-3, rel=2e-3)
    half = 10.0 / (2 * np.pi) * np.arccos(2 * 0.1 / 0.5 - 1) * 1e-3
    assert lesion.throat - lesion.start == pytest.approx(half, rel=0.01)
    assert lesion.end - lesion.throat == pytest.approx(half, rel=0.01)
    gradient = (1.35e-3 - 0.75e-3) / half
    assert lesion.radius_gradient_upstream == pytest.approx(gradient, rel=0.01)
    assert lesion.radius_gradient_downstream == pytest.approx(gradient, rel=0.01)


def test_tandem_throats_without_recovery_are_one_lesion():
    lumen, _ = diseased(60.0, [(26.0, 14.0, 50.0), (34.0, 14.0, 40.0)])
    assert len(lumen.lesions) == 1


def test_lesions_are_numbered_from_the_ostium():
    lumen, _ = diseased(60.0, CASES["three"])
    assert [lesion.name for lesion in lumen.lesions] == ["branch0-1", "branch0-2", "branch0-3"]
    assert np.all(np.diff([lesion.throat for lesion in lumen.lesions]) > 0)


def test_threshold_decides_what_is_a_lesion():
    tree = ch.gallery.left_tree()
    severe = ch.build_lumen(tree, ch.LumenOptions(lesion_threshold_percent=55.0))
    assert [lesion.name for lesion in severe.lesions] == ["pLAD-1"]
