"""Properties of what a pulsatile solve is made of; no finite elements."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.time_grid import TimeGrid
from corohemo.solvers.transient_beds import Bed
from corohemo.solvers.transient_record import CycleRecord
from corohemo.solvers.transient_start import periodic_states
from corohemo.solvers.womersley import womersley_response, womersley_shape

BED = ch.CoronaryBed(
    100.0, 0.01, 300.0, 0.05, 120.0, 5.0, ch.Waveform([0, 0.2, 0.8], [0.0, 80.0, 0.0])
)
WINDKESSEL = ch.RCR(100.0, 0.02, 900.0, 3.0)


@pytest.mark.parametrize(
    ("number", "flow", "centre", "shear"),
    [
        (1, (0.98557, -9.45), (0.98493, -10.65), (0.98727, -7.07)),
        (2, (0.82494, -33.26), (0.81650, -37.97), (0.84716, -24.02)),
        (5, (0.24180, -71.35), (0.18567, -89.85), (0.37290, -40.38)),
        (10, (0.06947, -81.31), (0.03975, -89.86), (0.19309, -42.82)),
    ],
)
def test_womersley_response_is_the_tabulated_one(number, flow, centre, shear):
    for value, expected in zip(womersley_response(number), (flow, centre, shear), strict=True):
        assert abs(value) == pytest.approx(expected[0], abs=6e-6)
        assert np.degrees(np.angle(value)) == pytest.approx(expected[1], abs=6e-3)


@pytest.mark.parametrize("number", [0.0, 1e-2, 3.0, 200.0])
def test_womersley_shape_has_a_mean_of_one_and_rests_at_the_wall(number):
    fraction = np.linspace(0.0, 1.0, 20001)
    shape = womersley_shape(fraction, number)
    assert np.trapezoid(shape * 2 * fraction, fraction) == pytest.approx(1.0, abs=2e-4)
    assert abs(shape[-1]) < 1e-10


def test_womersley_shape_is_continuous_where_it_becomes_poiseuilles():
    fraction = np.linspace(0.0, 1.0, 50)
    slow, slower = womersley_shape(fraction, 0.01001), womersley_shape(fraction, 0.00999)
    assert np.abs(slow - slower).max() < 1e-4


def stepped(bed, flows, cycles, n_steps):
    """Pressures of the last cycle [Pa] and states at its end."""
    model = Bed(bed, grid=TimeGrid.equal(0.8, n_steps))
    model.begin(flows.mean())
    pressures = []
    for step in range(cycles * n_steps):
        model.load(step)
        offset, resistance = model.line()
        flow = flows[step % n_steps]
        pressures.append(offset + resistance * flow)
        model.accept(flow)
    return np.array(pressures[-n_steps:]), model.state()[: bed.n_states]


def pulse(times):
    return 1e-6 * (1.0 + 0.8 * np.sin(2 * np.pi * times / 0.8))


@pytest.mark.parametrize("outlet", [WINDKESSEL, BED])
def test_beds_end_in_the_periodic_state_of_their_harmonics(outlet):
    times = 0.8 / 800 * np.arange(1, 801)
    circuit = outlet.circuit()
    _, states = stepped(circuit, pulse(times), 20, 800)
    (expected,) = periodic_states([circuit], times, inflow=pulse(times))
    assert states == pytest.approx(expected, rel=1e-3)


def test_parallel_beds_share_the_inflow_at_one_pressure():
    times = 0.8 / 400 * np.arange(1, 401)
    both = periodic_states([WINDKESSEL.circuit()] * 2, times, inflow=2.0 * pulse(times))
    (single,) = periodic_states([WINDKESSEL.circuit()], times, inflow=pulse(times))
    assert both[0] == pytest.approx(single)
    assert both[1] == pytest.approx(single)


def test_beds_converge_with_the_second_power_of_the_step():
    found = []
    for n_steps in (100, 200, 400):
        times = 0.8 / n_steps * np.arange(1, n_steps + 1)
        found.append(stepped(WINDKESSEL.circuit(), pulse(times), 20, n_steps)[0][-1])
    assert np.log2((found[0] - found[1]) / (found[1] - found[2])) == pytest.approx(2.0, abs=0.15)


def test_cycle_record_tells_the_change_and_what_is_to_come():
    record = CycleRecord(np.full(4, 0.25), 2, 1)
    for cycle in range(3):
        for _ in range(4):
            level = 100.0 - 8.0 * 0.5**cycle
            record.add(np.array([1.0, 1.0]), np.array([level, level]), np.ones(1))
        if cycle == 0:
            assert record.change() is None
    assert record.change() == pytest.approx(2.0 / 98.0)
    assert record.distance() == pytest.approx(2.0 / 98.0, rel=0.05)
    assert record.mean == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("bad", "match"),
    [
        ({"steps_per_cycle": 3}, "at least 8"),
        ({"quadrature_degree": 2}, "between 3 and 6"),
        ({"start": "zero"}, "mean, rest"),
        ({"min_cycles": 5, "max_cycles": 2}, "more than max_cycles"),
        ({"period_s": -1.0}, "positive"),
    ],
)
def test_options_out_of_range_are_refused(bad, match):
    with pytest.raises(ch.ConfigError, match=match):
        ch.TransientOptions(**bad)
