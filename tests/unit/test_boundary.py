"""Boundary values: SI, steady limits, and sentences for what cannot be solved."""

import math

import numpy as np
import pytest

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
from corohemo.boundary_remarks import boundary_remarks
from corohemo.errors import ConfigError

PRESSURE = PressureInlet(93.0)


def test_people_units_become_si():
    assert PRESSURE.pressure == pytest.approx(93.0 * 133.322387415)
    assert FlowInlet(60.0).flow_rate == pytest.approx(1e-6)
    assert FlowOutlet(30.0).flow_rate == pytest.approx(0.5e-6)
    assert Resistance(1.0).steady_resistance == pytest.approx(7.99932e6, rel=1e-5)
    assert Blood().kinematic_viscosity == pytest.approx(3.5e-3 / 1060.0)


def test_steady_limit_of_every_outlet_is_its_total_resistance():
    unit = Resistance(1.0).steady_resistance
    assert PressureOutlet(5.0).steady_resistance == 0.0
    assert PressureOutlet(5.0).steady_offset == pytest.approx(5.0 * 133.322387415)
    rcr = RCR(9.0, 0.1, 91.0, distal_pressure_mmhg=5.0)
    assert rcr.steady_resistance == pytest.approx(100.0 * unit)
    assert rcr.steady_offset == pytest.approx(5.0 * 133.322387415)
    assert rcr.compliance == pytest.approx(0.1 * 7.5006e-9, rel=1e-4)
    assert rcr.proximal_resistance + rcr.distal_resistance == rcr.steady_resistance
    bed = CoronaryBed(32.0, 1e-3, 52.0, 1e-2, 16.0, venous_pressure_mmhg=3.0)
    assert bed.steady_resistance == pytest.approx(100.0 * unit)
    assert bed.steady_offset == pytest.approx(3.0 * 133.322387415)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Blood(density_kg_m3=0.0), "density_kg_m3"),
        (lambda: Blood(dynamic_viscosity_pa_s=-1.0), "dynamic_viscosity_pa_s"),
        (lambda: PressureInlet(math.nan), "pressure_mmhg"),
        (lambda: PressureInlet("93"), "pressure_mmhg"),
        (lambda: FlowInlet(math.inf), "flow_ml_min"),
        (lambda: FlowInlet(80.0, profile="parabolc"), "profile"),
        (lambda: PressureOutlet(None), "pressure_mmhg"),
        (lambda: FlowOutlet(math.nan), "flow_ml_min"),
        (lambda: FlowOutlet(np.ones((3, 2))), "flow_ml_min"),
        (lambda: Resistance(np.ones(2)), "resistance_wu"),
        (lambda: Resistance(-1.0), "resistance_wu"),
        (lambda: RCR(1.0, 0.0, 1.0), "compliance_ml_mmhg"),
        (lambda: RCR(1.0, 1.0, 0.0), "distal_resistance_wu"),
        (lambda: CoronaryBed(1.0, 1.0, 1.0, -1.0, 1.0), "intramyocardial_compliance_ml_mmhg"),
        (lambda: Boundaries(PRESSURE, {}, state="rest"), "state"),
        (lambda: Boundaries(PRESSURE, {}, flow_source="guess"), "flow_source"),
        (lambda: Boundaries(PressureOutlet(1.0), {}), "inlet"),
        (lambda: Boundaries(PRESSURE, {"LAD": 3.0}), "outlets"),
        (lambda: Boundaries(PRESSURE, [Resistance(1.0)]), "outlets"),
        (lambda: Boundaries(PRESSURE, {}, blood=3.5e-3), "blood"),
    ],
)
def test_impossible_value_names_its_field(make, field):
    with pytest.raises(ConfigError) as caught:
        make()
    assert caught.value.field == field


def test_unknown_profile_names_nearest():
    with pytest.raises(ConfigError, match="parabolic") as caught:
        FlowInlet(80.0, profile="parabolc")
    assert caught.value.nearest == "parabolic"


def test_exact_outlet_name_goes_before_the_wildcard():
    own, others = Resistance(10.0), PressureOutlet(5.0)
    boundaries = Boundaries(PRESSURE, {"LAD": own, "*": others})
    assert boundaries.outlet("LAD") is own
    assert boundaries.outlet("LCX") is others
    boundaries.check(("LAD", "LCX"))


def test_outlet_without_condition_is_refused_before_the_solve():
    boundaries = Boundaries(PRESSURE, {"LAD": Resistance(10.0)})
    with pytest.raises(ConfigError, match=r"'LCX' has no condition.*LAD"):
        boundaries.check(("LAD", "LCX"))


def test_condition_for_unknown_outlet_names_nearest():
    boundaries = Boundaries(PRESSURE, {"LDA": Resistance(10.0), "*": PressureOutlet()})
    with pytest.raises(ConfigError, match="did you mean 'LAD'") as caught:
        boundaries.check(("LAD", "LCX"))
    assert caught.value.nearest == "LAD"


def test_flow_everywhere_leaves_the_pressure_undetermined():
    boundaries = Boundaries(FlowInlet(60.0), {"*": FlowOutlet(30.0)})
    with pytest.raises(ConfigError, match="pressure is undetermined"):
        boundaries.check(("LAD", "LCX"))
    Boundaries(PRESSURE, {"*": FlowOutlet(30.0)}).check(("LAD", "LCX"))


@pytest.mark.parametrize(
    ("flow", "says"),
    [(-60.0, "-60.0 mL/min, leaves the lumen"), (0.0, "no blood enters"), (60.0, None)],
)
def test_inflow_that_is_none_is_remarked_upon(flow, says):
    boundaries = Boundaries(FlowInlet(flow), {"*": Resistance(100.0)})
    _, *remarks = boundary_remarks(boundaries, ("LAD",))
    assert [says in remark for remark in remarks] == ([True] if says else [])


def test_table_of_times_and_values_is_a_waveform():
    times, values = [0.0, 0.4, 0.8], [60.0, 120.0, 60.0]
    assert FlowInlet(np.array([times, values])) == FlowInlet((times, values))


@pytest.mark.parametrize(
    "bed",
    [
        RCR(1.0, 1e-320, 1.0),
        RCR(1.0, 1e-300, 1e-300),
        RCR(1.0, 1e300, 1e300),
        CoronaryBed(1.0, 1e-320, 1.0, 1.0, 1.0),
        CoronaryBed(1.0, 1.0, 1.0, 1.0, 1e-320),
        CoronaryBed(1.0, 1e200, 1e200, 1e200, 1e200),
    ],
)
def test_bed_beyond_all_numbers_is_refused_with_its_outlet(bed):
    boundaries = Boundaries(PRESSURE, {"*": bed})
    with pytest.raises(ConfigError, match=r"Outlet 'LAD': .*check their units"):
        boundary_remarks(boundaries, ("LAD",))
