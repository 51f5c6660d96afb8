"""Time steps of a tree of resistances, inertances and compliances with circuits at its outlets.

Generalised-alpha (Jansen, Whiting and Hulbert 2000, Comput. Methods Appl. Mech. Eng. 190:305-319)
for all unknowns: the equations hold at t + alpha_f dt with rates of t + alpha_m dt. What stores
obeys dx/dt = rate x - history there, so a step is one solve of the steady tree with an inertance as
a resistance, a compliance as a shunt and an outlet circuit as a resistance with an offset.
"""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.network import BoolArray, TreeEnds, TreeLaw, blank_ends, newton_tree

FloatArray = NDArray[np.float64]


class TreeStorage(NamedTuple):
    """What stores, and the outlet circuits discretised with ``rate``, padded to two states.

    Shapes: all (n,), but inverse (n, 2, 2) and feed, output, rest, drive, sink, capacity (n, 2).
    """

    inertance: FloatArray
    compliance: FloatArray
    is_outlet: BoolArray
    is_flow: BoolArray
    inverse: FloatArray
    feed: FloatArray
    output: FloatArray
    rest: FloatArray
    drive: FloatArray
    sink: FloatArray
    capacity: FloatArray
    resistance: FloatArray
    level: FloatArray
    gain: FloatArray


class TreeState(NamedTuple):
    """Where a march stands; arrays (n,), states (n, 2), inlet pressure (1,), changed in place."""

    flows: FloatArray
    flow_rates: FloatArray
    pressures: FloatArray
    pressure_rates: FloatArray
    outflows: FloatArray
    states: FloatArray
    state_rates: FloatArray
    inlet: FloatArray


class TreeScheme(NamedTuple):
    """Step [s] and coefficients of the scheme."""

    step: float
    alpha_m: float
    alpha_f: float
    gamma: float


@nb.njit(cache=True, error_model="numpy")
def companion(scheme: TreeScheme) -> tuple[float, float]:
    """Rate and memory: dx/dt = rate x - (rate x_old - memory dx/dt_old) at the solved time."""
    rate = scheme.alpha_m / (scheme.alpha_f * scheme.gamma * scheme.step)
    memory = 1.0 - scheme.alpha_m - scheme.alpha_m * (1.0 - scheme.gamma) / scheme.gamma
    return rate, memory


@nb.njit(cache=True, error_model="numpy")
def advance_one(
    values: FloatArray, rates: FloatArray, i: int, solved: float, scheme: TreeScheme
) -> None:
    """Take value and rate ``i`` of the old time to the new one, from the value solved for."""
    change = (solved - values[i]) / scheme.alpha_f
    values[i] += change
    rates[i] = change / (scheme.gamma * scheme.step) + (1.0 - 1.0 / scheme.gamma) * rates[i]


@nb.njit(cache=True, error_model="numpy")
def advance(values: FloatArray, rates: FloatArray, solved: FloatArray, scheme: TreeScheme) -> None:
    """Take values and rates (n,) of the old time to the new one, from the values solved for."""
    for i in range(values.size):
        advance_one(values, rates, i, solved[i], scheme)


@nb.njit(cache=True, error_model="numpy")
def load_ends(
    store: TreeStorage,
    state: TreeState,
    ends: TreeEnds,
    signals: FloatArray,
    rate: float,
    memory: float,
) -> None:
    """Fill ``ends`` for one step; signals (n,) are waveforms of circuits or prescribed flows."""
    for b in range(signals.size):
        inertance, compliance = store.inertance[b], store.compliance[b]
        ends.slope[b] = inertance * rate
        ends.offset[b] = -inertance * (rate * state.flows[b] - memory * state.flow_rates[b])
        ends.shunt[b] = compliance * rate
        ends.drain[b] = -compliance * (rate * state.pressures[b] - memory * state.pressure_rates[b])
        if store.is_flow[b]:
            ends.drain[b] += signals[b]
        elif store.is_outlet[b]:
            ends.resistance[b] = store.resistance[b]
            ends.pressure[b] = store.level[b] + store.gain[b] * signals[b]
            for i in range(2):
                value = circuit_state(store, state, b, i, 0.0, signals[b], 0.0, rate, memory)
                ends.pressure[b] += store.output[b, i] * value


@nb.njit(cache=True, error_model="numpy")
def circuit_state(
    store: TreeStorage,
    state: TreeState,
    b: int,
    i: int,
    flow: float,
    signal: float,
    sink: float,
    rate: float,
    memory: float,
) -> float:
    """State ``i`` of the circuit at outlet ``b`` at the solved time.

    It is under a flow, a signal and, over that in ``rest``, a pressure behind the bed (``sink``).
    """
    value = 0.0
    for j in range(2):
        history = rate * state.states[b, j] - memory * state.state_rates[b, j]
        supply = store.feed[b, j] * flow + store.rest[b, j] + store.drive[b, j] * signal
        supply += store.sink[b, j] * sink
        value += store.inverse[b, i, j] * (history + supply)
    return value


@nb.njit(cache=True, error_model="numpy")
def finish_step(
    store: TreeStorage,
    scheme: TreeScheme,
    state: TreeState,
    ends: TreeEnds,
    signals: FloatArray,
    sink: float,
    solved: FloatArray,
    solved_pressures: FloatArray,
) -> None:
    """Take ``state`` to the new time from the flows and end pressures (n,) that were solved for.

    Args:
        store: What stores.
        scheme: The scheme.
        state: The old time's, changed in place.
        ends: The ends that were solved with.
        signals: Waveforms of circuits or prescribed flows at the solved time (n,).
        sink: Pressure behind the beds, over that in ``rest``.
        solved: Flows (n,).
        solved_pressures: Pressures at the ends of the branches (n,).
    """
    rate, memory = companion(scheme)
    for b in range(solved.size):
        kept = ends.shunt[b] * solved_pressures[b] + ends.drain[b]
        if store.is_flow[b]:
            kept -= signals[b]
        leaving = solved[b] - kept
        if store.is_outlet[b]:
            first, second = (
                circuit_state(store, state, b, 0, leaving, signals[b], sink, rate, memory),
                circuit_state(store, state, b, 1, leaving, signals[b], sink, rate, memory),
            )
            advance_one(state.states[b], state.state_rates[b], 0, first, scheme)
            advance_one(state.states[b], state.state_rates[b], 1, second, scheme)
        state.outflows[b] += (leaving - state.outflows[b]) / scheme.alpha_f
    advance(state.flows, state.flow_rates, solved, scheme)
    advance(state.pressures, state.pressure_rates, solved_pressures, scheme)


@nb.njit(cache=True, error_model="numpy")
def march_tree(
    law: TreeLaw,
    store: TreeStorage,
    scheme: TreeScheme,
    state: TreeState,
    inlet_is_flow: bool,
    inlet_values: FloatArray,
    signals: FloatArray,
    tolerance: float,
    max_iterations: int,
    flows: FloatArray,
    outflows: FloatArray,
    pressures: FloatArray,
    inlet_pressures: FloatArray,
) -> tuple[int, float]:
    """Take steps until the end of ``inlet_values`` or the first that does not converge.

    Shapes: inlet_values (n_steps,) and signals (n_steps, n_branches) at the solved times; the last
    four arrays (n_steps, n_branches) and (n_steps,) are filled with the values after each step.

    Returns:
        Steps taken and the last relative change of the flows.
    """
    n_steps, n = signals.shape
    rate, memory = companion(scheme)
    ends, solved, solved_pressures = blank_ends(store.is_outlet), np.zeros(n), np.zeros(n)
    for k in range(n_steps):
        load_ends(store, state, ends, signals[k], rate, memory)
        solved[:] = state.flows
        inlet_pressure, _, change = newton_tree(
            law, ends, inlet_is_flow, inlet_values[k], tolerance, max_iterations, solved,
            solved_pressures,
        )  # fmt: skip
        if not change <= tolerance:
            return k, change
        finish_step(store, scheme, state, ends, signals[k], 0.0, solved, solved_pressures)
        state.inlet[0] += (inlet_pressure - state.inlet[0]) / scheme.alpha_f
        flows[k], outflows[k], pressures[k] = state.flows, state.outflows, state.pressures
        inlet_pressures[k] = state.inlet[0]
    return n_steps, 0.0
