import numpy as np
import pytest

import corohemo as ch
from corohemo.boundary_remarks import boundary_remarks
from corohemo.heartbeat import Heartbeat, beating


@pytest.fixture(scope="module")
def lumen():
    return ch.build_lumen(ch.gallery.y_bifurcation())


@pytest.fixture
def steady(lumen):
    return ch.prescribe_boundaries(lumen, ch.Hyperemia())


def test_built_in_pressure_keeps_mean_pulse_and_period():
    wave = Heartbeat(heart_rate_bpm=60.0, pulse_pressure_mmhg=50.0).aortic_pressure(93.0)
    assert wave.period_s == 1.0
    assert wave.mean == pytest.approx(93.0)
    assert np.ptp(wave.values) == pytest.approx(50.0)


def test_ventricle_follows_the_aorta_in_systole_and_rests_in_diastole():
    beat = Heartbeat()
    aortic = beat.aortic_pressure(93.0)
    ventricle = beat.ventricular_pressure(aortic)
    systole = np.linspace(0.0, 0.3, 20) * beat.period_s
    assert ventricle.at(systole) == pytest.approx(aortic.at(systole), abs=0.5)
    assert ventricle.at(0.7 * beat.period_s) == pytest.approx(8.0)


def test_beating_beds_have_the_resistance_and_the_mean_pressure_of_the_state(steady):
    pulsating = beating(steady, Heartbeat())
    assert pulsating.inlet.pressure == pytest.approx(steady.inlet.pressure)
    for name, bed in pulsating.outlets.items():
        assert bed.steady_resistance == pytest.approx(steady.outlets[name].steady_resistance)
    total = sum(
        bed.arterial_compliance_ml_mmhg + bed.intramyocardial_compliance_ml_mmhg
        for bed in pulsating.outlets.values()
    )
    assert total == pytest.approx(Heartbeat().left_compliance_ml_mmhg)


def test_left_tree_is_perfused_in_diastole_and_the_right_one_less_so(lumen, steady):
    shares = []
    for tree in ("left", "right"):
        cycle = ch.solve_reduced_cycle(lumen, beating(steady, Heartbeat(), tree=tree))
        flow = cycle.face_flow_ml_min("inlet")
        systole = np.arange(len(flow)) < Heartbeat().end_systole * len(flow)
        shares.append(flow[systole].mean() / flow[~systole].mean())
    assert shares[0] < 0.8 < shares[1]


def test_a_pressure_from_a_file_is_scaled_to_the_mean_of_the_state(steady):
    wave = ch.Waveform([0.0, 0.3, 1.0], [80.0, 120.0, 80.0])
    pulsating = beating(steady, Heartbeat(), aortic_pressure=wave)
    assert pulsating.inlet.pressure == pytest.approx(steady.inlet.pressure)
    assert pulsating.period_s == 1.0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"end_systole": 1.0}, "end_systole"),
        ({"resistance_shares": (0.5, 0.5, 0.5)}, "sum is 1"),
        ({"heart_rate_bpm": 0.0}, "heart_rate_bpm"),
    ],
)
def test_impossible_heart_beats_are_refused(changes, named):
    with pytest.raises(ch.ConfigError, match=named):
        Heartbeat(**changes)


def test_a_flow_at_the_inlet_cannot_beat(steady):
    driven = ch.Boundaries(inlet=ch.FlowInlet(80.0), outlets=steady.outlets)
    with pytest.raises(ch.ConfigError, match="steady pressure at the inlet"):
        beating(driven, Heartbeat())


def test_remarks_name_outflows_above_the_inflow_and_pressures_that_drive_back():
    names = ("a", "b")
    driven = ch.Boundaries(
        inlet=ch.FlowInlet(50.0), outlets={"a": ch.FlowOutlet(60.0), "b": ch.Resistance(900.0)}
    )
    summary, remark = boundary_remarks(driven, names)
    assert "1 FlowOutlet, 1 Resistance" in summary
    assert "60.0 mL/min, more than the 50.0 mL/min" in remark
    drained = ch.Boundaries(inlet=ch.PressureInlet(90.0), outlets={"*": ch.Resistance(900.0, 95.0)})
    assert ["outlet a" in r or "outlet b" in r for r in boundary_remarks(drained, names)[1:]] == [
        True,
        True,
    ]


def test_undetermined_conditions_are_refused():
    closed = ch.Boundaries(inlet=ch.FlowInlet(50.0), outlets={"*": ch.FlowOutlet(25.0)})
    with pytest.raises(ch.ConfigError, match="pressure is undetermined"):
        boundary_remarks(closed, ("a", "b"))
