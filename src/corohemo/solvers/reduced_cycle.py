"""Pulsatile flow of the reduced model: its steady law with the inertia of the blood.

A branch adds L dQ/dt to the drop of ``solvers.reduced``, L = f rho int ds / A; walls are rigid.
Friction and jets follow the flow of the moment. The factor f is 4/3 where the profile is that of
Poiseuille, the limit of Womersley's solution for slow pulses, and falls to 1 for fast ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, ClosedLoopHeart, FlowInlet, FlowOutlet
from corohemo.checks import require_between, require_numbers
from corohemo.circuit import Circuit
from corohemo.errors import ConfigError
from corohemo.kernels.march import TreeState
from corohemo.kernels.stenosis import inertance, mean_section_drops
from corohemo.lumen import Lumen
from corohemo.solvers.heart_cycle import HeartCycle, closed
from corohemo.solvers.loop_network import LoopNetwork
from corohemo.solvers.options import require_steps
from corohemo.solvers.periodic import March, until_periodic
from corohemo.solvers.reduced import ReducedModel, ReducedOptions
from corohemo.solvers.reduced_solution import branch_of_face, face_names
from corohemo.solvers.tree_network import Leaf, TreeNetwork, TreeSeries, generalised_alpha
from corohemo.units import ML_PER_MIN, MMHG
from corohemo.waveform import Waveform, scaled_level

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ReducedCycleOptions:
    """Time steps and closure of a pulsatile reduced solve.

    Attributes:
        steps_per_cycle: Time steps in a cycle.
        tolerance: Largest change from one cycle to the next, of flows over the largest flow and of
            pressures over the largest pressure, that counts as periodic.
        max_cycles: Cycles before giving up.
        inertia_factor: Factor f of the inertia, 4/3 for slow pulses to 1 for fast ones.
        spectral_radius: Damping of the highest frequencies each step, 0 (most) to 1.
        closure: Closure of the losses.
    """

    steps_per_cycle: int = 500
    tolerance: float = 1e-6
    max_cycles: int = 200
    inertia_factor: float = 4.0 / 3.0
    spectral_radius: float = 0.5
    closure: ReducedOptions = field(default_factory=ReducedOptions)

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("tolerance",),
            nonnegative=("inertia_factor", "spectral_radius"),
            whole=("steps_per_cycle", "max_cycles"),
        )
        require_between(self, {"spectral_radius": (0.0, 1.0)})
        require_steps(self, "steps_per_cycle", self.steps_per_cycle)
        if self.closure.losses != "jet":
            raise ConfigError(
                "Marched profiles are steady; a pulsatile solve needs losses='jet'.",
                field="closure",
            )


@dataclass(frozen=True)
class ReducedCycle:
    """One period of the pulsatile reduced model, first and last time a period apart.

    Attributes:
        lumen: The lumen it belongs to.
        boundaries: What acted on it.
        times: (n,) [s].
        inlet_pressures: Pressure at the ostium (n,) [Pa].
        flows: Flow of each branch (n, n_branches) [m3/s], positive from ostium to outlets.
        end_pressures: Pressure at the end of each branch (n, n_branches) [Pa].
        mean_pressures: Per branch, cycle mean of the static pressure at its sections [Pa].
        outlet_states: By outlet name, states of its circuit at time 0; none for prescribed flows.
        cycles: Cycles computed.
        change_relative: Change of the last cycle against the one before.
        heart: The beat of the heart, if one is at the inlet.
    """

    lumen: Lumen
    boundaries: Boundaries
    times: FloatArray
    inlet_pressures: FloatArray
    flows: FloatArray
    end_pressures: FloatArray
    mean_pressures: tuple[FloatArray, ...]
    outlet_states: Mapping[str, FloatArray]
    cycles: int
    change_relative: float
    heart: HeartCycle | None = None

    @property
    def faces(self) -> tuple[str, ...]:
        """Names of the faces that blood crosses."""
        return face_names(self.lumen)

    @property
    def ffr(self) -> tuple[FloatArray, ...]:
        """Per branch, mean pressure over the ostium's at its sections (n_sections,) [-]."""
        mean = self.inlet_pressures[:-1].mean()
        return tuple(pressure / mean for pressure in self.mean_pressures)

    def face_pressure_mmhg(self, face: str) -> FloatArray:
        """Pressure at a face at ``times`` (n,) [mmHg].

        Raises:
            ConfigError: If there is no such face.
        """
        branch = branch_of_face(self.lumen, face)
        series = self.inlet_pressures if branch is None else self.end_pressures[:, branch]
        return series / MMHG

    def face_flow_ml_min(self, face: str) -> FloatArray:
        """Flow through a face at ``times`` (n,), positive from ostium to outlets [mL/min].

        Raises:
            ConfigError: If there is no such face.
        """
        return self.flows[:, branch_of_face(self.lumen, face) or 0] / ML_PER_MIN


def solve_reduced_cycle(
    lumen: Lumen, boundaries: Boundaries, options: ReducedCycleOptions | None = None
) -> ReducedCycle:
    """Periodic flow of the reduced model under waveforms, from the steady state of their means.

    With a heart in a closed loop at the inlet it starts from blood at rest, all at one pressure.

    Args:
        lumen: The lumen, with rigid walls.
        boundaries: Conditions, at least one of them a waveform.
        options: Time steps and closure; defaults if None.

    Returns:
        Flows and pressures of the last cycle.

    Raises:
        ConfigError: If the boundaries do not fit the lumen, nothing varies, or periods differ.
        GeometryError: If a section is closed.
        NotConvergedError: If a step does not converge or the cycles do not become alike.
    """
    options = options or ReducedCycleOptions()
    boundaries.check(lumen.outlet_names)
    period = boundaries.period_s
    if period is None:
        raise ConfigError(
            "Nothing varies in time: give the inlet, an outlet or the intramyocardial pressure a "
            "waveform, or use solve_reduced.",
            field="inlet",
        )
    model = ReducedModel.from_lumen(lumen, boundaries.blood, options=options.closure)
    tree = tree_network(model, boundaries, options.inertia_factor)
    march, state = _marcher(tree, boundaries)
    series, beat, cycles, change = until_periodic(
        march,
        generalised_alpha(period / options.steps_per_cycle, options.spectral_radius),
        options.steps_per_cycle,
        tolerance=options.tolerance,
        max_cycles=options.max_cycles,
    )
    times: FloatArray = np.linspace(0.0, period, options.steps_per_cycle + 1)
    inlet = boundaries.inlet
    return ReducedCycle(
        lumen=lumen,
        boundaries=boundaries,
        times=times,
        inlet_pressures=closed(series.inlet_pressures),
        flows=closed(series.flows),
        end_pressures=closed(series.pressures),
        mean_pressures=_mean_pressures(model, series),
        outlet_states=_outlet_states(lumen, tree, state),
        cycles=cycles,
        change_relative=change,
        heart=HeartCycle.of(inlet, times, beat)
        if beat is not None and isinstance(inlet, ClosedLoopHeart)
        else None,
    )


def tree_network(model: ReducedModel, boundaries: Boundaries, inertia_factor: float) -> TreeNetwork:
    """The model's branches with their inertia, and the conditions as circuits and flows.

    A heart at the inlet is left out: the tree's inlet then has a pressure of 0.
    """
    lumen, law = model.lumen, model.law
    leaves: dict[int, Leaf] = {}
    for index, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
        outlet = boundaries.outlet(name)
        if isinstance(outlet, FlowOutlet):
            leaves[index] = scaled_level(outlet.flow_ml_min, ML_PER_MIN)
        else:
            leaves[index] = outlet.circuit()
    inlet: Waveform | float
    if isinstance(boundaries.inlet, FlowInlet):
        inlet = scaled_level(boundaries.inlet.flow_ml_min, ML_PER_MIN)
    elif isinstance(boundaries.inlet, ClosedLoopHeart):
        inlet = 0.0
    else:
        inlet = scaled_level(boundaries.inlet.pressure_mmhg, MMHG)
    runs = [slice(*law.offsets[index : index + 2]) for index in range(len(lumen.branches))]
    return TreeNetwork(
        law=law,
        inertances=inertia_factor
        * np.array([inertance(law.abscissas[r], law.inverse_areas[r], law.density) for r in runs]),
        compliances=np.zeros(len(lumen.branches)),
        leaves=leaves,
        inlet=inlet,
        inlet_is_flow=isinstance(boundaries.inlet, FlowInlet),
    )


def _marcher(tree: TreeNetwork, boundaries: Boundaries) -> tuple[March, TreeState]:
    """What takes steps from the tree's start, with the state of the tree that they change."""
    if not isinstance(boundaries.inlet, ClosedLoopHeart):
        state = tree.steady()
        return (lambda *steps: (tree.march(state, *steps), None)), state
    network = LoopNetwork(tree, boundaries.inlet.loop())
    both = network.resting()
    return (lambda *steps: network.march(both, *steps)), both[0]


def _mean_pressures(model: ReducedModel, series: TreeSeries) -> tuple[FloatArray, ...]:
    """Cycle means at every section; inertia has none."""
    law, flows = model.law, series.flows
    drops = mean_section_drops(
        law.offsets, law.abscissas, law.inverse_areas, flows, law.density, law.mixing_time
    )
    pressures: list[FloatArray] = []
    for index, branch in enumerate(model.lumen.branches):
        start, own = float(series.inlet_pressures.mean()), flows[:, index]
        if branch.parent >= 0:
            entry = law.quadratic[index] * np.abs(own)
            entry = entry + law.coupling[index] * flows[:, branch.parent]
            start = pressures[branch.parent][-1] - float((entry * own).mean())
        run = slice(*law.offsets[index : index + 2])
        pressures.append(start - model.viscous[index] * own.mean() - drops[run])
    return tuple(pressures)


def _outlet_states(lumen: Lumen, tree: TreeNetwork, state: TreeState) -> dict[str, FloatArray]:
    states = {}
    for index, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
        leaf = tree.leaves[index]
        if isinstance(leaf, Circuit):
            states[name] = state.states[index, : leaf.n_states].copy()
    return states
