"""Closed forms of pressure drops."""

import numpy as np
import pytest

from corohemo.kernels.stenosis import inertance, young_tsai


@pytest.mark.parametrize(
    ("percent", "viscous", "turbulent"),
    [(30, 258.3, 157.2), (50, 909.3, 1306.0), (60, 2118.4, 3999.6), (70, 6374.0, 14835.0)],
)
def test_young_tsai_has_its_published_values(percent, viscous, turbulent):
    healthy = np.pi * 1.5e-3**2
    throat = healthy * (1 - percent / 100) ** 2
    linear, quadratic = young_tsai(healthy, throat, 10e-3, 1060.0, 3.5e-3)
    assert 3e-6 * linear == pytest.approx(viscous, rel=2e-4)
    assert 9e-12 * quadratic == pytest.approx(turbulent, rel=2e-4)


def test_inertance_of_a_cone_is_exact():
    along, radii = np.array([0.0, 0.02, 0.03]), np.array([2e-3, 1e-3, 1e-3])
    exact = 1060.0 / np.pi * (0.02 / (2e-3 * 1e-3) + 0.01 / 1e-6)
    assert inertance(along, 1 / (np.pi * radii**2), 1060.0) == pytest.approx(exact, rel=1e-12)
