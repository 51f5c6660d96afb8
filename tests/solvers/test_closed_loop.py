"""A heart in a closed loop with the coronary tree: conservation, valves, independent solutions."""

from dataclasses import replace

import numpy as np
import pytest

import corohemo as ch
from corohemo.boundary_remarks import boundary_remarks
from corohemo.heart import HEART_PRESETS, double_hill
from corohemo.kernels.network import TreeLaw
from corohemo.solvers.loop_network import LoopNetwork
from corohemo.solvers.network_export import build_network
from corohemo.solvers.reduced_cycle import solve_reduced_cycle
from corohemo.solvers.time_grading import graded_grid
from corohemo.solvers.time_grid import TimeGrid
from corohemo.solvers.transient_start import loop_start
from corohemo.solvers.tree_network import TreeNetwork, generalised_alpha
from corohemo.units import ML, ML_PER_MIN, MMHG

from .loops import ARTERIES, ATRIUM, ROOT, VENTRICLE, radau, stepped

HEART = ch.ClosedLoopHeart(preset="simaan2009")
TUBE = (2.6e7, 3.0e6)
"""Resistance and inertance of 15 mm of an artery of 3 mm."""


def bed_of(total, compliance=0.008, share=1.5):
    """Kim's bed in the proportions of SimVascular's coronary project."""
    return ch.CoronaryBed(
        0.32 * total, 0.11 * compliance, 0.52 * total, 0.89 * compliance, 0.16 * total,
        ventricular_share=share,
    )  # fmt: skip


def conditions(lumen, heart=HEART, **own):
    resting = ch.prescribe_boundaries(lumen, ch.Rest())
    beds = {
        name: bed_of(outlet.resistance_wu, 0.048 / len(resting.outlets))
        for name, outlet in resting.outlets.items()
    }
    return ch.Boundaries(heart, beds | own)


def network_of(heart, bed, tube=TUBE):
    nothing = np.zeros(0)
    law = TreeLaw(
        np.array([-1]), np.array([tube[0]]), np.zeros(1), np.zeros(1),
        np.zeros(2, dtype=np.int64), nothing, nothing, 0.0, 0.0,
    )  # fmt: skip
    tree = TreeNetwork(law, np.array([tube[1]]), np.zeros(1), {0: bed.circuit()}, 0.0, False)
    return LoopNetwork(tree, heart.loop())


def marched(network, steps, cycles, points):
    """Flows of the tree, pressures, volumes and flows of the loop at ``points`` of each cycle."""
    state, rows = network.resting(), []
    period = network.loop.period_s
    for _ in range(cycles):
        tree, loop = network.march(state, generalised_alpha(period / steps, 0.5), 0.0, steps, 1e-10)
        rows.append(np.hstack([tree.flows, loop.pressures, loop.volumes, loop.flows]))
    every = steps // points
    return np.concatenate(rows)[every - 1 :: every]


@pytest.fixture(scope="module")
def left_tree():
    return ch.build_lumen(ch.gallery.left_tree())


@pytest.fixture(scope="module")
def cycle(left_tree):
    return solve_reduced_cycle(left_tree, conditions(left_tree))


def test_no_blood_is_lost_over_the_cycles(cycle):
    volume = cycle.heart.blood_volume_ml
    assert np.ptp(volume) <= 1e-12 * volume[0]
    assert volume[0] == pytest.approx(HEART.blood_volume_ml + HEART.unstressed_volume_ml, 1e-12)


def test_what_the_heart_ejects_runs_off_through_periphery_and_coronary_tree(cycle):
    runoff = cycle.heart.flows[1:, 3].mean() + cycle.flows[1:, 0].mean()
    output = cycle.heart.cardiac_output_l_min * 1e3 * ML_PER_MIN
    assert output == pytest.approx(runoff, rel=2e-3)


def test_beats_repeat(cycle):
    assert cycle.change_relative < 1e-6
    for series in (cycle.heart.volumes, cycle.heart.pressures, cycle.flows):
        np.testing.assert_array_equal(series[0], series[-1])


def test_pressure_at_the_ostium_is_that_of_the_aortic_root(cycle):
    np.testing.assert_array_equal(
        cycle.face_pressure_mmhg("inlet"), cycle.heart.pressure_mmhg("root")
    )


def test_left_coronary_flow_is_mainly_diastolic(cycle):
    flow = cycle.face_flow_ml_min("inlet")
    ejecting = cycle.heart.flows[:, 1] > 0.0
    assert flow[ejecting].mean() < 0.8 * flow[~ejecting].mean()


def test_mean_flow_through_each_bed_is_that_of_its_resistance(cycle, left_tree):
    atrial = cycle.heart.mean_atrial_pressure_mmhg * MMHG
    for name in left_tree.outlet_names:
        face, bed = f"outlet:{name}", cycle.boundaries.outlet(name)
        pressure = cycle.face_pressure_mmhg(face)[1:].mean() * MMHG
        flow = cycle.face_flow_ml_min(face)[1:].mean() * ML_PER_MIN
        assert flow == pytest.approx((pressure - atrial) / bed.steady_resistance, rel=1e-4)


def test_heart_of_the_preset_ejects_what_is_published(cycle):
    network = network_of(HEART, bed_of(1e9, 1e-6, 0.0))
    found = marched(network, 4000, 15, 400)[-400:]
    volumes, root = found[:, 5 + VENTRICLE] / ML, found[:, 1 + ROOT] / MMHG
    assert np.ptp(volumes) == pytest.approx(69.5, rel=2e-3)
    assert root.max() == pytest.approx(120.0, abs=3.0)
    assert root.min() == pytest.approx(80.0, abs=3.0)
    assert 0.45 < cycle.heart.ejection_fraction < 0.60
    assert 4.0 < cycle.heart.cardiac_output_l_min < 6.5
    assert 5.0 < cycle.heart.mean_atrial_pressure_mmhg < 15.0


@pytest.mark.parametrize("leak", [0.0, 0.05])
def test_valves_let_blood_back_by_their_leak_only(leak, left_tree):
    heart = replace(HEART, valve_leak_ml_s_mmhg=leak)
    beat = solve_reduced_cycle(left_tree, conditions(left_tree, heart)).heart
    ends = ((ATRIUM, VENTRICLE), (VENTRICLE, ROOT))
    for valve, (source, target) in enumerate(ends):
        drop = (beat.pressures[:, source] - beat.pressures[:, target]) / MMHG
        flow = beat.flows[:, valve] / ML
        against = drop < 0.0
        assert against.sum() > 100
        np.testing.assert_allclose(flow[against], leak * drop[against], rtol=1e-9, atol=1e-12)
        assert (flow[~against] >= 0.0).all()
        assert flow.max() > 100.0


def test_valves_are_never_open_together_for_long(cycle):
    both = (cycle.heart.flows[:, 0] > 0.0) & (cycle.heart.flows[:, 1] > 0.0)
    assert not both.any()


def test_march_meets_an_independent_solution_of_second_order():
    network = network_of(HEART, bed_of(900.0))
    exact = radau(HEART, bed_of(900.0), TUBE, network.resting(), 2, 50)[:, -50:]
    errors = []
    for steps in (6400, 12800):
        found = marched(network, steps, 2, 50)[-50:]
        pairs = [
            (found[:, 0], exact[5]),
            (found[:, 1 + ATRIUM], exact[1]),
            (found[:, 1 + ROOT], exact[2]),
            (found[:, 1 + ARTERIES], exact[3]),
            (found[:, 5 + VENTRICLE], exact[0]),
        ]
        errors.append([np.abs(a - b).max() / np.abs(b).max() for a, b in pairs])
    assert max(errors[1]) < 1e-5
    assert np.log2(max(errors[0]) / max(errors[1])) > 1.85


def test_plain_windkessel_is_the_limit_of_a_small_root():
    plain = replace(HEART, root_compliance_ml_mmhg=0.0, proximal_inertance_mmhg_s2_ml=0.0)
    small = replace(plain, root_compliance_ml_mmhg=1e-5)
    ends = [marched(network_of(h, bed_of(900.0)), 2000, 3, 100)[-100:] for h in (plain, small)]
    root, tiny = (end[:, 1 + ROOT] / MMHG for end in ends)
    np.testing.assert_allclose(root, tiny, atol=0.05)
    flows = ends[0][:, 9:]
    coronary = ends[0][:, 0]
    np.testing.assert_allclose(flows[:, 1], flows[:, 2] + coronary, atol=1e-9 * flows.max())


def test_all_pressures_follow_the_blood_volume():
    more = replace(HEART, blood_volume_ml=1.2 * HEART.blood_volume_ml)
    base, high = (marched(network_of(h, bed_of(900.0)), 500, 4, 50) for h in (HEART, more))
    np.testing.assert_allclose(high, 1.2 * base, rtol=1e-9, atol=1e-12 * np.abs(base).max())


@pytest.mark.parametrize("is_graded", [False, True])
def test_partner_of_the_mesh_keeps_blood_and_meets_the_march(is_graded):
    bed = bed_of(900.0)
    start = loop_start(HEART, [bed.circuit()], TUBE)
    fine = marched(network_of(HEART, bed), 25600, 14, 25600)[-25600:]
    times = HEART.period_s / 25600 * np.arange(1, 25601)
    errors = []
    for steps in (200, 400):
        grid = TimeGrid.equal(HEART.period_s, steps)
        if is_graded:
            grid = graded_grid(HEART.period_s, start.course, 1e-12, steps)
        flows, _, volumes, held = stepped(HEART, bed, TUBE, start, grid, 5)
        total = volumes.sum(axis=1) + held
        assert np.ptp(total) <= 1e-12 * total[0]
        exact = np.interp(grid.ends, times, fine[:, 0])
        difference = flows[-steps:] - exact
        errors.append(np.sqrt(grid.weights @ difference**2) / np.ptp(exact))
    assert errors[1] < (2e-4 if is_graded else 1e-3)
    order = np.log2(errors[0] / errors[1])
    assert order > (1.85 if is_graded else 1.4)


def test_plain_conditions_of_a_beat_give_its_flow(cycle, left_tree):
    plain = cycle.heart.opened(cycle.boundaries, left_tree.outlet_names)
    assert plain.period_s == pytest.approx(HEART.period_s)
    opened = solve_reduced_cycle(left_tree, plain)
    assert opened.heart is None
    largest = cycle.flows.max()
    np.testing.assert_allclose(opened.flows, cycle.flows, atol=0.01 * largest)
    steady = ch.solve_reduced(left_tree, plain)
    mean = cycle.face_flow_ml_min("inlet")[1:].mean()
    assert steady.face_flow_ml_min("inlet") == pytest.approx(mean, rel=2e-3)


def test_prescribed_outflow_comes_back(left_tree):
    name = left_tree.outlet_names[0]
    wave = ch.Waveform.from_fourier(HEART.period_s, [8.0, 3.0])
    beat = solve_reduced_cycle(left_tree, conditions(left_tree, **{name: ch.FlowOutlet(wave)}))
    volume = beat.heart.blood_volume_ml
    assert np.ptp(volume) <= 1e-12 * volume[0]
    np.testing.assert_allclose(
        beat.face_flow_ml_min(f"outlet:{name}"), wave.at(beat.times), atol=1e-3
    )


def test_windkessels_and_resistances_drain_into_the_atrium(left_tree):
    names = left_tree.outlet_names
    own = {names[0]: ch.RCR(500.0, 0.002, 4000.0), names[1]: ch.Resistance(5000.0)}
    beat = solve_reduced_cycle(left_tree, conditions(left_tree, **own))
    atrial = beat.heart.mean_atrial_pressure_mmhg
    assert np.ptp(beat.heart.blood_volume_ml) <= 1e-12 * beat.heart.blood_volume_ml[0]
    for name, total in zip(names[:2], (4500.0, 5000.0), strict=True):
        flow = beat.face_flow_ml_min(f"outlet:{name}")[1:].mean() * 1e-3
        pressure = beat.face_pressure_mmhg(f"outlet:{name}")[1:].mean()
        assert pressure - atrial == pytest.approx(total * flow, rel=1e-4)


@pytest.mark.parametrize(
    ("outlet", "match"),
    [
        (ch.PressureOutlet(5.0), "take blood out of the closed loop"),
        (ch.Resistance(900.0, 5.0), "drains into the atrium"),
        (ch.CoronaryBed(100.0, 0.01, 300.0, 0.05, 0.0), "venous resistance"),
    ],
)
def test_outlets_that_break_the_loop_are_refused(outlet, match, left_tree):
    with pytest.raises(ch.ConfigError, match=match):
        solve_reduced_cycle(left_tree, ch.Boundaries(HEART, {"*": outlet}))


def test_bed_that_feels_a_heart_needs_one(left_tree):
    boundaries = ch.Boundaries(ch.PressureInlet(93.0), {"*": bed_of(900.0)})
    with pytest.raises(ch.ConfigError, match="no heart beats"):
        ch.solve_reduced(left_tree, boundaries)


def test_steady_models_and_svzerod_say_why_not(left_tree):
    boundaries = conditions(left_tree)
    with pytest.raises(ch.ConfigError, match="no steady state"):
        ch.solve_reduced(left_tree, boundaries)
    with pytest.raises(ch.ConfigError, match="cannot be written"):
        build_network(left_tree, boundaries)


def test_heart_that_no_bed_feels_is_remarked(left_tree):
    beds = {"*": bed_of(900.0, share=0.0)}
    remarks = boundary_remarks(ch.Boundaries(HEART, beds), left_tree.outlet_names)
    assert "no bed feels" in remarks[-1]


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({}, "heart_rate_bpm is missing"),
        ({"preset": "simaan"}, "must be one of simaan2009"),
        ({"preset": "simaan2009", "heart_rate_bpm": -1.0}, "positive"),
        ({"preset": "simaan2009", "heart_rate_bpm": 220.0}, "lasts longer than the beat"),
        ({"preset": "simaan2009", "minimal_elastance_mmhg_ml": 3.0}, "must be below"),
        ({"preset": "simaan2009", "root_compliance_ml_mmhg": 0.0}, "needs a root_compliance"),
        ({"preset": "simaan2009", "activation": 0.5}, "waveform between 0 and 1"),
        (
            {"preset": "simaan2009", "heart_rate_bpm": 60.0, "activation": double_hill(0.8)},
            "75 beats a minute; leave one out",
        ),
    ],
)
def test_hearts_that_cannot_beat_are_refused_by_name(given, match):
    with pytest.raises(ch.ConfigError, match=match):
        ch.ClosedLoopHeart(**given)


def test_heart_says_where_its_values_come_from():
    assert HEART.note.endswith("ejects the published 69.5 mL.")
    weak = replace(HEART, maximal_elastance_mmhg_ml=1.0)
    assert "Given instead: maximal_elastance_mmhg_ml" in weak.note
    values = HEART_PRESETS["simaan2009"].values
    assert "all its values were given" in ch.ClosedLoopHeart(**values).note


def test_weaker_ventricle_ejects_less(left_tree):
    weak = replace(HEART, maximal_elastance_mmhg_ml=1.0)
    beats = [solve_reduced_cycle(left_tree, conditions(left_tree, h)).heart for h in (HEART, weak)]
    assert beats[1].ejection_fraction < 0.8 * beats[0].ejection_fraction
    assert beats[1].mean_aortic_pressure_mmhg < beats[0].mean_aortic_pressure_mmhg


def test_activation_of_the_built_in_shape_given_as_a_waveform_changes_nothing(left_tree):
    given = replace(HEART, activation=double_hill(0.8))
    a, b = (solve_reduced_cycle(left_tree, conditions(left_tree, h)) for h in (HEART, given))
    np.testing.assert_array_equal(a.flows, b.flows)


def random_heart(seed):
    """Every value off the preset's by up to a factor of e, some parts left out."""
    rng = np.random.default_rng(seed)
    values = {
        name: value * float(np.exp(rng.uniform(-1.0, 1.0)))
        for name, value in HEART_PRESETS["simaan2009"].values.items()
    }
    values["heart_rate_bpm"] = float(rng.uniform(40.0, 150.0))
    values["valve_leak_ml_s_mmhg"] = float(rng.choice([0.0, 0.01, 1.0]))
    values["minimal_elastance_mmhg_ml"] = min(
        values["minimal_elastance_mmhg_ml"], 0.5 * values["maximal_elastance_mmhg_ml"]
    )
    if rng.random() < 0.3:
        values["proximal_inertance_mmhg_s2_ml"] = 0.0
        values["root_compliance_ml_mmhg"] *= float(rng.choice([0.0, 1.0]))
    return ch.ClosedLoopHeart(**values), float(np.exp(rng.uniform(5.0, 9.0)))


@pytest.mark.parametrize("seed", range(12))
def test_random_hearts_beat_without_losing_blood(seed):
    heart, total = random_heart(seed)
    beat = loop_start(heart, [bed_of(total).circuit()], TUBE).heart
    volume = beat.blood_volume_ml
    assert np.ptp(volume) <= 1e-11 * volume[0]
    assert volume[0] == pytest.approx(heart.blood_volume_ml + heart.unstressed_volume_ml, 1e-11)
    largest = beat.pressures.max() / MMHG
    assert beat.flows[:, :2].min() / ML >= -heart.valve_leak_ml_s_mmhg * largest - 1e-12
    assert 0.0 < beat.ejection_fraction < 1.0
