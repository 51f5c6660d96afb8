"""The mesh study finds known orders and errors."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.errors import ConfigError
from corohemo.study import observed_order


@pytest.mark.parametrize("order", [1.0, 2.0, 3.5])
def test_observed_order_is_that_of_the_sequence(order):
    sizes = np.array([1.0, 0.7, 0.45])
    values = 3.0 - 0.2 * sizes**order
    assert observed_order(values, sizes) == pytest.approx(order, rel=1e-9)


def test_values_that_oscillate_have_no_order():
    assert observed_order([1.0, 1.2, 1.1], np.array([1.0, 0.7, 0.5])) is None


@pytest.mark.parametrize("refinements", [(1.0,), (1.0, 0.7), (0.7, 1.4)])
def test_factors_must_ascend_and_hold_one(refinements):
    lumen = ch.build_lumen(ch.gallery.tube(length_mm=10.0))
    boundaries = ch.prescribe_boundaries(lumen, ch.Hyperemia())
    with pytest.raises(ConfigError, match="refinements"):
        ch.study_mesh(lumen, boundaries, refinements=refinements)


def test_study_of_a_tube_bounds_the_true_error():
    """Poiseuille flow from a flow inlet: the exact pressure drop is known."""
    lumen = ch.build_lumen(ch.gallery.tube(length_mm=12.0))
    boundaries = ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=80.0),
        outlets={"*": ch.PressureOutlet(pressure_mmhg=80.0)},
    )
    study = ch.study_mesh(lumen, boundaries)
    blood = boundaries.blood
    drop = 8.0 * blood.dynamic_viscosity * 12e-3 * (80.0 / 6e7) / (np.pi * 1.5e-3**4) / 133.322368
    exact = 80.0 / (80.0 + drop)
    (ffr,) = study.quantities
    least = 1e-3 * (1.0 - exact)
    assert abs(ffr.values[study.studied] - exact) < max(2.0 * ffr.error, least)
    assert study.wss_mean_difference < 0.01
    assert [level.unknowns for level in study.levels] == sorted(
        level.unknowns for level in study.levels
    )
