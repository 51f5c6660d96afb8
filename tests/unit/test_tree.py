from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corohemo.errors import CorohemoError, GeometryError, InputError, UnitError
from corohemo.tree import VesselTree

Y_POINTS = [[0, 0, 0], [0, 0, 5], [0, 0, 10], [3, 0, 15], [6, 0, 20], [-3, 0, 15]]
Y_RADII = [2.0, 1.9, 1.8, 1.2, 1.1, 1.5]
Y_PARENTS = [-1, 0, 1, 2, 3, 2]


def make_y(**changes: object) -> VesselTree:
    arguments = {"points": Y_POINTS, "radii": Y_RADII, "parents": Y_PARENTS, "length_unit": "mm"}
    arguments.update(changes)
    return VesselTree.from_arrays(**arguments)


def test_branches_end_at_bifurcations_and_share_the_point():
    tree = make_y()
    stem, wide, narrow = tree.branches
    assert [len(b.points) for b in tree.branches] == [3, 2, 3]
    assert [b.parent for b in tree.branches] == [-1, 0, 0]
    np.testing.assert_array_equal(wide.points[0], stem.points[-1])
    np.testing.assert_array_equal(narrow.points[0], stem.points[-1])


def test_widest_daughter_comes_first_and_names_follow_the_order():
    tree = make_y()
    assert [b.name for b in tree.branches] == ["branch0", "branch1", "branch2"]
    assert tree.branches[1].radii[-1] == pytest.approx(1.5e-3)
    assert tree.outlet_names == ("branch1", "branch2")
    assert tree.children(0) == (1, 2)
    assert tree.path(2) == (0, 2)


def test_lengths_are_metres_and_abscissas_run_on_from_the_parent():
    tree = make_y()
    assert tree.branches[0].length == pytest.approx(10e-3)
    assert tree.branches[1].abscissas[0] == pytest.approx(10e-3)
    assert tree.length == pytest.approx(10e-3 + 3 * np.sqrt(34) * 1e-3)


def test_daughter_starts_with_the_radius_of_the_shared_point():
    assert make_y().branches[2].radii[0] == pytest.approx(1.8e-3)


@given(st.permutations(range(6)))
def test_order_of_the_points_does_not_matter(order: list[int]):
    place = np.argsort(order)
    parents = [place[Y_PARENTS[i]] if Y_PARENTS[i] >= 0 else -1 for i in order]
    tree = make_y(points=np.array(Y_POINTS)[order], radii=np.array(Y_RADII)[order], parents=parents)
    for ours, theirs in zip(tree.branches, make_y().branches, strict=True):
        np.testing.assert_array_equal(ours.points, theirs.points)
        np.testing.assert_array_equal(ours.radii, theirs.radii)


def test_labels_of_the_file_win_and_repeats_are_numbered():
    tree = make_y(names=["LM", "LM", "LM", "LAD", "LAD", "LM"])
    assert [b.name for b in tree.branches] == ["LM", "LM.2", "LAD"]
    assert tree.branch("LAD").parent == 0


def test_unknown_branch_name_lists_the_known_ones():
    with pytest.raises(GeometryError, match="branch0, branch1, branch2"):
        make_y().branch("RCA")


def test_point_on_its_parent_is_merged():
    points = [[0, 0, 0], [0, 0, 5], [0, 0, 5], [0, 0, 10]]
    tree = VesselTree.from_arrays(points, [2, 2, 2, 2], [-1, 0, 1, 2], length_unit="mm")
    assert len(tree.branches[0].points) == 3


def test_point_on_a_bifurcation_gives_its_daughter_a_radius_of_its_own():
    points = [[0, 0, 0], [0, 0, 10], [0, 0, 10], [3, 0, 15], [-3, 0, 15]]
    tree = VesselTree.from_arrays(points, [2, 2, 1, 1, 1.5], [-1, 0, 1, 2, 1], length_unit="mm")
    assert tree.branches[2].radii[0] == pytest.approx(1e-3)
    assert tree.branches[1].radii[0] == pytest.approx(2e-3)
    assert len(tree.branches) == 3


def test_two_radii_at_one_place_are_refused():
    points = [[0, 0, 0], [0, 0, 5], [0, 0, 5], [0, 0, 10]]
    with pytest.raises(GeometryError, match="Points 2 and 3 are in one place"):
        VesselTree.from_arrays(points, [2, 2, 1, 1], [-1, 0, 1, 2], length_unit="mm")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"points": [[0, 0]] * 6}, InputError, r"shape \(n, 3\)"),
        ({"points": 3.0}, InputError, r"shape \(n, 3\)"),
        ({"points": [["a", 0, 0]] * 6}, InputError, "must be numbers"),
        ({"radii": [1.0]}, InputError, r"radii must have shape \(6,\)"),
        ({"parents": [-1]}, InputError, r"parents must have shape \(6,\)"),
        ({"parents": [-1, 0, 1, 2, 3.5, 2]}, InputError, "whole numbers"),
        ({"names": ["LM"]}, InputError, "one label per point"),
        ({"points": [[0, 0, np.nan], *Y_POINTS[1:]]}, InputError, "Point 1 is not finite"),
        ({"radii": [np.inf, *Y_RADII[1:]]}, InputError, "radius of point 1 is not finite"),
        ({"radii": [2.0, 0.0, *Y_RADII[2:]]}, GeometryError, "radius of point 2 is 0"),
        ({"radii": [2.0, -1.0, *Y_RADII[2:]]}, GeometryError, "radius of point 2 is -1"),
        ({"parents": [-1, 0, 1, 2, 3, 9]}, GeometryError, "Point 6 names parent index 9"),
        ({"parents": [-1, 0, 1, 4, 3, 2]}, GeometryError, "point 4 form a cycle"),
        ({"parents": [1, 0, 1, 2, 3, 2]}, GeometryError, "cycle"),
        ({"parents": [-1, 0, 1, 2, -1, 2]}, GeometryError, "2 trees, with ostia at points 1, 5"),
        ({"parents": [-1, 0, 0, 2, 3, 2]}, GeometryError, "The ostium, point 1, has 2 children"),
        ({"points": [[1, 2, 3]] * 6}, GeometryError, "in one place"),
        ({"length_unit": "inch"}, UnitError, "not known"),
    ],
)
def test_what_is_no_tree_is_a_sentence(changes: dict, error: type[CorohemoError], message: str):
    with pytest.raises(error, match=message):
        make_y(**changes)


def test_single_point_is_refused():
    with pytest.raises(GeometryError, match="at least two points"):
        VesselTree.from_arrays([[0, 0, 0]], [1], [-1], length_unit="mm")


@pytest.mark.parametrize(("unit", "factor"), [("cm", 1.0), ("m", 1.0), ("mm", 0.1), ("um", 1.0)])
def test_implausible_radii_name_the_likely_unit(unit: str, factor: float):
    radii = np.array(Y_RADII) * factor
    likely = "mm" if factor == 1.0 else "cm"
    with pytest.raises(UnitError, match=f"likely unit is {likely}"):
        make_y(radii=radii, length_unit=unit)


def test_scale_check_can_be_turned_off():
    tree = make_y(length_unit="cm", check_scale=False)
    assert tree.branches[0].radii[0] == pytest.approx(0.02)


def test_messages_name_the_source():
    with pytest.raises(GeometryError, match=r"tree\.swc: "):
        make_y(parents=[-1, 0, 1, 2, -1, 2], source="tree.swc")


@example(([(0.0, 0.0, 0.0), (0.0, 0.0, 1.0)], [1.0, 5e-324], [-1, 0]))
@given(
    st.integers(2, 30).flatmap(
        lambda n: st.tuples(
            st.lists(st.tuples(*[st.floats(-50, 50)] * 3), min_size=n, max_size=n),
            st.lists(st.floats(-0.1, 5), min_size=n, max_size=n),
            st.lists(st.integers(-1, n), min_size=n, max_size=n),
        )
    )
)
def test_any_arrays_give_a_valid_tree_or_an_error_of_ours(arrays: tuple):
    points, radii, parents = arrays
    try:
        tree = VesselTree.from_arrays(points, radii, parents, length_unit="mm", check_scale=False)
    except CorohemoError:
        return
    assert len({b.name for b in tree.branches}) == len(tree.branches)
    assert tree.branches[0].parent == -1
    for index, branch in enumerate(tree.branches):
        assert branch.parent < index
        assert len(branch.points) >= 2
        assert np.all(np.diff(branch.abscissas) > 0)
        assert np.all(branch.radii > 0)
        if branch.parent >= 0:
            np.testing.assert_array_equal(branch.points[0], tree.branches[branch.parent].points[-1])
