"""The pulsatile 3-D solver in a closed loop with the heart, and on graded time steps."""

import dataclasses

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.time_grid import TimeGrid
from corohemo.solvers.transient_run import TransientRun
from corohemo.solvers.transient_start import loop_start
from corohemo.units import ML_PER_MIN, MMHG

from .conftest import straight_mesh
from .loops import ROOT, stepped

pytestmark = pytest.mark.fem

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)

HEART = ch.ClosedLoopHeart(preset="simaan2009")
BED = ch.CoronaryBed(290.0, 9e-4, 470.0, 7e-3, 140.0, ventricular_share=1.5)
RADIUS, LENGTH = 1.5e-3, 15e-3
BLOOD = ch.Blood()
TUBE = (
    8.0 * BLOOD.dynamic_viscosity * LENGTH / (np.pi * RADIUS**4),
    4.0 / 3.0 * BLOOD.density * LENGTH / (np.pi * RADIUS**2),
)
BRIEF = ch.TransientOptions(steps_per_cycle=24, max_cycles=2, tolerance=1e-7, wall_statistics=False)


@pytest.fixture(scope="module")
def coarse_mesh():
    return straight_mesh(0.5)


@pytest.fixture(scope="module")
def in_loop(coarse_mesh):
    return ch.solve_flow(coarse_mesh, ch.Boundaries(HEART, {"*": BED}), BRIEF)


def test_blood_and_mass_are_conserved(in_loop):
    volume = in_loop.heart.blood_volume_ml
    assert np.ptp(volume) <= 1e-10 * volume[0]
    assert volume[0] == pytest.approx(HEART.blood_volume_ml + HEART.unstressed_volume_ml, 1e-10)
    assert in_loop.stats.mass_balance_relative <= 1e-8


def test_tube_in_the_loop_is_its_resistance_and_inertance(in_loop):
    start = loop_start(HEART, [BED.circuit()], TUBE)
    grid = TimeGrid.equal(HEART.period_s, BRIEF.steps_per_cycle)
    flows, pressures, *_ = stepped(HEART, BED, TUBE, start, grid, in_loop.cycles)
    flow, pressure = (series[-grid.n_steps :] for series in (flows, pressures[:, ROOT]))
    found = in_loop.face_flow_series_ml_min("inlet") * ML_PER_MIN
    assert np.abs(found - flow).max() < 0.01 * np.ptp(flow)
    found = in_loop.face_pressure_series_mmhg("inlet") * MMHG
    assert np.abs(found - pressure).max() < 1e-3 * np.ptp(pressure)
    valves = in_loop.heart.flows[:, :2]
    assert valves.min() >= 0.0
    assert not ((valves[:, 0] > 0.0) & (valves[:, 1] > 0.0)).any()


def test_solution_in_a_loop_has_the_plain_conditions_of_its_beat(in_loop):
    boundaries, heart = in_loop.boundaries, in_loop.heart
    inlet, (bed,) = boundaries.inlet, boundaries.outlets.values()
    assert inlet.pressure_mmhg.at(in_loop.cycle_times) == pytest.approx(
        in_loop.face_pressure_series_mmhg("inlet"), rel=1e-3
    )
    assert bed.venous_pressure_mmhg == pytest.approx(heart.mean_atrial_pressure_mmhg)
    assert bed.intramyocardial_pressure_mmhg.values.max() == pytest.approx(
        1.5 * heart.pressure_mmhg("ventricle").max()
    )
    assert "The heart ejects" in boundaries.notes[-1]


def test_run_in_a_loop_on_graded_steps_resumes_to_the_same_bits(coarse_mesh, tmp_path, monkeypatch):
    boundaries = ch.Boundaries(HEART, {"*": BED})
    options = dataclasses.replace(
        BRIEF,
        steps_per_cycle=16,
        step_tolerance=1e-6,
        wall_statistics=True,
        checkpoint=tmp_path / "whole.npz",
        checkpoint_steps=6,
    )
    whole = ch.solve_flow(coarse_mesh, boundaries, options)
    assert whole.steps_per_cycle == 16
    assert np.ptp(np.diff(whole.times)) > 0.01
    broken = dataclasses.replace(options, checkpoint=tmp_path / "broken.npz")
    advance = TransientRun.advance

    def fail_in_step_22(run):
        if run.record.steps == 21:
            raise ch.SolverError("power cut")
        advance(run)

    with monkeypatch.context() as patch:
        patch.setattr(TransientRun, "advance", fail_in_step_22)
        with pytest.raises(ch.SolverError, match="power cut"):
            ch.solve_flow(coarse_mesh, boundaries, broken)
    resumed = ch.solve_flow(coarse_mesh, boundaries, broken)
    for name in ("velocity", "final_velocity", "flows", "pressures", "times"):
        assert np.array_equal(getattr(resumed, name), getattr(whole, name))
    for name in ("pressures", "volumes", "flows", "bed_volumes"):
        assert np.array_equal(getattr(resumed.heart, name), getattr(whole.heart, name))
    assert np.array_equal(resumed.wall.tawss, whole.wall.tawss)
    with pytest.raises(ch.InputError, match="another mesh, period or number of steps"):
        ch.solve_flow(coarse_mesh, boundaries, dataclasses.replace(broken, step_tolerance=None))


def test_steady_solve_of_a_loop_says_why_not(coarse_mesh):
    with pytest.raises(ch.ConfigError, match="no steady state"):
        ch.solve_flow(coarse_mesh, ch.Boundaries(HEART, {"*": BED}))


PERIOD = 0.8


def sharp_systole():
    times = PERIOD * np.linspace(0.0, 1.0, 401)
    flow = 40.0 + 160.0 * np.exp(-0.5 * ((times - 0.15) / 0.02) ** 2)
    inlet = ch.FlowInlet(ch.Waveform(times, flow, "cubic"))
    return ch.Boundaries(inlet, {"*": ch.RCR(60.0, 0.004, 700.0)})


def pressure_course(mesh, steps, tolerance):
    """Times of the last cycle and the pressure drop of the lumen [Pa]."""
    options = dataclasses.replace(BRIEF, steps_per_cycle=steps, step_tolerance=tolerance)
    solution = ch.solve_flow(mesh, sharp_systole(), options)
    n = solution.steps_per_cycle
    drop = solution.pressures[-n:, 0] - solution.pressures[-n:, 1]
    return solution.times[-n:] - PERIOD, drop, solution


def test_graded_steps_meet_a_sharp_systole_with_fewer_steps(coarse_mesh):
    times, exact, fine = pressure_course(coarse_mesh, 128, 1e-12)
    assert fine.steps_per_cycle == 128

    def error(steps, tolerance):
        at, drop, _ = pressure_course(coarse_mesh, steps, tolerance)
        reference = ch.Waveform(np.append(0.0, times), np.append(exact[-1], exact), "cubic")
        weights = 0.5 * (np.diff(at, prepend=0.0) + np.diff(at, append=PERIOD + at[0]))
        return np.sqrt(weights @ (drop - reference.at(at)) ** 2 / PERIOD) / np.ptp(exact)

    graded, coarser, equal = error(32, 1e-12), error(16, 1e-12), error(64, None)
    assert graded < 0.7 * equal
    assert np.log2(coarser / graded) > 1.7
    mean = fine.face_flow_ml_min("inlet")
    assert mean == pytest.approx(sharp_systole().inlet.flow_ml_min.mean, rel=2e-3)
    even = fine.face_flow_series_ml_min("inlet")
    assert even == pytest.approx(
        sharp_systole().inlet.flow_ml_min.at(fine.cycle_times), abs=0.02 * even.max()
    )


def test_womersley_profiles_on_graded_steps_carry_the_waveform(coarse_mesh):
    wave = sharp_systole().inlet.flow_ml_min
    inlet = ch.FlowInlet(wave, profile="womersley")
    options = dataclasses.replace(
        BRIEF, steps_per_cycle=24, step_tolerance=1e-12, max_cycles=1, min_cycles=1
    )
    boundaries = ch.Boundaries(inlet, {"*": ch.PressureOutlet(0.0)})
    solution = ch.solve_flow(coarse_mesh, boundaries, options)
    assert np.ptp(np.diff(solution.times)) > 0.5 * PERIOD / 24
    found = solution.flows / ML_PER_MIN
    assert found[:, 0] == pytest.approx(wave.at(solution.times), abs=1e-3 * wave.values.max())
    assert found[:, 1] == pytest.approx(found[:, 0], rel=1e-8)


def test_heart_that_starts_from_rest_loses_no_blood(coarse_mesh):
    options = dataclasses.replace(BRIEF, start="rest", max_cycles=1, min_cycles=1)
    solution = ch.solve_flow(coarse_mesh, ch.Boundaries(HEART, {"*": BED}), options)
    volume = solution.heart.blood_volume_ml
    assert np.ptp(volume) <= 1e-10 * volume[0]
    assert volume[0] == pytest.approx(HEART.blood_volume_ml + HEART.unstressed_volume_ml, 1e-10)
    assert solution.heart.stroke_volume_ml > 50.0
