"""The iteration on a problem of one unknown."""

import numpy as np
import pytest

from corohemo.solvers.newton import solve_newton
from corohemo.solvers.options import SteadyOptions


class Bent:
    """A bent line, in pseudo-time: slowness (x - carrier) + bend(x) = 0.

    As a step of the flow problem, one here spoils the residual.
    """

    def __init__(self, bend, slope):
        self.bend, self.slope_of = bend, slope
        self.field = self.carrier = np.zeros(1)
        self.slowness, self.residual = 0.0, None
        self.evaluations = [0]

    def rest(self):
        return np.zeros(1)

    def set_field(self, values, *, follows=True):
        self.field, self.residual = np.array(values), None
        if follows:
            self.carrier = self.field

    def set_flow_regime(self, *, slowness=0.0, **_):
        if slowness != self.slowness:
            self.slowness, self.residual = slowness, None

    def evaluate(self):
        self.evaluations[-1] += 1
        self.residual = self.bend(self.field) + self.slowness * (self.field - self.carrier)
        return float(np.abs(self.residual[0]))

    def linearise(self):
        self.slope = self.slope_of(self.field) + self.slowness

    @property
    def defect(self):
        if self.residual is None:
            assert np.array_equal(self.field, self.carrier), "inertia would be left out"
            self.residual = self.bend(self.field)
        return self.residual

    def newton_step(self, defect, limit):
        self.evaluations.append(0)
        step, self.residual = defect / self.slope, None
        return step, 1

    def imbalance(self):
        return 0.0


def arctangent():
    """Newton's method diverges from 3."""
    return Bent(np.arctan, lambda x: 1.0 / (1.0 + x**2))


def test_the_march_leads_to_where_newtons_method_contracts():
    problem = arctangent()
    converged, log = solve_newton(problem, SteadyOptions(), np.array([3.0]))
    assert converged
    assert abs(problem.field[0]) < 1e-8
    assert log.linear_solves <= 12
    assert max(problem.evaluations) <= 6


@pytest.mark.parametrize("start", [0.3, 1.0, 3.0, 10.0, 30.0, -30.0])
def test_the_march_arrives_from_anywhere(start):
    problem = arctangent()
    assert solve_newton(problem, SteadyOptions(), np.array([start]))[0]
    assert abs(problem.field[0]) < 1e-8


def test_what_has_no_solution_is_restless_and_ends():
    problem = Bent(lambda x: 1.0 + 0.5 * np.cos(x), lambda x: -0.5 * np.sin(x))
    converged, log = solve_newton(problem, SteadyOptions(), np.array([1.0]))
    assert not converged
    assert log.is_restless
    assert np.isfinite(problem.field).all()
