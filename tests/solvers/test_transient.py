"""Properties of the pulsatile 3-D solver."""

import dataclasses

import numpy as np
import pytest

import corohemo as ch
from corohemo.indices.locator import PointLocator
from corohemo.indices.sampling import sample_branch
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.transient_run import TransientRun
from corohemo.solvers.womersley import womersley_response
from corohemo.units import ML_PER_MIN, MMHG

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem

PERIOD = 0.8
RADIUS, LENGTH = 1.5e-3, 15e-3


def sine(mean, amplitude, period=PERIOD):
    return ch.Waveform.from_fourier(period, [mean, amplitude])


def pulse(outlet, inlet=None):
    return ch.Boundaries(inlet=inlet or ch.FlowInlet(sine(60.0, 40.0)), outlets={"*": outlet})


def brief(**changes):
    return ch.TransientOptions(**({"steps_per_cycle": 20, "wall_statistics": False} | changes))


def test_error_falls_with_the_second_power_of_the_time_step(tube_mesh):
    boundaries = pulse(ch.PressureOutlet(0.0), ch.FlowInlet(sine(60.0, 30.0), profile="womersley"))
    admittances = []
    for steps in (12, 24, 48):
        options = brief(steps_per_cycle=steps, min_cycles=2, max_cycles=2, tolerance=1e-8)
        solution = ch.solve_flow(tube_mesh, boundaries, options)
        pressure = solution.face_pressure_series_mmhg("inlet")
        flow = solution.face_flow_series_ml_min("inlet")
        admittances.append(np.fft.rfft(flow)[1] / np.fft.rfft(pressure)[1])
    coarse, middle, fine = admittances
    assert np.log2(abs(coarse - middle) / abs(middle - fine)) == pytest.approx(2.0, abs=0.15)


def test_steps_far_below_the_usual_leave_the_pressure_drop_alone(tube_mesh):
    drops = []
    for period in (1.6, 0.016):
        boundaries = pulse(ch.PressureOutlet(0.0), ch.FlowInlet(sine(90.0, 0.0, period)))
        solution = ch.solve_flow(tube_mesh, boundaries, brief(max_cycles=1, min_cycles=1))
        drops.append(solution.face_pressure_mmhg("inlet"))
    assert drops[1] == pytest.approx(drops[0], rel=2e-3)


def womersley_viscosity(number):
    return (RADIUS / number) ** 2 * 2 * np.pi / PERIOD * 1060.0


def admittance_error(solution, number):
    """Error of the first harmonic of the flow that the drop drives, against Womersley's."""
    inlet, outlet = solution.faces[:2]
    drop = solution.face_pressure_series_mmhg(inlet) - solution.face_pressure_series_mmhg(outlet)
    flow, gradient = (np.fft.rfft(s)[1] for s in (solution.face_flow_series_ml_min(inlet), drop))
    resistance = 8 * womersley_viscosity(number) * LENGTH / (np.pi * RADIUS**4)
    poiseuille = gradient * MMHG / resistance / ML_PER_MIN
    exact = womersley_response(number)[0]
    return abs(flow / poiseuille - exact) / abs(exact)


@pytest.mark.parametrize(
    ("inlet", "cycles", "bound"),
    [
        (ch.FlowInlet(sine(0.0, 20.0), profile="womersley"), 4, 0.02),
        (ch.PressureInlet(sine(0.2, 0.3)), 8, 0.01),
    ],
)
@pytest.mark.parametrize("number", [2.0, 5.0])
def test_womersley_flow_turns_round_without_loss(inlet, cycles, bound, number, tube_mesh):
    boundaries = dataclasses.replace(
        pulse(ch.PressureOutlet(0.0), inlet), blood=ch.Blood(1060.0, womersley_viscosity(number))
    )
    options = brief(steps_per_cycle=60, max_cycles=cycles)
    solution = ch.solve_flow(tube_mesh, boundaries, options)
    assert admittance_error(solution, number) < bound
    assert solution.is_periodic


def test_windkessel_mean_pressure_is_its_resistance_times_the_mean_flow(tube_mesh):
    boundaries = pulse(ch.RCR(200.0, 0.01, 900.0, 4.0))
    solution = ch.solve_flow(tube_mesh, boundaries, brief(periodicity=1e-4))
    assert solution.is_periodic
    outlet = solution.faces[1]
    expected = 4.0 + 1100.0 * solution.face_flow_ml_min(outlet) * 1e-3
    assert solution.face_pressure_mmhg(outlet) == pytest.approx(expected, rel=1e-3)
    series = solution.face_pressure_series_mmhg("inlet")
    assert series.mean() == pytest.approx(solution.face_pressure_mmhg("inlet"), rel=1e-9)
    assert solution.face_pressure_range_mmhg("inlet") == (series.min(), series.max())


def test_coronary_bed_is_fed_in_diastole(tube_mesh):
    squeeze = ch.Waveform([0.0, 0.15, 0.3, PERIOD], [0.0, 110.0, 0.0, 0.0])
    bed = ch.CoronaryBed(200.0, 0.003, 500.0, 0.02, 150.0, 5.0, squeeze)
    boundaries = pulse(bed, ch.PressureInlet(sine(93.0, 5.0)))
    solution = ch.solve_flow(tube_mesh, boundaries, brief(steps_per_cycle=40, max_cycles=6))
    flow = solution.face_flow_series_ml_min("inlet")
    systole = solution.cycle_times < 0.15
    assert flow[systole].mean() < 0.8 * flow[~systole].mean()
    assert flow.mean() == pytest.approx(88.0 / 0.85, rel=0.02)


def test_constant_conditions_lead_to_the_steady_flow(tube_mesh):
    boundaries = pulse(ch.Resistance(900.0), ch.PressureInlet(93.0, profile="free"))
    steady = ch.solve_flow(tube_mesh, boundaries)
    options = brief(period_s=0.4, max_cycles=3, start="rest", periodicity=1e-5, tolerance=1e-7)
    pulsed = ch.solve_flow(tube_mesh, boundaries, options)
    assert pulsed.face_flow_ml_min("inlet") == pytest.approx(
        steady.face_flow_ml_min("inlet"), rel=1e-4
    )
    size = np.abs(steady.velocity).max()
    assert np.abs(pulsed.final_velocity - steady.velocity).max() < 0.01 * size


def test_mass_balances_and_prescribed_outflow_follows_its_waveform(fork_mesh):
    first, second = (name.removeprefix("outlet:") for name in fork_mesh.faces[1:-1])
    boundaries = ch.Boundaries(
        inlet=ch.PressureInlet(sine(93.0, 10.0, 0.04)),
        outlets={first: ch.FlowOutlet(sine(40.0, 20.0, 0.04)), second: ch.RCR(300.0, 0.01, 1200.0)},
    )
    options = brief(steps_per_cycle=8, max_cycles=1, min_cycles=1, start="rest", tolerance=1e-7)
    solution = ch.solve_flow(fork_mesh, boundaries, options)
    found = solution.face_flow_series_ml_min(f"outlet:{first}")
    assert found == pytest.approx(sine(40.0, 20.0, 0.04).at(solution.cycle_times), rel=1e-5)
    net = solution.flows[:, 0] - solution.flows[:, 1:].sum(axis=1)
    assert np.abs(net / solution.flows[:, 0]).max() <= 1e-8
    assert solution.stats.mass_balance_relative <= 1e-8


def test_interrupted_run_resumes_to_the_same_bits(tube, tube_mesh, tmp_path, monkeypatch):
    boundaries = pulse(ch.RCR(200.0, 0.01, 900.0))
    options = brief(
        steps_per_cycle=10,
        max_cycles=2,
        wall_statistics=True,
        checkpoint=tmp_path / "whole.npz",
        checkpoint_steps=4,
    )
    probes = ch.section_probes(tube_mesh, tube[0])
    whole = ch.solve_flow(tube_mesh, boundaries, options, probes=probes)
    broken = dataclasses.replace(options, checkpoint=tmp_path / "broken.npz")
    advance = TransientRun.advance

    def fail_in_step_15(run):
        if run.record.steps == 14:
            raise ch.SolverError("power cut")
        advance(run)

    with monkeypatch.context() as patch:
        patch.setattr(TransientRun, "advance", fail_in_step_15)
        with pytest.raises(ch.SolverError, match="power cut"):
            ch.solve_flow(tube_mesh, boundaries, broken, probes=probes)
    resumed = ch.solve_flow(tube_mesh, boundaries, broken, probes=probes)
    kept = ("velocity", "pressure", "final_velocity", "flows", "pressures", "section_pressures")
    for name in kept:
        assert np.array_equal(getattr(resumed, name), getattr(whole, name))
    for name in ("mean_traction", "tawss", "peak", "tsvi", "trans_wss", "cfi", "turn"):
        one, other = getattr(resumed.wall, name), getattr(whole.wall, name)
        assert np.array_equal(one, other, equal_nan=True)
    assert resumed.stats.linear_iterations == whole.stats.linear_iterations


def test_checkpoints_that_cannot_serve_are_refused(tube, tube_mesh, tmp_path):
    boundaries = pulse(ch.PressureOutlet(0.0))
    options = brief(
        steps_per_cycle=8, max_cycles=1, min_cycles=1, checkpoint=tmp_path / "state.npz"
    )
    ch.solve_flow(tube_mesh, boundaries, options)
    with pytest.raises(ch.InputError, match="another mesh, period or number of steps"):
        ch.solve_flow(tube_mesh, boundaries, dataclasses.replace(options, steps_per_cycle=9))
    probes = ch.section_probes(tube_mesh, tube[0])
    with pytest.raises(ch.InputError, match="other sections to read"):
        ch.solve_flow(tube_mesh, boundaries, options, probes=probes)
    other = dataclasses.replace(options, checkpoint=tmp_path / "sections.npz")
    ch.solve_flow(tube_mesh, boundaries, other, probes=probes)
    nearly = dataclasses.replace(probes, weights=probes.weights * (1.0 + 1e-15))
    ch.solve_flow(tube_mesh, boundaries, other, probes=nearly)
    moved = dataclasses.replace(probes, weights=probes.weights[::-1])
    with pytest.raises(ch.InputError, match="other sections to read"):
        ch.solve_flow(tube_mesh, boundaries, other, probes=moved)
    older = {**np.load(options.checkpoint)}
    older["marks"] = np.array([2.0, *older["marks"][[1, *range(3, len(older["marks"]))]]])
    np.savez(options.checkpoint, **{k: v for k, v in older.items() if k != "sections"})
    with pytest.raises(ch.InputError, match="another version"):
        ch.solve_flow(tube_mesh, boundaries, options)
    elsewhere = dataclasses.replace(options, checkpoint=tmp_path / "missing" / "state.npz")
    with pytest.raises(ch.InputError, match="create it first"):
        ch.solve_flow(tube_mesh, boundaries, elsewhere)
    options.checkpoint.write_bytes(b"not a checkpoint")
    with pytest.raises(ch.FileFormatError, match="remove it"):
        ch.solve_flow(tube_mesh, boundaries, options)


def test_checkpoint_of_another_flow_is_not_taken_for_this_one(tube_mesh, tmp_path):
    boundaries = pulse(ch.RCR(200.0, 0.01, 900.0))
    options = brief(
        steps_per_cycle=8, max_cycles=1, min_cycles=1, checkpoint=tmp_path / "state.npz"
    )
    first = ch.solve_flow(tube_mesh, boundaries, options)
    wider = dataclasses.replace(tube_mesh, points=1.01 * tube_mesh.points)
    thin = dataclasses.replace(boundaries, blood=ch.Blood(dynamic_viscosity_pa_s=3e-3))
    others = {
        "mesh": (wider, boundaries, options),
        "conditions": (tube_mesh, pulse(ch.RCR(200.0, 0.01, 950.0)), options),
        "or options": (tube_mesh, boundaries, dataclasses.replace(options, backflow=0.2)),
        "conditions or": (tube_mesh, thin, options),
    }
    for what, asked in others.items():
        with pytest.raises(ch.InputError, match=f"what differs: .*{what}"):
            ch.solve_flow(*asked)
    (outlet,) = (face.removeprefix("outlet:") for face in tube_mesh.faces[1:-1])
    named = ch.Boundaries(
        boundaries.inlet, {outlet: ch.RCR(200.0, 0.01, 900.0)}, notes=("the same",)
    )
    longer = dataclasses.replace(options, max_cycles=2, min_cycles=2)
    resumed = ch.solve_flow(tube_mesh, named, longer)
    assert np.array_equal(resumed.flows[: len(first.flows)], first.flows)


def test_wall_shear_of_a_reversing_flow_oscillates_fully(tube_mesh):
    boundaries = pulse(ch.PressureOutlet(0.0), ch.FlowInlet(sine(0.0, 20.0), profile="womersley"))
    options = brief(steps_per_cycle=40, max_cycles=4, wall_statistics=True)
    wall = ch.solve_flow(tube_mesh, boundaries, options).wall
    middle = np.abs(wall.points[:, 0] - 0.5 * LENGTH) < 3e-3
    assert wall.osi[middle].min() > 0.45
    number = RADIUS * np.sqrt(2 * np.pi / PERIOD / ch.Blood().kinematic_viscosity)
    flow, _, shear = womersley_response(number)
    amplitude = 4 * 3.5e-3 * 20.0 * ML_PER_MIN / (np.pi * RADIUS**3) * abs(shear / flow)
    mean = np.average(wall.tawss[middle], weights=wall.weights[middle])
    assert mean == pytest.approx(2 / np.pi * amplitude, rel=0.03)


def test_womersley_shear_lies_along_one_line(tube_mesh):
    boundaries = pulse(ch.PressureOutlet(0.0), ch.FlowInlet(sine(30.0, 20.0), profile="womersley"))
    options = brief(steps_per_cycle=40, max_cycles=3, wall_statistics=True)
    wall = ch.solve_flow(tube_mesh, boundaries, options).wall
    middle = np.abs(wall.points[:, 0] - 0.5 * LENGTH) < 3e-3
    assert np.nanmax(wall.trans_wss[middle] / wall.tawss[middle]) < 0.01
    assert np.nanmax(wall.cfi[middle]) < 0.02
    assert np.median(wall.tsvi) * RADIUS < 0.02
    assert wall.turn[middle].max() < 0.01
    assert np.allclose(wall.ecap, wall.osi / wall.tawss, rtol=1e-14)


def test_one_cycle_does_not_tell_the_direction_of_the_mean(tube_mesh):
    boundaries = pulse(ch.PressureOutlet(0.0))
    options = brief(steps_per_cycle=8, max_cycles=1, min_cycles=1, wall_statistics=True)
    wall = ch.solve_flow(tube_mesh, boundaries, options).wall
    assert (wall.trans_wss, wall.cfi, wall.turn) == (None, None, None)
    assert np.all(np.isfinite(wall.tsvi))


@pytest.mark.parametrize("step_tolerance", [None, 1e-3], ids=["equal", "graded"])
def test_sections_in_every_step_have_the_mean_of_the_mean_field(step_tolerance, tube):
    lumen, mesh = tube
    beat = ch.Waveform([0.0, 0.1, 0.2, PERIOD], [30.0, 80.0, 30.0, 30.0])
    boundaries = pulse(ch.RCR(200.0, 0.01, 900.0), ch.FlowInlet(beat))
    options = brief(steps_per_cycle=16, min_cycles=1, max_cycles=2, step_tolerance=step_tolerance)
    probes = ch.section_probes(mesh, lumen)
    solution = ch.solve_flow(mesh, boundaries, options, probes=probes)
    ends = np.append(0.0, solution.times)[-solution.steps_per_cycle - 1 :]
    steps = np.diff(ends)
    assert (np.ptp(steps) > 0.05 * steps.max()) == (step_tolerance is not None)
    (branch,) = lumen.branches
    pressure, _, chosen = sample_branch(solution, PointLocator.of(mesh), branch)
    assert np.array_equal(probes.abscissa, branch.abscissas[chosen])
    shares = 0.5 * (steps + np.roll(steps, -1)) / steps.sum()
    means = shares @ solution.section_pressures
    assert means == pytest.approx(pressure, rel=1e-12)
    last = probes.weights @ solution.final_pressure
    assert solution.section_pressures[-1] == pytest.approx(last, rel=1e-12)
    series = solution.section_pressure_series_mmhg(branch.name)
    assert series.shape == (solution.steps_per_cycle, len(chosen))
    assert series[-1] == pytest.approx(last / MMHG, rel=1e-12)


def test_probes_change_nothing_of_the_flow(tube, tube_mesh):
    boundaries = pulse(ch.RCR(200.0, 0.01, 900.0))
    options = brief(steps_per_cycle=8, max_cycles=1, min_cycles=1)
    plain = ch.solve_flow(tube_mesh, boundaries, options)
    probes = ch.section_probes(tube_mesh, tube[0])
    probed = ch.solve_flow(tube_mesh, boundaries, options, probes=probes)
    for name in ("velocity", "pressure", "flows", "pressures"):
        assert np.array_equal(getattr(probed, name), getattr(plain, name))
    with pytest.raises(ch.ConfigError, match="give solve_flow probes"):
        plain.section_pressure_series_mmhg("main")
    with pytest.raises(ch.ConfigError, match="no branch 'nowhere'"):
        probed.section_pressure_series_mmhg("nowhere")


def test_probes_that_cannot_be_read_are_refused(tube, tube_mesh, finer_tube_mesh):
    probes = ch.section_probes(finer_tube_mesh, tube[0])
    boundaries = pulse(ch.PressureOutlet(0.0))
    with pytest.raises(ch.ConfigError, match="section_probes of this mesh"):
        ch.solve_flow(tube_mesh, boundaries, brief(), probes=probes)
    with pytest.raises(ch.ConfigError, match="pulsatile"):
        ch.solve_flow(finer_tube_mesh, boundaries, probes=probes)


def test_unperiodic_flow_says_so(tube_mesh):
    boundaries = pulse(ch.RCR(200.0, 1.0, 900.0))
    options = brief(max_cycles=2, steps_per_cycle=10, start="rest")
    solution = ch.solve_flow(tube_mesh, boundaries, options)
    assert not solution.is_periodic
    assert "not periodic after 2 cycles" in solution.summary()
    with pytest.raises(ch.NotConvergedError, match="not periodic"):
        ch.solve_flow(tube_mesh, boundaries, dataclasses.replace(options, on_failure="raise"))


def test_length_of_the_cycle_must_be_known(tube_mesh):
    with pytest.raises(ch.ConfigError, match="period_s"):
        ch.solve_flow(tube_mesh, pulse(ch.PressureOutlet(0.0), ch.FlowInlet(60.0)), brief())


def test_wall_has_no_series(tube_mesh):
    boundaries = pulse(ch.PressureOutlet(0.0))
    solution = ch.solve_flow(tube_mesh, boundaries, brief(max_cycles=1, min_cycles=1))
    with pytest.raises(ch.ConfigError, match="no face 'wall'"):
        solution.face_flow_series_ml_min("wall")


def thinning_profile(law, gradient):
    """Radii, velocities and flow of shear-thinning flow in a tube, from tau(r) = G r / 2."""
    radii = np.linspace(0.0, RADIUS, 801)
    rates = np.geomspace(1e-6, 1e6, 20001)
    rate = np.interp(gradient * radii / 2, law.viscosity(rates) * rates, rates)
    steps = (rate[1:] + rate[:-1]) / 2 * np.diff(radii)
    velocity = np.append(np.cumsum(steps[::-1])[::-1], 0.0)
    return radii, velocity, np.trapezoid(2 * np.pi * radii * velocity, radii)


def test_thinning_flow_in_a_tube_follows_its_ordinary_differential_equation(finer_tube_mesh):
    law = ch.CarreauYasuda()
    gradient = 2000.0
    radii, velocity, flow = thinning_profile(law, gradient)
    boundaries = ch.Boundaries(
        inlet=ch.PressureInlet(gradient * LENGTH / MMHG),
        outlets={"*": ch.PressureOutlet(0.0)},
        blood=ch.Blood(rheology=law),
    )
    solution = ch.solve_flow(finer_tube_mesh, boundaries)
    assert solution.face_flow_ml_min("inlet") * ML_PER_MIN == pytest.approx(flow, rel=0.005)
    points = finer_tube_mesh.points
    late = points[:, 0] > 0.6 * LENGTH
    exact = np.interp(np.hypot(points[late, 1], points[late, 2]), radii, velocity)
    assert np.abs(solution.velocity[late, 0] - exact).max() < 0.01 * velocity[0]
    wall = ch.compute_wall_shear(solution)
    middle = np.abs(wall.points[:, 0] - LENGTH / 2) < 3e-3
    shear = np.average(wall.magnitude[middle], weights=wall.weights[middle])
    assert shear == pytest.approx(gradient * RADIUS / 2, rel=0.01)
