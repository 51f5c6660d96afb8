"""Ways from a start to a steady flow that Newton's method alone does not find."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers import averaged, newton, pseudo_time
from corohemo.solvers.averaged import average_in_time, steady_equivalent
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.scales import VELOCITY, Scales
from corohemo.solvers.solution import TimeAverage

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem

BLOOD = ch.Blood()
DRIVEN = ch.Boundaries(inlet=ch.FlowInlet(120.0), outlets={"*": ch.PressureOutlet(0.0)})


@pytest.fixture(scope="module")
def throat_mesh():
    tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=45, length_mm=25)
    return ch.mesh_lumen(ch.build_lumen(tree), ch.MeshOptions(refinement=0.5))


@pytest.fixture(scope="module")
def throat_flow(throat_mesh):
    return ch.solve_flow(throat_mesh, DRIVEN)


def test_the_march_in_pseudo_time_ends_in_the_same_flow(throat_mesh, throat_flow, monkeypatch):
    monkeypatch.setattr(newton, "CONTRACTION", 0.0)
    marched = ch.solve_flow(throat_mesh, DRIVEN)
    assert marched.is_converged
    assert marched.velocity == pytest.approx(throat_flow.velocity, abs=1e-6)


def test_a_march_that_does_not_settle_is_noticed():
    falling = list(0.9 ** np.arange(90))
    assert not any(pseudo_time.has_stalled(falling[:k]) for k in range(len(falling)))
    swaying = list(1.0 + 0.5 * np.sin(np.arange(90)))
    assert pseudo_time.has_stalled(swaying)


def test_restless_flow_is_averaged_or_refused_by_name(throat_mesh, throat_flow, monkeypatch):
    monkeypatch.setattr(pseudo_time, "PATIENCE", 1)
    monkeypatch.setattr(pseudo_time, "PROGRESS", 0.0)
    monkeypatch.setattr(newton, "CONTRACTION", 0.0)
    brief = {"averaging_s": 4e-3, "averaging_steps": 8}
    mean = ch.solve_flow(throat_mesh, DRIVEN, ch.SteadyOptions(**brief))
    assert mean.status.value == "not_converged"
    assert mean.is_usable
    assert mean.average.window_s == pytest.approx(4e-3)
    assert "no steady state found" in mean.message
    assert mean.stats.mass_balance_relative <= 1e-8
    with pytest.raises(ch.NotConvergedError, match="no sign of a steady state"):
        ch.solve_flow(throat_mesh, DRIVEN, ch.SteadyOptions(averaging_s=0.0))


def test_a_mean_that_is_not_found_leaves_the_flow_unconverged(throat_mesh, monkeypatch):
    def fail(*_):
        raise ch.NotConvergedError("Time step 1 did not converge.")

    monkeypatch.setattr(pseudo_time, "PATIENCE", 1)
    monkeypatch.setattr(pseudo_time, "PROGRESS", 0.0)
    monkeypatch.setattr(newton, "CONTRACTION", 0.0)
    monkeypatch.setattr(averaged, "average_in_time", fail)
    left = ch.solve_flow(throat_mesh, DRIVEN, ch.SteadyOptions(on_failure="return"))
    assert left.status.value == "not_converged"
    assert not left.is_usable


def test_the_mean_of_a_flow_at_rest_in_time_is_that_flow(throat_mesh, throat_flow):
    pressure = throat_flow.pressure / Scales(BLOOD.density).pressure
    start = np.column_stack([throat_flow.velocity / VELOCITY, pressure])
    options = ch.SteadyOptions(averaging_s=2e-2, averaging_steps=8)
    mean, fluctuation = average_in_time(throat_mesh, DRIVEN, options, start)
    outlet = throat_mesh.faces[1]
    assert mean.face_flow_ml_min(outlet) == pytest.approx(120.0, rel=1e-6)
    before = throat_flow.face_pressure_mmhg("inlet")
    assert mean.face_pressure_mmhg("inlet") == pytest.approx(before, rel=1e-3)
    assert fluctuation.flow < 1e-6
    assert fluctuation.pressure_mmhg < 1e-3 * before


def test_steady_equivalents_store_nothing_and_do_not_vary(throat_mesh):
    wave = ch.Waveform.from_fourier(0.8, [93.0, -15.0])
    pulsing = ch.Boundaries(inlet=ch.PressureInlet(wave), outlets={"*": ch.RCR(100.0, 0.01, 800.0)})
    steady = steady_equivalent(throat_mesh, pulsing)
    assert steady.period_s is None
    assert steady.inlet.pressure_mmhg == pytest.approx(93.0)
    (outlet,) = steady.outlets.values()
    assert isinstance(outlet, ch.Resistance)
    assert outlet.resistance_wu == pytest.approx(900.0)


def test_fluctuation_is_told_in_percent_and_mmhg():
    told = TimeAverage(window_s=0.1, flow=0.031, pressure_mmhg=1.26, drift=0.004).sentence()
    assert "3.1 %" in told
    assert "1.3 mmHg" in told
    assert "0.4 %" in told
    assert "100 ms" in told
