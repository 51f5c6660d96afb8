"""Steady flow in a tree of nonlinear resistances by Newton's method with exact elimination.

Branch b carries Q_b from its parent's end to its own end:

    p_parent_end - p_end = linear_b Q_b + quadratic_b Q_b |Q_b| + coupling_b Q_parent Q_b
                           + jet_b(Q_b),

an outlet holds p_end = resistance Q + offset, or a prescribed Q. Linearised, each subtree is a line
Q = conductance p + source, found from the outlets up; no matrix is built, so a solve costs a few
passes over the branches. Parents precede daughters.
"""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.stenosis import jet_drop

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@nb.njit(cache=True)
def linear_tree(
    parents: IntArray,
    slope: FloatArray,
    offset: FloatArray,
    coupling: FloatArray,
    is_outlet: BoolArray,
    is_flow: BoolArray,
    outlet_resistance: FloatArray,
    outlet_value: FloatArray,
    inlet_is_flow: bool,
    inlet_value: float,
) -> tuple[FloatArray, float]:
    """Flows of the linearised tree, drop = slope Q + coupling Q_parent + offset.

    Shapes: all arrays (n_branches,); ``outlet_value`` is the offset pressure, or the flow where
    ``is_flow``; ``inlet_value`` is a pressure, or a flow if ``inlet_is_flow``.

    Returns:
        Flows (n_branches,) [m3/s] and the pressure at the ostium [Pa].
    """
    n = parents.size
    conductance = np.zeros(n)
    source = np.zeros(n)
    sum_conductance = np.zeros(n)
    sum_source = np.zeros(n)
    sum_coupling = np.zeros(n)
    for b in range(n - 1, -1, -1):
        if is_flow[b]:
            source[b] = outlet_value[b]
        elif is_outlet[b]:
            conductance[b] = 1.0 / (slope[b] + outlet_resistance[b])
            source[b] = -(offset[b] + outlet_value[b]) * conductance[b]
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
    flows = np.zeros(n)
    end_pressure = np.zeros(n)
    for b in range(n):
        start, parent_flow = inlet_pressure, 0.0
        if parents[b] >= 0:
            start, parent_flow = end_pressure[parents[b]], flows[parents[b]]
        flows[b] = conductance[b] * (start - coupling[b] * parent_flow) + source[b]
        drop = slope[b] * flows[b] + coupling[b] * parent_flow + offset[b]
        end_pressure[b] = start - drop
    return flows, inlet_pressure


@nb.njit(cache=True)
def solve_tree(
    parents: IntArray,
    linear: FloatArray,
    quadratic: FloatArray,
    coupling: FloatArray,
    offsets: IntArray,
    abscissas: FloatArray,
    inverse_areas: FloatArray,
    density: float,
    mixing_time: float,
    is_outlet: BoolArray,
    is_flow: BoolArray,
    outlet_resistance: FloatArray,
    outlet_value: FloatArray,
    inlet_is_flow: bool,
    inlet_value: float,
    tolerance: float,
    max_iterations: int,
) -> tuple[FloatArray, float, int, float]:
    """Flows of the nonlinear tree.

    Shapes: offsets (n_branches + 1,) into the sections (n_sections,) of the jet's law
    (``jet_drop``); the other arrays as in ``linear_tree``.

    Newton's method from the viscous flow; a step that would turn the flow of a branch around is
    halved, which keeps the iterates where the law is smooth.

    Returns:
        Flows (n_branches,) [m3/s], ostium pressure [Pa], iterations, last relative change.
    """
    n = parents.size
    nothing = np.zeros(n)
    flows, pressure = linear_tree(
        parents, linear, nothing, nothing, is_outlet, is_flow, outlet_resistance, outlet_value,
        inlet_is_flow, inlet_value,
    )  # fmt: skip
    change = np.inf
    slope, offset, cross = np.zeros(n), np.zeros(n), np.zeros(n)
    drops = np.zeros(abscissas.size)
    for iteration in range(max_iterations):
        for b in range(n):
            parent_flow = flows[parents[b]] if parents[b] >= 0 else 0.0
            slope[b] = linear[b] + 2.0 * quadratic[b] * abs(flows[b]) + coupling[b] * parent_flow
            offset[b] = (
                -quadratic[b] * flows[b] * abs(flows[b]) - coupling[b] * parent_flow * flows[b]
            )
            cross[b] = coupling[b] * flows[b]
            first, last = offsets[b], offsets[b + 1]
            if last > first:
                jet_slope = jet_drop(
                    abscissas[first:last], inverse_areas[first:last], flows[b], density,
                    mixing_time, drops[first:last],
                )  # fmt: skip
                slope[b] += jet_slope
                offset[b] += drops[last - 1] - jet_slope * flows[b]
        target, pressure = linear_tree(
            parents, slope, offset, cross, is_outlet, is_flow, outlet_resistance, outlet_value,
            inlet_is_flow, inlet_value,
        )  # fmt: skip
        scale = max(np.abs(target).max(), np.abs(flows).max())
        change = np.abs(target - flows).max() / scale if scale > 0.0 else 0.0
        if change <= tolerance or not np.isfinite(change):
            return target, pressure, iteration + 1, change
        reverses = (target * flows < 0.0).any()
        flows = flows + (0.5 if reverses else 1.0) * (target - flows)
    return flows, pressure, max_iterations, change
