"""Cubic elements on the cells of the quadratic ones."""

from dataclasses import replace

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.conditions import flow_conditions
from corohemo.solvers.cubic import REDUCTION, solve_cubic
from corohemo.solvers.cubic_conditions import cubic_conditions
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.local_openings import LocalOpenings
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.parallel import world
from corohemo.solvers.solution import SolveStatus
from corohemo.solvers.steady import flow_assembly
from corohemo.solvers.vertex_space import VertexSpace
from corohemo.units import ML_PER_MIN

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem

PRESSURES = ch.Boundaries(inlet=ch.PressureInlet(93.0), outlets={"*": ch.Resistance(900.0)})
FLOW = ch.Boundaries(inlet=ch.FlowInlet(60.0), outlets={"*": ch.Resistance(900.0)})


def spaces(mesh):
    from dolfinx.fem import petsc

    assembly = flow_assembly(world(), mesh, SteadyOptions())
    cubic = assembly.domain.cubic()
    up = petsc.interpolation_matrix(assembly.domain.space, cubic.space)
    up.assemble()
    return VertexSpace(cubic, assembly.domain, assembly.form, assembly.solver, up)


def nodes_of(facets):
    """Vertices, two nodes on each edge and one in each facet."""
    edges = np.sort(facets[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    return len(np.unique(facets[:, :3])) + 2 * len(np.unique(edges, axis=0)) + len(facets)


def test_fixed_nodes_are_all_cubic_nodes_of_the_wall(fork_mesh):
    conditions = flow_conditions(fork_mesh, PRESSURES)
    fixed = cubic_conditions(conditions, spaces(fork_mesh)).fixed
    wall = fork_mesh.facets[fork_mesh.facet_face == fork_mesh.faces.index("wall")]
    assert fixed.sum() == nodes_of(wall)


def test_a_prescribed_inflow_is_prescribed_at_all_cubic_nodes_of_the_inlet(fork_mesh):
    conditions = flow_conditions(fork_mesh, FLOW)
    found = cubic_conditions(conditions, spaces(fork_mesh))
    shut = np.isin(fork_mesh.facet_face, [fork_mesh.faces.index(f) for f in ("wall", "inlet")])
    assert found.fixed.sum() == nodes_of(fork_mesh.facets[shut])
    assert np.all(found.velocity[~found.fixed] == 0.0)
    assert np.abs(found.velocity).max() == pytest.approx(np.abs(conditions.velocity).max())


def test_flux_functionals_agree_on_quadratic_fields(fork_mesh):
    space = spaces(fork_mesh)
    conditions = flow_conditions(fork_mesh, PRESSURES)
    field = np.random.default_rng(3).standard_normal((len(fork_mesh.points), 4))
    field[conditions.fixed, :3] = 0.0
    owned = field[space.vertices.nodes].ravel()
    below = LocalOpenings(space.vertices, conditions.openings).flows(owned)
    found = cubic_conditions(conditions, space)
    above = LocalOpenings(space.nodes, found.openings).flows(space.prolonged(owned))
    assert np.allclose(above, below, rtol=1e-10, atol=1e-12)


def test_held_profile_carries_one_unit_of_flow(fork_mesh):
    found = cubic_conditions(flow_conditions(fork_mesh, PRESSURES), spaces(fork_mesh))
    nodes, velocity = found.profile
    inlet = found.openings[0]
    assert np.array_equal(nodes, inlet.nodes)
    assert np.sum(velocity * inlet.weights) == pytest.approx(1.0, rel=1e-12)


def test_cubic_flow_in_a_tube_is_nearer_to_poiseuille(tube_mesh):
    boundaries = ch.Boundaries(inlet=ch.FlowInlet(60.0), outlets={"*": ch.PressureOutlet(0.0)})
    quadratic = ch.solve_flow(tube_mesh, boundaries)
    cubic = solve_cubic(quadratic)
    distance = np.linalg.norm(tube_mesh.points[:, 1:], axis=1) / 1.5e-3
    exact = 2 * 60 * ML_PER_MIN / (np.pi * 1.5e-3**2) * (1 - distance**2)
    first, second = (
        np.sqrt(np.mean((one.velocity[:, 0] - exact) ** 2)) for one in (quadratic, cubic)
    )
    assert second < 0.8 * first
    assert cubic.stats.residual_relative <= REDUCTION
    assert cubic.stats.mass_balance_relative < 1e-5


def test_a_flow_that_did_not_converge_is_refused(fork_mesh):
    loose = ch.SteadyOptions(max_iterations=1, averaging_s=0.0, on_failure="return")
    solution = replace(
        ch.solve_flow(fork_mesh, PRESSURES, loose),
        status=SolveStatus.NOT_CONVERGED,
        message="It did not settle.",
    )
    with pytest.raises(ch.NotConvergedError, match="did not settle"):
        solve_cubic(solution)
