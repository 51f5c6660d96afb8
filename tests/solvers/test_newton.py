"""The iteration on a problem of one unknown."""

import numpy as np

from corohemo.solvers.newton import DESCENT, solve_newton
from corohemo.solvers.options import SteadyOptions


class Arctangent:
    """atan x + (viscosity - 1) x = 0: Newton's method diverges from 3, but not at the higher ones.

    As a step of the flow problem, one here spoils the residual.
    """

    def __init__(self):
        self.field, self.viscosity, self.residual = np.zeros(1), 1.0, None
        self.evaluations = [0]

    def rest(self):
        return np.zeros(1)

    def set_field(self, values):
        self.field, self.residual = np.array(values), None

    def set_flow_regime(self, *, viscosity_factor=1.0, **_):
        if viscosity_factor != self.viscosity:
            self.viscosity, self.residual = viscosity_factor, None

    def evaluate(self):
        self.evaluations[-1] += 1
        self.residual = np.arctan(self.field) + (self.viscosity - 1.0) * self.field
        return float(np.abs(self.residual[0]))

    def linearise(self):
        self.slope = 1.0 / (1.0 + self.field**2) + self.viscosity - 1.0

    @property
    def defect(self):
        assert self.residual is not None, "a step needs the residual of the current field"
        return self.residual

    def newton_step(self, defect, limit):
        self.evaluations.append(0)
        step, self.residual = defect / self.slope, None
        return step, 1

    def imbalance(self):
        return 0.0

    def transit_time(self):
        return 1.0


def test_residuals_are_evaluated_once_a_step_and_once_a_change_of_way():
    problem = Arctangent()
    converged, log = solve_newton(problem, SteadyOptions(), np.array([3.0]))
    assert converged
    assert abs(problem.field[0]) < 1e-8
    assert log.linear_solves == 1 + len(DESCENT)
    assert max(problem.evaluations) <= 2
