"""Quadrature over sections and placement on centerlines."""

import numpy as np
import pytest

from corohemo.kernels.centerline import place_on_centerline
from corohemo.kernels.sections import disk_rule, section_points


@pytest.mark.parametrize(("power", "mean"), [(0, 1.0), (2, 1 / 2), (4, 1 / 3)])
def test_disk_rule_is_exact_for_powers_of_the_radius(power, mean):
    points, weights = disk_rule(3, 8)
    assert weights @ np.linalg.norm(points, axis=1) ** power == pytest.approx(mean, rel=1e-13)


def test_disk_rule_is_exact_for_low_polynomials():
    (x, y), weights = disk_rule(3, 8)[0].T, disk_rule(3, 8)[1]
    for field, mean in ((x, 0), (x * y, 0), (x**2, 1 / 4), (x**2 * y**2, 1 / 24), (x**3, 0)):
        assert weights @ field == pytest.approx(mean, abs=1e-14)


def test_section_points_lie_in_their_plane_within_the_radius():
    disk, _ = disk_rule(3, 8)
    normal, binormal = np.array([[0.0, 1.0, 0.0]]), np.array([[0.0, 0.0, 1.0]])
    center, radius = np.array([[1.0, 2.0, 3.0]]), np.array([0.5])
    offsets = section_points(center, normal, binormal, radius, disk)[0] - center
    assert np.allclose(offsets[:, 0], 0)
    assert np.linalg.norm(offsets, axis=1).max() < 0.5


def test_points_of_a_bent_tube_are_placed_by_their_plane():
    radius, n = 20e-3, 200
    angles = np.linspace(0, 1.5, n)
    centers = radius * np.column_stack([np.cos(angles), np.sin(angles), np.zeros(n)])
    tangents = np.column_stack([-np.sin(angles), np.cos(angles), np.zeros(n)])
    wanted = np.linspace(0.1, 1.4, 57)
    around = np.linspace(0, 6, 57)
    out = np.column_stack([np.cos(wanted), np.sin(wanted), np.zeros(57)])
    up = np.array([0, 0, 1.5e-3])
    targets = radius * out + 1.5e-3 * np.cos(around)[:, None] * out + np.sin(around)[:, None] * up
    place, direction = place_on_centerline(targets, centers, tangents, radius * angles)
    exact = np.column_stack([-np.sin(wanted), np.cos(wanted), np.zeros(57)])
    assert np.allclose(place, radius * wanted, atol=1e-7)
    assert np.allclose(direction, exact, atol=1e-5)


def test_points_beyond_the_ends_get_the_ends():
    centers = np.array([[0.0, 0, 0], [0, 0, 1], [0, 0, 2]])
    tangents = np.tile([0.0, 0, 1], (3, 1))
    abscissas = np.array([5.0, 6, 7])
    targets = np.array([[0.3, 0, -1], [0.3, 0, 1.25], [0.3, 0, 4]])
    place, _ = place_on_centerline(targets, centers, tangents, abscissas)
    assert place == pytest.approx([5, 6.25, 7])
