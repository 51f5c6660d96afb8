"""Pulsatile indices on given series and shear."""

import numpy as np
import pytest

from corohemo.indices.aortic_cycle import AorticCycle
from corohemo.indices.wall_pulse import WallPulse, WallRegion
from corohemo.solvers.transient_solution import WallStatistics


def test_wave_free_ratio_reads_late_diastole_only():
    times = np.linspace(0.0, 1.0, 1001)
    distal = np.where((times >= 0.55) & (times <= 0.995), 72.0, 16.0)
    cycle = AorticCycle(times, np.full(1001, 80.0), 1.0, 0.4, True)
    assert cycle.ratios_at(distal).ifr == pytest.approx(0.9)


def test_wave_free_ratio_is_the_ratio_of_the_means():
    times = np.linspace(0.01, 1.0, 100)
    aortic = 100.0 - 40.0 * times
    distal = aortic - 8.0
    inside = (times >= 0.55) & (times <= 0.995)
    expected = 1.0 - 8.0 / aortic[inside].mean()
    found = AorticCycle(times, aortic, 1.0, 0.4, True).ratios_at(distal).ifr
    assert found == pytest.approx(expected, rel=1e-12)
    assert found > (distal / aortic)[inside].mean() + 1e-4


def test_a_wave_free_period_between_two_steps_has_no_ratio():
    pressures = np.full(2, 80.0)
    cycle = AorticCycle(np.array([0.5, 1.0]), pressures, 1.0, 0.4, True)
    assert cycle.ratios_at(pressures).ifr is None
    assert "more steps" in cycle.reasons["ifr"]


def statistics(vectors, tawss, **others):
    n = len(tawss)
    return WallStatistics(
        points=np.zeros((n, 3)),
        weights=np.array([1.0, 3.0] * (n // 2)),
        mean_traction=np.array(vectors),
        tawss=np.array(tawss),
        peak=np.array(tawss) * 2.0,
        **{name: np.array(values) for name, values in others.items()},
    )


def test_facet_means_weigh_points_by_area():
    pulse = WallPulse.of(
        statistics([(1.0, 0, 0), (2.0, 0, 0), (0, 0, 0), (0, 0, 0)], [1.0, 2.0, 4.0, 4.0]), 2
    )
    assert pulse.tawss == pytest.approx([1.75, 4.0])
    assert pulse.osi == pytest.approx([0.0, 0.5])
    assert pulse.rrt == pytest.approx([1.0 / 1.75, 1e3])
    assert pulse.ecap == pytest.approx([0.0, 0.125])
    assert pulse.peak == pytest.approx([4.0, 8.0])
    assert pulse.weights == pytest.approx([4.0, 4.0])


def test_facets_leave_out_points_where_the_mean_has_no_direction():
    nan = np.nan
    pulse = WallPulse.of(
        statistics(
            [(1.0, 0, 0)] * 6,
            [1.0] * 6,
            trans_wss=[1.0, 2.0, nan, 4.0, nan, nan],
            cfi=[0.1, 0.2, nan, 0.4, nan, nan],
            turn=[0.1, 0.1, nan, 0.3, nan, nan],
            tsvi=[5.0, 7.0, 9.0],
        ),
        3,
    )
    assert pulse.trans_wss[:2] == pytest.approx([1.75, 4.0])
    assert pulse.cfi[:2] == pytest.approx([0.175, 0.4])
    assert np.isnan(pulse.trans_wss[2])
    region = WallRegion.of("wall", pulse, np.array([True, True, True]))
    assert region.trans_wss_pa == pytest.approx((1.75 + 4.0) / 2)
    assert region.tsvi_1_m == pytest.approx(7.0)
    assert region.turn_max_deg == pytest.approx(np.degrees(0.3))
    assert not region.notes
    nowhere = WallRegion.of("lesion 1", pulse, np.array([False, False, True]))
    assert nowhere.trans_wss_pa is None
    assert "no direction" in nowhere.notes["trans_wss_pa"]
    assert "no direction" in nowhere.notes["cfi"]


def test_what_one_cycle_does_not_tell_is_null_with_the_reason():
    pulse = WallPulse.of(statistics([(1.0, 0, 0)] * 2, [1.0] * 2), 1)
    region = WallRegion.of("wall", pulse, np.array([True]))
    for key in ("trans_wss_pa", "cfi", "turn_mean_deg", "turn_max_deg"):
        assert getattr(region, key) is None
        assert "One cycle" in region.notes[key]
    assert region.tsvi_1_m is None
    assert "not accumulated" in region.notes["tsvi_1_m"]
