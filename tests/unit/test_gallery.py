"""Gallery trees: named, deterministic, of the stated size."""

import numpy as np
import pytest

import corohemo as ch


def angle_deg(tree, one, other):
    """Angle between two branches at their starts."""
    steps = [tree.branch(name).points[4] - tree.branch(name).points[0] for name in (one, other)]
    cosine = steps[0] @ steps[1] / np.prod([np.linalg.norm(step) for step in steps])
    return np.degrees(np.arccos(cosine))


def test_tube_has_the_stated_size():
    branch = ch.gallery.tube(2.5, 33.0).branches[0]
    assert branch.length == pytest.approx(0.033)
    np.testing.assert_allclose(branch.radii, 1.25e-3)


def test_cosine_stenosis_has_its_throat_in_the_middle():
    branch = ch.gallery.cosine_stenosis(3.0, 40.0, 70.0, 8.0).branches[0]
    throat = int(np.argmin(branch.radii))
    assert branch.abscissas[throat] == pytest.approx(0.02)
    assert branch.radii[throat] == pytest.approx(0.3 * 1.5e-3)


def test_bend_turns_by_its_angle():
    branch = ch.gallery.bend(3.0, 10.0, 120.0, 5.0).branches[0]
    assert branch.length == pytest.approx(0.010 + np.radians(120.0) * 0.010, rel=1e-3)
    first, last = branch.points[1] - branch.points[0], branch.points[-1] - branch.points[-2]
    assert first @ last / (np.linalg.norm(first) * np.linalg.norm(last)) == pytest.approx(-0.5)


def test_bifurcation_has_its_angle():
    tree = ch.gallery.y_bifurcation(angle_deg=80.0)
    assert angle_deg(tree, "main", "side") == pytest.approx(80.0)
    assert tree.outlet_names == ("main", "side")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("pLAD", "pCx", 89.0), ("mLAD", "D1", 46.0), ("dLAD", "D2", 46.0), ("mCx", "OM1", 48.0)],
)
def test_left_tree_has_the_published_angles(one, other, expected):
    assert angle_deg(ch.gallery.left_tree(), one, other) == pytest.approx(expected, abs=4.0)


def test_left_tree_has_the_published_size():
    tree = ch.gallery.left_tree(lesions=False)
    assert tree.branch("LM").length * 1e3 == pytest.approx(10.5, rel=1e-3)
    assert 2e3 * tree.branch("LM").radii[0] == pytest.approx(4.5)
    left_anterior = sum(tree.branch(name).length for name in ("pLAD", "mLAD", "dLAD"))
    circumflex = sum(tree.branch(name).length for name in ("pCx", "mCx", "dCx"))
    assert 0.100 < left_anterior < 0.120
    assert 0.065 < circumflex < 0.080
    assert tree.outlet_names == ("dLAD", "D2", "D1", "dCx", "OM2", "OM1")


def test_left_tree_lies_on_the_heart():
    for branch in ch.gallery.left_tree().branches:
        scaled = branch.points * 1e3 / np.array([36.0, 33.0, 80.0])
        np.testing.assert_allclose(np.linalg.norm(scaled, axis=1), 1.0, rtol=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_random_tree_makes_a_lumen(seed):
    tree = ch.gallery.random_tree(seed)
    lumen = ch.build_lumen(tree)
    assert len(lumen.branches) == len(tree.branches)
    assert min(branch.radii.min() for branch in lumen.branches) > 0.1e-3
    assert all(np.isfinite(branch.points).all() for branch in lumen.branches)


def test_random_tree_is_the_same_for_the_same_seed():
    one, other = ch.gallery.random_tree(11), ch.gallery.random_tree(11)
    for a, b in zip(one.branches, other.branches, strict=True):
        np.testing.assert_array_equal(a.points, b.points)
        np.testing.assert_array_equal(a.radii, b.radii)


def test_random_trees_cover_the_hard_cases():
    trees = [ch.gallery.random_tree(seed) for seed in range(80)]
    assert any(len(tree.children(i)) == 3 for tree in trees for i in range(len(tree.branches)))
    assert any(b.length < b.radii.max() for tree in trees for b in tree.branches)
    narrowing = [1 - b.radii.min() / b.radii.max() for tree in trees for b in tree.branches]
    assert max(narrowing) > 0.8
    assert min(b.radii.min() for tree in trees for b in tree.branches) < 0.35e-3


@pytest.mark.parametrize(
    "make",
    [
        lambda: ch.gallery.tube(-1.0),
        lambda: ch.gallery.tube(3.0, float("nan")),
        lambda: ch.gallery.cosine_stenosis(percent_diameter_stenosis=100.0),
        lambda: ch.gallery.y_bifurcation(angle_deg=0.0),
    ],
)
def test_impossible_sizes_are_refused(make):
    with pytest.raises(ch.InputError, match="must be"):
        make()
