"""Reduced-order network against closed forms, a public 0-D case and the axisymmetric reference."""

from pathlib import Path

import numpy as np
import pytest

from corohemo import gallery
from corohemo.boundary import (
    RCR,
    Blood,
    Boundaries,
    CoronaryBed,
    FlowInlet,
    FlowOutlet,
    PressureInlet,
    PressureOutlet,
    Resistance,
)
from corohemo.errors import ConfigError, GeometryError, NotConvergedError
from corohemo.gallery.random_trees import random_tree
from corohemo.lumen import Lumen
from corohemo.lumen_branch import LumenBranch
from corohemo.lumen_build import build_lumen
from corohemo.physiology import Hyperemia, prescribe_boundaries
from corohemo.solvers.reduced import ReducedModel, ReducedOptions, solve_reduced
from corohemo.units import ML_PER_MIN, MMHG, WOOD_UNIT

ROOT = Path(__file__).parents[2]
PROFILE = ReducedOptions(losses="profile")
VISCOSITY = Blood().dynamic_viscosity


@pytest.fixture(scope="module")
def tube():
    return build_lumen(gallery.tube(diameter_mm=3.0, length_mm=40.0))


@pytest.fixture(scope="module")
def left_tree():
    return build_lumen(gallery.left_tree())


def test_poiseuille_drop_is_exact(tube):
    boundaries = Boundaries(FlowInlet(60.0), {"*": PressureOutlet(0.0)})
    solution = solve_reduced(tube, boundaries)
    branch = tube.branches[0]
    exact = 8 * VISCOSITY * 1e-6 * branch.length / (np.pi * branch.radii[0] ** 4) / MMHG
    assert solution.face_pressure_mmhg("inlet") == pytest.approx(exact, rel=1e-9)
    assert solution.face_flow_ml_min("outlet:" + tube.outlet_names[0]) == pytest.approx(60.0)


def test_cone_drop_is_lubrication_and_bernoulli():
    lumen = build_lumen(gallery.cone(3.0, 1.5, 40.0))
    branch = lumen.branches[0]
    r1, r2 = branch.radii[0], branch.radii[-1]
    flow = 1e-6
    viscous = 8 * VISCOSITY * flow / np.pi * branch.length / (3 * (r1 - r2)) * (r2**-3 - r1**-3)
    dynamic = 530.0 * (flow / np.pi) ** 2 * (r2**-4 - r1**-4)
    boundaries = Boundaries(FlowInlet(60.0), {"*": PressureOutlet(0.0)})
    options = ReducedOptions(mixing=0.0)
    drop = solve_reduced(lumen, boundaries, options).face_pressure_mmhg("inlet") * MMHG
    assert drop == pytest.approx(viscous + dynamic, rel=2e-3)


def test_pressures_fulfil_every_outlet_and_flows_every_junction(left_tree):
    boundaries = prescribe_boundaries(left_tree, Hyperemia(venous_pressure_mmhg=5.0))
    solution = solve_reduced(left_tree, boundaries)
    for name in left_tree.outlet_names:
        flow = solution.face_flow_ml_min(f"outlet:{name}") * ML_PER_MIN
        resistance = boundaries.outlet(name).resistance_wu * WOOD_UNIT
        pressure = solution.face_pressure_mmhg(f"outlet:{name}")
        assert pressure == pytest.approx(flow * resistance / MMHG + 5.0, rel=1e-10)
    for index in range(len(left_tree.branches)):
        if daughters := list(left_tree.children(index)):
            total = solution.flows[daughters].sum()
            assert total == pytest.approx(solution.flows[index], rel=1e-12)


def test_ffr_is_one_at_ostium_and_below_one_at_outlets(left_tree):
    ffr = solve_reduced(left_tree, prescribe_boundaries(left_tree, Hyperemia())).ffr
    assert ffr[0][0] == 1.0
    assert all(0.3 < ffr[i][-1] < 1.0 for i in left_tree.outlets)


def test_constant_added_to_all_pressures_changes_no_flow(left_tree):
    low = prescribe_boundaries(left_tree, Hyperemia())
    raised = Hyperemia(mean_aortic_pressure_mmhg=113.0, venous_pressure_mmhg=20.0)
    high = prescribe_boundaries(left_tree, raised)
    np.testing.assert_allclose(
        solve_reduced(left_tree, high).flows, solve_reduced(left_tree, low).flows, rtol=1e-10
    )


def test_flow_inlet_and_pressure_inlet_are_each_others_inverse(left_tree):
    outlets = prescribe_boundaries(left_tree, Hyperemia()).outlets
    by_pressure = solve_reduced(left_tree, Boundaries(PressureInlet(93.0), outlets))
    flow = by_pressure.face_flow_ml_min("inlet")
    by_flow = solve_reduced(left_tree, Boundaries(FlowInlet(flow), outlets))
    assert by_flow.face_pressure_mmhg("inlet") == pytest.approx(93.0, rel=1e-10)
    np.testing.assert_allclose(by_flow.flows, by_pressure.flows, rtol=1e-10)


def test_windkessel_and_coronary_bed_act_by_their_total_resistance(tube):
    models = (
        Resistance(100.0, 5.0),
        RCR(9.0, 0.1, 91.0, distal_pressure_mmhg=5.0),
        CoronaryBed(32.0, 1e-3, 52.0, 1e-2, 16.0, venous_pressure_mmhg=5.0),
    )
    flows = [solve_reduced(tube, Boundaries(PressureInlet(93.0), {"*": m})).flows for m in models]
    np.testing.assert_allclose(flows[1:], [flows[0]] * 2, rtol=1e-12)


def test_prescribed_outlet_flow_leaves_the_rest_to_the_others():
    lumen = build_lumen(gallery.y_bifurcation())
    first, second = lumen.outlet_names
    boundaries = Boundaries(
        FlowInlet(100.0), {first: FlowOutlet(30.0), second: PressureOutlet(60.0)}
    )
    solution = solve_reduced(lumen, boundaries)
    assert solution.face_flow_ml_min(f"outlet:{first}") == pytest.approx(30.0)
    assert solution.face_flow_ml_min(f"outlet:{second}") == pytest.approx(70.0)
    assert solution.face_pressure_mmhg(f"outlet:{second}") == pytest.approx(60.0)


def test_closed_outlet_feels_the_static_pressure_of_its_parent():
    lumen = build_lumen(gallery.y_bifurcation())
    first, second = lumen.outlet_names
    boundaries = Boundaries(
        FlowInlet(100.0), {first: FlowOutlet(0.0), second: PressureOutlet(60.0)}
    )
    solution = solve_reduced(lumen, boundaries)
    closed = lumen.outlets[0]
    parent = lumen.branches[closed].parent
    np.testing.assert_allclose(solution.pressures[closed], solution.pressures[parent][-1])


@pytest.mark.parametrize("percent", [30.0, 60.0, 80.0, 90.0, 93.0])
def test_severe_stenosis_converges_quickly(percent):
    lumen = build_lumen(gallery.cosine_stenosis(percent_diameter_stenosis=percent))
    solution = solve_reduced(lumen, Boundaries(PressureInlet(93.0), {"*": PressureOutlet(5.0)}))
    assert solution.iterations <= 20
    assert solution.flows[0] > 0


def test_flow_falls_with_severity_at_fixed_pressures():
    boundaries = Boundaries(PressureInlet(93.0), {"*": Resistance(300.0)})
    flows = [
        solve_reduced(build_lumen(gallery.cosine_stenosis(percent_diameter_stenosis=p)), boundaries)
        .flows[0]
        for p in (0.0, 30.0, 50.0, 60.0, 70.0, 80.0)
    ]  # fmt: skip
    assert np.all(np.diff(flows) < 0)


def test_reverse_pressures_reverse_the_flow(tube):
    forward = Boundaries(PressureInlet(93.0), {"*": PressureOutlet(90.0)})
    backward = Boundaries(PressureInlet(90.0), {"*": PressureOutlet(93.0)})
    np.testing.assert_allclose(
        solve_reduced(tube, backward).flows, -solve_reduced(tube, forward).flows, rtol=1e-9
    )


def sections(diameters_mm, length_mm=400.0):
    """A straight lumen through these sections, without smoothing."""
    n = len(diameters_mm)
    abscissas = np.linspace(0.0, length_mm * 1e-3, n)
    points = np.column_stack([abscissas, np.zeros(n), np.zeros(n)])
    radii = 0.5e-3 * np.asarray(diameters_mm)
    frame = (np.tile(row, (n, 1)) for row in np.eye(3))
    return Lumen((LumenBranch("A", -1, abscissas, points, radii, radii, *frame),), ())


def momentum_drop(lumen, flow_ml_min, options=None):
    """Pressure drop less friction [Pa]."""
    boundaries = Boundaries(FlowInlet(flow_ml_min), {"*": PressureOutlet(0.0)})
    model = ReducedModel.from_lumen(lumen, boundaries.blood, options=options)
    drop = model.solve(boundaries).face_pressure_mmhg("inlet") * MMHG
    return drop - model.viscous[0][-1] * flow_ml_min * ML_PER_MIN


def test_sudden_widening_loses_what_borda_and_carnot_say():
    lumen = sections([2.0] * 2000 + [3.0] * 2000, length_mm=2000.0)
    flow = 60.0 * ML_PER_MIN
    narrow, wide = (flow / (0.25 * np.pi * (d * 1e-3) ** 2) for d in (2.0, 3.0))
    rise = 1060.0 * (narrow * wide - wide**2)
    assert -momentum_drop(lumen, 60.0) == pytest.approx(rise, rel=0.05)


def test_without_mixing_length_all_dynamic_pressure_comes_back():
    lumen = build_lumen(gallery.cosine_stenosis(percent_diameter_stenosis=60.0))
    drop = momentum_drop(lumen, 120.0, ReducedOptions(mixing=0.0))
    assert drop == pytest.approx(0.0, abs=0.5)


def test_newton_is_quadratic_though_the_jet_follows_the_flow():
    lumen = build_lumen(gallery.cosine_stenosis(percent_diameter_stenosis=70.0))
    solution = solve_reduced(lumen, Boundaries(PressureInlet(93.0), {"*": Resistance(100.0)}))
    assert solution.iterations <= 8


def cosine_sections(stenosis, length_mm, lesion_mm, center_mm=20.0):
    x = np.linspace(0.0, length_mm, 1601)
    place = (x - center_mm) / lesion_mm
    dip = np.where(np.abs(place) < 0.5, 0.5 * (1 + np.cos(2 * np.pi * place)), 0.0)
    return sections(3.0 * (1 - stenosis * dip), length_mm)


AXISYMMETRIC = (
    (0.3, 120.0, 60.0, 10.0, 2.1658),
    (0.3, 200.0, 60.0, 10.0, 3.9141),
    (0.5, 60.0, 60.0, 10.0, 2.0287),
    (0.5, 120.0, 40.0, 10.0, 5.5492),
    (0.5, 120.0, 60.0, 5.0, 4.7593),
    (0.5, 120.0, 60.0, 10.0, 5.3714),
    (0.5, 120.0, 60.0, 20.0, 6.7262),
    (0.5, 200.0, 60.0, 10.0, 12.4844),
    (0.6, 60.0, 60.0, 10.0, 4.1868),
    (0.6, 80.0, 40.0, 10.0, 6.9155),
    (0.6, 120.0, 60.0, 10.0, 13.1213),
    (0.6, 160.0, 80.0, 10.0, 21.2841),
    (0.7, 60.0, 40.0, 10.0, 13.4068),
    (0.7, 60.0, 60.0, 10.0, 12.6150),
)
"""Stenosis [-], flow [mL/min], tube and lesion length [mm], pressure drop [mmHg] of
``benchmarks/axisymmetric_reference.py`` (its ``solve`` on 140 x 12 cells; D 3 mm, throat at 20 mm,
mu 3.5 mPa s; the 60 % tube of 40 mm with mu 3.498 mPa s)."""


@pytest.mark.parametrize(("stenosis", "flow", "length", "lesion", "expected"), AXISYMMETRIC)
def test_stenosis_drop_agrees_with_axisymmetric_flow(stenosis, flow, length, lesion, expected):
    boundaries = Boundaries(FlowInlet(flow), {"*": PressureOutlet(0.0)})
    solution = solve_reduced(cosine_sections(stenosis, length, lesion), boundaries)
    bound_mmhg = 1.0 if stenosis <= 0.6 else 2.3
    assert abs(solution.face_pressure_mmhg("inlet") - expected) < bound_mmhg


@pytest.mark.parametrize(("stenosis", "flow", "length", "lesion", "expected"), AXISYMMETRIC)
def test_marched_profiles_agree_with_axisymmetric_flow(stenosis, flow, length, lesion, expected):
    boundaries = Boundaries(FlowInlet(flow), {"*": PressureOutlet(0.0)})
    lumen = cosine_sections(stenosis, length, lesion)
    solution = solve_reduced(lumen, boundaries, PROFILE)
    bound = 0.03 if lesion >= 10.0 else 0.07
    assert solution.face_pressure_mmhg("inlet") == pytest.approx(expected, rel=bound)


def test_marched_profiles_conserve_flow_and_meet_the_outlets(left_tree):
    boundaries = prescribe_boundaries(left_tree, Hyperemia())
    solution = solve_reduced(left_tree, boundaries, PROFILE)
    assert solution.iterations < 12
    for index, branch in enumerate(left_tree.branches):
        daughters = [i for i, b in enumerate(left_tree.branches) if b.parent == index]
        if daughters:
            total = solution.flows[daughters].sum()
            assert total == pytest.approx(solution.flows[index], rel=1e-10)
        else:
            outlet = boundaries.outlet(branch.name)
            expected = outlet.steady_resistance * solution.flows[index] + outlet.steady_offset
            assert solution.pressures[index][-1] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("seed", range(6))
def test_marched_profiles_pass_random_severe_lesions(seed):
    lumen = build_lumen(random_tree(seed, "stenosed"))
    solution = solve_reduced(lumen, prescribe_boundaries(lumen, Hyperemia()), PROFILE)
    for ffr in solution.ffr:
        assert ffr[-1] > 0.0
        assert ffr.max() < 1.0 + 1e-9


def test_marched_profiles_of_a_symmetric_tube_mirror_the_reversed_flow():
    lumen = cosine_sections(0.5, 40.0, 10.0)
    drops = []
    for sign in (1.0, -1.0):
        boundaries = Boundaries(FlowInlet(sign * 80.0), {"*": PressureOutlet(10.0)})
        pressures = solve_reduced(lumen, boundaries, PROFILE).pressures[0]
        drops.append(pressures[0] - pressures[-1])
    assert drops[1] == pytest.approx(-drops[0], rel=1e-6)


def test_kept_model_solves_like_the_function_and_refuses_other_blood(left_tree):
    boundaries = prescribe_boundaries(left_tree, Hyperemia())
    model = ReducedModel.from_lumen(left_tree, Blood())
    np.testing.assert_array_equal(
        model.solve(boundaries).flows, solve_reduced(left_tree, boundaries).flows
    )
    with pytest.raises(ConfigError, match="blood"):
        model.solve(prescribe_boundaries(left_tree, Hyperemia(), blood=Blood(1050.0)))


def test_unknown_face_names_the_faces(tube):
    solution = solve_reduced(tube, Boundaries(PressureInlet(93.0), {"*": Resistance(300.0)}))
    with pytest.raises(ConfigError, match="faces are inlet, outlet:"):
        solution.face_pressure_mmhg("outlet:LAD")


def test_iteration_limit_is_an_error_not_a_result():
    lumen = build_lumen(gallery.cosine_stenosis(percent_diameter_stenosis=80.0))
    boundaries = Boundaries(PressureInlet(93.0), {"*": PressureOutlet(0.0)})
    with pytest.raises(NotConvergedError, match="1 Newton steps"):
        solve_reduced(lumen, boundaries, ReducedOptions(max_iterations=1))


def test_closed_section_names_branch_and_place(tube):
    branch = tube.branches[0]
    radii = branch.radii.copy()
    radii[5] = 0.0
    fields = {name: getattr(branch, name) for name in branch.__dataclass_fields__}
    closed = Lumen((type(branch)(**(fields | {"radii": radii})),), ())
    with pytest.raises(GeometryError, match="closed") as caught:
        solve_reduced(closed, Boundaries(PressureInlet(93.0), {"*": Resistance(1.0)}))
    assert caught.value.abscissa == branch.abscissas[5]
