"""Properties of the steady 3-D solver."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.environment import require_dolfinx
from corohemo.units import ML_PER_MIN, MMHG, WOOD_UNIT

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem

BLOOD = ch.Blood()
POISEUILLE = 8 * BLOOD.dynamic_viscosity * 15e-3 / (np.pi * 1.5e-3**4)


def flow_driven(flow=60.0, profile="parabolic"):
    return ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=flow, profile=profile),
        outlets={"*": ch.PressureOutlet(0.0)},
    )


def pressure_driven(aortic=93.0, venous=0.0, resistance=900.0):
    return ch.Boundaries(
        inlet=ch.PressureInlet(aortic), outlets={"*": ch.Resistance(resistance, venous)}
    )


def drop(solution):
    inlet, outlet = solution.faces[:2]
    return solution.face_pressure_mmhg(inlet) - solution.face_pressure_mmhg(outlet)


def test_poiseuille_drop_is_exact(tube_mesh):
    solution = ch.solve_flow(tube_mesh, flow_driven())
    assert drop(solution) * MMHG == pytest.approx(POISEUILLE * 60 * ML_PER_MIN, rel=5e-3)


def test_poiseuille_velocity_error_falls_with_the_third_power(tube_mesh, finer_tube_mesh):
    errors = []
    for mesh in (tube_mesh, finer_tube_mesh):
        velocity = ch.solve_flow(mesh, flow_driven()).velocity
        distance = np.linalg.norm(mesh.points[:, 1:], axis=1) / 1.5e-3
        peak = 2 * 60 * ML_PER_MIN / (np.pi * 1.5e-3**2)
        errors.append(np.sqrt(np.mean((velocity[:, 0] / peak - 1 + distance**2) ** 2)))
    assert np.log2(errors[0] / errors[1]) > 2.7


def under_pressure(mesh, profile):
    inlet = ch.PressureInlet(0.25, profile=profile)
    return ch.solve_flow(mesh, ch.Boundaries(inlet=inlet, outlets={"*": ch.PressureOutlet(0.0)}))


@pytest.mark.parametrize("profile", ["parabolic", "free"])
def test_pressure_inlet_drives_the_flow_of_poiseuille(finer_tube_mesh, profile):
    expected = 0.25 * MMHG / POISEUILLE / ML_PER_MIN
    flow = under_pressure(finer_tube_mesh, profile).face_flow_ml_min("inlet")
    assert flow == pytest.approx(expected, rel=5e-3)


def test_held_profile_is_a_parabola_with_the_flow_that_pressure_drives(tube_mesh):
    solution = under_pressure(tube_mesh, "parabolic")
    inlet = np.unique(tube_mesh.facets[tube_mesh.facet_face == 0])
    distance = np.linalg.norm(tube_mesh.points[inlet, 1:], axis=1) / 1.5e-3
    flow = solution.face_flow_ml_min("inlet") * ML_PER_MIN
    parabola = 2 * flow / (np.pi * 1.5e-3**2) * (1 - distance**2)
    assert solution.velocity[inlet, 0] == pytest.approx(parabola, abs=0.02 * parabola.max())
    assert solution.velocity[inlet, 1:] == pytest.approx(0.0, abs=1e-3 * parabola.max())


def test_pressure_and_flow_inlet_with_one_profile_give_one_flow(fork_mesh):
    by_pressure = ch.solve_flow(fork_mesh, pressure_driven(resistance=1500.0))
    flow = by_pressure.face_flow_ml_min("inlet")
    outlets = {"*": ch.Resistance(1500.0, 0.0)}
    by_flow = ch.solve_flow(fork_mesh, ch.Boundaries(ch.FlowInlet(flow), outlets))
    for face in by_flow.faces[1:-1]:
        assert by_flow.face_flow_ml_min(face) == pytest.approx(
            by_pressure.face_flow_ml_min(face), rel=1e-5
        )
    assert by_flow.face_pressure_mmhg("inlet") == pytest.approx(93.0, abs=0.02)


def test_resistance_outlet_follows_ohm(tube_mesh):
    solution = ch.solve_flow(tube_mesh, pressure_driven(venous=5.0))
    expected = 88.0 * MMHG / (900.0 * WOOD_UNIT + POISEUILLE) / ML_PER_MIN
    assert solution.face_flow_ml_min("inlet") == pytest.approx(expected, rel=5e-4)
    flow = solution.face_flow_ml_min(solution.faces[1])
    assert solution.face_pressure_mmhg(solution.faces[1]) == pytest.approx(
        900.0 * flow * 1e-3 + 5.0, abs=2e-3
    )


def test_beds_act_by_their_total_resistance(tube_mesh):
    flows = [
        ch.solve_flow(
            tube_mesh, ch.Boundaries(inlet=ch.PressureInlet(93.0), outlets={"*": outlet})
        ).face_flow_ml_min("inlet")
        for outlet in (ch.Resistance(900.0), ch.RCR(100.0, 0.01, 800.0))
    ]
    assert flows[0] == pytest.approx(flows[1], rel=1e-9)


def test_adding_a_constant_to_all_pressures_changes_no_flow(tube_mesh):
    low = ch.solve_flow(tube_mesh, pressure_driven(93.0, 0.0))
    high = ch.solve_flow(tube_mesh, pressure_driven(113.0, 20.0))
    assert high.face_flow_ml_min("inlet") == pytest.approx(low.face_flow_ml_min("inlet"), rel=1e-10)
    assert high.pressure - low.pressure == pytest.approx(20.0 * MMHG, rel=1e-9)


def test_the_volume_terms_do_not_see_a_constant_pressure(tube_mesh):
    boundaries = [
        ch.Boundaries(inlet=ch.FlowInlet(60.0), outlets={"*": ch.Resistance(resistance, offset)})
        for resistance, offset in ((0.0, 0.0), (1000.0, -20.0))
    ]
    first, second = (ch.solve_flow(tube_mesh, case) for case in boundaries)
    assert drop(second) == pytest.approx(drop(first), rel=1e-8)


def test_mass_is_conserved_at_a_bifurcation(fork_mesh):
    solution = ch.solve_flow(fork_mesh, pressure_driven())
    outlets = [face for face in solution.faces if face.startswith("outlet:")]
    total = sum(solution.face_flow_ml_min(face) for face in outlets)
    assert total == pytest.approx(solution.face_flow_ml_min("inlet"), rel=1e-8)
    assert solution.stats.mass_balance_relative <= 1e-8


def test_prescribed_outflow_is_reached(fork_mesh):
    first, second = (face for face in fork_mesh.faces if face.startswith("outlet:"))
    boundaries = ch.Boundaries(
        inlet=ch.PressureInlet(93.0),
        outlets={
            first.removeprefix("outlet:"): ch.FlowOutlet(40.0),
            second.removeprefix("outlet:"): ch.Resistance(1500.0),
        },
    )
    solution = ch.solve_flow(fork_mesh, boundaries)
    assert solution.face_flow_ml_min(first) == pytest.approx(40.0, rel=1e-7)
    assert solution.face_flow_ml_min(second) == pytest.approx(61.0, rel=0.03)


def test_warm_start_saves_linear_solves(tube_mesh):
    cold = ch.solve_flow(tube_mesh, pressure_driven(resistance=1000.0))
    warm = ch.solve_flow(tube_mesh, pressure_driven(resistance=1000.0), initial=cold)
    assert warm.stats.newton_iterations <= 1
    assert warm.face_flow_ml_min("inlet") == pytest.approx(cold.face_flow_ml_min("inlet"), rel=1e-9)


@pytest.mark.parametrize("factors", ["ilu1", "mumps"])
def test_other_factors_change_the_effort_and_not_the_flow(fork_mesh, factors):
    usual, other = (
        ch.solve_flow(fork_mesh, pressure_driven(), ch.SteadyOptions(factors=name))
        for name in ("ilu0", factors)
    )
    assert other.face_flow_ml_min("inlet") == pytest.approx(
        usual.face_flow_ml_min("inlet"), rel=1e-8
    )
    assert other.stats.linear_iterations < 0.7 * usual.stats.linear_iterations


def test_start_from_another_mesh_is_refused(tube_mesh, fork_mesh):
    other = ch.solve_flow(tube_mesh, flow_driven())
    with pytest.raises(ch.ConfigError, match="another mesh"):
        ch.solve_flow(fork_mesh, flow_driven(), initial=other)


def test_unfinished_solve_raises_unless_told_to_return(tube_mesh):
    options = {"max_iterations": 1, "tolerance": 1e-14}
    with pytest.raises(ch.NotConvergedError, match="did not converge"):
        ch.solve_flow(tube_mesh, flow_driven(), ch.SteadyOptions(**options))
    solution = ch.solve_flow(
        tube_mesh, flow_driven(), ch.SteadyOptions(**options, on_failure="return")
    )
    assert not solution.is_converged
    assert "did not converge" in solution.summary()


def test_unknown_face_is_named_with_its_nearest(tube_mesh):
    solution = ch.solve_flow(tube_mesh, flow_driven())
    with pytest.raises(ch.ConfigError, match="no face 'inlett'"):
        solution.face_flow_ml_min("inlett")
