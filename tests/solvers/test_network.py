"""Networks in time against exact solutions of their circuits."""

from dataclasses import replace

import numpy as np
import pytest

from corohemo.errors import ConfigError, NonFiniteError
from corohemo.network import FlowNetwork, NetworkTiming, NetworkVessel, Terminal
from corohemo.solvers.network import solve_network
from corohemo.waveform import Waveform

PERIOD = 0.8
OMEGA = 2 * np.pi / PERIOD
PULSE = Waveform.from_fourier(PERIOD, [5.0, 2.0])
TIMING = NetworkTiming(PERIOD, points_per_cycle=401, cycles=4)


def flow(value):
    return Terminal("in", "FLOW", {"Q": value})


def pressure(value, name="in"):
    return Terminal(name, "PRESSURE", {"P": value})


def resistance(value, name="out"):
    return Terminal(name, "RESISTANCE", {"R": value, "Pd": 0.0})


def harmonic(impedance, mean, times):
    """Answer to PULSE of something with this impedance at OMEGA and this resistance."""
    return 5.0 * mean + 2.0 * (impedance * np.exp(1j * OMEGA * times)).real


def periodic(vessel, inlet, outlet, points):
    timing = NetworkTiming(PERIOD, points_per_cycle=points, cycles=12)
    return solve_network(FlowNetwork((vessel,), {0: inlet}, {1: outlet}, timing))


def order(error):
    return np.log2(error(101) / error(201))


def test_rcr_impedance_is_met_second_order():
    outlet = Terminal("out", "RCR", {"Rp": 20.0, "C": 1e-3, "Rd": 150.0, "Pd": 0.0})
    vessel = NetworkVessel("v", 0, 1, resistance=30.0)
    impedance = 20.0 + 1.0 / (1 / 150.0 + 1j * OMEGA * 1e-3)

    def error(points):
        solution = periodic(vessel, flow(PULSE), outlet, points)
        exact = harmonic(impedance, 170.0, solution.times)
        return np.abs(solution.pressure_out["v"] - exact).max()

    assert order(error) == pytest.approx(2.0, abs=0.15)


def test_vessel_with_resistance_compliance_and_inertia_is_met_second_order():
    vessel = NetworkVessel("v", 0, 1, 30.0, capacitance=1e-3, inductance=3.0)
    behind = 1.0 / (1j * OMEGA * 1e-3 + 1.0 / (3j * OMEGA + 60.0))
    admittance, share = 1.0 / (30.0 + behind), behind / (3j * OMEGA + 60.0)

    def error(points):
        solution = periodic(vessel, pressure(PULSE), resistance(60.0), points)
        into = harmonic(admittance, 1.0 / 90.0, solution.times)
        out = harmonic(admittance * share, 1.0 / 90.0, solution.times)
        return max(
            np.abs(solution.flow_in["v"] - into).max(), np.abs(solution.flow_out["v"] - out).max()
        )

    assert order(error) == pytest.approx(2.0, abs=0.15)


def test_stenosis_follows_its_law_in_both_directions():
    wave = Waveform.from_fourier(PERIOD, [1.0, 4.0])
    vessel = NetworkVessel("v", 0, 1, 30.0, stenosis=7.0)
    solution = periodic(vessel, flow(wave), pressure(100.0, "out"), 801)
    through = solution.flow_in["v"]
    assert through.min() < -2.5
    drop = solution.pressure_in["v"] - solution.pressure_out["v"]
    exact = (30.0 + 7.0 * np.abs(through)) * through
    np.testing.assert_allclose(drop, exact, atol=1e-3 * exact.max())
    np.testing.assert_allclose(solution.flow_out["v"], through, atol=1e-12)


def bifurcation(**changes):
    vessels = (
        NetworkVessel("stem", 0, 1, 20.0, 1.0, 1e-4, 1.0),
        NetworkVessel("left", 1, 2, 40.0, 3.0, 1e-4, 2.0),
        NetworkVessel("right", 1, 3, 60.0, 0.0, 1e-4, 0.0, stores_first=True),
    )
    outlets = {
        2: Terminal("a", "RCR", {"Rp": 20.0, "C": 1e-3, "Rd": 150.0, "Pd": 3.0}),
        3: resistance(90.0, "b"),
    }
    return replace(FlowNetwork(vessels, {0: flow(PULSE)}, outlets, TIMING), **changes)


def test_flow_is_conserved_at_junctions_in_every_step():
    solution = solve_network(bifurcation())
    arriving = solution.flow_out["stem"]
    leaving = solution.flow_in["left"] + solution.flow_in["right"]
    np.testing.assert_allclose(leaving, arriving, rtol=1e-12)
    for name in ("left", "right"):
        np.testing.assert_array_equal(solution.pressure_in[name], solution.pressure_out["stem"])


def test_vessel_that_points_the_other_way_carries_the_opposite_flow():
    network = bifurcation()
    left = replace(network.vessels[1], start=2, end=1, capacitance=0.0)
    ahead = replace(left, start=1, end=2)
    forward = solve_network(
        replace(network, vessels=(network.vessels[0], ahead, network.vessels[2]))
    )
    turned = solve_network(replace(network, vessels=(network.vessels[0], left, network.vessels[2])))
    np.testing.assert_allclose(turned.flow_in["left"], -forward.flow_out["left"], rtol=1e-12)
    np.testing.assert_allclose(turned.pressure_in["left"], forward.pressure_out["left"], rtol=1e-12)


def test_order_of_pieces_of_a_turned_vessel_is_turned():
    # Resistance, compliance, inertia seen from behind: inertia first.
    ahead = NetworkVessel("v", 0, 1, 30.0, 0.0, 1e-3, 3.0)
    back = replace(ahead, start=1, end=0)
    first = NetworkVessel("v", 0, 2, 0.0, inductance=3.0)
    second = NetworkVessel("w", 2, 1, 30.0, 0.0, 1e-3, stores_first=True)
    network = FlowNetwork((back,), {0: flow(PULSE)}, {1: resistance(60.0)}, TIMING)
    pieces = replace(network, vessels=(first, second))
    whole, parts = solve_network(network), solve_network(pieces)
    np.testing.assert_allclose(-whole.flow_out["v"], parts.flow_in["v"], rtol=1e-12)
    np.testing.assert_allclose(whole.pressure_out["v"], parts.pressure_in["v"], rtol=1e-12)
    np.testing.assert_allclose(-whole.flow_in["v"], parts.flow_out["w"], rtol=1e-12)


def test_units_change_the_numbers_only():
    network = bifurcation()
    first, second = solve_network(network), solve_network(network.scaled(0.1, 1e-6))
    for name in ("stem", "left", "right"):
        np.testing.assert_allclose(second.flow_in[name], 1e-6 * first.flow_in[name], rtol=1e-9)
        np.testing.assert_allclose(
            second.pressure_in[name], 0.1 * first.pressure_in[name], rtol=1e-9
        )


def test_start_at_rest_ends_in_the_same_cycle():
    timing = replace(TIMING, cycles=20)
    steady = solve_network(bifurcation(timing=timing))
    rest = solve_network(bifurcation(timing=replace(timing, steady_start=False)))
    np.testing.assert_allclose(rest.pressure_in["stem"], steady.pressure_in["stem"], rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"vessels": (*bifurcation().vessels, NetworkVessel("x", 0, 1, 1.0))}, "loop"),
        ({"vessels": (*bifurcation().vessels, NetworkVessel("x", 8, 9, 1.0))}, "x are not joined"),
        ({"outlets": {2: resistance(1.0)}}, "open end"),
        ({"outlets": bifurcation().outlets | {1: resistance(1.0)}}, "junction"),
        ({"inlets": {0: resistance(1.0)}}, "cannot stand before"),
        ({"inlets": {}}, "inlet"),
    ],
)
def test_what_is_no_tree_is_refused(change, says):
    with pytest.raises(ConfigError, match=says):
        solve_network(bifurcation(**change))


def test_pressures_without_resistance_between_them_are_an_error():
    vessel = NetworkVessel("v", 0, 1, resistance=0.0)
    with pytest.raises(NonFiniteError, match="not finite"):
        periodic(vessel, pressure(2.0), pressure(1.0, "out"), 11)
