"""Properties of the profile that a pulsatile flow has at an inlet under pressure."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.openings import inlet_velocity, womersley_velocity
from corohemo.solvers.scales import LENGTH, VELOCITY, Scales
from corohemo.solvers.time_grid import TimeGrid
from corohemo.solvers.transient_inlet import InletProfile

PERIOD, NU = 0.8, 3.3e-6
MEAN, SWING = 80e-9, 100e-9
"""Flow into the lumen [m3/s]; it turns round."""


class Held:
    """What a profile asks of a problem."""

    def hold_profile(self, nodes, unit, known):
        self.nodes, self.unit, self.known = nodes, unit, known


def profile_on(mesh):
    scales = Scales(1060.0)
    return InletProfile.on(mesh, NU / scales.kinematic_viscosity), scales


def march(mesh, grid, inflow, cycles):
    """Velocity at the inlet's nodes after the steps (s, n, 3) [m/s], for a given inflow."""
    profile, scales = profile_on(mesh)
    held, velocities = Held(), []
    profile.begin(-float(inflow(0.0)) / scales.flow)
    for step in range(cycles * grid.n_steps):
        profile.load(held, grid.scaled(scales.time), step)
        flow = -float(inflow(grid.ends[step % grid.n_steps])) / scales.flow
        velocities.append(VELOCITY * (held.known + flow * held.unit))
        profile.accept(flow)
    return np.array(velocities)


def swinging(t):
    return MEAN + SWING * np.sin(2.0 * np.pi * t / PERIOD)


def error_against_womersley(mesh, steps):
    grid = TimeGrid.equal(PERIOD, steps)
    found = march(mesh, grid, swinging, cycles=4)[-steps:]
    _, exact = womersley_velocity(mesh, swinging(grid.ends), PERIOD, NU)
    return np.abs(found - exact).max() / np.abs(exact).max()


def test_profile_becomes_womersleys_with_the_second_power_of_the_step(tube_mesh):
    coarse, fine = (error_against_womersley(tube_mesh, steps) for steps in (100, 200))
    assert np.log2(coarse / fine) == pytest.approx(2.0, abs=0.15)
    assert fine < 1e-3


def test_profile_of_a_steady_flow_stays_the_parabola(tube_mesh):
    grid = TimeGrid(np.array([0.01, 0.02, 0.05, 0.02]))
    found = march(tube_mesh, grid, lambda _: MEAN, cycles=2)
    _, parabola = inlet_velocity(tube_mesh, MEAN, "parabolic")
    assert found == pytest.approx(np.broadcast_to(parabola, found.shape), abs=1e-12)


def test_profile_carries_its_flow_whatever_the_steps(fork_mesh):
    profile, scales = profile_on(fork_mesh)
    grid = TimeGrid(np.array([0.001, 0.002, 0.004, 0.003])).scaled(scales.time)
    held = Held()
    profile.begin(-1.0)
    for step, flow in enumerate((-2.0, 0.5, 0.0, 3.0)):
        profile.load(held, grid, step)
        _, weights = ch.solvers.openings.flux_weights(fork_mesh, "inlet")
        carried = [float((weights * u).sum()) / LENGTH**2 for u in (held.unit, held.known)]
        assert carried == pytest.approx([1.0, 0.0], abs=1e-12)
        profile.accept(flow)
