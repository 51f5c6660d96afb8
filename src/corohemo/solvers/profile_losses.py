"""The reduced model with the drops of ``kernels.profile`` in place of its fitted jets.

The tree keeps its own law; each branch gets a correction, the difference of both drops at its flow,
with the slope that the last two flows show. Every branch starts with Poiseuille's profile: a jet
that reaches a bifurcation is taken to break up there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import NotConvergedError
from corohemo.kernels.network import TreeEnds, TreeLaw, newton_tree, solve_tree
from corohemo.kernels.profile import fill_profile, march_profile, parabola, profile_grid
from corohemo.kernels.stenosis import section_drops, viscous_resistance
from corohemo.lumen import Lumen
from corohemo.solvers.tree_network import require_solved

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CELLS = 24
STEPS_RADII = (0.1, 0.2, 0.4, 0.8)
"""Step over the radius, and the longer ones that are tried in turn: where flow separates, short
steps are ill-posed and long ones are not."""
IMPLAUSIBLE = 4.0
"""A drop of so many times rho U^2 (largest velocity) plus Poiseuille's is no solution."""
STATION_TOLERANCE = 1e-8
STATION_ITERATIONS = 30
LEAST_SLOPE = 0.5
"""A correction may take at most this share of the viscous resistance away."""
LEAST_MOVE = 1e-5
"""Relative change of a flow that tells a slope from rounding."""
TOLERANCE = 1e-9
"""Relative change of the flows that ends the corrections; the model's own if that is larger."""


@dataclass(frozen=True)
class ProfileFlow:
    """Flows of a tree and the drops along its branches.

    Attributes:
        flows: (n_branches,) [m3/s].
        inlet_pressure: Pressure at the ostium [Pa].
        drops: Drop from the start of its branch to each section (n_sections,) [Pa].
        iterations: Corrections made.
        change: Last relative change of the flows.
    """

    flows: FloatArray
    inlet_pressure: float
    drops: FloatArray
    iterations: int
    change: float


def solve_profiles(
    lumen: Lumen,
    law: TreeLaw,
    ends: TreeEnds,
    *,
    inlet_is_flow: bool,
    inlet_value: float,
    kinematic_viscosity: float,
    viscous: FloatArray,
    tolerance: float,
    max_iterations: int,
) -> ProfileFlow:
    """Flows with the drops of the marched profiles; ``ends`` gets the corrections.

    Args:
        lumen: The lumen.
        law: Law of its branches.
        ends: Conditions at the outlets.
        inlet_is_flow: Whether ``inlet_value`` is a flow [m3/s] or a pressure [Pa].
        inlet_value: Value at the inlet.
        kinematic_viscosity: Of the blood [m2/s].
        viscous: Poiseuille resistance from the start of its branch to each section (n_sections,).
        tolerance: Relative change of the flows that ends the iteration.
        max_iterations: Corrections, and Newton steps within each, before giving up.

    Raises:
        NotConvergedError: If a profile cannot be marched or the flows do not settle.
        NonFiniteError: If a flow is not a number.
    """
    limit = max(tolerance, TOLERANCE)
    flows, pressures, inlet_pressure, _, change = solve_tree(
        law, ends, inlet_is_flow, inlet_value, tolerance, max_iterations
    )
    require_solved(flows, change, tolerance, "its start")
    last = law.offsets[1:] - 1
    branch_of = np.repeat(np.arange(flows.size), np.diff(law.offsets))
    old_flows, old_correction, slope = np.zeros((3, flows.size))
    steps = np.zeros(flows.size, dtype=np.int64)
    for iteration in range(1, max_iterations + 1):
        drops = _marched(lumen, law, flows, kinematic_viscosity, steps)
        own = viscous * flows[branch_of] + section_drops(
            law.offsets, law.abscissas, law.inverse_areas, flows, law.density, law.mixing_time
        )
        correction = drops[last] - own[last]
        moved = np.abs(flows - old_flows) > LEAST_MOVE * np.abs(flows)
        slope[moved] = (correction - old_correction)[moved] / (flows - old_flows)[moved]
        slope = np.maximum(slope, -LEAST_SLOPE * law.linear)
        ends.slope[:], ends.offset[:] = slope, correction - slope * flows
        old_flows, old_correction = flows.copy(), correction
        inlet_pressure, _, inner = newton_tree(
            law, ends, inlet_is_flow, inlet_value, tolerance, max_iterations, flows, pressures
        )
        require_solved(flows, inner, tolerance, f"{iteration} corrections")
        largest = np.abs(flows).max()
        change = float(np.abs(flows - old_flows).max() / largest) if largest > 0.0 else 0.0
        if change <= limit:
            return ProfileFlow(flows, inlet_pressure, drops, iteration, change)
    raise NotConvergedError(
        f"After {max_iterations} corrections by marched profiles the flows still change by "
        f"{change:.1e}; use losses='jet'."
    )


def _marched(
    lumen: Lumen, law: TreeLaw, flows: FloatArray, viscosity: float, steps: IntArray
) -> FloatArray:
    """Drop from the start of its branch to each section (n_sections,) [Pa].

    ``steps`` (n_branches,) are the steps in use; one that had to be made longer stays so, for the
    drop must not jump between corrections.
    """
    faces = profile_grid(CELLS)
    drops = np.zeros(law.abscissas.size)
    for index, branch in enumerate(lumen.branches):
        run = slice(*law.offsets[index : index + 2])
        flow = float(flows[index])
        if flow == 0.0:
            continue
        abscissas, radii = branch.abscissas, branch.radii
        if flow < 0.0:
            abscissas, radii = abscissas[-1] - abscissas[::-1], radii[::-1].copy()
        march = _march(abscissas, radii, viscosity, faces, abs(flow), int(steps[index]))
        if march.failed >= 0:
            raise NotConvergedError(
                f"The velocity profile of branch {branch.name} cannot be marched past "
                f"{abscissas[march.failed] * 1e3:.1f} mm; use losses='jet'."
            )
        steps[index] = march.step
        own = march.drops
        drops[run] = law.density * (own if flow > 0.0 else own[::-1] - own[-1])
    return drops


@dataclass(frozen=True)
class _March:
    """Drops over the density, index of the step, where it failed (-1: nowhere)."""

    drops: FloatArray
    step: int
    failed: int


def _march(
    abscissas: FloatArray,
    radii: FloatArray,
    viscosity: float,
    faces: FloatArray,
    flow: float,
    first_step: int,
) -> _March:
    """March with the first of ``STEPS_RADII``, from ``first_step`` on, that goes through."""
    drops, failed = np.zeros(radii.size), -1
    friction = viscous_resistance(abscissas, radii, viscosity)[-1] * flow
    throat = flow / (np.pi * radii.min() ** 2)
    for index in range(first_step, len(STEPS_RADII)):
        velocity = fill_profile(parabola(faces), faces, flow, radii[0])
        limit = IMPLAUSIBLE * (max(throat, velocity.max()) ** 2 + friction)
        failed = march_profile(
            abscissas, radii, viscosity, faces, velocity, STEPS_RADII[index], STATION_TOLERANCE,
            STATION_ITERATIONS, drops,
        )  # fmt: skip
        if failed < 0 and np.abs(drops).max() <= limit:
            return _March(drops, index, -1)
    return _March(drops, len(STEPS_RADII) - 1, max(failed, 0))
