"""Unequal time steps: exactness of the formulas, limits of the grids, order and gain."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.options import LEAST_STEPS
from corohemo.solvers.time_grading import ERROR, graded_grid
from corohemo.solvers.time_grid import TimeGrid
from corohemo.solvers.transient_beds import Bed
from corohemo.solvers.transient_start import open_course

PERIOD = 0.8
SYSTOLE, WIDTH = 0.15, 0.02


def random_grid(seed):
    rng = np.random.default_rng(seed)
    return TimeGrid(np.exp(rng.uniform(-0.7, 0.7, 12)))


@pytest.mark.parametrize("seed", range(5))
def test_differences_are_exact_for_parabolas_around_the_cycle(seed):
    grid = random_grid(seed)
    a, b, c = np.random.default_rng(seed).normal(size=3)
    times = np.concatenate([grid.ends, grid.ends + grid.ends[-1]])
    for step in range(3, 2 * grid.n_steps):
        values = [a + b * t + c * t**2 for t in times[step - 2 : step + 1][::-1]]
        weights = grid.differences(step, 2)
        rate = sum(w * v for w, v in zip(weights, values, strict=True)) / grid.step(step)
        assert rate == pytest.approx(b + 2 * c * times[step], rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("n_past", [1, 2, 3])
def test_extrapolation_is_exact_for_its_degree(n_past):
    grid = random_grid(7)
    times = grid.ends
    for step in range(n_past, grid.n_steps):
        values = times[step - n_past : step][::-1] ** (n_past - 1)
        found = np.dot(grid.extrapolation(step, n_past), values)
        assert found == pytest.approx(times[step] ** (n_past - 1), rel=1e-12)


def test_equal_steps_given_one_by_one_have_the_formulas_of_equal_steps():
    one_by_one, equal = TimeGrid(np.full(10, 0.1)), TimeGrid.equal(1.0, 10)
    assert one_by_one.differences(4, 2) == pytest.approx(equal.differences(4, 2), rel=1e-12)
    for n_past in (1, 2, 3):
        assert one_by_one.extrapolation(4, n_past) == pytest.approx(
            equal.extrapolation(4, n_past), rel=1e-12
        )
    assert one_by_one.weights == pytest.approx(equal.weights, rel=1e-12)


@pytest.mark.parametrize("most", [5, 12, 40])
def test_samples_lie_equally_in_time(most):
    grid = random_grid(3)
    starts = grid.ends - grid.steps
    times = [
        start + part * step
        for start, step, parts in zip(starts, grid.steps, grid.samples(most), strict=True)
        for part in parts
    ]
    count = min(most, grid.n_steps)
    assert times == pytest.approx(grid.ends[-1] / count * np.arange(1, count + 1), rel=1e-12)


def test_samples_of_equal_steps_are_their_ends():
    parts = TimeGrid.equal(1.0, 250).samples(100)
    assert [k for k, found in enumerate(parts, start=1) if found == (1.0,)] == [*range(2, 251, 2)]
    assert sum(len(found) for found in parts) == 125


def sharp(times):
    return np.exp(-0.5 * ((np.mod(times, PERIOD) - SYSTOLE) / WIDTH) ** 2)


def course():
    times = PERIOD / 4096 * np.arange(1, 4097)
    return sharp(times)[:, None]


@pytest.mark.parametrize("most", [20, 60, 200])
def test_grid_covers_the_cycle_with_steps_that_change_slowly(most):
    grid = graded_grid(PERIOD, course(), 1e-12, most)
    assert grid.n_steps == most
    assert grid.ends[-1] == pytest.approx(PERIOD, rel=1e-14)
    ratios = grid.steps / np.roll(grid.steps, 1)
    assert max(ratios.max(), 1.0 / ratios.min()) < 1.5
    shortest = grid.ends[grid.steps.argmin()]
    assert abs(shortest - SYSTOLE) < 4 * WIDTH


@pytest.mark.parametrize("tolerance", [1e-2, 1e-3, 1e-4])
def test_third_differences_on_the_grid_stay_near_the_tolerance(tolerance):
    grid = graded_grid(PERIOD, course(), tolerance, 2000)
    times = grid.ends
    worst = 0.0
    for k in range(grid.n_steps):
        back = times[k] - grid.steps[k] * np.arange(4)
        worst = max(worst, abs(float(ERROR * np.dot([1.0, -3.0, 3.0, -1.0], sharp(back)))))
    assert 0.1 * tolerance < worst < 1.5 * tolerance


def test_tolerance_sets_the_number_of_steps_by_its_cube_root():
    counts = [graded_grid(PERIOD, course(), t, 4000).n_steps for t in (1e-6, 1e-8)]
    assert counts[1] / counts[0] == pytest.approx(100.0 ** (1 / 3), rel=0.2)


def test_cycle_in_which_nothing_moves_takes_the_fewest_steps():
    grid = graded_grid(PERIOD, np.ones((4096, 2)), 1e-4, 200)
    assert grid.n_steps == LEAST_STEPS
    assert grid.steps == pytest.approx(PERIOD / LEAST_STEPS)


def test_kinks_do_not_take_all_the_steps():
    times = PERIOD / 4096 * np.arange(1, 4097)
    kinked = np.interp(times, [0.0, 0.1, 0.2, PERIOD], [0.0, 1.0, 0.0, 0.0])[:, None]
    grid = graded_grid(PERIOD, kinked, 1e-12, 100)
    assert grid.n_steps == 100
    assert grid.steps.min() > 0.1 * PERIOD / 100


def inflow(times):
    return 1e-6 * (1.0 + 6.0 * sharp(times))


def squeezed():
    times = PERIOD * np.linspace(0.0, 1.0, 401)
    squeeze = ch.Waveform(times, 80.0 * sharp(times), "cubic")
    return ch.CoronaryBed(100.0, 0.002, 300.0, 0.01, 120.0, 5.0, squeeze).circuit()


def bed_pressure(circuit, grid, start):
    bed = Bed(circuit, grid=grid, start=start)
    bed.begin(0.0)
    pressures = []
    for step in range(5 * grid.n_steps):
        bed.load(step)
        offset, resistance = bed.line()
        flow = float(inflow(grid.ends[step % grid.n_steps]))
        pressures.append(offset + resistance * flow)
        bed.accept(flow)
    return np.array(pressures[-grid.n_steps :])


def test_graded_steps_are_of_second_order_and_a_quarter_as_many_for_a_sharp_systole():
    circuit = squeezed()
    times = PERIOD / 4096 * np.arange(1, 4097)
    ((states, _),) = open_course([circuit], times, (0.0, 0.0), inflow=inflow(times))
    known = np.hstack([states, inflow(times)[:, None]])
    fine = TimeGrid.equal(PERIOD, 20000)
    exact = bed_pressure(circuit, fine, states[-1])

    def error(grid):
        found = bed_pressure(circuit, grid, states[-1])
        return np.abs(found - np.interp(grid.ends, fine.ends, exact)).max() / np.ptp(exact)

    graded = [error(graded_grid(PERIOD, known, 1e-12, n)) for n in (50, 100, 200)]
    equal = error(TimeGrid.equal(PERIOD, 200))
    assert np.log2(graded[1] / graded[2]) == pytest.approx(2.0, abs=0.35)
    assert graded[1] < 0.3 * equal
    assert graded[0] < 1.5 * equal
