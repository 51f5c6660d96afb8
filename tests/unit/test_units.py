"""Conversions between the units of people and SI."""

import pytest

from corohemo.units import (
    DYN_PER_CM2,
    ML,
    ML_PER_100ML_MIN,
    ML_PER_MIN,
    MMHG,
    MMHG_S,
    WOOD_UNIT,
)


def test_a_wood_unit_is_eighty_dyn_seconds():
    assert pytest.approx(7.99932e6, rel=1e-5) == WOOD_UNIT
    dyn_s_per_cm5 = 1e-5 / 1e-10
    assert WOOD_UNIT / dyn_s_per_cm5 == pytest.approx(80.0, rel=1e-4)


def test_mmhg_seconds_per_millilitre_are_sixteen_wood_units():
    assert pytest.approx(1000 / 60, rel=1e-12) == MMHG / ML / WOOD_UNIT


def test_wood_unit_is_pressure_over_litres_a_minute():
    assert pytest.approx(MMHG / (1000 * ML_PER_MIN), rel=1e-12) == WOOD_UNIT


def test_index_of_microcirculatory_resistance_is_in_mmhg_seconds():
    assert MMHG_S == MMHG


def test_blood_flow_of_sixty_is_one_percent_of_the_volume_a_second():
    assert pytest.approx(0.01) == 60 * ML_PER_100ML_MIN


def test_pascal_is_ten_dyn_per_square_centimetre():
    assert pytest.approx(1.0) == 10 * DYN_PER_CM2
