"""The level of linear elements in the preconditioner."""

import gc
import weakref

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.conditions import flow_conditions
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.parallel import world
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.steady import flow_assembly
from corohemo.solvers.vertex_level import REDUCTION

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem

BOUNDARIES = ch.Boundaries(inlet=ch.PressureInlet(93.0), outlets={"*": ch.Resistance(900.0)})


@pytest.fixture(scope="module")
def other_mesh():
    lumen = ch.build_lumen(ch.gallery.tube(3.0, 12.0))
    return ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.5))


def linearised(mesh, options=None):
    assembly = flow_assembly(world(), mesh, options or SteadyOptions())
    problem = FlowProblem(
        assembly.domain,
        assembly.form,
        assembly.solver,
        flow_conditions(mesh, BOUNDARIES),
        assembly.grid,
        assembly.space,
    )
    values = 0.1 * np.random.default_rng(7).standard_normal(problem.field.size)
    problem.set_field(problem.imposed(values))
    problem.linearise()
    return problem


def product(matrix, values):
    left, right = matrix.createVecs()
    left.array[:] = values
    matrix.mult(left, right)
    return right.array_r.copy()


def on_free_vertices(level, seed):
    values = np.random.default_rng(seed).standard_normal(level._load.getLocalSize())
    values[level._fixed] = 0.0
    return values


def test_matrix_of_the_vertices_is_that_of_the_nodes_between_linear_functions(fork_mesh):
    problem = linearised(fork_mesh)
    level = problem.coarse
    first, second = on_free_vertices(level, 1), on_free_vertices(level, 2)
    through = product(level._solver.operator, first) @ second
    up = [product(level._up, values) for values in (first, second)]
    image = product(problem.solver.operator, up[0])
    single = 1e-6 * np.linalg.norm(image) * np.linalg.norm(up[1])
    assert through == pytest.approx(image @ up[1], abs=single)


def test_correction_takes_away_most_of_what_the_vertices_carry(fork_mesh):
    problem = linearised(fork_mesh)
    level = problem.coarse
    load = product(problem.solver.operator, product(level._up, on_free_vertices(level, 3)))
    load[problem.fixed_rows] = 0.0

    def carried(values):
        level._fine.array[:] = values
        level._restrict()
        return level._load.norm()

    _, rest = level.split(load)
    assert carried(rest) < 1.1 * REDUCTION * carried(load)


def test_incomplete_factors_leave_the_matrix_as_it_is(fork_mesh):
    problem = linearised(fork_mesh)
    values = np.random.default_rng(5).standard_normal(problem.nodal.size)
    before, after = np.empty((2, values.size))
    problem.solver.matrix.multiply(values, before)
    problem.solver.prepare(problem.openings, problem.coarse)
    problem.solver.matrix.multiply(values, after)
    assert np.array_equal(before, after)


def krylov_steps(refinement):
    lumen = ch.build_lumen(ch.gallery.y_bifurcation())
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=refinement))
    solution = ch.solve_flow(mesh, ch.prescribe_boundaries(lumen, ch.Hyperemia()))
    return solution.stats.linear_iterations / solution.stats.newton_iterations


def test_krylov_steps_of_a_solve_do_not_grow_with_the_mesh():
    assert krylov_steps(1.2) < 2.0 * krylov_steps(0.6)


def test_solvers_of_a_mesh_are_given_back(fork_mesh, other_mesh):
    problem = linearised(fork_mesh)
    outer, inner = weakref.ref(problem.solver), weakref.ref(problem.coarse._solver)
    del problem
    linearised(other_mesh)
    gc.collect()
    assert outer() is None
    assert inner() is None
