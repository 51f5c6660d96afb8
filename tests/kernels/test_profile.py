"""Marched velocity profiles against developed and developing flow in tubes."""

import numpy as np
import pytest

from corohemo.kernels.profile import fill_profile, march_profile, parabola, profile_grid

RADIUS, VISCOSITY = 1.5e-3, 3.3e-6


def march(entry, reynolds, length, *, radii=None, cells=24, step=0.1):
    """Drops over the dynamic pressure, exit profile over its mean, and the flow it carries."""
    flow = reynolds * VISCOSITY * np.pi * RADIUS / 2
    faces = profile_grid(cells)
    abscissas = np.linspace(0.0, length, 41)
    radii = np.full(41, RADIUS) if radii is None else radii
    velocity = fill_profile(entry(faces), faces, flow, radii[0])
    drops = np.zeros(41)
    failed = march_profile(abscissas, radii, VISCOSITY, faces, velocity, step, 1e-9, 30, drops)
    assert failed == -1
    mean = flow / (np.pi * radii[-1] ** 2)
    carried = np.pi * radii[-1] ** 2 * (np.diff(faces**2) * velocity).sum()
    return drops / (0.5 * (flow / (np.pi * RADIUS**2)) ** 2), velocity / mean, carried / flow


def flat(faces):
    return np.ones(faces.size - 1)


def test_poiseuille_flow_stays_and_converges_to_its_friction():
    length, reynolds = 40e-3, 300.0
    exact = 64.0 / reynolds * length / (2 * RADIUS)
    errors = [abs(march(parabola, reynolds, length, cells=n)[0][-1] / exact - 1) for n in (12, 24)]
    assert errors[1] < 3e-3
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.15)


def test_flat_entry_develops_with_the_excess_drop_of_hagenbach():
    reynolds = 300.0
    length = 0.2 * reynolds * RADIUS
    drops, profile, carried = march(flat, reynolds, length, step=0.02)
    excess = drops[-1] - 64.0 / reynolds * length / (2 * RADIUS)
    assert 1.2 < excess < 1.4
    np.testing.assert_allclose(profile, parabola(profile_grid(24)), atol=0.02)
    assert carried == pytest.approx(1.0, rel=1e-8)


def test_fast_contraction_follows_bernoulli():
    along = np.linspace(0.0, 1.0, 41)
    radii = RADIUS * (1.0 - 0.4 * along)
    drops, _, carried = march(flat, 5000.0, 10e-3, radii=radii)
    bernoulli = (1 / 0.6) ** 4 - 1
    assert bernoulli < drops[-1] < 1.35 * bernoulli
    assert carried == pytest.approx(1.0, rel=1e-8)


def test_diffuser_separates_and_still_carries_the_flow():
    along = np.linspace(0.0, 1.0, 41)
    radii = RADIUS * (0.5 + 0.5 * np.minimum(4 * along, 1.0))
    drops, profile, carried = march(parabola, 200.0, 20e-3, radii=radii)
    assert profile.min() < 0.0
    assert carried == pytest.approx(1.0, rel=1e-8)
    assert drops.min() < 0.0
