"""Outlet circuits against their exact answers in time."""

import numpy as np
import pytest

from corohemo.boundary import (
    RCR,
    Boundaries,
    CoronaryBed,
    FlowInlet,
    FlowOutlet,
    PressureInlet,
    PressureOutlet,
    Resistance,
)
from corohemo.errors import ConfigError
from corohemo.units import ML, ML_PER_MIN, MMHG, WOOD_UNIT
from corohemo.waveform import Waveform

FLOW = 2e-6
PULSE = Waveform.from_fourier(1.0, [40.0, 30.0 - 20.0j, 10.0j])
MODELS = [
    PressureOutlet(70.0),
    PressureOutlet(PULSE),
    Resistance(100.0, 5.0),
    RCR(50.0, 0.01, 400.0, 5.0),
    CoronaryBed(100.0, 1e-3, 200.0, 1e-2, 50.0, 4.0, PULSE),
    CoronaryBed(100.0, 1e-3, 200.0, 1e-2, 50.0, 4.0, 60.0),
    CoronaryBed(100.0, 1e-3, 200.0, 1e-2, 0.0, 4.0, PULSE),
]


def march(circuit, flow, n_steps, duration):
    """Pressures by BDF2 under flow(t) from the steady state of flow(0)."""
    dt = duration / n_steps
    old = older = circuit.steady_state(flow(0.0))
    step = circuit.discretise(1.5 / dt)
    pressures = []
    for t in dt * np.arange(1, n_steps + 1):
        history, signal = (2.0 * old - 0.5 * older) / dt, float(circuit.signal_at(t))
        pressures.append(step.resistance * flow(t) + step.offset(history, signal))
        old, older = step.states(history, flow(t), signal), old
    return np.array(pressures)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_steady_circuit_is_the_steady_line(model):
    circuit = model.circuit()
    resistance, offset = circuit.steady_line()
    assert resistance == pytest.approx(model.steady_resistance, rel=1e-12)
    assert offset == pytest.approx(model.steady_offset, rel=1e-12)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
def test_discrete_steady_state_stays_for_any_step(model):
    circuit = model.circuit()
    mean = 0.0 if circuit.signal is None else circuit.signal.mean
    state = circuit.steady_state(FLOW)
    for rate in (1e-2, 1.0, 1e5):
        step = circuit.discretise(rate)
        np.testing.assert_allclose(step.states(rate * state, FLOW, mean), state, rtol=1e-9)
        pressure = step.resistance * FLOW + step.offset(rate * state, mean)
        expected = model.steady_resistance * FLOW + model.steady_offset
        assert pressure == pytest.approx(expected, rel=1e-9)


def test_answer_of_rcr_to_a_ramp_converges_second_order():
    model = RCR(50.0, 0.002, 400.0, 5.0)
    tau = model.distal_resistance * model.compliance

    def ramp(t):
        return FLOW * t / tau

    def error(n):
        t = 2 * tau / n * np.arange(1, n + 1)
        stored = model.distal_resistance * FLOW * (t / tau - 1 + np.exp(-t / tau))
        exact = model.proximal_resistance * ramp(t) + stored + model.steady_offset
        return np.abs(march(model.circuit(), ramp, n, 2 * tau) - exact).max()

    assert np.log2(error(100) / error(200)) == pytest.approx(2.0, abs=0.15)


def bed_pressure(model, t):
    """Periodic answer of Kim's operator form to flow and intramyocardial pressure (physics 1.8)."""
    ra, rm, rv = (
        WOOD_UNIT * value
        for value in (
            model.arterial_resistance_wu,
            model.microvascular_resistance_wu,
            model.venous_resistance_wu,
        )
    )
    ca = model.arterial_compliance_ml_mmhg * ML / MMHG
    cim = model.intramyocardial_compliance_ml_mmhg * ML / MMHG
    pressure = (ra + rm + rv) * FLOW + model.steady_offset
    for k, mode in enumerate(PULSE.fourier(2)):
        d = 2j * np.pi * k
        if k:
            p = 1 + (rm * ca + rv * (ca + cim)) * d + ca * cim * rm * rv * d * d
            pressure = pressure + (cim * rv * d / p * mode * MMHG * np.exp(d * t)).real
    return pressure


def test_coronary_bed_answers_the_myocardium_as_kim_2010():
    model = MODELS[4]
    n = 2000
    pressure = march(model.circuit(), lambda t: FLOW, 6 * n, 6.0)[-n:]
    exact = bed_pressure(model, np.arange(1, n + 1) / n)
    assert np.ptp(exact) > 100.0
    np.testing.assert_allclose(pressure, exact, rtol=1e-5)


def test_boundaries_know_the_common_period():
    inlet = FlowInlet(([0.0, 0.4, 0.8], [60.0, 120.0, 60.0]))
    assert inlet.flow_rate == pytest.approx(90.0 * ML_PER_MIN)
    assert inlet.flow_rate_at(0.4) == pytest.approx(120.0 * ML_PER_MIN)
    assert Boundaries(inlet, {"*": Resistance(1.0)}).period_s == pytest.approx(0.8)
    assert Boundaries(PressureInlet(90.0), {"*": FlowOutlet(1.0)}).period_s is None
    with pytest.raises(ConfigError, match=r"inlet has a period of 0.8 s, that of outlet 'LAD' 1 s"):
        _ = Boundaries(inlet, {"LAD": PressureOutlet(PULSE)}).period_s
