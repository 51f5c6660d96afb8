"""Flow and pressure in a network of vessels, in time, by the steps svZeroDSolver takes.

The vessels become branches of a tree that starts at the first inlet, those that point towards it
turned round. A vessel with both compliance and inductance becomes two branches. The compliance of a
vessel with a stenosis takes the rate of the pressure behind the stenosis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.circuit import Circuit
from corohemo.errors import ConfigError
from corohemo.kernels.network import TreeLaw
from corohemo.network import FlowNetwork, NetworkVessel, Terminal
from corohemo.solvers.tree_network import (
    Leaf,
    TreeNetwork,
    TreeSeries,
    generalised_alpha,
    resting_state,
)
from corohemo.waveform import Waveform, scaled_level

FloatArray = NDArray[np.float64]

STEP_TOLERANCE = 1e-11
"""Relative change of the flows that ends Newton's method of a step."""


@dataclass(frozen=True)
class NetworkSolution:
    """Series of every vessel, by its name; times (n,) from the start of the first cycle kept."""

    times: FloatArray
    flow_in: Mapping[str, FloatArray]
    flow_out: Mapping[str, FloatArray]
    pressure_in: Mapping[str, FloatArray]
    pressure_out: Mapping[str, FloatArray]


@dataclass(frozen=True)
class _Branch:
    """A piece of a vessel in the tree; ``parent`` -1 at the root."""

    parent: int
    resistance: float = 0.0
    stenosis: float = 0.0
    inductance: float = 0.0
    capacitance: float = 0.0


@dataclass(frozen=True)
class _Span:
    """First and last branch of a vessel, and whether it was turned round."""

    first: int
    last: int
    turned: bool


def solve_network(network: FlowNetwork) -> NetworkSolution:
    """March a network through its cycles.

    Raises:
        ConfigError: If it is not one tree with a condition at each open end.
        NotConvergedError: If Newton's method does not converge.
        NonFiniteError: If a flow is not a number.
    """
    tree, spans = _plant(network)
    timing = network.timing
    scheme = generalised_alpha(timing.step, timing.spectral_radius)
    state = resting_state(tree)
    if timing.steady_start:
        state = tree.steady(*_sample_means(network, tree))
    begin = TreeSeries.of_state(state)
    n_steps = timing.points_per_cycle - 1
    kept = [begin]
    for cycle in range(timing.cycles):
        series = tree.march(state, scheme, cycle * timing.period, n_steps, STEP_TOLERANCE)
        kept = [*kept, series] if timing.keeps_all else [kept[-1].last, series]
    return _solution(network, tree, spans, TreeSeries.joined(kept))


def _solution(
    network: FlowNetwork, tree: TreeNetwork, spans: tuple[_Span, ...], series: TreeSeries
) -> NetworkSolution:
    flow_in, flow_out, pressure_in, pressure_out = {}, {}, {}, {}
    for vessel, span in zip(network.vessels, spans, strict=True):
        parent = tree.law.parents[span.first]
        above = series.inlet_pressures if parent < 0 else series.pressures[:, parent]
        flows = [series.flows[:, span.first], series.outflows[:, span.last]]
        ends = [above, series.pressures[:, span.last]]
        if span.turned:
            flows, ends = [-flow for flow in flows[::-1]], ends[::-1]
        flow_in[vessel.name], flow_out[vessel.name] = flows
        pressure_in[vessel.name], pressure_out[vessel.name] = ends
    times: FloatArray = network.timing.step * np.arange(float(len(series.inlet_pressures)))
    return NetworkSolution(times, flow_in, flow_out, pressure_in, pressure_out)


def _plant(network: FlowNetwork) -> tuple[TreeNetwork, tuple[_Span, ...]]:
    """The network as a tree from its first inlet, and where the vessels are in it."""
    root, source = next(iter(network.inlets.items()))
    at_node: dict[int, list[int]] = {}
    for index, vessel in enumerate(network.vessels):
        for node in {vessel.start, vessel.end}:
            at_node.setdefault(node, []).append(index)
    branches: list[_Branch] = []
    spans: dict[int, _Span] = {}
    leaves: dict[int, Leaf] = {}
    reached = {root}
    queue = [(root, -1)]
    while queue:
        node, parent = queue.pop(0)
        for index in at_node.get(node, []):
            if index in spans:
                continue
            vessel = network.vessels[index]
            turned = vessel.start != node
            far = vessel.start if turned else vessel.end
            if far in reached:
                raise ConfigError(
                    f"Vessel {vessel.name!r} closes a loop; only networks without loops are "
                    f"solved.",
                    field="vessels",
                )
            reached.add(far)
            first = len(branches)
            branches += _pieces(vessel, turned, first, parent)
            spans[index] = _Span(first, len(branches) - 1, turned)
            leaf = _leaf(network, far, is_end=len(at_node[far]) == 1)
            if leaf is not None:
                leaves[len(branches) - 1] = leaf
            queue.append((far, len(branches) - 1))
    _require_all(network, spans)
    tree = _tree(branches, leaves, source)
    return tree, tuple(spans[index] for index in range(len(network.vessels)))


def _pieces(vessel: NetworkVessel, turned: bool, first: int, parent: int) -> list[_Branch]:
    """Branches of a vessel in the order they are met; a compliance is at the end of a branch."""
    loss = {"resistance": vessel.resistance, "stenosis": vessel.stenosis}
    stored, inertia = vessel.capacitance, {"inductance": vessel.inductance}
    before: dict[str, float] = {} if vessel.stores_first else loss
    after: dict[str, float] = {**loss, **inertia} if vessel.stores_first else inertia
    if turned:
        before, after = after, before
    if stored == 0.0:
        return [_Branch(parent, **loss, **inertia)]
    if not any(after.values()):
        return [_Branch(parent, **before, capacitance=stored)]
    return [_Branch(parent, **before, capacitance=stored), _Branch(first, **after)]


def _leaf(network: FlowNetwork, node: int, *, is_end: bool) -> Leaf | None:
    """What a branch ends in at ``node``; flows into the network leave it backwards."""
    inlet, outlet = network.inlets.get(node), network.outlets.get(node)
    if not is_end:
        if inlet or outlet:
            raise ConfigError(
                f"Boundary condition {(inlet or outlet).name!r} is at a junction; it belongs at "  # type: ignore[union-attr]
                f"the end of one vessel.",
                field="boundary_conditions",
            )
        return None
    terminal = inlet or outlet
    if terminal is None:
        raise ConfigError(
            "A vessel has an open end without boundary condition.", field="boundary_conditions"
        )
    leaf = terminal.leaf()
    if inlet and not isinstance(leaf, Circuit):
        return scaled_level(leaf, -1.0)
    return leaf


def _require_all(network: FlowNetwork, spans: Mapping[int, _Span]) -> None:
    missing = [v.name for index, v in enumerate(network.vessels) if index not in spans]
    if missing:
        raise ConfigError(
            f"Vessels {', '.join(missing)} are not joined to the first inlet.", field="vessels"
        )


def _tree(branches: list[_Branch], leaves: dict[int, Leaf], source: Terminal) -> TreeNetwork:
    def column(name: str) -> FloatArray:
        return np.array([getattr(branch, name) for branch in branches])

    n, nothing = len(branches), np.zeros(0)
    law = TreeLaw(
        parents=np.array([branch.parent for branch in branches], dtype=np.int64),
        linear=column("resistance"),
        quadratic=column("stenosis"),
        coupling=np.zeros(n),
        offsets=np.zeros(n + 1, dtype=np.int64),
        abscissas=nothing,
        inverse_areas=nothing,
        density=0.0,
        mixing_time=0.0,
    )
    is_flow = source.kind == "FLOW"
    return TreeNetwork(
        law=law,
        inertances=column("inductance"),
        compliances=column("capacitance"),
        leaves=leaves,
        inlet=source.values["Q" if is_flow else "P"],
        inlet_is_flow=is_flow,
    )


def _sample_means(network: FlowNetwork, tree: TreeNetwork) -> tuple[float, dict[int, float]]:
    """Means of the samples of all waveforms, which svZeroDSolver starts from."""

    def mean(level: Waveform | float) -> float:
        return float(level.values.mean()) if isinstance(level, Waveform) else level

    levels = {}
    for branch, leaf in tree.leaves.items():
        wave = leaf.signal if isinstance(leaf, Circuit) else leaf
        if wave is not None:
            levels[branch] = mean(wave)
    return mean(tree.inlet), levels
