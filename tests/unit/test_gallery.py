"""Gallery trees: named, deterministic, of the stated size."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.gallery.clearances import keeps_clear


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
    trees = {kind: [ch.gallery.random_tree(k, kind) for k in range(6)] for kind in ch.gallery.KINDS}
    crowded = [len(t.children(i)) for t in trees["crowded"] for i in range(len(t.branches))]
    assert max(crowded) >= 4
    for kind in ("short", "stub"):
        assert any(b.length < b.radii.max() for t in trees[kind] for b in t.branches), kind
    throats = [1 - b.radii.min() / b.radii.max() for t in trees["stenosed"] for b in t.branches]
    assert max(throats) > 0.8
    assert min(b.radii.min() for t in trees["thin"] for b in t.branches) < 0.35e-3
    jumps = [np.abs(np.diff(np.log(b.radii))).max() for t in trees["jumping"] for b in t.branches]
    assert max(jumps) > 0.3


@pytest.mark.parametrize("seed", range(6))
def test_vessels_of_feasible_kinds_stay_apart_and_kissing_ones_do_not(seed):
    for kind, feasible in (("alongside", True), ("curved", True), ("kissing", False)):
        lumen = ch.build_lumen(ch.gallery.random_tree(seed, kind))
        assert keeps_clear(lumen, 0.0, stubs=False) == feasible, kind


def test_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(ch.InputError, match="plain"):
        ch.gallery.random_tree(0, "knotted")


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
