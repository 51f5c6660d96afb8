"""The Jacobian, whose cells are differentiated by hand, against differences of the residual."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.solvers.block_matrix import BlockMatrix
from corohemo.solvers.domain import FlowDomain
from corohemo.solvers.environment import require_dolfinx
from corohemo.solvers.form import compile_form
from corohemo.solvers.parallel import world
from corohemo.solvers.scales import LENGTH

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = pytest.mark.fem

RNG = np.random.default_rng(23)
STEP = 1e-4
NUMBERS = {"viscosity": 0.02, "convection": 0.9, "sharpness": 0.7}
SLOWNESS = 0.8


def form_of(mesh, kind):
    domain = FlowDomain.distribute(world(), mesh, LENGTH)
    if kind == "cubic":
        return compile_form(domain.cubic(), quadrature_degree=6, backflow=0.5)
    is_unsteady = kind == "in time"
    return compile_form(domain, quadrature_degree=3, backflow=0.5, is_unsteady=is_unsteady)


def set_numbers(form):
    for name, value in NUMBERS.items():
        getattr(form, name).value = value
    if form.drift is not None:
        form.drift.slowness.value = SLOWNESS
    if form.hold is not None:
        form.hold.strength.value = 3.0
    if form.inertia is not None:
        form.inertia.rate.value, form.inertia.frequency.value = 40.0, 30.0
        form.inertia.past.x.array[:] = RNG.standard_normal(form.state.x.array.size)


def residual(form, values):
    from dolfinx import fem

    form.state.x.array[:] = values
    values = fem.assemble_vector(form.residual).array.copy()
    return values if form.drift is None else values + fem.assemble_vector(form.drift.compiled).array


@pytest.mark.parametrize("kind", ["steady", "in time", "cubic"])
def test_jacobian_is_the_derivative_of_the_residual(tube_mesh, kind):
    form = form_of(tube_mesh, kind)
    set_numbers(form)
    state, carrier, direction = RNG.standard_normal((3, form.state.x.array.size))
    form.carrier.x.array[:] = carrier
    ahead, behind = (residual(form, state + sign * STEP * direction) for sign in (1.0, -1.0))
    expected = (ahead - behind) / (2.0 * STEP)
    form.state.x.array[:] = state
    matrix = BlockMatrix(form.jacobian)
    matrix.assemble(form.jacobian, [])
    found = np.empty_like(state)
    matrix.multiply(direction, found)
    assert np.linalg.norm(found - expected) < 1e-6 * np.linalg.norm(expected)


def test_fixed_velocities_have_a_row_and_a_column_of_their_own(tube_mesh):
    domain = FlowDomain.distribute(world(), tube_mesh, LENGTH)
    form = compile_form(domain, quadrature_degree=3, backflow=0.5)
    form.state.x.array[:] = RNG.standard_normal(form.state.x.array.size)
    is_fixed = RNG.random(domain.n_nodes) < 0.3
    matrix = BlockMatrix(form.jacobian)
    matrix.assemble(form.jacobian, domain.no_slip(is_fixed))
    rows, values = domain.velocity_rows(is_fixed), np.zeros(form.state.x.array.size)
    values[rows] = RNG.standard_normal(rows.size)
    product = np.empty_like(values)
    matrix.multiply(values, product)
    assert np.array_equal(product, values)
