"""Identities and unit conversions of the microvascular indices."""

import numpy as np
import pytest

from corohemo.boundary import Boundaries, PressureInlet, Resistance
from corohemo.indices.microvascular import (
    coronary_flow_reserve,
    is_informative,
    mean_transit_time,
    microcirculatory_index,
    microvascular_resistance,
    microvascular_resistance_reserve,
    segment_volumes,
)
from corohemo.units import ML, ML_PER_MIN, MMHG, WOOD_UNIT


def test_imr_example_has_12_9_units():
    transit = 0.5 * ML / (3.3 * ML)
    assert microcirculatory_index(85 * MMHG, transit) == pytest.approx(12.9, abs=0.05)


def test_transit_time_of_a_tube_is_volume_over_flow():
    abscissa, radius = np.linspace(0, 70e-3, 11), np.full(11, 1.5e-3)
    volume = np.pi * 1.5e-3**2 * 70e-3
    assert mean_transit_time(abscissa, radius, np.full(10, 2e-6)) == pytest.approx(volume / 2e-6)


def test_transit_time_adds_segments_with_their_own_flow():
    abscissa, radius = np.array([0.0, 20e-3, 50e-3]), np.full(3, 1e-3)
    flow = np.array([2e-6, 1e-6])
    expected = np.pi * 1e-6 * (20e-3 / 2e-6 + 30e-3 / 1e-6)
    assert mean_transit_time(abscissa, radius, flow) == pytest.approx(expected)


def test_volume_of_a_cone_is_exact():
    volume = segment_volumes(np.array([0.0, 10e-3]), np.array([2e-3, 0.0]))
    assert volume == pytest.approx([np.pi * 4e-6 * 10e-3 / 3])


def test_resistance_in_wood_units_is_mmhg_over_litres_per_minute():
    resistance = microvascular_resistance(80 * MMHG, 200 * ML_PER_MIN, venous_pressure=5 * MMHG)
    assert resistance / WOOD_UNIT == pytest.approx(75 / 0.2)


def test_mrr_is_the_ratio_of_resting_to_hyperemic_resistance():
    resting, hyperemic, aortic_rest, aortic, distal = (
        1.1e-6,
        3.2e-6,
        95 * MMHG,
        88 * MMHG,
        70 * MMHG,
    )
    value = microvascular_resistance_reserve(
        coronary_flow_reserve(hyperemic, resting),
        distal / aortic,
        resting_aortic_pressure=aortic_rest,
        hyperemic_aortic_pressure=aortic,
    )
    assert value == pytest.approx((aortic_rest / resting) / (distal / hyperemic), rel=1e-14)


@pytest.mark.parametrize(
    ("source", "measured", "expected"),
    [
        ("allometric", False, False),
        ("allometric", True, False),
        ("prescribed", False, False),
        ("prescribed", True, True),
        ("perfusion", False, True),
        ("deformation", False, True),
    ],
)
def test_only_independent_flow_is_informative(source, measured, expected):
    boundaries = Boundaries(PressureInlet(90.0), {"*": Resistance(300.0)}, flow_source=source)
    assert is_informative(boundaries, prescribed_flow_is_measured=measured) is expected
