"""Many solves of one tree: every sample has its own radii, viscosity, beds and aortic pressure."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.network import TreeEnds, TreeLaw, solve_tree
from corohemo.kernels.stenosis import section_drops, viscous_resistance

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


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

    The junction coefficients of ``law`` are those of its own areas and are taken to each sample's.
    A correction is a loss corrections * Q |Q| from the parent's end to the section; it grows with
    the inverse fourth power of the branch's narrowest radius, as a jet's loss does.

    Shapes: k samples, n branches, m sections. radii (k, m) [m], viscosity and inlet_pressure (k,)
    [Pa s], [Pa], corrections (m,) [Pa s2/m6], is_outlet (n,), resistance, bed_pressure, drain
    (k, n) [Pa s/m3], [Pa], [m3/s].

    Returns:
        Flows (k, n) [m3/s], section pressures (k, m) [Pa], last relative change (k,).
    """
    k, n, m = radii.shape[0], law.parents.size, law.abscissas.size
    flows, pressures, changes = np.empty((k, n)), np.empty((k, m)), np.empty(k)
    viscous = np.empty(m)
    nothing = np.zeros(n)
    for s in range(k):
        inverse_areas = 1.0 / (np.pi * radii[s] ** 2)
        linear, quadratic, coupling = np.empty(n), np.empty(n), np.empty(n)
        corrected, growth = np.empty(n), np.empty(n)
        for b in range(n):
            first, last = law.offsets[b], law.offsets[b + 1]
            viscous[first:last] = viscous_resistance(
                law.abscissas[first:last], radii[s, first:last], viscosity[s]
            )
            linear[b] = viscous[last - 1]
            own = inverse_areas[first] / law.inverse_areas[first]
            above = 1.0
            if law.parents[b] >= 0:
                end = law.offsets[law.parents[b] + 1] - 1
                above = inverse_areas[end] / law.inverse_areas[end]
            quadratic[b] = law.quadratic[b] * own * own
            coupling[b] = law.coupling[b] * own * above
            growth[b] = (inverse_areas[first:last].max() / law.inverse_areas[first:last].max()) ** 2
            corrected[b] = quadratic[b] + corrections[last - 1] * growth[b]
        mixing_time = mixing * law.density / viscosity[s]
        sample = TreeLaw(
            law.parents, linear, corrected, coupling, law.offsets, law.abscissas, inverse_areas,
            law.density, mixing_time,
        )  # fmt: skip
        ends = TreeEnds(
            is_outlet, resistance[s], bed_pressure[s], nothing, drain[s], nothing, nothing
        )
        found, _, _, _, change = solve_tree(
            sample, ends, False, inlet_pressure[s], tolerance, max_iterations
        )
        changes[s] = change
        flows[s] = found
        jets = section_drops(
            law.offsets, law.abscissas, inverse_areas, found, law.density, mixing_time
        )
        for b in range(n):
            first, last = law.offsets[b], law.offsets[b + 1]
            flow, start = found[b], inlet_pressure[s]
            if law.parents[b] >= 0:
                parent = law.parents[b]
                entry = quadratic[b] * abs(flow) + coupling[b] * found[parent]
                start = pressures[s, law.offsets[parent + 1] - 1] - entry * flow
            for i in range(first, last):
                loss = corrections[i] * growth[b] * flow * abs(flow)
                pressures[s, i] = start - viscous[i] * flow - jets[i] - loss
    return flows, pressures, changes
