"""Functionals on the faces of a mesh, without any solve."""

import numpy as np
import pytest

from corohemo.solvers.openings import area_weights, face_nodes, flux_weights, inlet_velocity


def test_closed_surface_lets_no_constant_velocity_out(tube_mesh):
    total = sum(flux_weights(tube_mesh, face)[1].sum(axis=0) for face in tube_mesh.faces)
    assert np.abs(total).max() < 1e-12 * np.pi * 1.5e-3**2


def test_divergence_theorem_gives_the_volume(tube_mesh):
    volume = 0.0
    for face in tube_mesh.faces:
        nodes, weights = flux_weights(tube_mesh, face)
        volume += (tube_mesh.points[nodes] * weights).sum() / 3.0
    assert volume == pytest.approx(np.pi * 1.5e-3**2 * 15e-3, rel=2e-3)


def test_inlet_area_is_that_of_its_circle(tube_mesh):
    _, weights = area_weights(tube_mesh, "inlet")
    assert weights.sum() == pytest.approx(np.pi * 1.5e-3**2, rel=2e-3)


@pytest.mark.parametrize("profile", ["parabolic", "flat"])
def test_inlet_profile_carries_exactly_the_flow(tube_mesh, profile):
    nodes, velocity = inlet_velocity(tube_mesh, 2e-6, profile)
    same, weights = flux_weights(tube_mesh, "inlet")
    assert np.array_equal(nodes, same)
    assert (velocity * weights).sum() == pytest.approx(-2e-6, rel=1e-13)


@pytest.mark.parametrize("profile", ["parabolic", "flat"])
def test_inlet_profile_rests_on_the_wall(tube_mesh, profile):
    nodes, velocity = inlet_velocity(tube_mesh, 2e-6, profile)
    on_wall = np.isin(nodes, face_nodes(tube_mesh, "wall"))
    assert on_wall.any()
    assert not velocity[on_wall].any()


def test_parabolic_inlet_peaks_at_twice_the_mean(tube_mesh):
    _, velocity = inlet_velocity(tube_mesh, 2e-6, "parabolic")
    mean = 2e-6 / (np.pi * 1.5e-3**2)
    assert np.linalg.norm(velocity, axis=1).max() == pytest.approx(2 * mean, rel=0.01)
