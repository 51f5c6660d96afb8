"""Profile of a pulsatile flow at an inlet whose pressure is given.

The inlet is taken for the end of a long straight tube, as for its steady parabola. There the axial
velocity w obeys ``dw/dt = g + nu (w'' + w' / r)`` with a gradient g that belongs to the flow Q:
Womersley's profiles for whatever course of the flow, found step by step with it. With
``rate w - past`` for dw/dt (``time_grid``), f the solution of ``rate f - nu lap f = 1`` and h that
of ``rate h - nu lap h = past``,

    w = a + s Q,    s = f / Q(f),    a = h - s Q(h),

so that the profile is a line in the flow and is held implicitly. Without it, the natural condition
leaves the profile of a fast flow all but open, and what a coarse mesh gets wrong there grows until
no time step can be solved.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.openings import OpenSection
from corohemo.solvers.problem import FlowProblem
from corohemo.solvers.scales import LENGTH
from corohemo.solvers.time_grid import TimeGrid

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

N_SHAPES = 10
"""Shapes (1 - x) P_j(2 x - 1), x the squared fraction of the radius, P_j Legendre's polynomials."""


@dataclass
class InletProfile:
    """Round profiles on the inlet; all dimensionless.

    Attributes:
        nodes: Nodes of the inlet (n,).
        normal: Unit normal outwards (3,).
        shapes: Shapes at the nodes, zero on the rim (n, N_SHAPES).
        fluxes: Flow of each out of the lumen (N_SHAPES,).
        means: Their integrals over x from 0 to 1, times two as the next ones are (N_SHAPES,).
        mass, friction: Those of their products, and of the products of their slopes times nu over
            the squared radius (N_SHAPES, N_SHAPES).
        history: Coefficients of the last profiles, the newest first (N_SHAPES,) each.
    """

    nodes: IntArray
    normal: FloatArray
    shapes: FloatArray
    fluxes: FloatArray
    means: FloatArray
    mass: FloatArray
    friction: FloatArray
    history: list[FloatArray] = field(default_factory=list)
    _unit: FloatArray = field(default_factory=lambda: np.zeros(N_SHAPES))
    _known: FloatArray = field(default_factory=lambda: np.zeros(N_SHAPES))

    @classmethod
    def on(cls, mesh: LumenMesh, viscosity: float) -> InletProfile:
        """The profiles on the inlet of a mesh, in a fluid of a dimensionless viscosity."""
        section = OpenSection.of(mesh, "inlet")
        square = np.where(section.on_rim, 1.0, section.fraction**2)
        shapes = _shapes(square)[0]
        place, weights = legendre.leggauss(N_SHAPES + 2)
        values, slopes = _shapes(0.5 * (place + 1.0))
        radius = np.sqrt(section.area / np.pi) / LENGTH
        return cls(
            nodes=section.nodes,
            normal=section.normal,
            shapes=shapes,
            fluxes=shapes.T @ (section.weights @ section.normal) / LENGTH**2,
            means=weights @ values,
            mass=values.T * weights @ values,
            friction=viscosity / radius**2 * (slopes.T * (weights * 2.0 * (place + 1.0)) @ slopes),
        )

    def begin(self, flow: float) -> None:
        """Start from the parabola of a steady flow."""
        parabola = np.eye(N_SHAPES)[0]
        self.history = [flow / (parabola @ self.fluxes) * parabola]

    def load(self, problem: FlowProblem, grid: TimeGrid, step: int) -> None:
        """Hold the profile of a problem to that at the end of ``step``; collective."""
        newest, *older = grid.differences(step, len(self.history))
        rates = zip(older, self.history, strict=True)
        past = -sum((w * c for w, c in rates), np.zeros(N_SHAPES)) / grid.step(step)
        matrix = newest / grid.step(step) * self.mass + self.friction
        load = np.column_stack([self.means, self.mass @ past])
        even, left = np.linalg.solve(matrix, load).T
        self._unit = even / (even @ self.fluxes)
        self._known = left - self._unit * (left @ self.fluxes)
        unit, known = (np.outer(self.shapes @ c, self.normal) for c in (self._unit, self._known))
        problem.hold_profile(self.nodes, unit, known)

    def accept(self, flow: float) -> None:
        """End the step with the flow out of the lumen that it has brought."""
        self.history = [self._known + flow * self._unit, *self.history[:1]]


def _shapes(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shapes at x (n,) and their slopes (n, N_SHAPES) each."""
    degrees = np.eye(N_SHAPES)
    place, rest = 2.0 * x - 1.0, (1.0 - x)[:, None]
    values = legendre.legval(place, degrees).T
    slopes = legendre.legval(place, legendre.legder(degrees)).T
    return rest * values, 2.0 * rest * slopes - values
