"""All indices of a tree of exact flows."""

import inspect
from dataclasses import replace

import numpy as np
import pytest

from corohemo.boundary import Boundaries, PressureInlet, PressureOutlet, Resistance
from corohemo.errors import ConfigError, InputError, NotConvergedError
from corohemo.indices.compute import compute_indices
from corohemo.indices.locator import PointLocator
from corohemo.indices.options import IndexOptions
from corohemo.report.document import empty_document, has_numbers, result_document
from corohemo.solvers.solution import SolveStatus, TimeAverage
from corohemo.units import MM, MMHG, WOOD_UNIT


def conditions(state="hyperemic", **fields):
    values = {"outlets": {"*": Resistance(300.0, 5.0)}, "flow_source": "allometric", "state": state}
    return Boundaries(inlet=PressureInlet(90.0), **(values | fields))


@pytest.fixture
def tree(tools):
    lesion = tools.make_lesion(5e-3, 8e-3, 12e-3, branch="trunk")
    return tools.y_tree(lesions=(lesion,), boundaries=conditions())


@pytest.fixture
def resting(tools):
    return tools.y_tree(
        inflow=0.4e-6, inlet_pressure=95 * MMHG, boundaries=conditions("resting")
    ).solution


def test_vessels_are_named_after_their_outlets(tree):
    indices = compute_indices(tree.solution, tree.lumen)
    assert [vessel.name for vessel in indices.vessels] == ["big", "small"]
    assert [lesion.lesion.name for lesion in indices.lesions] == ["lesion 1"]
    assert list(indices.states) == list(indices.pullbacks) == ["hyperemic"]


def test_the_cells_of_a_mesh_are_hashed_once(tree, monkeypatch):
    hashed, of = [], PointLocator.of
    monkeypatch.setattr(PointLocator, "of", lambda mesh: hashed.append(mesh) or of(mesh))
    resting = replace(tree.solution, boundaries=conditions("resting"))
    options = IndexOptions(plaque_stress_reference="local")
    compute_indices(tree.solution, tree.lumen, resting=resting, options=options)
    assert hashed == [tree.solution.mesh]


def test_transit_time_falls_with_the_flow_behind_the_bifurcation(tree):
    vessel = compute_indices(tree.solution, tree.lumen).vessels[0]
    volumes = [np.pi * r**2 * length for r, length in zip(tree.radii, tree.lengths, strict=True)]
    transit = volumes[0] / tree.flows[0] + volumes[1] / tree.flows[1]
    assert vessel.transit_time_s == pytest.approx(transit, rel=1e-3)
    assert vessel.imr_ct_u == pytest.approx(tree.outlet_pressures[0] / MMHG * transit, rel=1e-3)
    assert vessel.wire_position == pytest.approx(50e-3)
    assert "vessel's end" in vessel.notes["wire"]


def test_resistance_is_distal_minus_venous_pressure_over_flow(tree):
    for vessel, pressure, flow in zip(
        compute_indices(tree.solution, tree.lumen).vessels,
        tree.outlet_pressures,
        tree.flows[1:],
        strict=True,
    ):
        expected = (pressure - 5 * MMHG) / flow / WOOD_UNIT
        assert vessel.microvascular_resistance_wu == pytest.approx(expected, rel=1e-3)


def test_wire_may_lie_in_the_trunk(tree):
    options = IndexOptions(wire_positions_mm={"big": 10.0})
    vessel = compute_indices(tree.solution, tree.lumen, options=options).vessels[0]
    expected = np.pi * tree.radii[0] ** 2 * 10e-3 / tree.flows[0]
    assert vessel.wire_branch == "trunk"
    assert vessel.transit_time_s == pytest.approx(expected, rel=1e-3)


def test_reserves_follow_from_both_states(tree, resting):
    for vessel in compute_indices(tree.solution, tree.lumen, resting=resting).vessels:
        assert vessel.cfr == pytest.approx(2.5, rel=1e-6)
        assert vessel.mrr == pytest.approx(2.5 / vessel.ffr_ct_distal * 95 / 90, rel=1e-9)


def test_without_pressure_at_the_wire_there_is_no_microvascular_index(tools):
    tree = tools.y_tree(inlet_pressure=1.0, boundaries=conditions())
    for vessel in compute_indices(tree.solution, tree.lumen).vessels:
        assert vessel.imr_ct_u is None
        assert vessel.endotype is None
        assert "not above zero" in vessel.notes["imr_ct_u"]


def test_without_rest_the_reserves_are_none_with_a_reason(tree):
    for vessel in compute_indices(tree.solution, tree.lumen).vessels:
        assert vessel.cfr is None
        assert vessel.mrr is None
        assert "resting" in vessel.notes["cfr"]


def test_rest_alone_gives_pressure_ratios_and_no_ffr(tree, resting):
    """A resting Pd/Pa has cut-offs of its own, so it does not go by the name of FFR."""
    indices = compute_indices(resting, tree.lumen)
    assert list(indices.states) == ["resting"]
    assert "Pd/Pa" in indices.notes["state"]
    assert indices.pullbacks["resting"][1].ffr[-1] < 1
    for vessel in indices.vessels:
        assert vessel.imr_ct_u is None
        assert "hyperemic" in vessel.notes["imr_ct_u"]
        assert (vessel.ffr_ct, vessel.ffr_ct_distal, vessel.ffr_ct_wire) == (None, None, None)
        assert (vessel.ppg, vessel.ffr_band) == (None, "unknown")
    (lesion,) = indices.lesions
    assert (lesion.ffr_ct, lesion.delta_ffr, lesion.ffr_ct_position) == (None, None, None)
    assert lesion.wss_mean_pa > 0
    for entry in (*indices.vessels, lesion):
        assert "needs hyperemia" in entry.notes["ffr_ct"]


def test_hyperemic_flow_below_rest_is_said(tree, resting):
    slow = replace(resting, velocity=10 * resting.velocity)
    vessel = compute_indices(tree.solution, tree.lumen, resting=slow).vessels[0]
    assert vessel.cfr < 1
    assert "below the resting flow" in vessel.notes["cfr"]


def test_population_flow_is_not_informative_and_says_so(tree):
    indices = compute_indices(tree.solution, tree.lumen)
    for vessel in indices.vessels:
        assert vessel.flow_source == "allometric"
        assert not vessel.microvascular_informative
        assert "allometric" in vessel.notes["microvascular"]
    assert "do not diagnose" in indices.summary()


def measured(**fields):
    return conditions(flow_source="perfusion", hyperemia_source="measured", **fields)


def test_an_endotype_is_named_only_where_both_flows_were_measured(tree, resting):
    def told(hyperemic, rest):
        return compute_indices(
            replace(tree.solution, boundaries=hyperemic),
            tree.lumen,
            resting=replace(resting, boundaries=rest),
        ).vessels[0]

    rest = conditions("resting", flow_source="perfusion")
    both = told(measured(), rest)
    assert both.endotype == "isolated_high_resistance"
    assert "IMR 25 U" in both.notes["endotype"]
    population = conditions(flow_source="perfusion", hyperemia_source="population")
    for vessel in (
        told(conditions(), conditions("resting")),
        told(population, rest),
        told(measured(), conditions("resting")),
    ):
        assert vessel.cfr == pytest.approx(both.cfr)
        assert vessel.endotype is None
        assert "would name the assumption" in vessel.notes["endotype"]


def test_a_measured_hyperemia_over_an_assumed_rest_is_said(tree, resting):
    solution = replace(tree.solution, boundaries=measured())
    vessel = compute_indices(solution, tree.lumen, resting=resting).vessels[0]
    assert vessel.microvascular_informative
    assert "resting flow of source allometric is assumed" in vessel.notes["microvascular"]


def test_a_flow_from_deformation_is_told_as_experimental(tree):
    solution = replace(tree.solution, boundaries=conditions(flow_source="deformation"))
    vessel = compute_indices(solution, tree.lumen).vessels[0]
    assert vessel.microvascular_informative
    assert "EXPERIMENTAL" in vessel.notes["microvascular"]


def test_a_pressure_below_the_venous_one_gives_no_resistance(tools):
    veins = conditions(outlets={"*": Resistance(300.0, 95.0)})
    tree = tools.y_tree(boundaries=veins)
    vessel = compute_indices(tree.solution, tree.lumen).vessels[0]
    assert vessel.microvascular_resistance_wu is None
    assert "venous pressure" in vessel.notes["microvascular_resistance_wu"]


def test_a_wire_inside_a_lesion_is_said(tree):
    options = IndexOptions(wire_positions_mm={"big": 9.0})
    vessels = compute_indices(tree.solution, tree.lumen, options=options).vessels
    assert "inside lesion lesion 1" in vessels[0].notes["wire"]
    assert "inside" not in vessels[1].notes["wire"]


def test_volume_is_that_of_the_tubes(tools):
    tube = tools.poiseuille_tube()
    indices = compute_indices(tube.solution, tube.lumen, myocardial_mass_g=130.0)
    volume = np.pi * tube.radius**2 * tube.length / MM**3
    assert indices.lumen_volume_mm3 == pytest.approx(volume, rel=1e-3)
    assert indices.volume_to_mass_mm3_g == pytest.approx(volume / 130, rel=1e-3)
    assert "3.00 mm" in indices.notes["volume_to_mass_mm3_g"]


def test_lesion_is_read_distally_with_wall_and_plaque_stress(tree):
    item = compute_indices(tree.solution, tree.lumen).lesions[0]
    shear = 4 * 3.5e-3 * tree.flows[0] / (np.pi * tree.radii[0] ** 3)
    assert item.ffr_ct_position == pytest.approx(27e-3)
    assert item.ffr_ct_branch == "big"
    assert item.wss_mean_pa == pytest.approx(shear, rel=1e-3)
    assert item.wss_max_pa == pytest.approx(shear, rel=1e-3)
    assert item.aps_net_pa == pytest.approx(shear, rel=1e-3)
    assert 0 < item.delta_ffr < 1 - item.ffr_ct


def test_vessel_without_a_lesion_takes_its_end(tools):
    tree = tools.y_tree()
    for vessel in compute_indices(tree.solution, tree.lumen).vessels:
        assert vessel.ffr_ct == vessel.ffr_ct_distal
        assert "no lesion" in vessel.notes["ffr_ct"]


def test_outlet_without_venous_pressure_is_said(tools):
    tree = tools.y_tree(boundaries=conditions(outlets={"*": PressureOutlet(80.0)}))
    vessel = compute_indices(tree.solution, tree.lumen).vessels[0]
    expected = tree.outlet_pressures[0] / tree.flows[1] / WOOD_UNIT
    assert vessel.microvascular_resistance_wu == pytest.approx(expected, rel=1e-3)
    assert "no venous pressure" in vessel.notes["microvascular_resistance_wu"]


def test_backward_flow_gives_no_microvascular_index(tree):
    backward = replace(tree.solution, velocity=-tree.solution.velocity)
    vessel = compute_indices(backward, tree.lumen).vessels[0]
    assert vessel.imr_ct_u is None
    assert "forward" in vessel.notes["imr_ct_u"]


def test_a_mean_in_time_is_used_and_says_so(tree):
    average = TimeAverage(window_s=0.1, flow=0.03, pressure_mmhg=1.2, drift=0.004)
    told = average.sentence()
    mean = replace(tree.solution, status=SolveStatus.NOT_CONVERGED, message=told, average=average)
    indices = compute_indices(mean, tree.lumen)
    assert indices.notes["status.hyperemic"] == told
    assert "status" not in indices.notes
    document = result_document(indices, case_id="restless")
    assert (document["status"], document["message"]) == ("not_converged", told)
    assert document["states"]["hyperemic"]["time_average"]["drift"] == 0.004
    assert document["notes"]["status.hyperemic"] == told
    assert has_numbers(document)


def test_status_of_a_converged_flow_and_of_none_are_told_apart(tree):
    indices = compute_indices(tree.solution, tree.lumen)
    document = result_document(indices, case_id="calm")
    assert document["states"]["hyperemic"]["time_average"] is None
    assert has_numbers(document)
    assert not has_numbers(empty_document("none", status="not_converged", message="No."))
    bad = replace(tree.solution, status=SolveStatus.NOT_CONVERGED, message="residual 1e-2")
    allowed = compute_indices(bad, tree.lumen, options=IndexOptions(allow_unconverged=True))
    assert not has_numbers(result_document(allowed, case_id="bad"))


def test_unconverged_flow_is_refused_unless_asked_for(tree):
    bad = replace(tree.solution, status=SolveStatus.NOT_CONVERGED, message="residual 1e-2")
    with pytest.raises(NotConvergedError, match="residual 1e-2"):
        compute_indices(bad, tree.lumen)
    indices = compute_indices(bad, tree.lumen, options=IndexOptions(allow_unconverged=True))
    assert "did not converge" in indices.notes["status"]


def test_exchanged_states_are_refused(tree, resting):
    with pytest.raises(InputError, match="give the hyperemic one first"):
        compute_indices(resting, tree.lumen, resting=tree.solution)


@pytest.mark.parametrize("mass", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_mass_is_refused(tree, mass):
    with pytest.raises(InputError, match="myocardial_mass_g"):
        compute_indices(tree.solution, tree.lumen, myocardial_mass_g=mass)


@pytest.mark.parametrize(
    "options",
    [
        {"distal_reading_mm": 5.0},
        {"wire_mm": -1.0},
        {"plaque_stress_reference": "absolute"},
        {"wire_positions_mm": {"big": -3.0}},
        {"section_step_mm": float("nan")},
    ],
)
def test_impossible_options_are_refused(options):
    with pytest.raises(ConfigError, match=next(iter(options)).split("_")[0]):
        IndexOptions(**options)


def test_wire_in_an_unknown_vessel_is_refused(tree):
    with pytest.raises(ConfigError, match="big, small"):
        compute_indices(
            tree.solution, tree.lumen, options=IndexOptions(wire_positions_mm={"LAD": 60.0})
        )


def test_conventions_are_keywords_only():
    kinds = inspect.signature(compute_indices).parameters
    assert all(kinds[name].kind is inspect.Parameter.KEYWORD_ONLY for name in list(kinds)[2:])
