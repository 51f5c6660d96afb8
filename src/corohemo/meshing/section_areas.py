"""The area of a mesh's own cross-sections, to be held against the lumen it was made from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.kernels.quadratic import triangle_shapes
from corohemo.lumen import Lumen
from corohemo.meshing.mesh import LumenMesh

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

PARTS = 32
"""Each edge of a wall facet is cut into so many; a sector of 36 degrees is followed to 6e-5."""
CLEAR = 2.0
"""A section is clear of bifurcations if no other vessel's wall is so near [radii]."""


def section_areas(mesh: LumenMesh, lumen: Lumen, branch: str, abscissas: FloatArray) -> FloatArray:
    r"""Area that the wall of the mesh encloses in the section planes of a branch.

    Wall facets are followed by flat triangles and cut with the plane; the cuts :math:`p q`, which
    go around the center :math:`c` in the sense of the tangent :math:`t`, enclose

    .. math:: A = \tfrac12 \sum t \cdot ((p - c) \times (q - c)).

    Args:
        mesh: Mesh of the lumen.
        lumen: The lumen.
        branch: Name of the branch.
        abscissas: Path lengths from the ostium (k,) [m].

    Returns:
        Areas (k,) [m2]; NaN where the wall of another vessel is within two radii, as at a
        bifurcation, because the plane then cuts both.

    Raises:
        GeometryError: If there is no such branch, or an abscissa is not on it.
    """
    vessel = [lumen.branches[i].name for i in lumen.vessel(lumen.index(branch))]
    own = np.isin(mesh.node_branch, [lumen.index(name) for name in vessel])
    wall = mesh.facets[mesh.facet_face == mesh.faces.index("wall")]
    middles = mesh.points[wall[:, :3]].mean(axis=1)
    sizes = np.linalg.norm(mesh.points[wall] - middles[:, None], axis=2).max(axis=1)
    areas = np.full(len(abscissas), np.nan)
    for k, abscissa in enumerate(abscissas):
        section = lumen.section_at(branch, float(abscissa))
        distances = np.linalg.norm(middles - section.center, axis=1)
        near = distances < CLEAR * section.radius + sizes
        if own[wall[near]].all():
            height = (middles[near] - section.center) @ section.tangent
            cut = wall[near][np.abs(height) <= sizes[near]]
            areas[k] = _enclosed(mesh.points[cut], section.center, section.tangent)
    return areas


def _enclosed(facets: FloatArray, center: FloatArray, tangent: FloatArray) -> float:
    """Area within the cuts of outward quadratic facets (k, 6, 3) with a plane."""
    triangles = followed(facets) - center
    heights = triangles @ tangent
    total = 0.0
    for apex in range(3):
        a, b, c = (triangles[:, (apex + j) % 3] for j in range(3))
        ha, hb, hc = (heights[:, (apex + j) % 3] for j in range(3))
        alone = (ha > 0.0) & (hb <= 0.0) & (hc <= 0.0), (ha <= 0.0) & (hb > 0.0) & (hc > 0.0)
        for mask, sense in zip(alone, (1.0, -1.0), strict=True):
            p = _crossing(a[mask], b[mask], ha[mask], hb[mask])
            q = _crossing(a[mask], c[mask], ha[mask], hc[mask])
            total += sense * float((np.cross(p, q) @ tangent).sum())
    return 0.5 * total


def _crossing(a: FloatArray, b: FloatArray, ha: FloatArray, hb: FloatArray) -> FloatArray:
    """Points where edges a b pass height zero (k, 3)."""
    return np.asarray(a + (ha / (ha - hb))[:, None] * (b - a))


def followed(facets: FloatArray, parts: int = PARTS) -> FloatArray:
    """Flat triangles (k parts^2, 3, 3) that follow quadratic facets (k, 6, 3), same orientation."""
    grid = [(i, j) for j in range(parts + 1) for i in range(parts + 1 - j)]
    number = {place: k for k, place in enumerate(grid)}
    shapes = np.array([triangle_shapes(i / parts, j / parts) for i, j in grid])
    lower = [[(i, j), (i + 1, j), (i, j + 1)] for i, j in grid if i + j < parts]
    upper = [[(i + 1, j), (i + 1, j + 1), (i, j + 1)] for i, j in grid if i + j < parts - 1]
    corners = np.array([[number[place] for place in triangle] for triangle in lower + upper])
    fine = np.einsum("gn,knd->kgd", shapes, facets)
    return np.asarray(fine[:, corners].reshape(-1, 3, 3))
