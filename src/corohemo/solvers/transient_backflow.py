"""The profile of blood that comes back through an outlet whose whole flow has turned round.

Backflow stabilisation takes away energy that enters; of a flow that reverses as a whole it would
take a dynamic pressure with it (4 % of the flow of a Womersley number of 2 in a tube of five
diameters). So the round part of the profile that the last steps had at the outlet, a polynomial in
the squared distance from its centre, goes in for free, and only what deviates from it is damped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.openings import OpenSection
from corohemo.solvers.problem import FlowProblem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

N_SHAPES = 4
"""Terms (1 - s^2) s^(2 j) of a profile."""


@dataclass(frozen=True)
class RoundProfile:
    """Round profiles on an outlet.

    Attributes:
        nodes: Nodes of the face (n,).
        normal: Unit normal outwards (3,).
        shapes: Shapes at the nodes, zero on the rim (n, N_SHAPES).
        fit: Coefficients by the nodal values, least squares (N_SHAPES, n).
    """

    nodes: IntArray
    normal: FloatArray
    shapes: FloatArray
    fit: FloatArray

    @classmethod
    def on(cls, mesh: LumenMesh, face: str) -> RoundProfile:
        """The profiles of one outlet."""
        section = OpenSection.of(mesh, face)
        square = np.where(section.on_rim, 1.0, section.fraction**2)
        shapes = (1.0 - square)[:, None] * square[:, None] ** np.arange(N_SHAPES)
        return cls(section.nodes, section.normal, shapes, np.linalg.pinv(shapes))


class Backflow:
    """Keeps the velocity with which blood is expected to enter through outlets.

    Args:
        profiles: Round profiles of all outlets; the last openings in the same order.
    """

    def __init__(self, profiles: list[RoundProfile]) -> None:
        self.profiles = profiles
        self.coefficients: list[FloatArray] = []

    def observe(self, problem: FlowProblem) -> None:
        """Fit the profiles to the current field; collective."""
        domain = problem.domain
        place = np.full(domain.n_nodes, -1)
        place[domain.nodes[: domain.n_owned]] = np.arange(domain.n_owned)
        velocity = problem.nodal.reshape(-1, 4)[:, :3]
        local = np.zeros((len(self.profiles), N_SHAPES))
        for row, profile in zip(local, self.profiles, strict=True):
            at = place[profile.nodes]
            mine = at >= 0
            row += profile.fit[:, mine] @ (velocity[at[mine]] @ profile.normal)
        newest = np.asarray(domain.mesh.comm.allreduce(local))
        self.coefficients = [newest, *self.coefficients[:1]]

    def expect(self, problem: FlowProblem, flows: FloatArray, weights: tuple[float, ...]) -> None:
        """Let blood enter freely where the flow (k,) expected through an outlet is negative.

        Args:
            problem: The problem.
            flows: The expected flows (k,).
            weights: Of the last fields, the newest first, in what is expected.
        """
        inertia, domain = problem.form.inertia, problem.domain
        assert inertia is not None
        known = zip(weights, self.coefficients, strict=True)
        expected = sum((w * c for w, c in known), np.zeros((len(self.profiles), N_SHAPES)))
        velocity = np.zeros((domain.n_nodes, 3))
        for profile, flow, coefficients in zip(self.profiles, flows, expected, strict=True):
            if flow < 0.0:
                velocity[profile.nodes] = np.outer(profile.shapes @ coefficients, profile.normal)
        inertia.entering.x.array.reshape(-1, 4)[:, :3] = velocity[domain.nodes]
