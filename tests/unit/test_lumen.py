"""Lumens: exact where the input is, smooth where it is not, refused where they cannot be."""

from pathlib import Path

import numpy as np
import pytest

import corohemo as ch

LEFT_TREE = Path(__file__).parents[3] / "shared/data/left_coronary_tree/left_coronary_tree.swc"


def vessel(points_mm, radii_mm):
    points = np.asarray(points_mm, dtype=float)
    radii = np.broadcast_to(np.asarray(radii_mm, dtype=float), len(points))
    parents = np.arange(len(points)) - 1
    return ch.VesselTree.from_arrays(points, radii, parents, length_unit="mm", check_scale=False)


def kinked(angle_deg, spacing_mm, *, leg_mm=20.0):
    leg = np.arange(0.0, leg_mm + 1e-9, spacing_mm)
    angle = np.radians(angle_deg)
    first = np.stack([leg, 0 * leg, 0 * leg], axis=1)
    direction = np.array([np.cos(angle), np.sin(angle), 0.0])
    return np.concatenate([first, first[-1] + leg[1:, None] * direction])


def curvature_radii(branch):
    """Radius of curvature over lumen radius, from the sections."""
    turn = np.linalg.norm(np.diff(branch.tangents, axis=0), axis=1) / np.diff(branch.abscissas)
    return 1.0 / np.maximum(turn * 0.5 * (branch.radii[1:] + branch.radii[:-1]), 1e-12)


def left_coronary_tree():
    if not LEFT_TREE.exists():
        pytest.skip("the shared left coronary tree is not here")
    table = np.loadtxt(LEFT_TREE)
    index = {int(label): k for k, label in enumerate(table[:, 0])}
    parents = [index.get(int(label), -1) for label in table[:, 6]]
    return ch.VesselTree.from_arrays(table[:, 2:5], table[:, 5], parents, length_unit="mm")


TREES = {
    "tube": ch.gallery.tube,
    "bend": ch.gallery.bend,
    "stenosis": ch.gallery.cosine_stenosis,
    "y": ch.gallery.y_bifurcation,
    "left_tree": ch.gallery.left_tree,
    "random": lambda: ch.gallery.random_tree(3),
    "real": left_coronary_tree,
}


@pytest.fixture(params=TREES)
def lumen(request):
    return ch.build_lumen(TREES[request.param]())


def test_straight_tube_is_exact():
    lumen = ch.build_lumen(ch.gallery.tube(3.0, 40.0))
    branch = lumen.branches[0]
    assert branch.length == pytest.approx(0.04, rel=1e-12)
    np.testing.assert_allclose(branch.radii, 1.5e-3, rtol=1e-12)
    np.testing.assert_allclose(branch.points[:, 1:], 0.0, atol=1e-15)
    assert lumen.volume() == pytest.approx(np.pi * 1.5e-3**2 * 0.04, rel=1e-9)


def test_two_points_make_a_tube():
    branch = ch.build_lumen(vessel([[0, 0, 0], [30, 0, 0]], 1.5)).branches[0]
    np.testing.assert_allclose(branch.radii, 1.5e-3, rtol=1e-12)
    np.testing.assert_allclose(branch.tangents, [[1.0, 0.0, 0.0]] * len(branch.radii))


def test_cone_is_exact_from_its_points():
    branch = ch.build_lumen(ch.gallery.cone(3.0, 1.5, 40.0)).branches[0]
    expected = 1.5e-3 - 0.75e-3 * branch.abscissas / 0.04
    np.testing.assert_allclose(branch.radii, expected, rtol=1e-6)


@pytest.mark.parametrize("step_deg", [5.0, 20.0])
@pytest.mark.parametrize("radius_mm", [1.5, 3.0])
def test_circular_arc_is_exact_to_a_thousandth(step_deg, radius_mm):
    angle = np.radians(np.arange(0.0, 180.1, step_deg))
    arc = np.stack([10 * np.cos(angle), 10 * np.sin(angle), 0 * angle], axis=1)
    lumen = ch.build_lumen(vessel(arc, radius_mm))
    branch = lumen.branches[0]
    np.testing.assert_allclose(np.linalg.norm(branch.points, axis=1), 0.01, rtol=1e-3)
    assert branch.length == pytest.approx(np.pi * 0.01, rel=1e-5)
    pappus = np.pi * (radius_mm * 1e-3) ** 2 * np.pi * 0.01
    assert lumen.volume() == pytest.approx(pappus, rel=1e-5)


@pytest.mark.parametrize("percent", [30.0, 50.0, 80.0])
def test_cosine_stenosis_keeps_its_radii(percent):
    tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=percent)
    branch = ch.build_lumen(tree).branches[0]
    x = branch.abscissas * 1e3 - 20.0
    dip = 0.5 * (1 + np.cos(2 * np.pi * x / 10)) * (np.abs(x) < 5)
    np.testing.assert_allclose(branch.radii, 1.5e-3 * (1 - percent / 100 * dip), rtol=1e-3)


def test_radii_do_not_overshoot_their_points():
    radii = [1.8, 1.8, 1.0, 1.0, 1.6, 1.2]
    points = np.array([[0, 0, 0], [5, 0, 0], [6, 0, 0], [12, 0, 0], [13, 0, 0], [30, 0, 0]])
    branch = ch.build_lumen(vessel(points, radii)).branches[0]
    assert branch.radii.min() >= 1.0e-3 * (1 - 1e-12)
    assert branch.radii.max() <= 1.8e-3 * (1 + 1e-12)


def test_frames_are_orthonormal_and_right_handed(lumen):
    for branch in lumen.branches:
        frame = np.stack([branch.normals, branch.binormals, branch.tangents], axis=1)
        identity = np.broadcast_to(np.eye(3), frame.shape)
        np.testing.assert_allclose(frame @ frame.transpose(0, 2, 1), identity, atol=1e-12)
        assert np.all(np.linalg.det(frame) > 0)


def test_frames_do_not_turn_on_a_plane_curve():
    branch = ch.build_lumen(ch.gallery.bend(angle_deg=120.0)).branches[0]
    out_of_plane = np.array([branch.normals[:, 2], branch.binormals[:, 2]])
    np.testing.assert_allclose(out_of_plane - out_of_plane[:, :1], 0.0, atol=1e-9)


def test_abscissas_are_the_length_of_the_curve(lumen):
    for branch in lumen.branches:
        chords = np.linalg.norm(np.diff(branch.points, axis=0), axis=1)
        assert np.all(np.diff(branch.abscissas) > 0)
        np.testing.assert_allclose(np.diff(branch.abscissas), chords, rtol=2e-2)
        if branch.parent >= 0:
            assert branch.abscissas[0] == lumen.branches[branch.parent].abscissas[-1]


def test_sections_are_a_fifth_of_a_radius_apart(lumen):
    for branch in lumen.branches:
        spacing = np.diff(branch.abscissas) / branch.radii[1:]
        assert spacing.max() < 0.25


def test_one_daughter_continues_each_parent_smoothly(lumen):
    for index, parent in enumerate(lumen.branches):
        daughters = [lumen.branches[i] for i in lumen.children(index)]
        if not daughters:
            continue
        (daughter,) = (d for d in daughters if d.continues)
        assert daughter.radii[0] == pytest.approx(parent.radii[-1], rel=1e-12)
        np.testing.assert_allclose(daughter.points[0], parent.points[-1], atol=1e-12)
        np.testing.assert_allclose(daughter.tangents[0], parent.tangents[-1], atol=1e-9)
        np.testing.assert_allclose(daughter.normals[0], parent.normals[-1], atol=1e-9)


def test_other_daughters_start_on_the_parent_with_their_own_radius(lumen):
    for daughter in lumen.branches:
        if daughter.parent >= 0 and not daughter.continues:
            parent = lumen.branches[daughter.parent]
            np.testing.assert_allclose(daughter.points[0], parent.points[-1], atol=1e-12)
            assert daughter.radii[0] <= parent.radii[-1] * (1 + 1e-3)


def test_side_branch_does_not_take_the_radius_of_the_shared_point():
    points = [[0, 0, 0], [10, 0, 0], [20, 0, 0], [30, 0, 0], [12, 6, 0], [14, 12, 0], [16, 18, 0]]
    radii = [2.0, 2.0, 1.9, 1.8, 1.0, 1.0, 1.0]
    tree = ch.VesselTree.from_arrays(points, radii, [-1, 0, 1, 2, 1, 4, 5], length_unit="mm")
    lumen = ch.build_lumen(tree)
    (side,) = (b for b in lumen.branches if b.parent == 0 and not b.continues)
    np.testing.assert_allclose(side.radii, 1.0e-3, rtol=1e-9)


def test_gradual_radius_of_a_densely_sampled_daughter_is_cut_to_its_own():
    x = np.arange(0.0, 20.01, 0.2)
    trunk = np.stack([x, 0 * x, 0 * x], axis=1)
    s = np.arange(0.2, 15.01, 0.2)
    direction = np.array([np.cos(np.radians(60)), np.sin(np.radians(60)), 0.0])
    side = trunk[50] + s[:, None] * direction
    falling = np.interp(s * np.sin(np.radians(60)), [0.0, 2.0], [2.0, 1.0])
    radii = np.concatenate([np.full(len(x), 2.0), falling])
    parents = np.concatenate([np.arange(len(x)) - 1, [50], len(x) + np.arange(len(s) - 1)])
    tree = ch.VesselTree.from_arrays(
        np.concatenate([trunk, side]), radii, parents, length_unit="mm"
    )
    (branch,) = (b for b in ch.build_lumen(tree).branches if b.parent == 0 and not b.continues)
    assert branch.radii.max() < 1.1e-3


def test_bends_are_never_tighter_than_the_lumen(lumen):
    for branch in lumen.branches:
        assert curvature_radii(branch).min() > 1.2


@pytest.mark.parametrize("spacing_mm", [0.3, 1.0, 5.0])
@pytest.mark.parametrize("angle_deg", [45.0, 90.0])
def test_kinks_are_rounded_within_half_a_radius(angle_deg, spacing_mm):
    points = kinked(angle_deg, spacing_mm)
    branch = ch.build_lumen(vessel(points, 1.5)).branches[0]
    assert curvature_radii(branch).min() > 1.25
    np.testing.assert_allclose(branch.points[[0, -1]] * 1e3, points[[0, -1]], atol=1e-6)
    if spacing_mm <= 1.0:
        gaps = np.linalg.norm(branch.points[:, None] * 1e3 - kinked(angle_deg, 0.05), axis=2)
        assert gaps.min(axis=1).max() < 0.5 * 1.5


def test_impossible_bend_is_refused_with_its_place():
    with pytest.raises(ch.GeometryError, match="bends with a radius of") as caught:
        ch.build_lumen(vessel(kinked(150.0, 0.5), 1.5))
    assert caught.value.branch == "branch0"
    assert caught.value.abscissa == pytest.approx(0.02, abs=1e-3)


def test_jitter_is_smoothed_away():
    x = np.arange(0.0, 40.0, 0.3)
    noise = 0.05 * np.random.default_rng(1).normal(size=(len(x), 3))
    points = np.stack([x, 0 * x, 0 * x], axis=1) + noise
    branch = ch.build_lumen(vessel(points, 1.5)).branches[0]
    assert branch.length == pytest.approx(0.03975, rel=0.02)
    assert curvature_radii(branch).min() > 1.25


def test_closed_vessel_is_refused_with_its_place():
    points = [[0, 0, 0], [10, 0, 0], [20, 0, 0]]
    with pytest.raises(ch.GeometryError, match="counts as closed") as caught:
        ch.build_lumen(vessel(points, [1.5, 0.08, 1.5]))
    assert caught.value.abscissa == pytest.approx(0.01)


def test_branch_shorter_than_its_radius_is_noted():
    points = [[0, 0, 0], [20, 0, 0], [21, 0, 0], [40, 3, 0], [40, -9, 0], [24, 12, 0]]
    tree = ch.VesselTree.from_arrays(
        points, [2.0, 2.0, 1.9, 1.5, 1.2, 1.1], [-1, 0, 1, 2, 2, 1], length_unit="mm"
    )
    assert any("shorter than its radius" in note for note in ch.build_lumen(tree).notes)


def test_same_tree_gives_the_same_lumen():
    one, other = (ch.build_lumen(ch.gallery.left_tree()) for _ in range(2))
    for a, b in zip(one.branches, other.branches, strict=True):
        np.testing.assert_array_equal(a.points, b.points)
        np.testing.assert_array_equal(a.reference_radii, b.reference_radii)


def test_planes_point_along_the_flow():
    lumen = ch.build_lumen(ch.gallery.y_bifurcation())
    assert lumen.inlet_plane.abscissa == 0.0
    np.testing.assert_allclose(lumen.inlet_plane.tangent, [1.0, 0.0, 0.0], atol=1e-6)
    plane = lumen.outlet_plane("side")
    assert plane.area == pytest.approx(np.pi * 1.2e-3**2, rel=1e-6)
    with pytest.raises(ch.GeometryError, match="no outlet 'parent'"):
        lumen.outlet_plane("parent")


def test_sections_between_the_stored_ones_lie_on_the_curve():
    angle = np.radians(np.arange(0.0, 91.0, 5.0))
    arc = np.stack([10 * np.cos(angle), 10 * np.sin(angle), 0 * angle], axis=1)
    lumen = ch.build_lumen(vessel(arc, 1.5), ch.LumenOptions(section_spacing_radii=1.0))
    for abscissa in np.linspace(0.0, lumen.branches[0].length, 37):
        section = lumen.section_at("branch0", abscissa)
        assert np.linalg.norm(section.center) == pytest.approx(0.01, rel=1e-5)
        np.testing.assert_allclose(np.cross(section.normal, section.binormal), section.tangent)
    with pytest.raises(ch.GeometryError, match="no section at 99"):
        lumen.section_at("branch0", 0.099)


def test_volume_counts_a_daughter_from_the_parents_wall():
    lumen = ch.build_lumen(ch.gallery.y_bifurcation(angle_deg=90.0, main_angle_deg=0.0))
    parent, main = np.pi * 1.75e-3**2 * 0.015, np.pi * 1.5e-3**2 * 0.020
    side = np.pi * 1.2e-3**2 * (0.015 - 1.5e-3)
    assert lumen.volume() == pytest.approx(parent + main + side, rel=0.03)


def test_summary_names_branches_and_lesions():
    lumen = ch.build_lumen(ch.gallery.left_tree())
    text = lumen.summary()
    assert "pLAD-1" in text
    assert "11 branches, 6 outlets, 3 lesions" in repr(lumen)
    assert "<pre>" in lumen._repr_html_()
    with pytest.raises(ch.GeometryError, match="no branch 'RCA'"):
        lumen.branch("RCA")


@pytest.mark.parametrize(
    ("field", "value"),
    [("section_spacing_radii", 0.0), ("smoothing_radii", -1.0), ("lesion_threshold_percent", 5.0)],
)
def test_impossible_options_are_refused(field, value):
    with pytest.raises(ch.ConfigError, match=field):
        ch.LumenOptions(**{field: value})
