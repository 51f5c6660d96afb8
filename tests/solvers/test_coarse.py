"""The coarse space of the preconditioner."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.conditions import flow_conditions
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.parallel import world
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.steady import flow_assembly

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem


@pytest.fixture
def linearised(fork_mesh):
    boundaries = ch.Boundaries(inlet=ch.PressureInlet(93.0), outlets={"*": ch.Resistance(900.0)})
    assembly = flow_assembly(world(), fork_mesh, SteadyOptions())
    problem = FlowProblem(
        assembly.domain,
        assembly.form,
        assembly.solver,
        flow_conditions(fork_mesh, boundaries),
        assembly.grid,
    )
    values = 0.1 * np.random.default_rng(7).standard_normal(problem.field.size)
    problem.set_field(problem.imposed(values))
    problem.linearise()
    return problem


def test_kept_images_leave_of_a_vector_what_the_operator_does(linearised):
    coarse, operator = linearised.coarse, linearised.solver.operator
    left, right = operator.createVecs()
    values = np.random.default_rng(3).standard_normal(linearised.nodal.size)
    correction, rest = coarse.split(values)
    left.array[:] = correction
    operator.mult(left, right)
    blocks = np.abs(linearised.solver.matrix.blocks).max()
    rounding = 1e-5 * blocks * np.abs(correction).max()
    assert rest == pytest.approx(values - right.array_r, abs=rounding)


def test_correction_leaves_no_coarse_part(linearised):
    coarse = linearised.coarse
    values = np.random.default_rng(5).standard_normal(linearised.nodal.size)
    _, rest = coarse.split(values)
    before, after = (np.abs(coarse.restrict(part)).max() for part in (values, rest))
    assert after < 1e-5 * before
