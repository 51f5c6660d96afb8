"""Many solves of one tree: every sample has its own radii, viscosity, beds and aortic pressure."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.network import TreeEnds, TreeLaw, solve_tree
from corohemo.kernels.stenosis import section_drops, viscous_resistance

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@nb.njit(cache=True, error_model="numpy")
def moved_law(
    law: TreeLaw, radii: FloatArray, viscosity: float, mixing: float, viscous: FloatArray
) -> TreeLaw:
    """The law of a tree with other radii and viscosity.

    The junction coefficients of ``law`` are those of its own areas and are taken to the new ones.

    Shapes: radii (m,) [m]; viscous (m,) is filled with the resistance from each branch's start to
    its sections [Pa s/m3].
    """
    n = law.parents.size
    inverse_areas = 1.0 / (np.pi * radii**2)
    linear, quadratic, coupling = np.empty(n), np.empty(n), np.empty(n)
    for b in range(n):
        first, last = law.offsets[b], law.offsets[b + 1]
        viscous[first:last] = viscous_resistance(
            law.abscissas[first:last], radii[first:last], viscosity
        )
        linear[b] = viscous[last - 1]
        own = inverse_areas[first] / law.inverse_areas[first]
        above = 1.0
        if law.parents[b] >= 0:
            end = law.offsets[law.parents[b] + 1] - 1
            above = inverse_areas[end] / law.inverse_areas[end]
        quadratic[b] = law.quadratic[b] * own * own
        coupling[b] = law.coupling[b] * own * above
    return TreeLaw(
        law.parents, linear, quadratic, coupling, law.offsets, law.abscissas, inverse_areas,
        law.density, mixing * law.density / viscosity,
    )  # fmt: skip


@nb.njit(cache=True, error_model="numpy")
def corrected_law(
    law: TreeLaw, nominal: TreeLaw, corrections: FloatArray, growth: FloatArray
) -> TreeLaw:
    """A law with a further loss corrections * Q |Q| up to the end of each branch.

    It grows with the inverse fourth power of the branch's narrowest radius over the nominal one, as
    a jet's loss does; ``growth`` (n,) is filled with that factor [-].
    """
    quadratic = law.quadratic.copy()
    for b in range(law.parents.size):
        first, last = law.offsets[b], law.offsets[b + 1]
        narrowing = law.inverse_areas[first:last].max() / nominal.inverse_areas[first:last].max()
        growth[b] = narrowing**2
        quadratic[b] += corrections[last - 1] * growth[b]
    return TreeLaw(
        law.parents, law.linear, quadratic, law.coupling, law.offsets, law.abscissas,
        law.inverse_areas, law.density, law.mixing_time,
    )  # fmt: skip


@nb.njit(cache=True, error_model="numpy")
def section_pressures(
    law: TreeLaw,
    flows: FloatArray,
    inlet_pressure: float,
    viscous: FloatArray,
    losses: FloatArray,
    growth: FloatArray,
    pressures: FloatArray,
) -> None:
    """Pressure at every section from the flows of the branches.

    Shapes: flows, growth (n,); viscous, losses, pressures (m,). ``pressures`` [Pa] is filled;
    ``losses`` times growth is the further loss from the parent's end over Q |Q| [Pa s2/m6].
    """
    jets = section_drops(
        law.offsets, law.abscissas, law.inverse_areas, flows, law.density, law.mixing_time
    )
    for b in range(flows.size):
        flow, start = flows[b], inlet_pressure
        if law.parents[b] >= 0:
            parent = law.parents[b]
            entry = law.quadratic[b] * abs(flow) + law.coupling[b] * flows[parent]
            start = pressures[law.offsets[parent + 1] - 1] - entry * flow
        for i in range(law.offsets[b], law.offsets[b + 1]):
            loss = losses[i] * growth[b] * flow * abs(flow)
            pressures[i] = start - viscous[i] * flow - jets[i] - loss


@nb.njit(cache=True, error_model="numpy")
def solve_ensemble(
    law: TreeLaw,
    corrections: FloatArray,
    radii: FloatArray,
    viscosity: FloatArray,
    mixing: float,
    is_outlet: BoolArray,
    resistance: FloatArray,
    bed_pressure: FloatArray,
    drain: FloatArray,
    inlet_pressure: FloatArray,
    tolerance: float,
    max_iterations: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Flows and section pressures of every sample.

    Shapes: k samples, n branches, m sections. radii (k, m) [m], viscosity and inlet_pressure (k,)
    [Pa s], [Pa], corrections (m,) [Pa s2/m6], is_outlet (n,), resistance, bed_pressure, drain
    (k, n) [Pa s/m3], [Pa], [m3/s].

    Returns:
        Flows (k, n) [m3/s], section pressures (k, m) [Pa], last relative change (k,).
    """
    k, n, m = radii.shape[0], law.parents.size, law.abscissas.size
    flows, pressures, changes = np.empty((k, n)), np.empty((k, m)), np.empty(k)
    viscous, growth, nothing = np.empty(m), np.empty(n), np.zeros(n)
    for s in range(k):
        moved = moved_law(law, radii[s], viscosity[s], mixing, viscous)
        whole = corrected_law(moved, law, corrections, growth)
        ends = TreeEnds(
            is_outlet, resistance[s], bed_pressure[s], nothing, drain[s], nothing, nothing
        )
        flows[s], _, _, _, changes[s] = solve_tree(
            whole, ends, False, inlet_pressure[s], tolerance, max_iterations
        )
        section_pressures(
            moved, flows[s], inlet_pressure[s], viscous, corrections, growth, pressures[s]
        )
    return flows, pressures, changes
