"""Pulsatile flow of the reduced model: its steady law with the inertia of the blood.

A branch adds L dQ/dt to the drop of ``solvers.reduced``, L = f rho int ds / A; walls are rigid.
Friction and jets follow the flow of the moment. The factor f is 4/3 where the profile is that of
Poiseuille, the limit of Womersley's solution for slow pulses, and falls to 1 for fast ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, ClosedLoopHeart, FlowInlet, FlowOutlet
from corohemo.boundary_remarks import cycle_length
from corohemo.checks import require_between, require_numbers
from corohemo.circuit import Circuit
from corohemo.errors import ConfigError
from corohemo.kernels.march import TreeState
from corohemo.kernels.stenosis import inertance, section_drop_series, section_inertances
from corohemo.lumen import Lumen
from corohemo.solvers.heart_cycle import HeartCycle, closed
from corohemo.solvers.loop_network import LoopNetwork
from corohemo.solvers.options import require_steps
from corohemo.solvers.periodic import March, until_periodic
from corohemo.solvers.reduced import ReducedModel, ReducedOptions
from corohemo.solvers.reduced_cycle_solution import ReducedCycle
from corohemo.solvers.tree_network import Leaf, TreeNetwork, TreeSeries, generalised_alpha
from corohemo.units import ML_PER_MIN, MMHG
from corohemo.waveform import Waveform, scaled_level

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ReducedCycleOptions:
    """Time steps and closure of a pulsatile reduced solve.

    Attributes:
        steps_per_cycle: Time steps in a cycle.
        period_s: Length of a cycle; None takes it from the waveforms of the boundaries.
        tolerance: Largest change from one cycle to the next, of flows over the largest flow and of
            pressures over the largest pressure, that counts as periodic.
        max_cycles: Cycles before giving up.
        inertia_factor: Factor f of the inertia, 4/3 for slow pulses to 1 for fast ones.
        spectral_radius: Damping of the highest frequencies each step, 0 (most) to 1.
        closure: Closure of the losses.
    """

    steps_per_cycle: int = 500
    period_s: float | None = None
    tolerance: float = 1e-6
    max_cycles: int = 200
    inertia_factor: float = 4.0 / 3.0
    spectral_radius: float = 0.5
    closure: ReducedOptions = field(default_factory=ReducedOptions)

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=("tolerance", *(() if self.period_s is None else ("period_s",))),
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


def solve_reduced_cycle(
    lumen: Lumen, boundaries: Boundaries, options: ReducedCycleOptions | None = None
) -> ReducedCycle:
    """Periodic flow of the reduced model under waveforms, from the steady state of their means.

    With a heart in a closed loop at the inlet it starts from blood at rest, all at one pressure.

    Args:
        lumen: The lumen, with rigid walls.
        boundaries: Conditions, at least one of them a waveform if the options have no period.
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
    if boundaries.period_s is None and options.period_s is None:
        raise ConfigError(
            "Nothing varies in time: give the inlet, an outlet or the intramyocardial pressure a "
            "waveform, or use solve_reduced.",
            field="inlet",
        )
    period = cycle_length(boundaries, options.period_s)
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
        section_pressures=tuple(map(closed, _section_pressures(model, series))),
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


def _section_pressures(model: ReducedModel, series: TreeSeries) -> tuple[FloatArray, ...]:
    """Pressures at every section after each step, per branch (n_steps, n_sections).

    What friction, jet and entry leave of a branch's drop is inertia's, by the inertance up to the
    section, so that the last section has the pressure of the branch's end.
    """
    law, flows = model.law, series.flows
    jets = section_drop_series(
        law.offsets, law.abscissas, law.inverse_areas, flows, law.density, law.mixing_time
    )
    pressures = []
    for index, branch in enumerate(model.lumen.branches):
        run, own = slice(*law.offsets[index : index + 2]), flows[:, index]
        start = series.inlet_pressures
        if branch.parent >= 0:
            entry = law.quadratic[index] * np.abs(own)
            entry = entry + law.coupling[index] * flows[:, branch.parent]
            start = series.pressures[:, branch.parent] - entry * own
        steady = start[:, None] - own[:, None] * model.viscous[index] - jets[:, run]
        inert = section_inertances(law.abscissas[run], law.inverse_areas[run], law.density)
        left = series.pressures[:, index] - steady[:, -1]
        pressures.append(steady + left[:, None] * (inert / inert[-1]))
    return tuple(pressures)


def _outlet_states(lumen: Lumen, tree: TreeNetwork, state: TreeState) -> dict[str, FloatArray]:
    states = {}
    for index, name in zip(lumen.outlets, lumen.outlet_names, strict=True):
        leaf = tree.leaves[index]
        if isinstance(leaf, Circuit):
            states[name] = state.states[index, : leaf.n_states].copy()
    return states
