"""Where the wall shear pulls the wall apart and where it pushes it together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.divergence import add_edge_fluxes, edge_fluxes, flux_divergence
from corohemo.kernels.facets import facet_edges
from corohemo.kernels.quadratic import facet_quadrature
from corohemo.solvers.solution import FlowSolution
from corohemo.solvers.transient_solution import LEAST_SHEAR_PA

FloatArray = NDArray[np.float64]


def compute_shear_divergence(solution: FlowSolution) -> FloatArray:
    r"""Surface divergence of the direction of the wall shear, its mean over every wall facet.

    .. math:: d_K = \frac{1}{|K|} \oint_{\partial K} \frac{\tau}{|\tau|} \cdot \nu \, ds

    with the flux through an edge as the mean of what its two facets say (``kernels.divergence``).
    Positive where the shear pulls the wall apart. Its variation over a cycle is TSVI.

    Args:
        solution: Flow field; of a pulsatile one, the cycle's mean.

    Returns:
        One value per facet of the wall, in the order of ``compute_wall_shear`` (n,) [1/m]. A shear
        of 1e-3 Pa or less has no direction and no part in it.

    Reference:
        Mazzi et al., Biomech Model Mechanobiol 2020;19:1403.
    """
    mesh = solution.mesh
    wall = np.flatnonzero(mesh.facet_face == mesh.faces.index("wall"))
    facets = np.ascontiguousarray(mesh.facets[wall])
    fluxes = edge_fluxes(
        mesh.points,
        mesh.cells,
        facets,
        mesh.facet_cell[wall],
        solution.velocity,
        solution.boundaries.blood.dynamic_viscosity,
        LEAST_SHEAR_PA,
    )
    edges, signs, shares = facet_edges(facets)
    through = np.zeros_like(shares)
    add_edge_fluxes(fluxes, edges, signs, shares, through)
    _, vectors = facet_quadrature(mesh.points, facets)
    areas = np.linalg.norm(vectors, axis=2).sum(axis=1)
    return np.asarray(flux_divergence(through, edges, signs, areas))
