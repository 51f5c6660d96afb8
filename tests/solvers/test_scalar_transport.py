"""A passive scalar in a steady flow: conservation, constants, mean ages, bounds."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.scalar_transport import ScalarOptions, carry_scalar, fold_to_vertices
from corohemo.thermodilution.sensors import behind_section, stream_source

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem

DIFFUSIVITY = 1.4e-7
STEP = 2e-3


LUMEN = ch.build_lumen(ch.gallery.tube(3.0, 15.0))


@cache
def tube(refinement=0.8):
    mesh = ch.mesh_lumen(LUMEN, ch.MeshOptions(refinement=refinement))
    boundaries = ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=90.0), outlets={"*": ch.PressureOutlet(80.0)}
    )
    return ch.solve_flow(mesh, boundaries)


def along(solution):
    """Unit vector from the inlet to the outlet, and each node's distance on it (n,)."""
    mesh = solution.mesh
    middle = [
        mesh.points[np.unique(mesh.facets[mesh.facet_face == face])].mean(axis=0) for face in (0, 1)
    ]
    axis = (middle[1] - middle[0]) / np.linalg.norm(middle[1] - middle[0])
    return axis, (mesh.points - middle[0]) @ axis


def stirred(solution):
    """No flow at all of an incompressible fluid: uneven, swirling, with sources and sinks."""
    axis, z = along(solution)
    points = solution.mesh.points / 1e-3
    side = np.cross(axis, [0.36, 0.48, 0.8])
    uneven = 0.3 + 0.1 * np.sin(points @ side) + 0.05 * np.cos(3 * z / 1e-3)
    swirl = 0.1 * np.cross(axis, points - points.mean(axis=0))
    return replace(solution, velocity=uneven[:, None] * axis + swirl)


def carried(
    solution, pulse, degree=2, step=STEP, rest=1e-3, behind=None, sensors=None, sources=None
):
    n = len(solution.mesh.points)
    return carry_scalar(
        solution,
        np.asarray(pulse, dtype=np.float64),
        np.zeros((0, n)) if behind is None else behind,
        np.full((1, n), 1.0 / n) if sensors is None else sensors,
        np.ones((1, n)) if sources is None else sources,
        ScalarOptions(diffusivity_m2_s=DIFFUSIVITY, degree=degree, time_step_s=step, rest=rest),
    )


@pytest.mark.parametrize("degree", [1, 2])
@pytest.mark.parametrize("make", [lambda s: s, stirred], ids=["flow", "stirred"])
def test_nothing_is_lost_and_what_leaves_is_volume_over_flow_old(make, degree):
    """Holds for any velocity (Danckwerts 1953), as the projection makes it one without sources."""
    found = carried(make(tube()), np.ones(30), degree)
    assert found.outlet_age == pytest.approx(found.volume / found.flow, rel=1e-9)
    left = found.flow * STEP * found.outflow.sum()
    inside = 1.5 * found.content[-1] - 0.5 * found.content[-2]
    assert left + inside == pytest.approx(found.flow * STEP * 30, rel=1e-9)


@pytest.mark.parametrize("degree", [1, 2])
def test_a_constant_stays_constant(degree):
    solution = tube()
    n = len(solution.mesh.points)
    rows = np.eye(n)[:: n // 40]
    found = carried(stirred(solution), np.ones(600), degree, sensors=rows)
    assert found.curves[599] == pytest.approx(1.0, abs=1e-4)


def test_the_mean_of_the_curve_is_the_age_whatever_the_step():
    solution = tube()
    exact = None
    for step, pulse in ((4e-3, np.ones(20)), (2e-3, np.ones(40))):
        found = carried(solution, pulse, step=step, rest=1e-6)
        exact = exact or found.volume / found.flow
        ramp = found.times @ found.outflow / found.outflow.sum() - step * (len(pulse) + 1) / 2
        assert ramp == pytest.approx(exact, rel=5e-4)


def test_age_in_plug_flow_is_distance_over_speed():
    solution = tube()
    axis, z = along(solution)
    n = len(solution.mesh.points)
    plug = replace(solution, velocity=np.tile(0.2 * axis, (n, 1)))
    chosen = np.flatnonzero(np.isin(np.arange(n), solution.mesh.vertex_ids))[::50]
    found = carried(plug, np.ones(5), sensors=np.eye(n)[chosen])
    assert found.ages == pytest.approx(z[chosen] / 0.2, rel=2e-3, abs=2e-4)


def test_what_leaves_the_range_is_told_and_shrinks_with_the_mesh():
    """No linear scheme of second order keeps to the range (Godunov)."""
    turns = (np.arange(100) + 0.5) / 100
    coarse, fine = (carried(tube(size), np.sin(np.pi * turns) ** 2) for size in (0.8, 1.6))
    for found in (coarse, fine):
        assert found.lowest <= 0.0
        assert found.outflow.min() > -2e-3
        assert found.outflow.max() < 1.0
    over = [max(-found.lowest, found.highest - 1.0) for found in (coarse, fine)]
    assert over[0] < 0.15
    assert over[1] < 0.7 * over[0]


@pytest.mark.parametrize("spread", [1.0, 0.5])
def test_what_a_source_gives_flows_past_every_section_behind_it(spread):
    solution = tube(1.6)
    branch = LUMEN.branches[0]
    places = [branch.section_at(z) for z in (13e-3, 15e-3)]
    behind = np.array([behind_section(LUMEN, solution.mesh, place) for place in places])
    source = stream_source(solution, branch.section_at(6.5e-3), 0, spread)
    found = carried(solution, np.ones(5), behind=behind, sources=source[None])
    assert found.steady[0, :2] * found.flow == pytest.approx(1.0, rel=0.01)
    assert found.steady[0, 1] * found.flow == pytest.approx(1.0, rel=1e-9)


def test_a_well_mixed_source_is_even_behind_it():
    solution = tube(1.6)
    n, (_, z) = len(solution.mesh.points), along(solution)
    inner = np.linalg.norm(solution.velocity, axis=1) > 0.3 * solution.velocity.max()
    chosen = np.flatnonzero((z > 11e-3) & inner & np.isin(np.arange(n), solution.mesh.vertex_ids))
    source = stream_source(solution, LUMEN.branches[0].section_at(5e-3), 0, 1.0)
    found = carried(solution, np.ones(5), sensors=np.eye(n)[chosen], sources=source[None])
    assert found.steady[0] * found.flow == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("degree", [1, 2])
def test_age_at_a_section_is_the_volume_before_it_over_the_flow(degree):
    solution = tube()
    branch = LUMEN.branches[0]
    places = np.array([5e-3, 10e-3, 15e-3])
    behind = [behind_section(LUMEN, solution.mesh, branch.section_at(z)) for z in places]
    found = carried(solution, np.ones(30), degree, behind=np.array(behind), rest=1e-6)
    before = found.volume - found.section_volumes
    assert found.ages[:3] == pytest.approx(before / found.flow, rel=1e-9)
    assert found.section_flows == pytest.approx(found.flow, rel=1e-9)
    through = found.curves.sum(axis=0)[:3]
    assert through == pytest.approx(30.0, rel=1e-5)
    mean = found.times @ found.curves[:, :3] / through - STEP * 31 / 2
    assert mean == pytest.approx(found.ages[:3], rel=1e-3)


def test_folding_keeps_what_weights_say_of_linear_functions():
    mesh = tube().mesh
    straight = mesh.points.copy()
    for e, (a, b) in enumerate(((0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3))):
        ends = mesh.points[mesh.cells[:, a]] + mesh.points[mesh.cells[:, b]]
        straight[mesh.cells[:, 4 + e]] = 0.5 * ends
    weights = np.random.default_rng(1).normal(size=(3, len(mesh.points)))
    folded = fold_to_vertices(mesh, weights)
    assert folded @ straight == pytest.approx(weights @ straight, rel=1e-9, abs=1e-12)
    assert not folded[:, np.unique(mesh.cells[:, 4:])].any()
