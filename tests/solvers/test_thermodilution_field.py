"""Virtual thermodilution in a computed three-dimensional flow."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.errors import ConfigError, InputError
from corohemo.solvers.environment import require_dolfinx

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem


@pytest.fixture(scope="module")
def vessel():
    lumen = ch.build_lumen(ch.gallery.tube(3.0, 40.0))
    mesh = ch.mesh_lumen(lumen)
    boundaries = ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=120.0), outlets={"*": ch.Resistance(500.0)}
    )
    return lumen, ch.solve_flow(mesh, boundaries)


@pytest.fixture(scope="module")
def fork():
    lumen = ch.build_lumen(ch.gallery.y_bifurcation())
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.6))
    person = ch.Hyperemia(total_coronary_resistance_index=0.3)
    return lumen, ch.solve_flow(mesh, ch.prescribe_boundaries(lumen, person))


def measured(case, vessel, **options):
    lumen, solution = case
    options = {"dimensions": 3, "time_step_s": 5e-3, "wire_mm": 30.0} | options
    chosen = ch.ThermodilutionOptions(**options)
    return ch.measure_thermodilution(solution, vessel, lumen=lumen, options=chosen)


def test_a_straight_vessel_reads_volume_over_flow_and_its_resistance(vessel):
    found = measured(vessel, "tube")
    assert found.bolus.transit_time == pytest.approx(found.bolus.volume_over_flow, rel=5e-3)
    counted = 120.0 / (120.0 + 0.08 * 20.0)
    assert found.infusion.resistance == pytest.approx(counted * found.true_resistance, rel=2e-3)
    exact = vessel[0].volume() / (120.0 * ch.units.ML_PER_MIN)
    assert found.bolus.outlet_transit_time == pytest.approx(exact, rel=5e-3)
    assert found.imr_u == pytest.approx(
        found.distal_pressure / ch.units.MMHG * found.bolus.transit_time, rel=1e-12
    )


def test_the_axis_is_faster_than_the_stream(vessel):
    """Before much has diffused, half of the mean of a parabola's ages: L / (2 U)."""
    found = measured(vessel, "tube", sensor="axis")
    assert found.bolus.transit_time == found.bolus.axis_transit_time
    assert found.bolus.transit_time == pytest.approx(0.5 * found.bolus.volume_over_flow, rel=0.06)


def test_ages_do_not_depend_on_the_step_and_are_the_curve_s_mean(vessel):
    coarse, fine = (measured(vessel, "tube", time_step_s=step) for step in (8e-3, 4e-3))
    assert coarse.bolus.transit_time == pytest.approx(fine.bolus.transit_time, rel=1e-9)
    bolus = fine.bolus
    mean = bolus.times @ bolus.sensor / bolus.sensor.sum()
    mean -= bolus.times @ bolus.inlet / bolus.inlet.sum()
    assert mean == pytest.approx(bolus.transit_time, rel=5e-3)
    assert bolus.sensor.sum() == pytest.approx(bolus.inlet.sum(), rel=5e-3)
    assert bolus.sensor.min() > -0.02


def test_daughters_inherit_streamlines_but_all_outlets_together_the_volume(fork):
    """What 1-D mixes at the bifurcation stays apart; the flow's mean is the same."""
    lumen, solution = fork
    ages = {}
    for name in lumen.outlet_names:
        end = float(lumen.branch(name).abscissas[-1])
        found = measured(fork, name, wire_mm=1e3 * end)
        flow = solution.face_flow_ml_min(f"outlet:{name}")
        ages[name] = (flow, found.bolus.transit_time)
        whole = found.bolus.outlet_transit_time
        assert abs(found.bolus.transit_time / found.bolus.volume_over_flow - 1.0) > 0.01
    flows, times = np.array(list(ages.values())).T
    assert flows @ times / flows.sum() == pytest.approx(whole, rel=0.02)


def test_an_infusion_on_the_axis_passes_a_side_branch_by(fork):
    where = {"infusion_mm": 5.0, "wire_mm": 25.0}
    excess = 0.08 * 20.0 * ch.units.ML_PER_MIN
    for name in fork[0].outlet_names:
        mixed = measured(fork, name, **where).infusion
        assert mixed.flow == pytest.approx(mixed.true_flow + excess, rel=0.03)
    narrow = measured(fork, "main", infusion_spread=0.3, **where).infusion
    assert narrow.flow < 0.8 * narrow.true_flow
    with pytest.raises(InputError, match="too little to read a flow"):
        measured(fork, "side", infusion_spread=0.3, **where)


def test_bad_input_is_a_sentence(vessel):
    lumen, solution = vessel
    with pytest.raises(ConfigError, match="dimensions must be 1 or 3"):
        ch.ThermodilutionOptions(dimensions=2)
    with pytest.raises(ConfigError, match="sensor must be one of section, axis"):
        ch.ThermodilutionOptions(sensor="wall")
    with pytest.raises(ConfigError, match="rise_s must not exceed injection_s"):
        ch.ThermodilutionOptions(rise_s=0.4)
    reduced = ch.solve_reduced(lumen, solution.boundaries)
    options = ch.ThermodilutionOptions(dimensions=3)
    with pytest.raises(InputError, match="needs a 3-D flow"):
        ch.measure_thermodilution(reduced, "tube", options=options)
