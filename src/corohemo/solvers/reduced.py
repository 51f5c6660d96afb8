"""Steady reduced-order flow: a network of friction, jets behind narrowings and junction losses.

Along a branch the static pressure falls by the viscous integral of its radius (Poiseuille, exact
for cones) and by the momentum of the stream, which contracts with the lumen and fills it again over
a length that grows with the flow (``kernels.stenosis``): between Bernoulli's law and the loss of
Borda and Carnot, without a list of lesions. From a parent to a daughter at angle theta, momentum is
exchanged as in a sudden turn: p_daughter - p_parent = rho (U_p U_d cos(theta) - U_d^2), which is
Bernoulli less the impact loss rho / 2 |U_p t_p - U_d t_d|^2.

Needs no DOLFINx; the start, the cross-check and the uncertainty engine of the 3-D solve.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Blood, Boundaries, FlowInlet, FlowOutlet
from corohemo.checks import require_choice, require_numbers
from corohemo.errors import ConfigError, GeometryError
from corohemo.kernels.network import TreeEnds, TreeLaw, solve_tree
from corohemo.kernels.stenosis import section_drops, viscous_resistance
from corohemo.lumen import Lumen, LumenBranch
from corohemo.solvers.profile_losses import solve_profiles
from corohemo.solvers.reduced_solution import ReducedSolution
from corohemo.solvers.tree_network import require_solved

FloatArray = NDArray[np.float64]

LOSSES = ("jet", "profile")

__all__ = ["ReducedModel", "ReducedOptions", "ReducedSolution", "solve_reduced"]


@dataclass(frozen=True, kw_only=True)
class ReducedOptions:
    """Closure of the reduced model.

    Attributes:
        mixing: Length over which a jet fills the lumen behind a narrowing, over rho |Q| / mu.
            The default is fitted to axisymmetric Navier-Stokes solutions of cosine stenoses in a
            3 mm tube (30-70 % diameter, throat Reynolds number 260-860): within 1 mmHg up to 60 %
            and 2.3 mmHg at 70 %; 0 recovers all dynamic pressure.
        losses: "jet", the law above, or "profile": velocity profiles marched along the branches
            (``kernels.profile``), nothing fitted, some ten times slower.
        tolerance: Relative change of the flows that ends Newton's method.
        max_iterations: Newton steps before giving up.
    """

    mixing: float = 0.025
    losses: str = "jet"
    tolerance: float = 1e-12
    max_iterations: int = 60

    def __post_init__(self) -> None:
        require_numbers(
            self, positive=("tolerance",), nonnegative=("mixing",), whole=("max_iterations",)
        )
        require_choice(self, "losses", LOSSES)


@dataclass(frozen=True)
class ReducedModel:
    """Loss coefficients of one lumen and blood: computed once, solved many times.

    Attributes:
        lumen: The lumen.
        blood: The blood that flows in it.
        options: Closure of the model.
        viscous: Per branch, resistance from its start to each section (n_sections,) [Pa s/m3].
        law: Coefficients of the branches: quadratic and coupling are those of Q |Q| and of
            Q_parent Q at the entry into each branch [Pa s2/m6].
    """

    lumen: Lumen
    blood: Blood
    options: ReducedOptions
    viscous: tuple[FloatArray, ...]
    law: TreeLaw

    @classmethod
    def from_lumen(
        cls, lumen: Lumen, blood: Blood, *, options: ReducedOptions | None = None
    ) -> ReducedModel:
        """Coefficients of ``lumen`` filled with ``blood``.

        Raises:
            GeometryError: If a section's radius is not a positive number.
        """
        options = options or ReducedOptions()
        for branch in lumen.branches:
            _require_open(branch)
        quadratic, coupling = _junction_coefficients(lumen, blood)
        viscous = tuple(
            viscous_resistance(branch.abscissas, branch.radii, blood.dynamic_viscosity)
            for branch in lumen.branches
        )
        law = TreeLaw(
            parents=np.array([branch.parent for branch in lumen.branches], dtype=np.int64),
            linear=np.array([values[-1] for values in viscous]),
            quadratic=quadratic,
            coupling=coupling,
            offsets=np.cumsum([0, *(branch.radii.size for branch in lumen.branches)]),
            abscissas=np.concatenate([branch.abscissas for branch in lumen.branches]),
            inverse_areas=np.concatenate(
                [1.0 / (np.pi * branch.radii**2) for branch in lumen.branches]
            ),
            density=blood.density,
            mixing_time=options.mixing / blood.kinematic_viscosity,
        )
        return cls(lumen=lumen, blood=blood, options=options, viscous=viscous, law=law)

    def solve(self, boundaries: Boundaries) -> ReducedSolution:
        """Flow and pressure under ``boundaries``, whose blood must be the model's.

        Raises:
            ConfigError: If the boundaries do not fit the lumen or have another blood.
            NotConvergedError: If Newton's method ends above its tolerance.
            NonFiniteError: If a flow is not a number.
        """
        lumen = self.lumen
        boundaries.check(lumen.outlet_names)
        if boundaries.blood != self.blood:
            raise ConfigError(
                "The boundaries' blood differs from the blood the reduced model was built with; "
                "build another model.",
                field="blood",
            )
        ends = _steady_ends(lumen, boundaries)
        if self.options.losses == "profile":
            return self._solve_profiles(boundaries, ends)
        flows, _, pressure, iterations, change = solve_tree(
            self.law,
            ends,
            isinstance(boundaries.inlet, FlowInlet),
            _inlet_value(boundaries),
            self.options.tolerance,
            self.options.max_iterations,
        )
        require_solved(flows, change, self.options.tolerance, f"{iterations} Newton steps")
        momentum = section_drops(
            self.law.offsets,
            self.law.abscissas,
            self.law.inverse_areas,
            flows,
            self.law.density,
            self.law.mixing_time,
        )
        drops = tuple(
            resistance * flow + momentum[run]
            for resistance, flow, run in zip(self.viscous, flows, self._runs, strict=True)
        )
        return ReducedSolution(
            lumen=lumen,
            boundaries=boundaries,
            inlet_pressure=float(pressure),
            flows=flows,
            pressures=self._pressures(flows, float(pressure), drops),
            iterations=int(iterations),
            change_relative=float(change),
        )

    def _solve_profiles(self, boundaries: Boundaries, ends: TreeEnds) -> ReducedSolution:
        """The same with marched velocity profiles."""
        found = solve_profiles(
            self.lumen,
            self.law,
            ends,
            inlet_is_flow=isinstance(boundaries.inlet, FlowInlet),
            inlet_value=_inlet_value(boundaries),
            kinematic_viscosity=self.blood.kinematic_viscosity,
            viscous=np.concatenate(self.viscous),
            tolerance=self.options.tolerance,
            max_iterations=self.options.max_iterations,
        )
        drops = tuple(found.drops[run] for run in self._runs)
        return ReducedSolution(
            lumen=self.lumen,
            boundaries=boundaries,
            inlet_pressure=found.inlet_pressure,
            flows=found.flows,
            pressures=self._pressures(found.flows, found.inlet_pressure, drops),
            iterations=found.iterations,
            change_relative=found.change,
        )

    @property
    def _runs(self) -> list[slice]:
        """Sections of each branch."""
        return [slice(first, last) for first, last in pairwise(self.law.offsets)]

    def _pressures(
        self, flows: FloatArray, inlet_pressure: float, drops: tuple[FloatArray, ...]
    ) -> tuple[FloatArray, ...]:
        """Pressure at every section, from the ostium down, by the drops along the branches [Pa]."""
        pressures: list[FloatArray] = []
        for index, branch in enumerate(self.lumen.branches):
            flow, start = flows[index], inlet_pressure
            if branch.parent >= 0:
                entry = (
                    self.law.quadratic[index] * abs(flow)
                    + self.law.coupling[index] * flows[branch.parent]
                )
                start = pressures[branch.parent][-1] - entry * flow
            pressures.append(start - drops[index])
        return tuple(pressures)


def solve_reduced(
    lumen: Lumen, boundaries: Boundaries, options: ReducedOptions | None = None
) -> ReducedSolution:
    """Steady flow of the reduced model; for many solves of one lumen keep a ``ReducedModel``.

    Args:
        lumen: The lumen.
        boundaries: Conditions; RCR and coronary beds act by their total resistance.
        options: Closure; defaults if None.

    Returns:
        Flow of each branch and pressure at each section.

    Raises:
        ConfigError: If the boundaries do not fit the lumen.
        GeometryError: If a section is closed.
        NotConvergedError: If Newton's method ends above its tolerance.
    """
    return ReducedModel.from_lumen(lumen, boundaries.blood, options=options).solve(boundaries)


def _require_open(branch: LumenBranch) -> None:
    closed = ~(np.isfinite(branch.radii) & (branch.radii > 0))
    if closed.any():
        raise GeometryError(
            f"the lumen is closed or its radius is not a number ({branch.radii[closed][0]!r} m); "
            "no flow can be computed through it.",
            branch=branch.name,
            abscissa=float(branch.abscissas[closed][0]),
        )


def _junction_coefficients(lumen: Lumen, blood: Blood) -> tuple[FloatArray, FloatArray]:
    """Factors of Q |Q| and of Q_parent Q at the entry into each branch, zero at the ostium."""
    own = np.zeros(len(lumen.branches))
    coupling = np.zeros(len(lumen.branches))
    for index, branch in enumerate(lumen.branches):
        if branch.parent >= 0:
            parent = lumen.branches[branch.parent]
            area, parent_area = np.pi * branch.radii[0] ** 2, np.pi * parent.radii[-1] ** 2
            own[index] = blood.density / area**2
            coupling[index] = -blood.density * _cosine(parent, branch) / (area * parent_area)
    return own, coupling


def _cosine(parent: LumenBranch, daughter: LumenBranch) -> float:
    """Cosine between a parent's end and its daughter, seen one parent diameter away."""
    reach = daughter.abscissas[0] + 2.0 * parent.radii[-1]
    index = min(int(np.searchsorted(daughter.abscissas, reach)), daughter.abscissas.size - 1)
    chord = daughter.points[index] - daughter.points[0]
    return float(chord @ parent.tangents[-1] / np.linalg.norm(chord))


def _steady_ends(lumen: Lumen, boundaries: Boundaries) -> TreeEnds:
    """Resistances and pressures of the outlets, prescribed flows as drains."""
    n_branches = len(lumen.branches)
    ends = TreeEnds(np.zeros(n_branches, dtype=bool), *np.zeros((6, n_branches)))
    for index, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
        outlet = boundaries.outlet(name)
        if isinstance(outlet, FlowOutlet):
            ends.drain[index] = outlet.flow_rate
        else:
            ends.is_outlet[index] = True
            ends.resistance[index] = outlet.steady_resistance
            ends.pressure[index] = outlet.steady_offset
    return ends


def _inlet_value(boundaries: Boundaries) -> float:
    """Prescribed flow [m3/s] or pressure [Pa] of the inlet."""
    inlet = boundaries.plain_inlet
    return inlet.flow_rate if isinstance(inlet, FlowInlet) else inlet.pressure
