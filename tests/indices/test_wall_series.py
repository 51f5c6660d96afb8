"""Cycle statistics of stored samples against their definitions and against running sums."""

import numpy as np
import pytest

from corohemo.errors import InputError
from corohemo.indices.wall_series import compute_wall_statistics
from corohemo.solvers.shear_sums import ShearSums

NAMES = ("tawss", "osi", "ecap", "rrt", "peak", "trans_wss", "cfi")


def wall(n=700, samples=9, seed=3):
    """Tangential samples (t, n, 3) with unit normals (n, 3); more points than a block holds."""
    rng = np.random.default_rng(seed)
    normals = rng.normal(size=(n, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    shear = rng.normal(size=(samples, n, 3)) + 0.4
    shear -= np.sum(shear * normals, axis=2, keepdims=True) * normals
    return shear, normals


def statistics(shear, normals):
    return compute_wall_statistics(shear, np.zeros_like(normals), normals, np.ones(len(normals)))


@pytest.mark.parametrize("samples", [1, 2, 3, 4, 5, 16])
@pytest.mark.parametrize("n", [1, 511, 512, 513, 1300])
def test_stored_samples_have_the_means_of_their_definitions(n, samples):
    shear, normals = wall(n)
    shear = shear[:samples]
    found = statistics(shear, normals)
    size = np.linalg.norm(shear, axis=2)
    mean, tawss = shear.mean(axis=0), size.mean(axis=0)
    steady = np.linalg.norm(mean, axis=1)
    aside = np.abs(np.sum(shear * np.cross(normals, mean / steady[:, None]), axis=2))
    assert found.mean_traction == pytest.approx(mean, rel=1e-12, abs=1e-14)
    osi = 0.5 * (1 - steady / tawss)
    expected = (tawss, osi, osi / tawss, 1 / steady, size.max(axis=0))
    expected += (aside.mean(axis=0), (aside / size).mean(axis=0))
    for name, values in zip(NAMES, expected, strict=True):
        assert getattr(found, name) == pytest.approx(values, rel=1e-12), name
    assert found.tsvi is None
    assert found.turn is None


def test_stored_samples_say_what_running_sums_of_two_cycles_say():
    shear, normals = wall()
    sums = ShearSums(normals[:, None])
    for _ in range(2):
        sums.begin()
        for sample in shear:
            sums.add(sample[:, None], np.zeros(len(normals)))
    running = sums.statistics(np.zeros((700, 1, 3)), np.ones((700, 1)))
    stored = statistics(shear, normals)
    for name in NAMES:
        assert getattr(stored, name) == pytest.approx(getattr(running, name), rel=1e-11), name


def test_a_wall_at_rest_has_no_direction():
    shear, normals = wall(3)
    shear[:, 1] = 0.0
    found = statistics(shear, normals)
    assert np.isnan(found.trans_wss).tolist() == [False, True, False]
    assert np.isnan(found.cfi).tolist() == [False, True, False]
    assert (found.osi[1], found.ecap[1], found.tawss[1]) == (0.0, 0.0, 0.0)
    assert np.isinf(found.rrt[1])


def test_bad_arrays_are_a_sentence():
    shear, normals = wall(4)
    with pytest.raises(InputError, match=r"shear has the shape \(9, 3, 3\)"):
        statistics(shear[:, :3], normals)
    with pytest.raises(InputError, match="one or more samples"):
        statistics(shear[:0], normals)
    with pytest.raises(InputError, match="Normal 2 is not of unit length"):
        statistics(shear, normals * np.array([1.0, 1.0, 2.0, 1.0])[:, None])
    shear[3, 2, 1] = np.nan
    with pytest.raises(InputError, match="shear has values that are not finite"):
        statistics(shear, normals)
