"""Steady reduced-order flow: a network of Poiseuille, Bernoulli, lesion and junction losses.

Along a branch the static pressure falls by the viscous integral of its radius (Poiseuille, exact
for cones) and the change of dynamic pressure; behind the throat of each lesion the quadratic loss
of Young and Tsai (J Biomech 1973;6:395) replaces the recovery. From a parent to a daughter at angle
theta, momentum is exchanged as in a sudden turn: p_daughter - p_parent =
rho (U_p U_d cos(theta) - U_d^2), which is Bernoulli less the impact loss
rho / 2 |U_p t_p - U_d t_d|^2.

Needs no DOLFINx; the start, the cross-check and the uncertainty engine of the 3-D solve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Blood, Boundaries, FlowInlet, FlowOutlet
from corohemo.checks import require_numbers
from corohemo.errors import ConfigError, GeometryError, NonFiniteError, NotConvergedError
from corohemo.kernels.network import solve_tree
from corohemo.kernels.stenosis import expansion_loss, kinetic_coefficient, viscous_resistance
from corohemo.lumen import Lumen, LumenBranch
from corohemo.units import ML_PER_MIN, MMHG

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ReducedOptions:
    """Closure of the reduced model.

    Attributes:
        expansion_loss_coefficient: Kt behind a throat; 1.52 of Young and Tsai, 1 of Borda-Carnot.
        kinetic_factor: Dynamic pressure over rho U^2 / 2 of the mean velocity: 1 flat profile,
            2 parabolic.
        tolerance: Relative change of the flows that ends Newton's method.
        max_iterations: Newton steps before giving up.
    """

    expansion_loss_coefficient: float = 1.52
    kinetic_factor: float = 1.0
    tolerance: float = 1e-12
    max_iterations: int = 60

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("kinetic_factor", "tolerance", "max_iterations"),
            nonnegative=("expansion_loss_coefficient",),
        )


@dataclass(frozen=True)
class ReducedSolution:
    """Pressure and flow along every branch.

    Attributes:
        lumen: The lumen it belongs to.
        boundaries: What acted on it.
        inlet_pressure: Pressure at the ostium [Pa].
        flows: Flow of each branch (n_branches,) [m3/s], positive from ostium to outlets.
        pressures: Per branch, static pressure at its sections (n_sections,) [Pa].
        iterations: Newton steps taken.
        change_relative: Last relative change of the flows.
    """

    lumen: Lumen
    boundaries: Boundaries
    inlet_pressure: float
    flows: FloatArray
    pressures: tuple[FloatArray, ...]
    iterations: int
    change_relative: float

    @property
    def faces(self) -> tuple[str, ...]:
        """Names of the faces that blood crosses."""
        return ("inlet", *(f"outlet:{name}" for name in self.lumen.outlet_names))

    @property
    def ffr(self) -> tuple[FloatArray, ...]:
        """Per branch, pressure over the ostium's at its sections (n_sections,) [-]."""
        return tuple(pressure / self.inlet_pressure for pressure in self.pressures)

    def face_pressure_mmhg(self, face: str) -> float:
        """Pressure at a face [mmHg].

        Raises:
            ConfigError: If there is no such face.
        """
        branch = self._branch_of(face)
        end = self.inlet_pressure if branch is None else self.pressures[branch][-1]
        return float(end) / MMHG

    def face_flow_ml_min(self, face: str) -> float:
        """Flow through a face, positive from ostium to outlets [mL/min].

        Raises:
            ConfigError: If there is no such face.
        """
        return float(self.flows[self._branch_of(face) or 0]) / ML_PER_MIN

    def _branch_of(self, face: str) -> int | None:
        """Branch that ends at ``face``, None at the inlet."""
        faces = self.faces
        if face not in faces:
            raise ConfigError(f"There is no face {face!r}; faces are {', '.join(faces)}.")
        return None if face == "inlet" else self.lumen.outlets[faces.index(face) - 1]


@dataclass(frozen=True)
class ReducedModel:
    """Loss coefficients of one lumen and blood: computed once, solved many times.

    Attributes:
        lumen: The lumen.
        blood: The blood that flows in it.
        options: Closure of the model.
        viscous: Per branch, resistance from its start to each section (n_sections,) [Pa s/m3].
        inertial: Per branch, factor of Q |Q| from its start to each section [Pa s2/m6].
        junction: Factor of Q |Q| at the entry into each branch (n_branches,) [Pa s2/m6].
        coupling: Factor of Q_parent Q at the entry into each branch (n_branches,) [Pa s2/m6].
    """

    lumen: Lumen
    blood: Blood
    options: ReducedOptions
    viscous: tuple[FloatArray, ...]
    inertial: tuple[FloatArray, ...]
    junction: FloatArray
    coupling: FloatArray

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
        junction, coupling = _junction_coefficients(lumen, blood)
        return cls(
            lumen=lumen,
            blood=blood,
            options=options,
            viscous=tuple(
                viscous_resistance(branch.abscissas, branch.radii, blood.dynamic_viscosity)
                for branch in lumen.branches
            ),
            inertial=tuple(_inertial(lumen, branch, blood, options) for branch in lumen.branches),
            junction=junction,
            coupling=coupling,
        )

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
        outlets = _outlet_arrays(lumen, boundaries)
        inlet_is_flow = isinstance(boundaries.inlet, FlowInlet)
        flows, pressure, iterations, change = solve_tree(
            np.array([branch.parent for branch in lumen.branches], dtype=np.int64),
            np.array([values[-1] for values in self.viscous]),
            np.array([values[-1] for values in self.inertial]) + self.junction,
            self.coupling,
            *outlets,
            inlet_is_flow,
            _inlet_value(boundaries),
            self.options.tolerance,
            self.options.max_iterations,
        )
        if not np.isfinite(flows).all():
            raise NonFiniteError(
                "The reduced model's flows are not finite; check radii and boundary values."
            )
        if change > self.options.tolerance:
            raise NotConvergedError(
                f"The reduced model stopped after {iterations} Newton steps with flows still "
                f"changing by {change:.1e}; check for nearly closed branches."
            )
        return ReducedSolution(
            lumen=lumen,
            boundaries=boundaries,
            inlet_pressure=float(pressure),
            flows=flows,
            pressures=self._pressures(flows, float(pressure)),
            iterations=int(iterations),
            change_relative=float(change),
        )

    def _pressures(self, flows: FloatArray, inlet_pressure: float) -> tuple[FloatArray, ...]:
        """Pressure at every section, from the ostium down [Pa]."""
        pressures: list[FloatArray] = []
        for index, branch in enumerate(self.lumen.branches):
            flow, start = flows[index], inlet_pressure
            if branch.parent >= 0:
                entry = (
                    self.junction[index] * abs(flow) + self.coupling[index] * flows[branch.parent]
                )
                start = pressures[branch.parent][-1] - entry * flow
            drop = self.viscous[index] + self.inertial[index] * abs(flow)
            pressures.append(start - drop * flow)
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


def _inertial(
    lumen: Lumen, branch: LumenBranch, blood: Blood, options: ReducedOptions
) -> FloatArray:
    """Factor of Q |Q|: dynamic pressure and the losses behind the throats (n_sections,)."""
    result: FloatArray = kinetic_coefficient(branch.radii, blood.density, options.kinetic_factor)
    for lesion in lumen.lesions:
        if lesion.branch == branch.name:
            throat, end = (
                int(np.abs(branch.abscissas - place).argmin())
                for place in (lesion.throat, lesion.end)
            )
            result = result + expansion_loss(
                branch.radii, throat, end, blood.density, options.expansion_loss_coefficient
            )
    return result


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


def _outlet_arrays(
    lumen: Lumen, boundaries: Boundaries
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], FloatArray, FloatArray]:
    """Per branch: is an outlet, has a prescribed flow, resistance, offset pressure or flow."""
    n_branches = len(lumen.branches)
    is_outlet, is_flow = np.zeros(n_branches, dtype=bool), np.zeros(n_branches, dtype=bool)
    resistance, value = np.zeros(n_branches), np.zeros(n_branches)
    for index, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
        outlet = boundaries.outlet(name)
        is_outlet[index] = True
        if isinstance(outlet, FlowOutlet):
            is_flow[index] = True
            value[index] = outlet.flow_rate
        else:
            resistance[index] = outlet.steady_resistance
            value[index] = outlet.steady_offset
    return is_outlet, is_flow, resistance, value


def _inlet_value(boundaries: Boundaries) -> float:
    """Prescribed flow [m3/s] or pressure [Pa] of the inlet."""
    inlet = boundaries.inlet
    return inlet.flow_rate if isinstance(inlet, FlowInlet) else inlet.pressure
