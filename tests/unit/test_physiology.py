"""Allometric flow, split and hyperemia against closed forms."""

import numpy as np
import pytest

from corohemo.errors import ConfigError, GeometryError
from corohemo.lumen import Lumen, LumenBranch
from corohemo.physiology import (
    Hyperemia,
    Rest,
    describe_defaults,
    flow_fractions,
    outlet_fractions,
    prescribe_boundaries,
)


def straight_branch(name, parent, radius, *, start=0.0, length=0.02, end_radius=None):
    n = 21
    abscissas = start + np.linspace(0.0, length, n)
    points = np.column_stack([abscissas, np.zeros(n), np.zeros(n)])
    frame = [np.tile(row, (n, 1)) for row in np.eye(3)]
    radii = np.linspace(radius, radius if end_radius is None else end_radius, n)
    return LumenBranch(name, parent, abscissas, points, radii, radii.copy(), *frame)


@pytest.fixture
def left_tree():
    """LM into LAD (two ends) and LCX; healthy outlet diameters 3.0, 2.5, 2.0 mm."""
    branches = (
        straight_branch("LM", -1, 2.2e-3),
        straight_branch("LAD", 0, 1.8e-3, start=0.02),
        straight_branch("dLAD", 1, 1.5e-3, start=0.04),
        straight_branch("D1", 1, 1.25e-3, start=0.04),
        straight_branch("LCX", 0, 1.0e-3, start=0.02),
    )
    return Lumen(branches, ())


@pytest.mark.parametrize(
    ("exponent", "fractions"),
    [
        (2.0, (0.468, 0.325, 0.208)),
        (2.15, (0.478, 0.323, 0.200)),
        (2.33, (0.490, 0.320, 0.190)),
        (2.38, (0.493, 0.319, 0.188)),
        (2.55, (0.504, 0.317, 0.179)),
        (2.6, (0.507, 0.316, 0.177)),
        (2.7, (0.514, 0.314, 0.172)),
        (3.0, (0.533, 0.309, 0.158)),
    ],
)
def test_flow_fractions_follow_the_diameter_exponent(exponent, fractions, left_tree):
    diameters = np.array([3.0, 2.5, 2.0])
    np.testing.assert_allclose(flow_fractions(diameters, exponent), fractions, atol=5e-4)
    state = Rest(diameter_exponent=exponent)
    np.testing.assert_allclose(outlet_fractions(left_tree, state), fractions, atol=5e-4)


@pytest.mark.parametrize(("mass", "flow"), [(100, 84.6), (125, 100.0), (150, 114.7), (200, 142.3)])
def test_resting_flow_follows_mass_allometry(mass, flow):
    state = Rest(myocardial_mass_g=mass, tree="whole")
    assert state.resting_flow * 6e7 == pytest.approx(flow, abs=0.06)


def test_one_tree_gets_its_share_only():
    left, right, whole = (Rest(tree=tree).resting_flow for tree in ("left", "right", "whole"))
    assert left + right == pytest.approx(whole)
    assert left / whole == pytest.approx(0.6)
    assert Rest(tree="left", tree_share=0.45).resting_flow == pytest.approx(0.45 * whole)


def test_hyperemia_scales_every_resting_resistance_by_the_index(left_tree):
    hyperemia = Hyperemia(total_coronary_resistance_index=0.3)
    hyperemic = prescribe_boundaries(left_tree, hyperemia)
    resting = prescribe_boundaries(left_tree, hyperemia.at_rest())
    assert (hyperemic.state, resting.state) == ("hyperemic", "resting")
    for name in left_tree.outlet_names:
        ratio = hyperemic.outlet(name).resistance_wu / resting.outlet(name).resistance_wu
        assert ratio == pytest.approx(0.3, rel=1e-12)


def test_resting_pressure_sets_the_resistance_when_given():
    same = Hyperemia(mean_aortic_pressure_mmhg=93.0)
    lower = Hyperemia(mean_aortic_pressure_mmhg=85.0, resting_mean_aortic_pressure_mmhg=93.0)
    assert lower.total_resistance == pytest.approx(same.total_resistance)
    assert lower.at_rest().mean_aortic_pressure_mmhg == 93.0


@pytest.mark.parametrize("split", ["outlets", "bifurcations"])
def test_outlet_resistances_in_parallel_give_the_allometric_flow(left_tree, split):
    state = Rest(split=split, venous_pressure_mmhg=5.0)
    boundaries = prescribe_boundaries(left_tree, state)
    conductance = sum(
        1.0 / boundaries.outlet(name).steady_resistance for name in left_tree.outlet_names
    )
    driving = boundaries.inlet.pressure - boundaries.outlet("LCX").steady_offset
    assert conductance * driving == pytest.approx(state.resting_flow, rel=1e-12)
    assert boundaries.flow_source == "allometric"


def test_split_by_bifurcations_multiplies_the_fractions_down_the_tree(left_tree):
    fractions = outlet_fractions(left_tree, Rest(split="bifurcations", diameter_exponent=2.0))
    trunk = 1.8**2 / (1.8**2 + 1.0**2)
    first = 1.5**2 / (1.5**2 + 1.25**2)
    np.testing.assert_allclose(fractions, [trunk * first, trunk * (1 - first), 1 - trunk])


def test_adding_pressure_to_aorta_and_veins_changes_no_resistance(left_tree):
    low = prescribe_boundaries(left_tree, Rest())
    high = prescribe_boundaries(
        left_tree, Rest(mean_aortic_pressure_mmhg=103.0, venous_pressure_mmhg=10.0)
    )
    for name in left_tree.outlet_names:
        assert high.outlet(name).resistance_wu == pytest.approx(low.outlet(name).resistance_wu)


def test_healthy_diameter_splits_the_flow_not_the_narrowed_one(left_tree):
    narrowed = left_tree.branches[-1]
    radii = narrowed.radii * 0.5
    branch = LumenBranch(
        narrowed.name, narrowed.parent, narrowed.abscissas, narrowed.points, radii,
        narrowed.reference_radii, narrowed.tangents, narrowed.normals, narrowed.binormals,
    )  # fmt: skip
    diseased = Lumen((*left_tree.branches[:-1], branch), ())
    np.testing.assert_array_equal(
        outlet_fractions(diseased, Rest()), outlet_fractions(left_tree, Rest())
    )


def test_outlet_without_radius_names_its_branch(left_tree):
    branches = (*left_tree.branches[:-1], straight_branch("LCX", 0, 0.0, start=0.02))
    with pytest.raises(GeometryError, match="LCX"):
        prescribe_boundaries(Lumen(branches, ()), Rest())


def test_every_default_has_a_unit_and_a_source_and_says_if_unverified():
    rows = {row.name: row for row in describe_defaults(Hyperemia(myocardial_mass_g=130.0))}
    assert all(row.unit and row.source and row.evidence for row in rows.values())
    assert rows["myocardial_mass_g"].source == "given"
    assert not rows["myocardial_mass_g"].is_default
    assert "unverified" in rows["total_coronary_resistance_index"].evidence
    assert "Wilson" in rows["total_coronary_resistance_index"].sentence()


def test_notes_list_every_default_in_use(left_tree):
    state = Hyperemia(myocardial_mass_g=130.0)
    notes = " ".join(prescribe_boundaries(left_tree, state).notes)
    for row in describe_defaults(state):
        assert (row.name in notes) == row.is_default


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Rest(mean_aortic_pressure_mmhg=-93.0), "mean_aortic_pressure_mmhg"),
        (lambda: Rest(myocardial_mass_g=0.0), "myocardial_mass_g"),
        (lambda: Rest(venous_pressure_mmhg=95.0), "venous_pressure_mmhg"),
        (lambda: Rest(tree="LCA"), "tree"),
        (lambda: Rest(split="murray"), "split"),
        (lambda: Rest(tree_share=1.2), "tree_share"),
        (lambda: Hyperemia(total_coronary_resistance_index=2.0), "total_coronary_resistance_index"),
        (lambda: Hyperemia(total_coronary_resistance_index=0), "total_coronary_resistance_index"),
    ],
)
def test_impossible_setting_names_its_field(make, field):
    with pytest.raises(ConfigError) as caught:
        make()
    assert caught.value.field == field
