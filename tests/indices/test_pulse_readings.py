"""Pd/Pa over the cycle along the branches, on series that are known at every place."""

from dataclasses import replace

import numpy as np
import pytest

from corohemo.indices.compute import compute_indices
from corohemo.indices.ffr import compute_ffr
from corohemo.indices.locator import PointLocator
from corohemo.indices.options import IndexOptions
from corohemo.indices.pulse import pulse_indices
from corohemo.indices.section_weights import section_probes
from corohemo.solvers.solution import SolveStatus
from corohemo.solvers.transient_solution import TransientSolution, TransientStats
from corohemo.units import ML_PER_MIN, MM, MMHG

N, PERIOD, END_SYSTOLE = 80, 0.8, 0.35
PHASES = 2 * np.pi * np.arange(1, N + 1) / N
AORTIC = 90.0 + 15.0 * np.cos(PHASES)
"""Pa at equal times [mmHg]."""
SHARE = 1.0 - 0.7 * np.cos(PHASES)
"""Flow over its mean."""
OPTIONS = IndexOptions(wire_positions_mm={"big": 33.3, "small": 70.0})


@pytest.fixture
def tree(tools):
    lesion = tools.make_lesion(4e-3, 6e-3, 8e-3, "trunk")
    return tools.y_tree(inflow=4e-6, lesions=(lesion,))


def beating(tree, state, *, aortic=AORTIC, has_sections=True):
    """Poiseuille flow of one shape whose size and level vary; its mean is the tree's solution."""
    mean = tree.solution
    probes = section_probes(tree.mesh, tree.lumen)
    drop = 90.0 * MMHG - mean.pressure
    fields = aortic[:, None] * MMHG - SHARE[:, None] * drop
    faces = [face for face in mean.faces if face != "wall"]
    now = [replace(mean, pressure=field) for field in fields]
    pressures = [[one.face_pressure_mmhg(face) * MMHG for face in faces] for one in now]
    flows = np.outer(SHARE, [mean.face_flow_ml_min(face) * ML_PER_MIN for face in faces])
    return TransientSolution(
        mesh=mean.mesh,
        boundaries=replace(mean.boundaries, state=state),
        velocity=mean.velocity,
        pressure=fields.mean(axis=0),
        status=SolveStatus.CONVERGED,
        message="Periodic.",
        stats=TransientStats(1, 1, 1e-9, (), 0.0, 1, 1, 0.0, N, 1),
        period=PERIOD,
        times=PERIOD / N * np.arange(1, N + 1),
        flows=flows,
        pressures=np.array(pressures),
        cycles=1,
        cycle_change=None,
        final_velocity=mean.velocity,
        final_pressure=fields[-1],
        wall=None,
        sections=probes if has_sections else None,
        section_pressures=fields @ probes.weights.T if has_sections else None,
    )


def exact_pressure(tree, branch, place):
    """Pd at a place of the trunk or a daughter (N,) [mmHg]."""
    flow, radius = tree.flows[branch], tree.radii[branch]
    start = 0.0 if branch == 0 else tree.lengths[0]
    level = 90.0 * MMHG if branch == 0 else tree.joint_pressure
    mean = level - 8 * 3.5e-3 * flow * (place - start) / (np.pi * radius**4)
    return AORTIC - SHARE * (90.0 - mean / MMHG)


def wave_free():
    times = PERIOD / N * np.arange(1, N + 1)
    start = PERIOD * (END_SYSTOLE + 0.25 * (1 - END_SYSTOLE))
    return (times >= start) & (times <= PERIOD - 0.005)


def read(tree, solution):
    means = compute_ffr(solution, tree.lumen)
    return pulse_indices(
        *(solution, tree.lumen, None), end_systole=END_SYSTOLE, means=means, options=OPTIONS
    )


def test_weights_of_a_section_sum_to_one_and_read_what_a_pullback_reads(tree):
    probes = section_probes(tree.mesh, tree.lumen)
    assert probes.weights.sum(axis=1) == pytest.approx(1.0, rel=1e-13)
    pullbacks = compute_ffr(tree.solution, tree.lumen, locator=PointLocator.of(tree.mesh))
    for pullback in pullbacks:
        mine = probes.rows(pullback.branch)
        assert np.array_equal(probes.abscissa[mine], pullback.abscissa)
        found = (probes.weights @ tree.solution.pressure)[mine]
        assert found[1:-1] == pytest.approx(pullback.pressure[1:-1], rel=1e-13)


def test_wire_is_read_where_the_case_says_and_at_the_end_of_a_shorter_vessel(tree):
    big, small = read(tree, beating(tree, "resting")).vessels
    assert (big.name, big.branch, small.branch) == ("big", "big", "small")
    assert big.position == pytest.approx(33.3 * MM)
    assert small.position == pytest.approx(tree.lengths[0] + tree.lengths[2])
    assert "vessel's end" in small.notes["position"]
    for reading, branch in ((big, 1), (small, 2)):
        exact = exact_pressure(tree, branch, reading.position)
        assert reading.pressure_mmhg == pytest.approx(exact, rel=1e-9)
        assert reading.pressure_ratio == pytest.approx(exact.mean() / AORTIC.mean(), rel=1e-9)
        ratio = exact / AORTIC
        assert reading.pressure_ratio_range == pytest.approx((ratio.min(), ratio.max()), rel=1e-9)
        assert reading.rfr == pytest.approx(ratio.min(), rel=1e-9)
        inside = wave_free()
        expected = exact[inside].mean() / AORTIC[inside].mean()
        assert reading.ifr == pytest.approx(expected, rel=1e-9)
        assert reading.rfr < reading.ifr < 1.0


def test_lesion_is_read_where_its_ffr_is_read(tree):
    solution = beating(tree, "hyperemic")
    (found,) = read(tree, solution).lesions
    (entry,) = compute_indices(solution, tree.lumen, options=OPTIONS).lesions
    assert (found.branch, found.position) == (entry.ffr_ct_branch, entry.ffr_ct_position)
    assert found.pressure_ratio == entry.ffr_ct
    low, high = found.pressure_ratio_range
    assert low < entry.ffr_ct < high
    assert (found.ifr, found.rfr) == (None, None)
    assert "rest" in found.notes["ifr"]


def test_ends_of_the_branches_are_the_faces(tree):
    solution = beating(tree, "resting")
    pulse = read(tree, solution)
    trunk, big, small = pulse.pullbacks
    assert np.array_equal(trunk.pressure_mmhg[:, 0], pulse.cycle.pressure)
    for pullback, outlet in ((big, pulse.outlets[0]), (small, pulse.outlets[1])):
        series = solution.face_pressure_series_mmhg(f"outlet:{pullback.branch}")
        assert np.array_equal(pullback.pressure_mmhg[:, -1], series)
        ratios = pulse.cycle.ratios(pullback.pressure_mmhg)
        assert ratios.ifr[-1] == pytest.approx(outlet.ifr, rel=1e-14)
        assert ratios.rfr[-1] == pytest.approx(outlet.rfr, rel=1e-14)
        assert np.all(np.diff(ratios.ifr[1:]) < 0.0)
        assert np.all(np.diff(ratios.lowest[1:]) < 0.0)


def test_what_the_series_do_not_tell_is_null_with_the_reason(tree):
    without = read(tree, beating(tree, "resting", has_sections=False))
    assert (without.vessels, without.lesions, without.pullbacks) == ((), (), ())
    assert "outlets only" in without.notes["vessels"]
    assert without.outlets[0].ifr is not None
    below = read(tree, beating(tree, "resting", aortic=AORTIC - 80.0)).vessels[0]
    assert (below.ifr, below.rfr, below.pressure_ratio_range) == (None, None, None)
    assert all("not positive" in below.notes[key] for key in ("ifr", "rfr", "pressure_ratio_range"))
    solution = beating(tree, "resting")
    means = compute_ffr(solution, tree.lumen)
    own = pulse_indices(solution, tree.lumen, None, means=means).vessels[0]
    assert own.ifr is None
    assert own.rfr is not None
    assert "end of systole" in own.notes["ifr"]
