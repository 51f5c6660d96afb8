"""Time steps of a coronary tree whose inlet and beds hang in a closed loop with the heart.

Generalised-alpha as in ``kernels.march``, for the loop's volumes and inert flows too. In a step the
linearised tree with its beds is a line in the three pressures that the heart gives it (aortic,
ventricular, atrial), found by one pass over the branches for each; the loop closes it
(``kernels.loop``), and Newton's method goes on from there. Walls are rigid: nothing is stored at
the ends of branches.
"""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.loop import (
    BoolArray,
    LoopLaw,
    LoopPast,
    TreeLine,
    close_loop,
    instant,
    link_flows,
    loop_volumes,
)
from corohemo.kernels.march import (
    TreeScheme,
    TreeState,
    TreeStorage,
    advance,
    circuit_state,
    companion,
    finish_step,
    load_ends,
)
from corohemo.kernels.network import (
    SMALLEST,
    TreeEnds,
    TreeLaw,
    approach,
    blank_ends,
    is_linear,
    linear_tree,
    linearise,
)

FloatArray = NDArray[np.float64]

N_PORTS = 3


class LoopBeds(NamedTuple):
    """Beds by the heart's pressures in a step, as ``circuit.HeartLine``, and squeeze; all (n,)."""

    muscle: FloatArray
    drain: FloatArray
    back_flow: FloatArray
    back_muscle: FloatArray
    back_drain: FloatArray
    squeeze: FloatArray


class LoopState(NamedTuple):
    """Where the loop stands; changed in place.

    Volumes and rates (n,), link flows and rates (m,), open valves (m,), port pressures (3,).
    """

    volumes: FloatArray
    volume_rates: FloatArray
    flows: FloatArray
    flow_rates: FloatArray
    is_open: BoolArray
    ports: FloatArray


class LoopSeries(NamedTuple):
    """After each step: pressures and volumes (k, n), link flows (k, m), beds' blood (k,)."""

    pressures: FloatArray
    volumes: FloatArray
    flows: FloatArray
    bed_volumes: FloatArray


@nb.njit(cache=True, error_model="numpy")
def returns_at_rest(
    store: TreeStorage, state: TreeState, signals: FloatArray, rate: float, memory: float
) -> FloatArray:
    """Flow back from each branch's bed without flow and pressures of the heart (n,)."""
    back = np.zeros(signals.size)
    for b in range(signals.size):
        if store.is_flow[b]:
            back[b] = signals[b]
        elif store.is_outlet[b]:
            for i in range(2):
                value = circuit_state(store, state, b, i, 0.0, signals[b], 0.0, rate, memory)
                past = rate * state.states[b, i] - memory * state.state_rates[b, i]
                back[b] -= store.capacity[b, i] * (rate * value - past)
    return back


@nb.njit(cache=True, error_model="numpy")
def newton_loop(
    law: TreeLaw,
    ends: TreeEnds,
    beds: LoopBeds,
    back: FloatArray,
    loop: LoopLaw,
    compliances: FloatArray,
    past: LoopPast,
    is_open: BoolArray,
    tolerance: float,
    max_iterations: int,
    flows: FloatArray,
    pressures: FloatArray,
) -> tuple[FloatArray, float, float, float]:
    """Flows and end pressures (n_branches,) of tree and loop, from the ``flows`` given.

    Returns:
        Pressures of the loop's compartments, flow into the tree and back from its beds, and the
        last relative change of the flows, infinite if the valves do not settle.
    """
    n = flows.size
    slope, offset, cross, nothing = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    drops, target = np.zeros(law.abscissas.size), np.zeros(n)
    parts, end_parts = np.zeros((1 + N_PORTS, n)), np.zeros((1 + N_PORTS, n))
    feels = (
        ends,
        TreeEnds(ends.is_outlet, ends.resistance, nothing, ends.shunt, nothing, nothing, nothing),
        TreeEnds(
            ends.is_outlet, ends.resistance, beds.muscle, ends.shunt, nothing, nothing, nothing
        ),
        TreeEnds(
            ends.is_outlet, ends.resistance, beds.drain, ends.shunt, nothing, nothing, nothing
        ),
    )
    heart, out, returned, change = np.zeros(compliances.size), 0.0, 0.0, np.inf
    linear = is_linear(law)
    smallest = SMALLEST * np.abs(flows).max()
    for _ in range(max_iterations):
        linearise(law, ends, flows, slope, offset, cross, drops, smallest)
        for port in range(1 + N_PORTS):
            inlet = 1.0 if port == 1 else 0.0
            linear_tree(
                law.parents, slope, offset if port == 0 else nothing, cross, feels[port], False,
                inlet, parts[port], end_parts[port],
            )  # fmt: skip
        line = tree_line(parts, beds, back)
        heart, out, returned, settled = close_loop(loop, compliances, past, line, is_open)
        if not settled:
            return heart, out, returned, np.inf
        target[:], pressures[:] = parts[0], end_parts[0]
        for port in range(N_PORTS):
            target += heart[loop.ports[port]] * parts[1 + port]
            pressures += heart[loop.ports[port]] * end_parts[1 + port]
        change, ends_here = approach(flows, target, linear, tolerance)
        if ends_here:
            return heart, out, returned, change
    return heart, out, returned, change


@nb.njit(cache=True, error_model="numpy")
def tree_line(parts: FloatArray, beds: LoopBeds, back: FloatArray) -> TreeLine:
    """Flow into the tree and out of its beds, from its flows at rest and by the ports (4, n)."""
    by_ports = np.zeros(N_PORTS)
    for port in range(N_PORTS):
        by_ports[port] = (beds.back_flow * parts[1 + port]).sum()
    by_ports[1] += beds.back_muscle.sum()
    by_ports[2] += beds.back_drain.sum()
    return TreeLine(
        parts[0, 0],
        np.ascontiguousarray(parts[1:, 0]),
        back.sum() + (beds.back_flow * parts[0]).sum(),
        by_ports,
    )


@nb.njit(cache=True, error_model="numpy")
def march_loop(
    law: TreeLaw,
    store: TreeStorage,
    beds: LoopBeds,
    loop: LoopLaw,
    scheme: TreeScheme,
    state: TreeState,
    heart: LoopState,
    compliances: FloatArray,
    new_compliances: FloatArray,
    signals: FloatArray,
    tolerance: float,
    max_iterations: int,
    flows: FloatArray,
    outflows: FloatArray,
    pressures: FloatArray,
    inlet_pressures: FloatArray,
    series: LoopSeries,
) -> tuple[int, float]:
    """Take steps until the end of ``signals`` or the first that does not converge.

    Shapes: compliances of the compartments at the solved times and at the steps' ends (n_steps, n);
    signals (n_steps, n_branches) at the solved times; the arrays after the limits are filled with
    the values after each step, as in ``march_tree``.

    Returns:
        Steps taken and the last relative change of the flows.
    """
    n_steps, n = signals.shape
    rate, memory = companion(scheme)
    ends, solved, solved_pressures = blank_ends(store.is_outlet), np.zeros(n), np.zeros(n)
    for k in range(n_steps):
        load_ends(store, state, ends, signals[k], rate, memory)
        back = returns_at_rest(store, state, signals[k], rate, memory)
        past = LoopPast(
            rate * heart.volumes - memory * heart.volume_rates,
            rate * heart.flows - memory * heart.flow_rates,
            rate,
        )
        solved[:] = state.flows
        found, out, returned, change = newton_loop(
            law, ends, beds, back, loop, compliances[k], past, heart.is_open, tolerance,
            max_iterations, solved, solved_pressures,
        )  # fmt: skip
        if not change <= tolerance:
            return k, change
        muscle, sink = found[loop.ports[1]], found[loop.ports[2]]
        felt = signals[k] + beds.squeeze * muscle
        finish_step(store, scheme, state, ends, felt, sink, solved, solved_pressures)
        link = link_flows(loop, past, found, heart.is_open)
        volumes = loop_volumes(loop, past, link, out, returned)
        advance(heart.volumes, heart.volume_rates, volumes, scheme)
        advance(heart.flows, heart.flow_rates, link, scheme)
        now, settled = instant(
            loop, new_compliances[k], heart.volumes, heart.flows, state.flows[0], heart.is_open
        )
        if not settled:
            return k, np.inf
        for port in range(N_PORTS):
            heart.ports[port] = now[loop.ports[port]]
        flows[k], outflows[k], pressures[k] = state.flows, state.outflows, state.pressures
        inlet_pressures[k] = heart.ports[0]
        series.pressures[k], series.volumes[k] = now, heart.volumes
        series.flows[k] = heart.flows
        series.bed_volumes[k] = (store.capacity * state.states).sum()
    return n_steps, 0.0
