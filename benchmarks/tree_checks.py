"""Is a mesh valid? Checked without the mesher's own figures.

Each function returns a sentence that tells what is wrong, or "".
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

import corohemo as ch
from corohemo.gallery.clearances import distance_from_others
from corohemo.kernels.crossings import crossing_triangles

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DEGREE = 4
PLANAR = 1e-9
CAP_AREA = 0.01
VOLUME = 0.02
OFF_WALL = 0.01
"""Distance of a vertex from the lumen's wall [radii]."""
DRAWN_BACK = 0.1
"""The same for an edge node, which may be drawn back to the chord: 0.076 with eight sectors."""
PARTED = 2.5
"""Sections farther than this along a vessel [radii] from those that other vessels enter must be the
lumen's own."""


def faults(lumen: ch.Lumen, mesh: ch.LumenMesh) -> str:
    """The first fault of a mesh, "" if it is valid."""
    checks = (folded_cells, open_boundary, crossing_wall)
    return next((said for check in checks if (said := check(mesh))), "") or next(
        (said for later in (wrong_caps, wrong_sections) if (said := later(lumen, mesh))), ""
    )


def folded_cells(mesh: ch.LumenMesh) -> str:
    """Jacobian determinants at the 35 points of the quartic lattice of each curved cell."""
    gradients = np.array([_gradients(*x) for x in _lattice()])
    for start in range(0, len(mesh.cells), 20_000):
        nodes = mesh.points[mesh.cells[start : start + 20_000]]
        jacobians = np.einsum("mad,qae->mqde", nodes, gradients, optimize=True)
        low = _determinants(jacobians).min(axis=1)
        if not low.min() > 0:
            return f"cell {start + int(np.argmin(low))} is folded"
    return ""


def _determinants(matrices: FloatArray) -> FloatArray:
    """Determinants of matrices (..., 3, 3)."""
    return np.sum(matrices[..., 0, :] * np.cross(matrices[..., 1, :], matrices[..., 2, :]), axis=-1)


def _lattice() -> Iterator[tuple[float, float, float]]:
    for i in range(DEGREE + 1):
        for j in range(DEGREE + 1 - i):
            for k in range(DEGREE + 1 - i - j):
                yield i / DEGREE, j / DEGREE, k / DEGREE


def _gradients(r: float, s: float, t: float) -> FloatArray:
    """Reference gradients of the ten quadratic shapes, VTK order (10, 3)."""
    b = np.array([1.0 - r - s - t, r, s, t])
    db = np.array([[-1.0, -1.0, -1.0], [1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]])
    corners = (4.0 * b - 1.0)[:, None] * db
    pairs = [(0, 1), (1, 2), (0, 2), (0, 3), (1, 3), (2, 3)]
    middles = [4.0 * (b[i] * db[j] + b[j] * db[i]) for i, j in pairs]
    return np.concatenate([corners, middles])


def open_boundary(mesh: ch.LumenMesh) -> str:
    """Each facet edge, with its middle node, has two facets that run along it in opposite ways."""
    f = mesh.facets
    directed = np.concatenate([f[:, [0, 1, 3]], f[:, [1, 2, 4]], f[:, [2, 0, 5]]])
    if len(np.unique(directed[:, :2], axis=0)) != len(directed):
        return "an edge of the boundary has two facets on one side"
    there = {tuple(edge) for edge in directed.tolist()}
    if any((b, a, middle) not in there for a, b, middle in there):
        return "the boundary has an open edge"
    faces = np.sort(mesh.cells[:, [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]], axis=2)
    _, counts = np.unique(faces.reshape(-1, 3), axis=0, return_counts=True)
    if counts.max() > 2 or (counts == 1).sum() != len(f):
        return "the facets are not the free faces of the cells"
    return ""


def crossing_wall(mesh: ch.LumenMesh) -> str:
    """Facets, each cut into four, do not pass through others."""
    f = mesh.facets
    parts = np.concatenate([f[:, [0, 3, 5]], f[:, [3, 1, 4]], f[:, [5, 4, 2]], f[:, [3, 4, 5]]])
    i, j = crossing_triangles(mesh.points, parts)
    if i < 0:
        return ""
    place = mesh.points[parts[i, 0]] * 1e3
    return f"facets {i % len(f)} and {j % len(f)} cross at {place.round(2).tolist()} mm"


def wrong_caps(lumen: ch.Lumen, mesh: ch.LumenMesh) -> str:
    """Each cap lies in its plane, drawn out at most, and has the section's area."""
    for k, name in enumerate(mesh.faces[:-1]):
        outlet = name.removeprefix("outlet:")
        plane = lumen.inlet_plane if name == "inlet" else lumen.outlet_plane(outlet)
        outward = -plane.tangent if name == "inlet" else plane.tangent
        facets = mesh.facets[mesh.facet_face == k]
        heights = (mesh.points[facets] - plane.center) @ outward
        moved = any(note.startswith(f"{outlet} was drawn out") for note in mesh.notes)
        if np.ptp(heights) > PLANAR or heights.min() < -PLANAR:
            return f"cap {name} is not planar"
        if heights.max() > PLANAR and not moved:
            return f"cap {name} is not on its plane"
        area = _area(mesh.points[facets])
        if abs(area / plane.area - 1) > CAP_AREA:
            return f"cap {name} has {area / plane.area:.3f} of its area"
    return ""


def _area(nodes: FloatArray) -> float:
    """Area of planar quadratic triangles (k, 6, 3): triangles of vertices and parabola segments."""
    total = _vector_area(nodes[:, 0], nodes[:, 1], nodes[:, 2]).sum(axis=0)
    for a, b, middle in ((0, 1, 3), (1, 2, 4), (2, 0, 5)):
        bent = _vector_area(nodes[:, a], nodes[:, middle], nodes[:, b]).sum(axis=0)
        total = total + 4.0 / 3.0 * bent
    return float(np.linalg.norm(total))


def _vector_area(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    return np.asarray(0.5 * np.cross(b - a, c - a))


def wrong_sections(lumen: ch.Lumen, mesh: ch.LumenMesh) -> str:
    """Away from other vessels the wall is the lumen's, and so is the volume between sections."""
    wall = np.unique(mesh.facets[mesh.facet_face == len(mesh.faces) - 1])
    disk = len(np.intersect1d(mesh.facets[mesh.facet_face == 0], mesh.vertex_ids))
    volumes = _volumes(mesh)
    drawn_out = _as_drawn_out(lumen, mesh)
    for index, branch in enumerate(lumen.branches):
        run = _longest_run(_has_parted(drawn_out, index)[: len(branch.radii)])
        s = branch.abscissas[run]
        if len(s) < 3:
            continue
        mine = (mesh.node_branch == index) & (mesh.node_abscissa >= s[0])
        mine &= mesh.node_abscissa <= s[-1]
        off = _off_the_wall(branch, mesh, wall[mine[wall]])
        vertex = np.isin(wall[mine[wall]], mesh.vertex_ids)
        share = np.abs(off) / np.where(vertex, OFF_WALL, DRAWN_BACK)
        if len(off) and share.max() > 1:
            worst = off[np.argmax(share)]
            return f"a wall node of {branch.name} lies {worst:.3f} radii off the wall"
        ratio = _volume_ratio(branch, mesh, mine, volumes, disk)
        if abs(ratio - 1) > VOLUME:
            return f"{branch.name} has {ratio:.3f} of its volume"
    return ""


def _as_drawn_out(lumen: ch.Lumen, mesh: ch.LumenMesh) -> ch.Lumen:
    """The lumen with its outlets prolonged, straight, to their caps."""
    branches = list(lumen.branches)
    for k, name in enumerate(mesh.faces[1:-1], start=1):
        index = lumen.index(name.removeprefix("outlet:"))
        branch = branches[index]
        end = mesh.points[mesh.facets[mesh.facet_face == k]]
        length = float(((end - branch.points[-1]) @ branch.tangents[-1]).max())
        step = np.arange(0.2, max(length / branch.radii[-1], 0.0) + 0.1, 0.2) * branch.radii[-1]

        def more(column: FloatArray, count: int = len(step)) -> FloatArray:
            return np.concatenate([column, np.repeat(column[-1:], count, axis=0)])

        moved = branch.points[-1] + step[:, None] * branch.tangents[-1]
        branches[index] = dataclasses.replace(
            branch,
            points=np.concatenate([branch.points, moved]),
            abscissas=np.concatenate([branch.abscissas, branch.abscissas[-1] + step]),
            **{
                column: more(getattr(branch, column))
                for column in ("radii", "reference_radii", "tangents", "normals", "binormals")
            },
        )
    return dataclasses.replace(lumen, branches=tuple(branches))


def _has_parted(lumen: ch.Lumen, index: int) -> NDArray[np.bool_]:
    """Whether each section of a branch is well beyond those that other vessels enter (n,)."""
    branch = lumen.branches[index]
    vessel = [lumen.branches[i] for i in lumen.vessel(index)]
    gaps = np.concatenate([distance_from_others(lumen, i) for i in lumen.vessel(index)])
    places = np.concatenate([part.abscissas for part in vessel])[gaps <= 0]
    if len(places) == 0:
        return np.ones(len(branch.radii), dtype=bool)
    away = np.abs(branch.abscissas[:, None] - places).min(axis=1)
    return np.asarray(away > PARTED * branch.radii)


def _longest_run(flags: NDArray[np.bool_]) -> slice:
    """The longest run of flags that are set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    if len(edges) == 0:
        return slice(0, 0)
    longest = int(np.argmax(edges[1::2] - edges[::2]))
    return slice(int(edges[2 * longest]), int(edges[2 * longest + 1]))


def _off_the_wall(branch: ch.LumenBranch, mesh: ch.LumenMesh, nodes: IntArray) -> FloatArray:
    """Distance of nodes from the lumen's wall, outwards, over the radius there (n,).

    The wall is taken for a cone around each node, so that a step along the vessel where the wall is
    steep is not read as one across it.
    """
    s = mesh.node_abscissa[nodes]
    curve = CubicSpline(branch.abscissas, branch.points)
    for _ in range(5):
        gap = mesh.points[nodes] - curve(s)
        s = s + np.sum(gap * curve(s, 1), axis=1)
        s = np.clip(s, branch.abscissas[0], branch.abscissas[-1])
    away = np.linalg.norm(mesh.points[nodes] - curve(s), axis=1)
    radii = np.interp(s, branch.abscissas, branch.radii)
    slope = np.interp(s, branch.abscissas, np.gradient(branch.radii, branch.abscissas))
    return np.asarray((away / radii - 1.0) / np.hypot(1.0, slope))


def _volume_ratio(
    branch: ch.LumenBranch,
    mesh: ch.LumenMesh,
    mine: NDArray[np.bool_],
    volumes: FloatArray,
    disk: int,
) -> float:
    """Volume of the cells between the first and last disk of a stretch against the lumen's."""
    vertices = mesh.vertex_ids
    places, counts = np.unique(mesh.node_abscissa[vertices[mine[vertices]]], return_counts=True)
    disks = places[counts == disk]
    if len(disks) < 2:
        return 1.0
    corners = mesh.cells[:, :4]
    s = mesh.node_abscissa[corners]
    inside = mine[corners].all(axis=1) & (s >= disks[0]).all(axis=1) & (s <= disks[-1]).all(axis=1)
    fine = np.linspace(disks[0], disks[-1], 4001)
    own = np.trapezoid(np.pi * np.interp(fine, branch.abscissas, branch.radii) ** 2, fine)
    return float(volumes[inside].sum() / own)


def _volumes(mesh: ch.LumenMesh) -> FloatArray:
    """Volume of each curved cell by the five-point rule, exact for quadratic cells (m,)."""
    sixth, half = 1.0 / 6.0, 0.5
    rule = [(0.25, 0.25, 0.25), (sixth,) * 3, (half, sixth, sixth), (sixth, half, sixth),
            (sixth, sixth, half)]  # fmt: skip
    weights = np.array([-0.8, 0.45, 0.45, 0.45, 0.45]) / 6.0
    total = np.zeros(len(mesh.cells))
    for point, weight in zip(rule, weights, strict=True):
        jacobians = np.einsum("mad,ae->mde", mesh.points[mesh.cells], _gradients(*point))
        total += weight * _determinants(jacobians)
    return total
