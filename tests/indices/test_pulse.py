"""Pulsatile indices on given series and shear."""

import numpy as np
import pytest

from corohemo.indices.pulse import WallPulse, wave_free_ratio
from corohemo.solvers.transient_solution import WallStatistics


def test_wave_free_ratio_reads_late_diastole_only():
    times = np.linspace(0.0, 1.0, 1001)
    ratio = np.where((times >= 0.55) & (times <= 0.995), 0.9, 0.2)
    assert wave_free_ratio(times, ratio, period=1.0, end_systole=0.4) == pytest.approx(0.9)


def statistics(vectors, tawss):
    n = len(tawss)
    return WallStatistics(
        points=np.zeros((n, 3)),
        weights=np.array([1.0, 3.0] * (n // 2)),
        mean_traction=np.array(vectors),
        tawss=np.array(tawss),
        peak=np.array(tawss) * 2.0,
    )


def test_facet_means_weigh_points_by_area():
    pulse = WallPulse.of(
        statistics([(1.0, 0, 0), (2.0, 0, 0), (0, 0, 0), (0, 0, 0)], [1.0, 2.0, 4.0, 4.0]), 2
    )
    assert pulse.tawss == pytest.approx([1.75, 4.0])
    assert pulse.osi == pytest.approx([0.0, 0.5])
    assert pulse.rrt == pytest.approx([1.0 / 1.75, 1e3])
    assert pulse.peak == pytest.approx([4.0, 8.0])
    assert pulse.weights == pytest.approx([4.0, 4.0])
