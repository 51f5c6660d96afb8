"""Edited lumens: wider where they were asked to be, as before everywhere else."""

import dataclasses

import numpy as np
import pytest

import corohemo as ch

FLOW = ch.Boundaries(
    inlet=ch.FlowInlet(flow_ml_min=100.0), outlets={"*": ch.PressureOutlet(pressure_mmhg=60.0)}
)


def stenosis(percent=60.0):
    return ch.build_lumen(ch.gallery.cosine_stenosis(percent_diameter_stenosis=percent))


def left():
    return ch.build_lumen(ch.gallery.left_tree())


def inlet_pressure(lumen):
    return ch.solve_reduced(lumen, FLOW).face_pressure_mmhg("inlet")


def largest_drop(lumen, boundaries):
    reduced = ch.solve_reduced(lumen, boundaries)
    ends = [reduced.face_pressure_mmhg(f"outlet:{name}") for name in lumen.outlet_names]
    return reduced.face_pressure_mmhg("inlet") - min(ends)


def test_stent_has_its_diameter_and_changes_nothing_beyond_its_edges():
    before = stenosis()
    after = before.with_stent("stenosis", 14.0, 26.0, 3.4, transition_mm=2.0)
    s = before.branches[0].abscissas * 1e3
    old, new = before.branches[0].radii, after.branches[0].radii
    inside, outside = (s >= 14.0) & (s <= 26.0), (s <= 12.0) | (s >= 28.0)
    np.testing.assert_allclose(new[inside], 1.7e-3, rtol=1e-12)
    np.testing.assert_array_equal(new[outside], old[outside])
    assert np.all(np.diff(new[(s > 12.0) & (s < 14.0)]) > 0.0)
    np.testing.assert_array_equal(after.branches[0].points, before.branches[0].points)


def test_default_transition_is_half_a_diameter():
    before = stenosis()
    after = before.with_stent("stenosis", 14.0, 26.0, 3.4)
    s = before.branches[0].abscissas * 1e3
    changed = s[after.branches[0].radii > before.branches[0].radii]
    spacing = np.diff(s).max()
    assert 12.3 <= changed[0] <= 12.3 + 2 * spacing
    assert 27.7 - 2 * spacing <= changed[-1] <= 27.7


def test_widened_sections_become_circles_and_others_keep_their_shape():
    lumen = stenosis()
    (branch,) = lumen.branches
    oval = np.tile([0.0, 0.0, 0.2, 0.0], (len(branch.radii), 1))
    lumen = dataclasses.replace(lumen, branches=(dataclasses.replace(branch, polar=oval),))
    after = lumen.with_stent("stenosis", 15.0, 25.0, 3.4).branches[0]
    s = branch.abscissas * 1e3
    np.testing.assert_array_equal(after.polar[(s > 15.0) & (s < 25.0)], 0.0)
    np.testing.assert_array_equal(after.polar[s < 13.0], oval[s < 13.0])


def test_stent_of_the_lumens_diameter_changes_no_radius():
    before = ch.build_lumen(ch.gallery.tube(3.0, 40.0))
    after = before.with_stent("tube", 10.0, 20.0, 3.0)
    np.testing.assert_allclose(after.branches[0].radii, before.branches[0].radii, rtol=1e-12)
    assert after.lesions == ()


@pytest.mark.parametrize("percent", [40.0, 60.0, 80.0])
def test_stent_over_a_lesion_restores_the_pressure_of_the_tube(percent):
    tube = inlet_pressure(ch.build_lumen(ch.gallery.tube(3.0, 40.0)))
    before = stenosis(percent)
    after = before.with_stent("stenosis", 15.0, 25.0, 3.0)
    assert after.lesions == ()
    assert inlet_pressure(before) > inlet_pressure(after)
    assert inlet_pressure(after) == pytest.approx(tube, abs=0.01)


@pytest.mark.parametrize("index", range(3))
def test_removed_lesion_is_not_found_again_and_its_pressure_is_won_back(index):
    before = left()
    lesion = before.lesions[index]
    after = before.without_lesion(lesion.name)
    assert len(after.lesions) == len(before.lesions) - 1
    for found in after.lesions:
        assert found.branch != lesion.branch or not lesion.start < found.throat < lesion.end
    boundaries = ch.prescribe_boundaries(before, ch.Hyperemia())
    path = next(p for p in map(before.path, before.outlets) if before.index(lesion.branch) in p)
    name = f"outlet:{before.branches[path[-1]].name}"
    pressures = [
        ch.solve_reduced(lumen, boundaries).face_pressure_mmhg(name) for lumen in (before, after)
    ]
    assert pressures[1] > pressures[0]


def test_all_lesions_go_at_once_by_their_present_names():
    before = left()
    after = before.without_lesion(*(lesion.name for lesion in before.lesions))
    assert after.lesions == ()
    assert len(after.notes) == len(before.notes) + len(before.lesions)


def test_lesion_at_a_bifurcation_opens_without_a_step_into_the_next_branch():
    s = np.linspace(0.0, 40.0, 161)
    dip = np.where(np.abs(s - 18.0) < 6.0, 0.5 * (1 + np.cos(np.pi * (s - 18.0) / 6.0)), 0.0)
    main = np.stack([s, 0 * s, 0 * s], axis=1)
    t = np.linspace(0.25, 15.0, 60)
    side = main[80] + t[:, None] * np.array([np.cos(1.2), np.sin(1.2), 0.0])
    tree = ch.VesselTree.from_arrays(
        np.concatenate([main, side]),
        np.concatenate([1.6 * (1 - 0.6 * dip), np.full(60, 0.6)]),
        np.concatenate([np.arange(161) - 1, [80], 161 + np.arange(59)]),
        length_unit="mm",
    )
    before = ch.build_lumen(tree)
    upstream = next(lesion for lesion in before.lesions if lesion.branch == "branch0")
    after = before.without_lesion(upstream.name)
    parent = after.branches[0]
    (further,) = (b for b in after.branches if b.parent == 0 and b.continues)
    assert parent.radii[-1] > 1.3 * before.branches[0].radii[-1]
    assert further.radii[0] == pytest.approx(parent.radii[-1], rel=1e-12)
    assert np.abs(np.diff(further.radii)).max() < 0.2e-3


def test_edits_are_noted_and_leave_the_lumen_they_were_made_from():
    options = ch.LumenOptions(lesion_threshold_percent=45.0)
    tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=60)
    before = ch.build_lumen(tree, options)
    radii = before.branches[0].radii.copy()
    after = before.with_stent("stenosis", 15.0, 25.0, 3.0)
    assert after.options == options
    assert "stent of 3.00 mm lies in stenosis from 15.0 to 25.0 mm" in after.notes[-1]
    assert before.notes == ()
    np.testing.assert_array_equal(before.branches[0].radii, radii)


def test_stent_narrower_than_a_tapered_vessel_leaves_its_wide_end_and_says_so():
    before = ch.build_lumen(ch.gallery.cone(4.0, 2.0, 40.0))
    after = before.with_stent("cone", 10.0, 30.0, 3.0)
    wide = before.branches[0].radii > 1.5e-3
    np.testing.assert_array_equal(after.branches[0].radii[wide], before.branches[0].radii[wide])
    assert "narrower than the lumen in places" in after.notes[-1]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("RCA", 10.0, 20.0, 3.0), ch.GeometryError, "no branch 'RCA'"),
        (("parent", 10.0, 20.0, 4.0), ch.GeometryError, "passes a bifurcation"),
        (("main", 10.0, 20.0, 4.0), ch.GeometryError, "passes a bifurcation"),
        (("main", 20.0, 60.0, 4.0), ch.GeometryError, "not on it: the branch reaches from 15.0"),
        (("parent", 40.0, 60.0, 4.0), ch.GeometryError, "not on it"),
        (("main", 20.0, 25.0, 2.0), ch.GeometryError, "narrower than the lumen all along"),
        (("main", 25.0, 20.0, 4.0), ch.InputError, "start_mm < end_mm"),
        (("main", 20.0, float("nan"), 4.0), ch.InputError, "start_mm < end_mm"),
        (("main", 20.0, 25.0, -4.0), ch.InputError, "diameter_mm must be positive"),
    ],
)
def test_impossible_stents_are_refused_in_sentences(arguments, error, words):
    lumen = ch.build_lumen(ch.gallery.y_bifurcation())
    with pytest.raises(error, match=words):
        lumen.with_stent(*arguments)


def test_impossible_removals_are_refused_in_sentences():
    lumen = stenosis()
    with pytest.raises(ch.GeometryError, match="no lesion 'LAD-7'"):
        lumen.without_lesion("LAD-7")
    with pytest.raises(ch.InputError, match="Name the lesion"):
        lumen.without_lesion()
    with pytest.raises(ch.InputError, match="transition_mm must be positive"):
        lumen.without_lesion("stenosis-1", transition_mm=0.0)


def test_opened_lesion_takes_no_more_cells_than_it_had():
    before = stenosis()
    after = before.without_lesion("stenosis-1")
    assert len(ch.mesh_lumen(after).cells) <= len(ch.mesh_lumen(before).cells)


def test_stent_that_ends_at_a_bifurcation_is_meshed():
    before = ch.build_lumen(ch.gallery.y_bifurcation())
    mesh = ch.mesh_lumen(before.with_stent("main", 15.0, 25.0, 3.4))
    assert mesh.faces == ("inlet", "outlet:main", "outlet:side", "wall")
