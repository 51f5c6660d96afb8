"""Virtual thermodilution against volume over flow, closed forms and the true resistance."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.errors import ConfigError, GeometryError, InputError
from corohemo.kernels.advection import advect_chain, taylor_dispersion
from corohemo.thermodilution import ThermodilutionOptions, measure_thermodilution
from corohemo.units import ML_PER_MIN, MM, MMHG, WOOD_UNIT


def solve(tree, resistance_wu, pressure_mmhg=90.0, venous_mmhg=0.0):
    lumen = ch.build_lumen(tree)
    boundaries = ch.Boundaries(
        inlet=ch.PressureInlet(pressure_mmhg),
        outlets={"*": ch.Resistance(resistance_wu, venous_mmhg)},
        state="hyperemic",
    )
    return ch.solve_reduced(lumen, boundaries)


@pytest.fixture(scope="module")
def tube():
    return solve(ch.gallery.tube(3.0, 80.0), 400.0)


@pytest.fixture(scope="module")
def left():
    person = ch.Hyperemia(total_coronary_resistance_index=0.3)
    lumen = ch.build_lumen(ch.gallery.left_tree())
    return tuple(
        ch.solve_reduced(lumen, ch.prescribe_boundaries(lumen, state))
        for state in (person, person.at_rest())
    )


@pytest.mark.parametrize("dispersion", [True, False])
def test_transit_time_in_a_straight_vessel_is_volume_over_flow(tube, dispersion):
    options = ThermodilutionOptions(dispersion=dispersion)
    found = measure_thermodilution(tube, tube.lumen.outlet_names[0], options=options)
    exact = np.pi * 1.5e-3**2 * 70e-3 / tube.flows[0]
    assert found.bolus.transit_time == pytest.approx(exact, rel=5e-3)
    assert found.bolus.volume_over_flow == pytest.approx(exact, rel=1e-6)


def test_bolus_imr_is_pressure_times_transit(tube):
    found = measure_thermodilution(tube, tube.lumen.outlet_names[0])
    assert found.imr_u == pytest.approx(
        found.distal_pressure / MMHG * found.bolus.volume_over_flow, rel=5e-3
    )


def test_continuous_resistance_in_a_straight_vessel_is_the_true_one(tube):
    """The equation counts the infusate by its heat capacity: 0.08 * 20 mL/min too much."""
    found = measure_thermodilution(tube, tube.lumen.outlet_names[0])
    assert tube.flows[0] / ML_PER_MIN > 200
    assert found.infusion.resistance == pytest.approx(found.true_resistance, rel=0.01)
    excess = (found.infusion.flow - found.true_flow) / ML_PER_MIN
    assert excess == pytest.approx(0.08 * 20.0, rel=1e-9)


def test_venous_pressure_is_what_continuous_resistance_leaves_out():
    solution = solve(ch.gallery.tube(3.0, 80.0), 400.0, venous_mmhg=10.0)
    found = measure_thermodilution(solution, solution.lumen.outlet_names[0])
    expected = found.true_resistance + 10.0 * MMHG / found.true_flow
    assert found.infusion.resistance == pytest.approx(expected, rel=0.01)


def test_all_saline_arrives_at_the_wire_of_a_tree(left):
    hyperemic, resting = left
    for name in hyperemic.lumen.outlet_names:
        bolus = measure_thermodilution(hyperemic, name, resting=resting).bolus
        assert bolus.sensor.sum() == pytest.approx(bolus.inlet.sum(), rel=1e-6)
        assert bolus.transit_time == pytest.approx(bolus.volume_over_flow, rel=5e-3)
        assert bolus.sensor.min() >= 0
        assert bolus.sensor.max() <= bolus.inlet.max()


def test_infusion_reads_the_flow_at_its_own_place(left):
    """In front of side branches it reads their flow too, so the resistance comes out too low."""
    hyperemic, _ = left
    lumen = hyperemic.lumen
    for place, branch in ((0.0, "LM"), (15.0, "pLAD"), (40.0, "mLAD")):
        options = ThermodilutionOptions(infusion_mm=place)
        found = measure_thermodilution(hyperemic, "dLAD", options=options)
        at_tip = hyperemic.flows[lumen.index(branch)]
        assert found.infusion.true_flow == at_tip
        expected = found.true_resistance * found.true_flow / (at_tip + 0.08 * 20 * ML_PER_MIN)
        assert found.infusion.resistance == pytest.approx(expected, rel=1e-9)


def test_bolus_reserve_differs_from_flow_reserve_only_by_side_branches(left):
    hyperemic, resting = left
    found = measure_thermodilution(hyperemic, "dLAD", resting=resting)
    assert found.true_cfr == pytest.approx(
        hyperemic.flows[hyperemic.lumen.index("dLAD")] / resting.flows[resting.lumen.index("dLAD")]
    )
    assert found.bolus_cfr == pytest.approx(found.true_cfr, rel=0.05)
    single = measure_thermodilution(
        solve(ch.gallery.tube(3.0, 80.0), 400.0),
        "tube",
        resting=solve(ch.gallery.tube(3.0, 80.0), 1200.0),
    )
    assert single.bolus_cfr == pytest.approx(single.true_cfr, rel=5e-3)


def chain(n_cells, length=80e-3, radius=1.5e-3, flow=3e-6, dispersion=2e-3):
    volume = np.pi * radius**2 * length
    size = volume / n_cells
    step = size / flow
    exchange = np.full(n_cells, (np.pi * radius**2) ** 2 * dispersion / size)
    inlet = np.zeros(40 * n_cells)
    inlet[0] = 1.0
    out = advect_chain(
        np.array([0, n_cells]), np.array([size]), np.array([flow]), exchange, inlet, step
    )
    times = (np.arange(out.size) + 0.5) * step
    return times - 0.5 * step, out / out.sum(), volume / flow


def test_spread_of_the_bolus_is_that_of_a_closed_vessel():
    """Variance 2 / Pe - 2 / Pe^2 (1 - exp(-Pe)) of the squared transit time (Danckwerts 1953)."""
    velocity = 3e-6 / (np.pi * 1.5e-3**2)
    peclet = velocity * 80e-3 / 2e-3
    exact = 2 / peclet - 2 / peclet**2 * (1 - np.exp(-peclet))
    errors = []
    for n_cells in (100, 200):
        times, curve, transit = chain(n_cells)
        mean = times @ curve
        assert mean == pytest.approx(transit, rel=2e-3)
        errors.append(((times - mean) ** 2 @ curve) / transit**2 / exact - 1)
    assert abs(errors[1]) < 0.02
    assert abs(errors[1]) < 0.7 * abs(errors[0])


def test_without_dispersion_the_bolus_keeps_its_shape():
    times, curve, transit = chain(50, dispersion=0.0)
    assert curve.max() == pytest.approx(1.0)
    assert times[curve.argmax()] == pytest.approx(transit)


def test_dispersion_goes_from_convective_to_taylor():
    velocity, radius, kappa = 0.3, 1.5e-3, 1.4e-7
    early = taylor_dispersion(velocity, radius, 0.02, kappa)
    assert early == pytest.approx(velocity**2 * 0.02 / 3, rel=0.02)
    late = taylor_dispersion(velocity, radius, 1e4, kappa)
    assert late == pytest.approx(kappa + (velocity * radius) ** 2 / (48 * kappa), rel=1e-9)


def test_spread_hardly_depends_on_the_diffusivity(tube):
    def spread(kappa):
        options = ThermodilutionOptions(diffusivity_m2_s=kappa)
        bolus = measure_thermodilution(tube, "tube", options=options).bolus
        mean = bolus.times @ bolus.sensor / bolus.sensor.sum()
        return np.sqrt((bolus.times - mean) ** 2 @ bolus.sensor / bolus.sensor.sum())

    assert spread(1e-7) == pytest.approx(spread(2e-7), rel=0.02)


def test_bad_input_is_a_sentence(tube, left):
    with pytest.raises(GeometryError, match="no outlet 'LAD'"):
        measure_thermodilution(tube, "LAD")
    with pytest.raises(InputError, match="exceeds the flow"):
        measure_thermodilution(tube, "tube", options=ThermodilutionOptions(infusion_ml_min=500.0))
    hyperemic, resting = left
    with pytest.raises(InputError, match="below the resting flow"):
        measure_thermodilution(resting, "D1", resting=hyperemic)
    with pytest.raises(ConfigError, match="before wire_mm"):
        ThermodilutionOptions(infusion_mm=80.0)
    far = ThermodilutionOptions(infusion_mm=85.0, wire_mm=200.0)
    with pytest.raises(InputError, match="tip at 85 mm would lie behind the wire"):
        measure_thermodilution(tube, "tube", options=far)
    with pytest.raises(ConfigError, match="injection_s"):
        ThermodilutionOptions(injection_s=-0.1)


def test_resistance_of_the_tube_is_its_boundary(tube):
    found = measure_thermodilution(tube, "tube", options=ThermodilutionOptions(wire_mm=200.0))
    assert found.wire == pytest.approx(80e-3)
    assert found.true_resistance / WOOD_UNIT == pytest.approx(400.0, rel=1e-9)


@pytest.mark.parametrize("behind_mm", [0.2, 1e-2, 1e-4, 1e-9])
def test_a_wire_just_behind_a_bifurcation_reads_volume_over_flow(left, behind_mm):
    hyperemic, _ = left
    start_mm = hyperemic.lumen.branch("dLAD").abscissas[0] / MM
    options = ThermodilutionOptions(wire_mm=float(start_mm + behind_mm))
    bolus = measure_thermodilution(hyperemic, "dLAD", options=options).bolus
    assert len(bolus.times) < 200_000
    assert bolus.transit_time == pytest.approx(bolus.volume_over_flow, rel=5e-3)
    assert bolus.sensor.sum() == pytest.approx(bolus.inlet.sum(), rel=1e-6)


def test_a_wire_at_the_ostium_reads_what_is_injected(tube):
    options = ThermodilutionOptions(wire_mm=1e-4)
    bolus = measure_thermodilution(tube, tube.lumen.outlet_names[0], options=options).bolus
    assert bolus.transit_time == pytest.approx(bolus.volume_over_flow, rel=1e-9)
    np.testing.assert_allclose(bolus.sensor, bolus.inlet, atol=1e-3)


def test_an_infusion_above_the_resting_flow_names_its_own_setting(left):
    hyperemic, resting = left
    options = ThermodilutionOptions(resting_infusion_ml_min=1e4)
    with pytest.raises(InputError, match="lower resting_infusion_ml_min") as caught:
        measure_thermodilution(hyperemic, "dLAD", resting=resting, options=options)
    assert caught.value.field == "resting_infusion_ml_min"
