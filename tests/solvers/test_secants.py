"""What earlier steps teach about a Jacobian."""

import numpy as np
import pytest

from corohemo.solvers.secants import LIMIT, Secants

N = 60
JACOBIAN = np.random.default_rng(2).standard_normal((N, N)) + 9.0 * np.eye(N)


def taught(steps):
    secants = Secants(lambda rows, defect: rows @ defect)
    for step in steps:
        secants.add(step, JACOBIAN @ step)
    return secants


@pytest.fixture
def steps():
    return np.random.default_rng(3).standard_normal((LIMIT + 5, N))


@pytest.mark.parametrize("count", [1, 7, LIMIT])
def test_a_defect_in_the_span_is_removed_without_a_solve(steps, count):
    wanted = np.arange(1.0, count + 1.0) @ steps[:count]
    known, left, size = taught(steps[:count]).split(JACOBIAN @ wanted)
    assert known == pytest.approx(wanted, rel=1e-7)
    assert size == pytest.approx(np.linalg.norm(left))
    assert size < 1e-8 * np.linalg.norm(JACOBIAN @ wanted)


def test_what_is_left_is_the_least_there_can_be(steps):
    secants, defect = taught(steps[:5]), steps[-1]
    known, left, _ = secants.split(defect)
    assert left == pytest.approx(defect - JACOBIAN @ known)
    assert np.abs((JACOBIAN @ steps[:5].T).T @ left).max() < 1e-9


def test_the_newest_pairs_are_kept(steps):
    secants = taught(steps)
    assert secants.split(JACOBIAN @ steps[-1])[2] < 1e-8
    assert secants.split(JACOBIAN @ steps[0])[2] > 1.0


def test_pairs_that_repeat_do_no_harm(steps):
    secants = taught([steps[0], steps[0], steps[1], steps[0]])
    known, _, size = secants.split(JACOBIAN @ steps[0])
    assert size < 1e-6
    assert known == pytest.approx(steps[0], rel=1e-6)


def test_nothing_is_known_after_forgetting(steps):
    secants = taught(steps)
    secants.clear()
    known, left, _ = secants.split(steps[0])
    assert not known.any()
    assert np.array_equal(left, steps[0])
