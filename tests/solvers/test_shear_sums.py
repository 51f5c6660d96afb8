"""Cycle statistics of the wall shear on given vectors."""

import numpy as np
import pytest

from corohemo.solvers.shear_sums import ShearSums

N = 64
TURNS = 2 * np.pi * np.arange(1, N + 1) / N
NORMAL, ALONG = np.array([0.6, 0.0, 0.8]), np.array([0.8, 0.0, -0.6])
ACROSS = np.cross(NORMAL, ALONG)


def rotating(mean, radius, turns=TURNS):
    """A vector whose tip goes round a circle, at each phase (n, 3)."""
    offset = np.cos(turns)[:, None] * ALONG + np.sin(turns)[:, None] * ACROSS
    return mean * ALONG + radius * offset


def statistics(*cycles, divergence=None):
    """Of the last of some cycles of vectors (n, 3), at one point of one facet."""
    sums = ShearSums(NORMAL.reshape(1, 1, 3))
    for cycle in cycles:
        sums.begin()
        for k, shear in enumerate(cycle):
            sums.add(shear.reshape(1, 1, 3), np.zeros(1) if divergence is None else divergence[k])
    return sums.statistics(np.zeros((1, 1, 3)), np.ones((1, 1)))


def by_definition(cycle):
    """transWSS and CFI of vectors (n, 3) that are all there at once."""
    mean = cycle.mean(axis=0)
    across = np.cross(NORMAL, mean / np.linalg.norm(mean))
    unit = cycle / np.linalg.norm(cycle, axis=1, keepdims=True)
    return np.abs(cycle @ across).mean(), np.abs(unit @ across).mean()


def smooth_mean(function, n):
    """Cycle mean of a function with kinks at phase 0 and pi, by Richardson from n and 2 n."""
    coarse, fine = (function(2 * np.pi * np.arange(1, m + 1) / m) for m in (n, 2 * n))
    return (4.0 * fine - coarse) / 3.0


@pytest.mark.parametrize("radius", [0.3, 1.0, 2.5])
def test_a_turning_vector_has_its_closed_forms(radius):
    def both(turns):
        found = statistics(*2 * [rotating(1.0, radius, turns)])
        return np.array([found.trans_wss[0], found.cfi[0]])

    expected = [2 * radius / np.pi, 2 / np.pi * min(1.0, radius)]
    if radius == 1.0:  # the vector vanishes once; its direction jumps there
        assert both(2 * np.pi * np.arange(1, 4001) / 4000) == pytest.approx(expected, abs=5e-4)
    else:
        assert smooth_mean(both, 2000) == pytest.approx(expected, abs=1e-10)


def test_a_turning_vector_with_few_samples_has_the_sums_of_its_definition():
    cycle = rotating(1.0, 0.7)
    found = statistics(cycle, cycle)
    assert (found.trans_wss[0], found.cfi[0]) == pytest.approx(by_definition(cycle), rel=1e-13)
    assert found.trans_wss[0] == pytest.approx(0.7 * 2 / N / np.tan(np.pi / N), rel=1e-13)
    assert found.turn[0] == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize(("mean", "swing"), [(1.0, 0.4), (0.5, 1.5), (0.2, -1.0)])
def test_shear_along_one_line_is_not_transverse(mean, swing):
    size = mean + swing * np.cos(TURNS)
    found = statistics(*2 * [size[:, None] * ALONG])
    assert found.trans_wss[0] == pytest.approx(0.0, abs=1e-15)
    assert found.cfi[0] == pytest.approx(0.0, abs=1e-15)
    tawss, osi = np.abs(size).mean(), 0.5 * (1 - abs(mean) / np.abs(size).mean())
    assert found.tawss[0] == pytest.approx(tawss, rel=1e-14)
    assert found.osi[0] == pytest.approx(osi, abs=1e-14)
    assert found.ecap[0] == pytest.approx(osi / tawss, abs=1e-14)
    assert found.rrt[0] == pytest.approx(1 / abs(mean), rel=1e-13)
    assert found.rrt[0] == pytest.approx(1 / ((1 - 2 * osi) * tawss), rel=1e-13)


def test_shear_that_only_swings_has_no_direction_to_be_transverse_to():
    found = statistics(*2 * [np.cos(TURNS)[:, None] * ALONG])
    assert found.tawss[0] == pytest.approx(2 / N / np.tan(np.pi / N), rel=1e-13)
    assert found.osi[0] == pytest.approx(0.5, abs=1e-14)
    assert np.isnan(found.trans_wss[0])
    assert np.isnan(found.cfi[0])
    assert np.isnan(found.turn[0])


def test_one_cycle_does_not_tell_transverse_from_along():
    found = statistics(rotating(1.0, 0.5), divergence=np.cos(TURNS)[:, None])
    assert found.trans_wss is None
    assert found.cfi is None
    assert found.turn is None
    assert found.tsvi[0] == pytest.approx(np.sqrt(0.5), rel=1e-13)


def test_rest_has_no_oscillation_and_no_direction():
    found = statistics(*2 * [np.zeros((8, 3))])
    assert (found.tawss[0], found.osi[0], found.ecap[0], found.tsvi[0]) == (0.0, 0.0, 0.0, 0.0)
    assert np.isnan(found.trans_wss[0])


def test_variation_is_that_about_the_mean():
    divergence = 300.0 + 7.0 * np.sin(TURNS) + 2.0 * np.cos(3 * TURNS)
    found = statistics(rotating(1.0, 0.5), divergence=divergence[:, None])
    assert found.tsvi[0] == pytest.approx(np.sqrt((7.0**2 + 2.0**2) / 2), rel=1e-12)
    assert found.tsvi[0] == pytest.approx(divergence.std(), rel=1e-12)
    steady = statistics(rotating(1.0, 0.5), divergence=np.full((N, 1), 123.456))
    assert steady.tsvi[0] == 0.0


def test_a_mean_that_turns_from_cycle_to_cycle_costs_its_angle_squared():
    turns = 2 * np.pi * np.arange(4096) / 4096
    cycle = rotating(1.0, 0.5, turns) + 0.2 * np.cos(2 * turns + 0.4)[:, None] * ACROSS
    errors = []
    for angle in (0.04, 0.02, 0.01):
        found = statistics(cycle @ turn_about(NORMAL, angle).T, cycle)
        assert found.turn[0] == pytest.approx(angle, rel=1e-12)
        errors.append(np.array(by_definition(cycle)) - [found.trans_wss[0], found.cfi[0]])
    assert np.all(np.array(errors) > 0.0)
    assert np.array(errors[:2]) / errors[1:] == pytest.approx(4.0, rel=0.1)
    assert np.all(errors[0] < 0.004 * np.array(by_definition(cycle)))


def turn_about(axis, angle):
    x, y, z = axis
    skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * skew @ skew


def test_statistics_turn_with_the_vessel():
    rng = np.random.default_rng(5)
    turn = turn_about(np.array([0.36, 0.48, 0.8]), 1.1)
    normals = rng.normal(size=(4, 6, 3))
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    shear = rng.normal(size=(20, 4, 6, 3)) + 0.5
    shear -= np.sum(shear * normals, axis=3, keepdims=True) * normals
    results = []
    for spin in (np.eye(3), turn):
        sums = ShearSums(normals @ spin.T)
        for _ in range(2):
            sums.begin()
            for sample in shear:
                sums.add(sample @ spin.T, np.zeros(4))
        results.append(sums.statistics(np.zeros((4, 6, 3)), np.ones((4, 6))))
    still, turned = results
    for name in ("tawss", "osi", "ecap", "rrt", "trans_wss", "cfi", "peak"):
        assert getattr(turned, name) == pytest.approx(getattr(still, name), rel=1e-12)


def test_sums_that_were_put_down_go_on_to_the_same_bits():
    rng = np.random.default_rng(6)
    normals = np.tile(NORMAL, (3, 6, 1))
    shear, divergence = rng.normal(size=(2, 10, 3, 6, 3)), rng.normal(size=(2, 10, 3))
    whole, broken = ShearSums(normals), ShearSums(normals)
    for cycle in range(2):
        whole.begin()
        broken.begin()
        for k in range(10):
            whole.add(shear[cycle, k], divergence[cycle, k])
            broken.add(shear[cycle, k], divergence[cycle, k])
            resumed = ShearSums(normals)
            resumed.take(broken.rows(), broken.samples, broken.preceding)
            broken = resumed
    one, other = (s.statistics(np.zeros((3, 6, 3)), np.ones((3, 6))) for s in (whole, broken))
    for name in ("mean_traction", "tawss", "peak", "tsvi", "trans_wss", "cfi", "turn"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def plain_sums(normals, cycles):
    """What ``ShearSums`` adds up, sample by sample: rows (n, 17)."""
    n = len(normals)
    vector = np.zeros((n, 3))
    for cycle in cycles:
        mean = np.linalg.norm(vector, axis=1, keepdims=True)
        across = np.cross(normals, vector / np.where(mean > 0.0, mean, 1.0))
        vector, side, unit, unit_side = np.zeros((4, n, 3))
        magnitude, peak = np.zeros((2, n))
        for sample in cycle:
            size = np.linalg.norm(sample, axis=1)
            is_there = (np.sum(sample * across, axis=1) > 0.0)[:, None]
            direction = sample / size[:, None]
            vector, unit = vector + sample, unit + direction
            side, unit_side = side + is_there * sample, unit_side + is_there * direction
            magnitude, peak = magnitude + size, np.maximum(peak, size)
    return np.column_stack([vector, magnitude, peak, side, unit, unit_side, across])


@pytest.mark.parametrize("points", [1, 7, 8, 21])
@pytest.mark.parametrize("samples", [1, 3, 4, 10])
def test_sums_are_those_of_one_sample_after_the_other(points, samples):
    rng = np.random.default_rng(7)
    normals = rng.normal(size=(points, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    cycles = rng.normal(size=(2, samples, points, 3)) + 0.5
    sums = ShearSums(normals[:, None])
    for cycle in cycles:
        sums.begin()
        for sample in cycle:
            sums.add(sample[:, None], np.zeros(points))
    expected = plain_sums(normals, cycles)
    assert sums.rows()[:, :17] == pytest.approx(expected, rel=1e-13, abs=1e-14)


def test_a_rank_without_a_wall_has_empty_sums():
    sums = ShearSums(np.zeros((0, 6, 3)))
    for _ in range(2):
        sums.begin()
        sums.add(np.zeros((0, 6, 3)), np.zeros(0))
    resumed = ShearSums(np.zeros((0, 6, 3)))
    resumed.take(sums.rows(), sums.samples, sums.preceding)
    assert resumed.rows().shape == (0, 17 * 6 + 2)
    assert resumed.statistics(np.zeros((0, 6, 3)), np.ones((0, 6))).tawss.size == 0
