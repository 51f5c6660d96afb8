"""Endotypes, cut-offs, corrected IMR and V/M."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.errors import ConfigError, InputError
from corohemo.indices.endotypes import (
    Endotype,
    MicrovascularThresholds,
    endotype,
    sensitive_threshold,
)
from corohemo.indices.microvascular import (
    collateral_corrected_index,
    corrected_microcirculatory_index,
    microcirculatory_index,
)
from corohemo.indices.options import IndexOptions
from corohemo.indices.reduced import reduced_indices
from corohemo.indices.volume_to_mass import volume_to_mass
from corohemo.units import MM, MMHG


@pytest.mark.parametrize(
    ("ffr", "cfr", "imr", "expected"),
    [
        (0.9, 3.0, 15.0, Endotype.NORMAL),
        (0.9, 1.9, 15.0, Endotype.FUNCTIONAL),
        (0.9, 1.9, 25.0, Endotype.STRUCTURAL),
        (0.9, 3.0, 25.0, Endotype.ISOLATED_HIGH_RESISTANCE),
        (0.80, 3.0, 15.0, Endotype.EPICARDIAL_OR_MIXED),
        (0.81, 2.0, 24.9, Endotype.NORMAL),
    ],
)
def test_endotype_follows_reserve_and_resistance(ffr, cfr, imr, expected):
    assert endotype(ffr, cfr, imr) is expected


def test_screening_finds_what_diagnosis_misses():
    assert endotype(0.9, 2.3, 15.0) is Endotype.NORMAL
    screening = MicrovascularThresholds.screening()
    assert endotype(0.9, 2.3, 15.0, thresholds=screening) is Endotype.FUNCTIONAL


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan")])
def test_endotype_of_no_number_is_refused(value):
    with pytest.raises(InputError, match="positive finite cfr"):
        endotype(0.9, value, 20.0)


def test_sensitive_threshold_is_the_strictest_that_finds_enough():
    rng = np.random.default_rng(3)
    diseased = np.repeat([True, False], 100)
    imr = rng.normal(np.where(diseased, 30.0, 18.0), 7.0)
    cut = sensitive_threshold(imr, diseased, sensitivity=0.9, abnormal="high")
    assert np.mean(imr[diseased] >= cut) >= 0.9
    assert np.mean(imr[diseased] >= np.nextafter(cut, np.inf)) < 0.9
    low = sensitive_threshold(-imr, diseased, sensitivity=0.9, abnormal="low")
    assert low == -cut


def test_threshold_without_disease_is_refused():
    with pytest.raises(InputError, match="diseased"):
        sensitive_threshold([1.0, 2.0], [False, False], sensitivity=0.9, abnormal="high")


def test_corrections_without_collaterals_leave_the_index():
    aortic, distal, transit = 90 * MMHG, 72 * MMHG, 0.3
    plain = microcirculatory_index(distal, transit)
    assert collateral_corrected_index(aortic, distal, 0.0, transit) == pytest.approx(plain)
    same = corrected_microcirculatory_index(aortic, distal, transit, slope=1.0, offset=0.0)
    assert same == pytest.approx(plain)


def test_corrected_index_by_hand():
    value = corrected_microcirculatory_index(90 * MMHG, 63 * MMHG, 0.4, slope=1.35, offset=0.32)
    assert value == pytest.approx(90 * 0.4 * (1.35 * 0.7 - 0.32))
    with pytest.raises(InputError, match="not positive"):
        corrected_microcirculatory_index(90 * MMHG, 18 * MMHG, 0.4, slope=1.35, offset=0.32)
    with pytest.raises(InputError, match="wedge pressure"):
        collateral_corrected_index(90 * MMHG, 60 * MMHG, 70 * MMHG, 0.3)


def test_volume_counts_vessels_above_the_cutoff_only():
    lumen = ch.build_lumen(ch.gallery.cone(3.0, 1.0, 40.0))
    whole = volume_to_mass(lumen, 100.0, minimum_diameter_mm=0.5)
    half = volume_to_mass(lumen, 100.0, minimum_diameter_mm=2.0)
    exact = np.pi * 20.0 / 3 * (1.5**2 + 1.5 + 1.0)
    assert half.volume_mm3 == pytest.approx(exact, rel=0.02)
    assert half.volume_mm3 + half.left_out_mm3 == pytest.approx(whole.volume_mm3)
    assert whole.ratio_mm3_g == pytest.approx(lumen.volume() / MM**3 / 100.0)
    assert "1.00 mm" in whole.sentence()


def test_throat_below_the_cutoff_counts_in_a_wide_vessel():
    lumen = ch.build_lumen(ch.gallery.cosine_stenosis(percent_diameter_stenosis=70))
    assert volume_to_mass(lumen, 100.0).left_out_mm3 == 0.0


def test_subtree_holds_no_shared_trunk():
    lumen = ch.build_lumen(ch.gallery.left_tree())
    total = volume_to_mass(lumen, 100.0).volume_mm3
    lad = volume_to_mass(lumen, 50.0, outlets=("dLAD", "D1", "D2")).volume_mm3
    own = {name: volume_to_mass(lumen, 1.0, outlets=(name,)).volume_mm3 for name in ("dLAD", "D2")}
    assert own["dLAD"] + own["D2"] < lad < total
    with pytest.raises(ch.GeometryError, match="no outlet 'LAD'"):
        volume_to_mass(lumen, 50.0, outlets=("LAD",))


def test_without_a_wide_vessel_there_is_no_volume_to_mass():
    lumen = ch.build_lumen(ch.gallery.tube(0.8, 30.0))
    solution = ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, ch.Hyperemia()))
    found = reduced_indices({"hyperemic": solution}, myocardial_mass_g=130.0)
    assert found.volume_to_mass_mm3_g is None
    assert "1 mm or more" in found.notes["volume_to_mass_mm3_g"]


@pytest.mark.parametrize("place", ["a", True, np.nan, np.inf, 0.0])
def test_a_wire_position_is_a_finite_positive_number(place):
    with pytest.raises(ConfigError, match="wire position of vessel 'LAD'"):
        IndexOptions(wire_positions_mm={"LAD": place})


@pytest.mark.parametrize(
    ("wire_mm", "words"),
    [(10.0, "lies before"), (30.0, "inside"), (37.0, "jet recovers"), (50.0, None)],
)
def test_a_wire_says_how_it_lies_to_a_lesion(wire_mm, words):
    lumen = ch.build_lumen(ch.gallery.cosine_stenosis(3.0, 60.0, 50.0, 10.0))
    solution = ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, ch.Hyperemia()))
    options = IndexOptions(wire_mm=wire_mm)
    vessel = reduced_indices({"hyperemic": solution}, options=options).vessels[0]
    said = vessel.notes.get("wire")
    assert said is None if words is None else words in said
