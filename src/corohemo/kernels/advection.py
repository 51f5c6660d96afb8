"""Transport of an indicator through a chain of vessel segments in steady flow."""

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@nb.njit(cache=True)
def taylor_dispersion(
    mean_velocity: float, radius: float, elapsed: float, diffusivity: float
) -> float:
    r"""Axial dispersion coefficient of a parabolic flow, ``elapsed`` after complete mixing [m2/s].

    D = kappa + kappa Pe^2 / 48 (1 - exp(-16 kappa t / r^2)), Pe = U r / kappa: Taylor's and Aris's
    coefficient long after mixing, U^2 t / 3 (the spread of the velocities alone) shortly after.

    Args:
        mean_velocity: U [m/s].
        radius: r [m].
        elapsed: t [s].
        diffusivity: kappa [m2/s].

    Reference:
        Taylor 1953, Proc R Soc A 219:186; Aris 1956, Proc R Soc A 235:67; the law between the two
        limits is an interpolation of ours.
    """
    peclet = mean_velocity * radius / diffusivity
    grown = 1.0 - np.exp(-16.0 * diffusivity * elapsed / radius**2)
    return float(diffusivity + diffusivity * peclet**2 / 48.0 * grown)


@nb.njit(cache=True)
def advect_chain(
    offsets: IntArray,
    cell_volumes: FloatArray,
    flows: FloatArray,
    exchange: FloatArray,
    inlet: FloatArray,
    step: float,
) -> FloatArray:
    """Concentration that leaves the chain in each time step (n_steps,).

    Segment j has the cells offsets[j]:offsets[j + 1] of one volume each. Each step moves what the
    flow carries by one upwind step, then mixes neighbouring cells implicitly by ``exchange``. No
    dispersion crosses the ends of a segment: there the stream mixes and its profile forms anew. The
    scheme is conservative and keeps a constant, so the mean transit time is volume over flow.

    Shapes: offsets (m + 1,), cell_volumes, flows (m,) [m3], [m3/s], exchange (n_cells,) [m3/s]
    through the face behind each cell, inlet (n_steps,) mean of each step [-]. The step [s] must not
    exceed cell volume over flow.
    """
    n_segments, n_cells = flows.size, exchange.size
    c, upper, right = np.zeros(n_cells), np.zeros(n_cells), np.zeros(n_cells)
    outlet = np.empty(inlet.size)
    for k in range(inlet.size):
        entering = inlet[k]
        for j in range(n_segments):
            first, last = offsets[j], offsets[j + 1]
            courant = flows[j] * step / cell_volumes[j]
            leaving = c[last - 1]
            for i in range(last - 1, first, -1):
                c[i] += courant * (c[i - 1] - c[i])
            c[first] += courant * (entering - c[first])
            ratio = step / cell_volumes[j]
            for i in range(first, last):
                before = ratio * exchange[i - 1] if i > first else 0.0
                after = ratio * exchange[i] if i < last - 1 else 0.0
                pivot = 1.0 + before + after
                if i > first:
                    pivot -= before * upper[i - 1]
                    right[i] = (c[i] + before * right[i - 1]) / pivot
                else:
                    right[i] = c[i] / pivot
                upper[i] = after / pivot
            c[last - 1] = right[last - 1]
            for i in range(last - 2, first - 1, -1):
                c[i] = right[i] + upper[i] * c[i + 1]
            entering = leaving
        outlet[k] = entering
    return outlet
