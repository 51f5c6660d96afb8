"""Flow in a tree of nonlinear resistances by Newton's method with exact elimination.

Branch b carries Q_b from its parent's end to its own end:

    p_parent_end - p_end = linear_b Q_b + quadratic_b Q_b |Q_b| + coupling_b Q_parent Q_b
                           + jet_b(Q_b) + slope_b Q_b + offset_b.

At its end Q_b splits into what is lost there, shunt_b p_end + drain_b (a compliance, a prescribed
outflow), and either the daughters' flows or, at an outlet, (p_end - pressure_b) / resistance_b.
Linearised, each subtree is a line Q = conductance p + source, found from the outlets up; no matrix
is built, so a solve costs a few passes over the branches. Parents precede daughters.
"""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.stenosis import jet_drop

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SMALLEST = 1e-6
"""Flow below which a quadratic loss keeps its slope, over the largest flow."""


class TreeLaw(NamedTuple):
    """Steady law of the branches; offsets (n + 1,) into the jet's sections (n_sections,)."""

    parents: IntArray
    linear: FloatArray
    quadratic: FloatArray
    coupling: FloatArray
    offsets: IntArray
    abscissas: FloatArray
    inverse_areas: FloatArray
    density: float
    mixing_time: float


class TreeEnds(NamedTuple):
    """What is at the ends of the branches, and in a time step inertia: all (n,)."""

    is_outlet: BoolArray
    resistance: FloatArray
    pressure: FloatArray
    shunt: FloatArray
    drain: FloatArray
    slope: FloatArray
    offset: FloatArray


@nb.njit(cache=True)
def blank_ends(is_outlet: BoolArray) -> TreeEnds:
    """Nothing at the ends of the branches but which are outlets (n,)."""
    n = is_outlet.size
    return TreeEnds(
        is_outlet, np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    )


@nb.njit(cache=True, error_model="numpy")
def linear_tree(
    parents: IntArray,
    slope: FloatArray,
    offset: FloatArray,
    coupling: FloatArray,
    ends: TreeEnds,
    inlet_is_flow: bool,
    inlet_value: float,
    flows: FloatArray,
    pressures: FloatArray,
) -> float:
    """Flows and end pressures of the linearised tree, drop = slope Q + coupling Q_parent + offset.

    Shapes: all arrays (n_branches,); ``flows`` [m3/s] and ``pressures`` [Pa] are filled.
    ``inlet_value`` is a pressure, or a flow if ``inlet_is_flow``.

    Returns:
        Pressure at the ostium [Pa].
    """
    n = parents.size
    conductance = np.zeros(n)
    source = np.zeros(n)
    sum_conductance = ends.shunt.copy()
    sum_source = ends.drain.copy()
    sum_coupling = np.zeros(n)
    for b in range(n - 1, -1, -1):
        if ends.is_outlet[b]:
            shared = 1.0 + ends.resistance[b] * sum_conductance[b]
            behind = ends.resistance[b] / shared
            floor = (ends.pressure[b] - ends.resistance[b] * sum_source[b]) / shared
            conductance[b] = 1.0 / (slope[b] + behind)
            source[b] = -(offset[b] + floor) * conductance[b]
        else:
            own = 1.0 + sum_coupling[b]
            below = sum_conductance[b] / own
            conductance[b] = below / (1.0 + below * slope[b])
            source[b] = (sum_source[b] / own - below * offset[b]) / (1.0 + below * slope[b])
        if parents[b] >= 0:
            sum_conductance[parents[b]] += conductance[b]
            sum_source[parents[b]] += source[b]
            sum_coupling[parents[b]] += conductance[b] * coupling[b]
    inlet_pressure = (inlet_value - source[0]) / conductance[0] if inlet_is_flow else inlet_value
    for b in range(n):
        start, parent_flow = inlet_pressure, 0.0
        if parents[b] >= 0:
            start, parent_flow = pressures[parents[b]], flows[parents[b]]
        flows[b] = conductance[b] * (start - coupling[b] * parent_flow) + source[b]
        if b == 0 and inlet_is_flow:
            flows[b] = inlet_value
        drop = slope[b] * flows[b] + coupling[b] * parent_flow + offset[b]
        pressures[b] = start - drop
    return inlet_pressure


@nb.njit(cache=True, error_model="numpy")
def linearise(
    law: TreeLaw,
    ends: TreeEnds,
    flows: FloatArray,
    slope: FloatArray,
    offset: FloatArray,
    cross: FloatArray,
    drops: FloatArray,
    smallest: float,
) -> None:
    """Fill slope, offset and cross (n_branches,) with the law's tangent at ``flows``.

    Shapes: drops (n_sections,) is work space. A loss that is quadratic has no slope without flow;
    there it gets that of the flow ``smallest`` [m3/s], with the drop unchanged.
    """
    for b in range(flows.size):
        flow = flows[b]
        parent_flow = flows[law.parents[b]] if law.parents[b] >= 0 else 0.0
        pull = law.coupling[b] * parent_flow
        bend = law.quadratic[b] * max(2.0 * abs(flow), smallest)
        slope[b] = law.linear[b] + bend + pull + ends.slope[b]
        offset[b] = ends.offset[b] + (law.quadratic[b] * abs(flow) - bend - pull) * flow
        cross[b] = law.coupling[b] * flow
        first, last = law.offsets[b], law.offsets[b + 1]
        if last > first:
            jet_slope = jet_drop(
                law.abscissas[first:last], law.inverse_areas[first:last], flow, law.density,
                law.mixing_time, drops[first:last],
            )  # fmt: skip
            slope[b] += jet_slope
            offset[b] += drops[last - 1] - jet_slope * flow


@nb.njit(cache=True, error_model="numpy")
def is_linear(law: TreeLaw) -> bool:
    """Whether no branch has a loss that is not proportional to its flow."""
    return not (law.abscissas.size or law.quadratic.any() or law.coupling.any())


@nb.njit(cache=True, error_model="numpy")
def approach(
    flows: FloatArray, target: FloatArray, linear: bool, tolerance: float
) -> tuple[float, bool]:
    """Take ``flows`` (n,) to ``target``, half way where the flow of a branch would turn round.

    Returns:
        Change over the largest flow, and whether the iteration ends: it is below ``tolerance``, or
        no number.
    """
    largest, difference, reverses = 0.0, 0.0, False
    for b in range(flows.size):
        largest = max(largest, abs(target[b]), abs(flows[b]))
        difference = max(difference, abs(target[b] - flows[b]))
        reverses = reverses or target[b] * flows[b] < 0.0
    change = difference / largest if largest > 0.0 else 0.0
    is_finite = bool(np.isfinite(target).all())
    if linear:
        change = 0.0 if is_finite else np.inf
    if change <= tolerance or not is_finite:
        flows[:] = target
        return change, True
    share = 0.5 if reverses else 1.0
    for b in range(flows.size):
        flows[b] += share * (target[b] - flows[b])
    return change, False


@nb.njit(cache=True, error_model="numpy")
def newton_tree(
    law: TreeLaw,
    ends: TreeEnds,
    inlet_is_flow: bool,
    inlet_value: float,
    tolerance: float,
    max_iterations: int,
    flows: FloatArray,
    pressures: FloatArray,
) -> tuple[float, int, float]:
    """Flows and end pressures of the nonlinear tree, from the ``flows`` (n_branches,) given.

    A step that would turn the flow of a branch around is halved, which keeps the iterates where
    the law is smooth. ``flows`` [m3/s] and ``pressures`` [Pa] are filled.

    Returns:
        Ostium pressure [Pa], iterations, last relative change of the flows.
    """
    n = flows.size
    slope, offset, cross = np.zeros(n), np.zeros(n), np.zeros(n)
    drops, target = np.zeros(law.abscissas.size), np.zeros(n)
    inlet_pressure, change = 0.0, np.inf
    linear = is_linear(law)
    smallest = SMALLEST * max(abs(inlet_value) if inlet_is_flow else 0.0, np.abs(flows).max())
    for iteration in range(max_iterations):
        linearise(law, ends, flows, slope, offset, cross, drops, smallest)
        inlet_pressure = linear_tree(
            law.parents, slope, offset, cross, ends, inlet_is_flow, inlet_value, target, pressures
        )
        change, ends_here = approach(flows, target, linear, tolerance)
        if ends_here:
            return inlet_pressure, iteration + 1, change
    return inlet_pressure, max_iterations, change


@nb.njit(cache=True, error_model="numpy")
def solve_tree(
    law: TreeLaw,
    ends: TreeEnds,
    inlet_is_flow: bool,
    inlet_value: float,
    tolerance: float,
    max_iterations: int,
) -> tuple[FloatArray, FloatArray, float, int, float]:
    """Flows of the nonlinear tree, from the viscous flow (where that has no resistance, its loss).

    Returns:
        Flows (n_branches,) [m3/s], end pressures (n_branches,) [Pa], ostium pressure [Pa],
        iterations, last relative change.
    """
    n = law.parents.size
    flows, pressures, nothing = np.zeros(n), np.zeros(n), np.zeros(n)
    guess = law.linear + ends.slope
    for b in range(n):
        if guess[b] == 0.0 and inlet_is_flow:
            guess[b] = law.quadratic[b] * abs(inlet_value)
    linear_tree(
        law.parents, guess, ends.offset, nothing, ends, inlet_is_flow, inlet_value, flows,
        pressures,
    )  # fmt: skip
    pressure, iterations, change = newton_tree(
        law, ends, inlet_is_flow, inlet_value, tolerance, max_iterations, flows, pressures
    )
    return flows, pressures, pressure, iterations, change
