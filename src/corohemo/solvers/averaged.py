"""Mean of a flow that has no steady state, over a window of time.

Behind a severe lesion the jet may keep swaying. The equations are then solved in time under the
same steady conditions, with the outlets' total resistances: windows to forget the start, and a last
one to average over.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, FlowInlet
from corohemo.meshing.mesh import LumenMesh
from corohemo.outlet import FlowOutlet, Outlet, Resistance
from corohemo.solvers.options import SteadyOptions, TransientOptions
from corohemo.solvers.solution import TimeAverage
from corohemo.solvers.transient import solve_transient
from corohemo.solvers.transient_solution import TransientSolution
from corohemo.units import ML_PER_MIN, MMHG, WOOD_UNIT

FloatArray = NDArray[np.float64]

WINDOWS = 3
"""Windows computed; the last is averaged and compared with the one before."""
STEP_TOLERANCE = 1e-6
"""Residual of a step: at 1e-4 the pressure of a steady flow fluctuates by a fifth."""


def average_in_time(
    mesh: LumenMesh, boundaries: Boundaries, options: SteadyOptions, start: FloatArray
) -> tuple[TransientSolution, TimeAverage]:
    """Solve in time under steady conditions and average the last window.

    Args:
        mesh: The mesh.
        boundaries: Conditions; what stores blood or varies in time acts by its steady equivalent.
        options: Those of the steady solve, with window and steps.
        start: Dimensionless field to start from (n_nodes, 4).

    Returns:
        The solution, whose velocity and pressure are means, and how restless it is.

    Raises:
        NotConvergedError: If a time step does not converge.
        NonFiniteError: If the field stops being finite.
    """
    in_time = TransientOptions(
        steps_per_cycle=options.averaging_steps,
        period_s=options.averaging_s,
        min_cycles=WINDOWS,
        max_cycles=WINDOWS,
        tolerance=STEP_TOLERANCE,
        backflow=options.backflow,
        wall_statistics=False,
    )
    solution = solve_transient(mesh, steady_equivalent(mesh, boundaries), in_time, start)
    return solution, fluctuation_of(solution)


def fluctuation_of(solution: TransientSolution) -> TimeAverage:
    """How restless the last window is."""
    n = solution.steps_per_cycle
    last, before = solution.flows[-n:], solution.flows[-2 * n : -n]
    largest = float(np.abs(last.mean(axis=0)).max())
    return TimeAverage(
        window_s=solution.period,
        flow=float(last.std(axis=0).max()) / largest,
        pressure_mmhg=float(solution.pressures[-n:].std(axis=0).max()) / MMHG,
        drift=float(np.abs(last.mean(axis=0) - before.mean(axis=0)).max()) / largest,
    )


def steady_equivalent(mesh: LumenMesh, boundaries: Boundaries) -> Boundaries:
    """The same conditions with the means of waveforms and without compliances."""
    inlet = boundaries.plain_inlet
    steady = (
        replace(inlet, flow_ml_min=inlet.flow_rate / ML_PER_MIN)
        if isinstance(inlet, FlowInlet)
        else replace(inlet, pressure_mmhg=inlet.pressure / MMHG)
    )
    names = [face.removeprefix("outlet:") for face in mesh.faces if face.startswith("outlet:")]
    outlets = {name: _steady_outlet(boundaries.outlet(name)) for name in names}
    return replace(boundaries, inlet=steady, outlets=outlets)


def _steady_outlet(outlet: Outlet) -> Outlet:
    if isinstance(outlet, FlowOutlet):
        return FlowOutlet(outlet.flow_rate / ML_PER_MIN)
    return Resistance(outlet.steady_resistance / WOOD_UNIT, outlet.steady_offset / MMHG)
