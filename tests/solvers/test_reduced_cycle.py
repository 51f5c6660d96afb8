"""Pulsatile reduced flow: limits, exact inertia, balance, periodicity, and the exported network."""

import numpy as np
import pytest
from scipy.special import jv

from corohemo import gallery
from corohemo.boundary import (
    RCR,
    Blood,
    Boundaries,
    CoronaryBed,
    FlowInlet,
    FlowOutlet,
    PressureInlet,
    PressureOutlet,
    Resistance,
)
from corohemo.errors import ConfigError, NotConvergedError
from corohemo.gallery.random_trees import random_tree
from corohemo.lumen_build import build_lumen
from corohemo.physiology import Hyperemia, prescribe_boundaries
from corohemo.solvers.network import solve_network
from corohemo.solvers.network_export import build_network
from corohemo.solvers.reduced import ReducedOptions, solve_reduced
from corohemo.solvers.reduced_cycle import ReducedCycleOptions, solve_reduced_cycle
from corohemo.units import DYN_PER_CM2, ML, ML_PER_MIN, MMHG
from corohemo.waveform import Waveform

AORTA = Waveform.from_fourier(1.0, [93.0, 12.0 * np.exp(-2.0j), 5.0 * np.exp(-3.5j)])
VENTRICLE = Waveform(
    np.array([0.0, 0.05, 0.12, 0.2, 0.3, 0.38, 0.45, 0.52, 1.0]),
    np.array([9.0, 30.0, 90.0, 115.0, 118.0, 95.0, 40.0, 9.0, 9.0]),
)


@pytest.fixture(scope="module")
def tube():
    return build_lumen(gallery.tube(diameter_mm=3.0, length_mm=40.0))


@pytest.fixture(scope="module")
def left_tree():
    return build_lumen(gallery.left_tree())


def resting_bed(name):
    """Values of Kim et al. 2010 for a left tree with six outlets (resistance, compliance)."""
    total = 900.0 * (5.0 if name.startswith("d") else 7.0)
    return CoronaryBed(
        0.32 * total, 9e-4, 0.52 * total, 7e-3, 0.16 * total, 5.0, VENTRICLE.scaled(1.5)
    )


@pytest.fixture(scope="module")
def resting(left_tree):
    beds = {name: resting_bed(name) for name in left_tree.outlet_names}
    return solve_reduced_cycle(left_tree, Boundaries(PressureInlet(AORTA), beds))


def test_slow_pulse_is_a_row_of_steady_states(left_tree):
    period = 1000.0
    wave = Waveform.from_fourier(period, [90.0, 20.0])
    outlets = {"*": Resistance(700.0, 5.0)}
    cycle = solve_reduced_cycle(left_tree, Boundaries(PressureInlet(wave), outlets))
    for k in (0, 125, 250):
        steady = solve_reduced(
            left_tree, Boundaries(PressureInlet(float(wave.at(cycle.times[k]))), outlets)
        )
        np.testing.assert_allclose(cycle.flows[k], steady.flows, rtol=2e-4)


def womersley_impedance(lumen, frequency, alpha):
    branch, blood = lumen.branches[0], Blood()
    argument = 1j**1.5 * alpha
    profile = 2 * jv(1, argument) / (argument * jv(0, argument))
    area = np.pi * branch.radii[0] ** 2
    return 1j * frequency * blood.density * branch.length / area / (1 - profile)


@pytest.mark.parametrize(("alpha", "bound"), [(0.5, 1e-3), (1.0, 2e-3), (2.0, 0.02), (3.0, 0.05)])
def test_impedance_of_a_tube_is_near_womersleys(tube, alpha, bound):
    radius = tube.branches[0].radii[0]
    frequency = Blood().kinematic_viscosity * (alpha / radius) ** 2
    wave = Waveform.from_fourier(2 * np.pi / frequency, [0.0, 60.0])
    cycle = solve_reduced_cycle(tube, Boundaries(FlowInlet(wave), {"*": PressureOutlet(0.0)}))
    pressure = np.fft.rfft(cycle.inlet_pressures[:-1])[1] / 250
    impedance = pressure / (60.0 * ML_PER_MIN)
    exact = womersley_impedance(tube, frequency, alpha)
    assert abs(impedance - exact) < bound * abs(exact)


def test_flow_is_conserved_at_every_time(resting, left_tree):
    for index in range(len(left_tree.branches)):
        daughters = [i for i, b in enumerate(left_tree.branches) if b.parent == index]
        if daughters:
            leaving = resting.flows[:, daughters].sum(axis=1)
            np.testing.assert_allclose(leaving, resting.flows[:, index], rtol=1e-10)


def test_cycle_repeats(resting):
    for series in (resting.flows, resting.end_pressures, resting.inlet_pressures):
        np.testing.assert_array_equal(series[0], series[-1])
    assert resting.change_relative < 1e-6
    assert resting.times[-1] == pytest.approx(1.0)


def test_means_along_branches_meet_the_means_at_their_ends(resting, left_tree):
    ends = resting.end_pressures[1:].mean(axis=0)
    for index in range(len(left_tree.branches)):
        assert resting.mean_pressures[index][-1] == pytest.approx(ends[index], rel=1e-5)
    assert resting.ffr[0][0] == pytest.approx(1.0, abs=1e-12)


def test_mean_flow_into_the_beds_is_that_of_their_resistances(resting, left_tree):
    for name in left_tree.outlet_names:
        bed, face = resting.boundaries.outlet(name), f"outlet:{name}"
        pressure = resting.face_pressure_mmhg(face)[1:].mean() * MMHG
        flow = resting.face_flow_ml_min(face)[1:].mean() * ML_PER_MIN
        expected = (pressure - bed.steady_offset) / bed.steady_resistance
        assert flow == pytest.approx(expected, rel=1e-6)


def test_resting_left_coronary_flow_is_mainly_diastolic(resting):
    flow = resting.face_flow_ml_min("inlet")
    systole = (resting.times > 0.1) & (resting.times < 0.4)
    assert flow[systole].mean() < 0.7 * flow[~systole].mean()


def test_error_falls_with_the_square_of_the_step(tube):
    bed = CoronaryBed(3000.0, 1e-3, 4000.0, 7e-3, 1500.0, 5.0, AORTA)
    boundaries = Boundaries(PressureInlet(AORTA), {"*": bed})

    def flows(steps):
        options = ReducedCycleOptions(steps_per_cycle=steps, tolerance=1e-10)
        return solve_reduced_cycle(tube, boundaries, options).flows[:: steps // 100, 0]

    exact = flows(3200)
    errors = [np.abs(flows(steps) - exact).max() for steps in (200, 400)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.15)


def test_states_of_the_outlets_give_their_pressure(resting, left_tree):
    name = left_tree.outlet_names[0]
    circuit, states = resting.boundaries.outlet(name).circuit(), resting.outlet_states[name]
    flow = resting.face_flow_ml_min(f"outlet:{name}")[0] * ML_PER_MIN
    pressure = circuit.resistance * flow + circuit.output @ states
    assert pressure / MMHG == pytest.approx(
        resting.face_pressure_mmhg(f"outlet:{name}")[0], rel=1e-4
    )


@pytest.mark.parametrize("seed", range(6))
def test_random_diseased_trees_become_periodic(seed):
    lumen = build_lumen(random_tree(seed, "stenosed"))
    boundaries = prescribe_boundaries(lumen, Hyperemia())
    n = len(lumen.outlet_names)
    beds = {}
    for name in lumen.outlet_names:
        total = boundaries.outlet(name).resistance_wu
        beds[name] = CoronaryBed(
            0.3 * total, 5e-3 / n, 0.5 * total, 4e-2 / n, 0.2 * total, 5.0, VENTRICLE.scaled(1.5)
        )
    cycle = solve_reduced_cycle(lumen, Boundaries(PressureInlet(AORTA), beds))
    assert cycle.change_relative <= 1e-6
    assert cycle.face_flow_ml_min("inlet").mean() > 0.0


def test_prescribed_outflow_follows_its_waveform(tube):
    wave = Waveform.from_fourier(0.9, [60.0, 20.0])
    cycle = solve_reduced_cycle(tube, Boundaries(PressureInlet(90.0), {"*": FlowOutlet(wave)}))
    np.testing.assert_allclose(cycle.face_flow_ml_min("inlet"), wave.at(cycle.times), atol=1e-3)


def test_constant_conditions_are_not_a_cycle(tube):
    with pytest.raises(ConfigError, match="Nothing varies"):
        solve_reduced_cycle(tube, Boundaries(PressureInlet(90.0), {"*": Resistance(900.0)}))


def test_marched_profiles_are_refused_in_time():
    with pytest.raises(ConfigError, match="needs losses='jet'"):
        ReducedCycleOptions(closure=ReducedOptions(losses="profile"))


def test_too_few_cycles_are_an_error(tube):
    slow = RCR(50.0, 1.0, 900.0)
    boundaries = Boundaries(FlowInlet(AORTA), {"*": slow})
    with pytest.raises(NotConvergedError, match="After 3 cycles"):
        solve_reduced_cycle(tube, boundaries, ReducedCycleOptions(max_cycles=3))


def test_exported_network_has_the_steady_state_of_the_reduced_model(left_tree):
    names = left_tree.outlet_names
    outlets = {"*": Resistance(900.0, 5.0), names[0]: RCR(300.0, 1e-3, 900.0, 4.0)}
    outlets |= {names[1]: FlowOutlet(20.0), names[2]: CoronaryBed(300, 1e-3, 500, 1e-2, 90, 3.0, 9)}
    boundaries = Boundaries(PressureInlet(95.0), outlets)
    network = solve_network(build_network(left_tree, boundaries))
    steady = solve_reduced(left_tree, boundaries)
    for index in range(len(left_tree.branches)):
        name = f"branch{index}_seg0"
        assert network.flow_in[name][-1] * ML == pytest.approx(steady.flows[index], rel=1e-8)
        pressure = network.pressure_out[name][-1] * DYN_PER_CM2
        assert pressure == pytest.approx(steady.pressures[index][-1], rel=1e-8)


def test_exported_network_pulses_like_the_reduced_model(resting, left_tree):
    network = solve_network(build_network(left_tree, resting.boundaries))
    flow = network.flow_in["branch0_seg0"] * ML
    np.testing.assert_allclose(flow, resting.flows[:, 0], atol=0.01 * resting.flows[:, 0].max())


def test_pressure_along_branches_meets_inlet_ends_and_junction_at_every_time(resting, left_tree):
    np.testing.assert_array_equal(resting.section_pressures[0][:, 0], resting.inlet_pressures)
    for index in range(len(left_tree.branches)):
        np.testing.assert_allclose(
            resting.section_pressures[index][:, -1], resting.end_pressures[:, index], rtol=1e-13
        )


def test_pressure_in_a_tube_falls_in_a_straight_line_at_every_time(tube):
    wave = Waveform.from_fourier(0.8, [60.0, 80.0])
    cycle = solve_reduced_cycle(tube, Boundaries(FlowInlet(wave), {"*": PressureOutlet(90.0)}))
    (pressure,), along = cycle.section_pressures, tube.branches[0].abscissas
    line = cycle.inlet_pressures[:, None] + (pressure[:, -1:] - pressure[:, :1]) * (
        (along - along[0]) / (along[-1] - along[0])
    )
    np.testing.assert_allclose(pressure, line, rtol=1e-12)


def test_constant_conditions_of_a_given_period_are_the_steady_state(left_tree):
    beds = {"*": CoronaryBed(3000.0, 1e-3, 4000.0, 7e-3, 1500.0, 5.0, 20.0)}
    boundaries = Boundaries(PressureInlet(93.0), beds)
    cycle = solve_reduced_cycle(left_tree, boundaries, ReducedCycleOptions(period_s=0.8))
    steady = solve_reduced(left_tree, boundaries)
    np.testing.assert_allclose(cycle.mean.flows, steady.flows, rtol=1e-9)
    for own, other in zip(cycle.mean.pressures, steady.pressures, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-9)


def test_period_that_the_waveforms_contradict_is_refused(tube):
    boundaries = Boundaries(PressureInlet(AORTA), {"*": Resistance(900.0)})
    with pytest.raises(ConfigError, match="period_s"):
        solve_reduced_cycle(tube, boundaries, ReducedCycleOptions(period_s=0.7))
