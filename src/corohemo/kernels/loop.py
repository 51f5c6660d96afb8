"""A closed loop of compartments and links, one of which is the heart, in a step of any scheme.

A compartment k holds the stressed volume V_k = C_k(t) p_k, C = 1 / elastance in the ventricle and 0
where vessels only meet. A link carries q from its source to its target,

    L dq/dt + R q = p_source - p_target,   or as a valve  q = max(dp, 0) / R + min(dp, 0) leak,

and an implicit scheme has dx/dt = rate x - past for volumes and inert flows. So the pressures solve

    rate C_k p_k - past_k = q into k - q out of k - [k = tap] Q_out + [k = drain] Q_back

with the flow Q_out that the coronary tree draws and Q_back that its beds return: a symmetric system
for each state of the valves. What the tree and its beds do at that time is, linearised, a line in
the three pressures that it feels, ports z = (tap, muscle, drain).
"""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

VALVE_TRIALS = 16
"""States of the valves that are tried before a step is given up."""
INSTANT = 1e12
"""Rate at which volumes and inert flows are as good as given [1/s]."""


class LoopLaw(NamedTuple):
    """Links by compartment, arrays (m,), and the compartments tap, muscle and drain (3,)."""

    sources: IntArray
    targets: IntArray
    resistances: FloatArray
    inertances: FloatArray
    leaks: FloatArray
    is_valve: BoolArray
    ports: IntArray


class LoopPast(NamedTuple):
    """The scheme's rate x - dx/dt of volumes (n,) and link flows (m,), and its rate."""

    volumes: FloatArray
    flows: FloatArray
    rate: float


class TreeLine(NamedTuple):
    """Flow out at the tap and back at the drain: constants, and by the ports' pressures (3,)."""

    out: float
    out_by: FloatArray
    back: float
    back_by: FloatArray


@nb.njit(cache=True, error_model="numpy")
def link_flow(law: LoopLaw, past: LoopPast, is_open: BoolArray, link: int) -> tuple[float, float]:
    """Flow of a link as conductance times pressure difference plus an offset."""
    if law.is_valve[link]:
        return (1.0 / law.resistances[link] if is_open[link] else law.leaks[link]), 0.0
    conductance = 1.0 / (law.resistances[link] + law.inertances[link] * past.rate)
    return conductance, conductance * law.inertances[link] * past.flows[link]


@nb.njit(cache=True, error_model="numpy")
def loop_lines(
    law: LoopLaw, compliances: FloatArray, past: LoopPast, is_open: BoolArray
) -> FloatArray:
    """Pressures (n, 3) for given valves: without flow, by unit outflow at the tap, unit return."""
    n = compliances.size
    matrix, right = np.zeros((n, n)), np.zeros((n, 3))
    for k in range(n):
        matrix[k, k] = past.rate * compliances[k]
        right[k, 0] = past.volumes[k]
    for link in range(law.sources.size):
        conductance, offset = link_flow(law, past, is_open, link)
        a, b = law.sources[link], law.targets[link]
        matrix[a, a] += conductance
        matrix[b, b] += conductance
        matrix[a, b] -= conductance
        matrix[b, a] -= conductance
        right[a, 0] -= offset
        right[b, 0] += offset
    right[law.ports[0], 1] -= 1.0
    right[law.ports[2], 2] += 1.0
    scale = np.sqrt(np.diag(matrix))
    solution = np.linalg.solve(matrix / np.outer(scale, scale), right / scale.reshape(n, 1))
    return solution / scale.reshape(n, 1)


@nb.njit(cache=True, error_model="numpy")
def turn_valves(law: LoopLaw, pressures: FloatArray, is_open: BoolArray) -> bool:
    """Open the valves with the flow and close the others; whether one of them moved."""
    moved = False
    for link in range(law.sources.size):
        if law.is_valve[link]:
            opens = pressures[law.sources[link]] > pressures[law.targets[link]]
            moved = moved or opens != is_open[link]
            is_open[link] = opens
    return moved


@nb.njit(cache=True, error_model="numpy")
def close_loop(
    law: LoopLaw, compliances: FloatArray, past: LoopPast, tree: TreeLine, is_open: BoolArray
) -> tuple[FloatArray, float, float, bool]:
    """Pressures of the loop with the tree's line, with the valves that belong to them.

    Args:
        law: The loop.
        compliances: C at the time of the step (n,).
        past: Volumes and flows before.
        tree: What the tree draws and returns.
        is_open: The valves to try first; those that were found afterwards (m,).

    Returns:
        Pressures (n,), flow out at the tap, flow back at the drain, whether the valves settled.
    """
    out, back = tree.out, tree.back
    pressures = np.zeros(compliances.size)
    for _ in range(VALVE_TRIALS):
        lines = loop_lines(law, compliances, past, is_open)
        matrix, right = np.eye(3), np.zeros(3)
        for i in range(3):
            line = lines[law.ports[i]]
            right[i] = line[0] + line[1] * tree.out + line[2] * tree.back
            for j in range(3):
                matrix[i, j] -= line[1] * tree.out_by[j] + line[2] * tree.back_by[j]
        ports = np.linalg.solve(matrix, right)
        out = tree.out + float((tree.out_by * ports).sum())
        back = tree.back + float((tree.back_by * ports).sum())
        pressures[:] = lines[:, 0] + lines[:, 1] * out + lines[:, 2] * back
        if not turn_valves(law, pressures, is_open):
            return pressures, out, back, True
    return pressures, out, back, False


@nb.njit(cache=True, error_model="numpy")
def link_flows(
    law: LoopLaw, past: LoopPast, pressures: FloatArray, is_open: BoolArray
) -> FloatArray:
    """Flows of the links (m,) between compartments of these pressures (n,)."""
    flows = np.zeros(law.sources.size)
    for link in range(flows.size):
        conductance, offset = link_flow(law, past, is_open, link)
        drop = pressures[law.sources[link]] - pressures[law.targets[link]]
        flows[link] = conductance * drop + offset
    return flows


@nb.njit(cache=True, error_model="numpy")
def loop_volumes(
    law: LoopLaw, past: LoopPast, flows: FloatArray, out: float, back: float
) -> FloatArray:
    """Volumes (n,) from the flows of the links (m,), at the tap and the drain.

    What leaves one compartment enters another by the same number, so their sum is kept to rounding.
    """
    volumes = past.volumes.copy()
    for link in range(flows.size):
        volumes[law.sources[link]] -= flows[link]
        volumes[law.targets[link]] += flows[link]
    volumes[law.ports[0]] -= out
    volumes[law.ports[2]] += back
    return volumes / past.rate


@nb.njit(cache=True, error_model="numpy")
def instant(
    law: LoopLaw,
    compliances: FloatArray,
    volumes: FloatArray,
    flows: FloatArray,
    out: float,
    is_open: BoolArray,
) -> tuple[FloatArray, bool]:
    """Pressures (n,) that go with the volumes at a time; fills the flows of what is not inert.

    Compartments without compliance have the pressure at which their flows balance.

    Args:
        law: The loop.
        compliances: C at that time (n,).
        volumes: Stressed volumes (n,).
        flows: Flows of the inert links, those of the others are filled in (m,).
        out: Flow that the tree draws.
        is_open: The valves to try first; those that were found afterwards (m,).

    Returns:
        The pressures, and whether the valves settled.
    """
    held = np.where(compliances > 0.0, volumes, 0.0)
    past = LoopPast(INSTANT * held, INSTANT * flows, INSTANT)
    tree = TreeLine(out, np.zeros(3), 0.0, np.zeros(3))
    pressures, _, _, settled = close_loop(law, compliances, past, tree, is_open)
    found = link_flows(law, past, pressures, is_open)
    for link in range(flows.size):
        if law.inertances[link] == 0.0:
            flows[link] = found[link]
    return pressures, settled
