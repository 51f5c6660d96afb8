"""Swept tubes of curved quadratic tetrahedra with exact fields on their nodes."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from corohemo.boundary import Blood, Boundaries, PressureInlet, Resistance
from corohemo.lumen import Lesion, Lumen, LumenBranch
from corohemo.meshing.mesh import VTK_EDGES, LumenMesh
from corohemo.solvers.solution import FlowSolution, SolveStats, SolveStatus
from corohemo.units import MMHG

STATS = SolveStats(1, 1, 1e-9, (1e-9,), 0.0, 1, 1, 0.0)


def disk(n_rings: int, n_angles: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit disk: polar coordinates of vertices (n, 2) and triangles (m, 3)."""
    polar = [(0.0, 0.0)]
    for ring in range(1, n_rings + 1):
        polar += [(ring / n_rings, 2 * np.pi * k / n_angles) for k in range(n_angles)]

    def vertex(ring: int, k: int) -> int:
        return 0 if ring == 0 else 1 + (ring - 1) * n_angles + k % n_angles

    triangles = []
    for k in range(n_angles):
        triangles.append((0, vertex(1, k), vertex(1, k + 1)))
        for ring in range(1, n_rings):
            a, b = vertex(ring, k), vertex(ring, k + 1)
            c, d = vertex(ring + 1, k), vertex(ring + 1, k + 1)
            triangles += [(a, c, d), (a, d, b)]
    return np.array(polar), np.array(triangles)


def polar_middle(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Middle of two (radius, angle, s) in polar coordinates; the axis has no angle."""
    middle = 0.5 * (p + q)
    turn = (q[:, 1] - p[:, 1] + np.pi) % (2 * np.pi) - np.pi
    middle[:, 1] = p[:, 1] + 0.5 * turn
    middle[p[:, 0] == 0, 1] = q[p[:, 0] == 0, 1]
    middle[q[:, 0] == 0, 1] = p[q[:, 0] == 0, 1]
    return middle


def swept_mesh(
    place: Callable[[np.ndarray], np.ndarray],
    stations: np.ndarray,
    *,
    n_rings: int = 3,
    n_angles: int = 16,
    curved: bool = True,
    outlet: str = "main",
) -> LumenMesh:
    """Tube with sections at ``stations``; ``place`` maps (radius in [0, 1], angle, s) to space."""
    polar, triangles = disk(n_rings, n_angles)
    n_disk, n_layers = len(polar), len(stations) - 1
    vertices = np.column_stack([np.tile(polar, (n_layers + 1, 1)), np.repeat(stations, n_disk)])
    a, b, c = np.sort(triangles, axis=1).T
    lower = (np.arange(n_layers) * n_disk)[:, None]
    upper = lower + n_disk
    tets = np.concatenate(
        [
            np.stack(np.broadcast_arrays(lower + a, lower + b, lower + c, upper + c), axis=-1),
            np.stack(np.broadcast_arrays(lower + a, lower + b, upper + c, upper + b), axis=-1),
            np.stack(np.broadcast_arrays(lower + a, upper + b, upper + c, upper + a), axis=-1),
        ]
    ).reshape(-1, 4)
    positions = place(vertices)
    edges_of = positions[tets[:, 1:]] - positions[tets[:, :1]]
    flip = np.linalg.det(edges_of) < 0
    tets[flip] = tets[flip][:, [0, 2, 1, 3]]
    pairs = np.sort(tets[:, np.array(VTK_EDGES)].reshape(-1, 2), axis=1)
    edges, inverse = np.unique(pairs, axis=0, return_inverse=True)
    middles = polar_middle(vertices[edges[:, 0]], vertices[edges[:, 1]])
    placed = place(middles) if curved else positions[edges].mean(axis=1)
    points = np.concatenate([positions, placed])
    cells = np.concatenate([tets, len(vertices) + inverse.reshape(-1, 6)], axis=1)
    abscissa = np.concatenate([vertices[:, 2], middles[:, 2]])
    facets, facet_cell = boundary(cells)
    s = abscissa[facets[:, :3]]
    face = np.where((s == stations[0]).all(1), 0, np.where((s == stations[-1]).all(1), 1, 2))
    return LumenMesh(
        points=points,
        cells=cells,
        facets=facets,
        facet_face=face,
        faces=("inlet", f"outlet:{outlet}", "wall"),
        node_branch=np.zeros(len(points), dtype=np.int64),
        node_abscissa=abscissa,
        facet_cell=facet_cell,
    )


def boundary(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outward quadratic facets that belong to one cell, and that cell."""
    local = np.array(
        [(0, 2, 1, 6, 5, 4), (0, 1, 3, 4, 8, 7), (1, 2, 3, 5, 9, 8), (0, 3, 2, 7, 9, 6)]
    )
    facets = cells[:, local].reshape(-1, 6)
    keys = np.sort(facets[:, :3], axis=1)
    _, first, counts = np.unique(keys, axis=0, return_index=True, return_counts=True)
    chosen = np.sort(first[counts == 1])
    return facets[chosen], chosen // 4


def straight_place(radius: Callable[[np.ndarray], np.ndarray]) -> Callable:
    """Tube along z with radius(z)."""

    def place(p: np.ndarray) -> np.ndarray:
        r = radius(p[:, 2]) * p[:, 0]
        return np.column_stack([r * np.cos(p[:, 1]), r * np.sin(p[:, 1]), p[:, 2]])

    return place


def straight_branch(
    radius: Callable[[np.ndarray], np.ndarray],
    length: float,
    *,
    name: str = "main",
    parent: int = -1,
    start: float = 0.0,
    origin: np.ndarray | None = None,
    direction: np.ndarray | None = None,
    n: int = 401,
) -> LumenBranch:
    s = np.linspace(0.0, length, n)
    tangent = np.array([0.0, 0.0, 1.0]) if direction is None else direction
    side = np.array([1.0, 0.0, 0.0]) if abs(tangent[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    normal = side - side @ tangent * tangent
    normal /= np.linalg.norm(normal)
    ones = np.ones((n, 1))
    return LumenBranch(
        name=name,
        parent=parent,
        abscissas=start + s,
        points=(np.zeros(3) if origin is None else origin) + s[:, None] * tangent,
        radii=radius(s),
        reference_radii=np.full(n, radius(s).max()),
        tangents=ones * tangent,
        normals=ones * normal,
        binormals=ones * np.cross(tangent, normal),
    )


def make_lesion(start: float, throat: float, end: float, branch: str = "main") -> Lesion:
    return Lesion("lesion 1", branch, start, throat, end, 50.0, 75.0, 1e-6, 3e-3, 0.1, 0.1)


def make_solution(
    mesh: LumenMesh,
    velocity: np.ndarray,
    pressure: np.ndarray,
    *,
    boundaries: Boundaries | None = None,
    status: SolveStatus = SolveStatus.CONVERGED,
    viscosity: float = 3.5e-3,
) -> FlowSolution:
    boundaries = boundaries or Boundaries(
        inlet=PressureInlet(90.0),
        outlets={"*": Resistance(300.0, 5.0)},
        blood=Blood(1060.0, viscosity),
        flow_source="allometric",
        state="hyperemic",
    )
    return FlowSolution(mesh, boundaries, velocity, pressure, status, "converged", STATS)


def poiseuille(
    mesh: LumenMesh, radius: float, flow: float, inlet_pressure: float, viscosity: float = 3.5e-3
) -> tuple[np.ndarray, np.ndarray]:
    """Exact velocity and pressure of a straight tube along z."""
    x, y, z = mesh.points.T
    velocity = np.zeros((len(x), 3))
    velocity[:, 2] = 2 * flow / (np.pi * radius**2) * (1 - (x**2 + y**2) / radius**2)
    return velocity, inlet_pressure - 8 * viscosity * flow * z / (np.pi * radius**4)


def poiseuille_tube(
    *, radius: float = 1.5e-3, length: float = 40e-3, flow: float = 1e-6, curved: bool = True,
    inlet_pressure: float = 90 * MMHG, n_angles: int = 16, **solution: object,
) -> SimpleNamespace:  # fmt: skip
    """Mesh, lumen and solution of Poiseuille flow in a straight tube."""
    place = straight_place(lambda s: np.full_like(s, radius))
    mesh = swept_mesh(place, np.linspace(0, length, 41), curved=curved, n_angles=n_angles)
    lumen = Lumen((straight_branch(lambda s: np.full_like(s, radius), length),), ())
    velocity, pressure = poiseuille(mesh, radius, flow, inlet_pressure)
    return SimpleNamespace(
        mesh=mesh,
        lumen=lumen,
        radius=radius,
        length=length,
        flow=flow,
        solution=make_solution(mesh, velocity, pressure, **solution),
        shear=4 * 3.5e-3 * flow / (np.pi * radius**3),
    )


def rotation(angle: float, axis: np.ndarray) -> np.ndarray:
    """Rotation matrix about a unit axis."""
    x, y, z = axis
    skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * skew @ skew


def moved_mesh(mesh: LumenMesh, turn: np.ndarray, shift: np.ndarray) -> LumenMesh:
    return replace(mesh, points=mesh.points @ turn.T + shift)


def moved_branch(branch: LumenBranch, turn: np.ndarray, shift: np.ndarray) -> LumenBranch:
    return replace(
        branch,
        points=branch.points @ turn.T + shift,
        tangents=branch.tangents @ turn.T,
        normals=branch.normals @ turn.T,
        binormals=branch.binormals @ turn.T,
    )


def y_tree(
    *, inflow: float = 1e-6, inlet_pressure: float = 90 * MMHG, shares: tuple = (0.7, 0.3),
    boundaries: Boundaries | None = None, lesions: tuple = (),
) -> SimpleNamespace:  # fmt: skip
    """Poiseuille flow in a trunk and two daughters that start at its end, side by side."""
    radii, lengths, viscosity = (1.6e-3, 1.4e-3, 1.0e-3), (20e-3, 30e-3, 25e-3), 3.5e-3
    names, turns = ("trunk", "big", "small"), (0.0, 0.5, -0.9)
    meshes, branches, velocities, pressures = [], [], [], []
    start, joint = 0.0, np.zeros(3)
    pressure = inlet_pressure
    for index, (radius, length, turn) in enumerate(zip(radii, lengths, turns, strict=True)):
        spin = rotation(turn, np.array([0.0, 1.0, 0.0]))
        flow = inflow * (1.0 if index == 0 else shares[index - 1])

        def even(s: np.ndarray, radius: float = radius) -> np.ndarray:
            return np.full_like(s, radius)

        mesh = swept_mesh(straight_place(even), np.linspace(0, length, 31), outlet=names[index])
        velocity, drop = poiseuille(mesh, radius, flow, pressure, viscosity)
        branch = straight_branch(even, length, name=names[index], parent=min(index, 1) - 1)
        branch = replace(branch, abscissas=branch.abscissas + start)
        meshes.append(
            replace(moved_mesh(mesh, spin, joint), node_abscissa=mesh.node_abscissa + start)
        )
        branches.append(moved_branch(branch, spin, joint))
        velocities.append(velocity @ spin.T)
        pressures.append(drop)
        if index == 0:
            start, joint, pressure = length, branches[0].points[-1], drop.min()
    mesh = joined(meshes)
    return SimpleNamespace(
        mesh=mesh,
        lumen=Lumen(tuple(branches), lesions),
        flows=inflow * np.array([1.0, *shares]),
        radii=radii,
        lengths=lengths,
        joint_pressure=pressure,
        outlet_pressures=(pressures[1].min(), pressures[2].min()),
        solution=make_solution(
            mesh, np.concatenate(velocities), np.concatenate(pressures), boundaries=boundaries
        ),
    )


def joined(meshes: list[LumenMesh]) -> LumenMesh:
    """Trunk and daughters in one mesh; their inner ends are no faces."""
    points, cells, facets, face, branch, behind = [], [], [], [], [], []
    n_points = n_cells = 0
    kept = ({0: 0, 2: 3}, {1: 1, 2: 3}, {1: 2, 2: 3})
    for index, mesh in enumerate(meshes):
        chosen = np.isin(mesh.facet_face, list(kept[index]))
        points.append(mesh.points)
        cells.append(mesh.cells + n_points)
        facets.append(mesh.facets[chosen] + n_points)
        face.append(np.array([kept[index][f] for f in mesh.facet_face[chosen]]))
        behind.append(mesh.facet_cell[chosen] + n_cells)
        branch.append(np.full(len(mesh.points), index))
        n_points, n_cells = n_points + len(mesh.points), n_cells + len(mesh.cells)
    return LumenMesh(
        points=np.concatenate(points),
        cells=np.concatenate(cells),
        facets=np.concatenate(facets),
        facet_face=np.concatenate(face),
        faces=("inlet", meshes[1].faces[1], meshes[2].faces[1], "wall"),
        node_branch=np.concatenate(branch),
        node_abscissa=np.concatenate([mesh.node_abscissa for mesh in meshes]),
        facet_cell=np.concatenate(behind),
    )


@pytest.fixture
def tools() -> SimpleNamespace:
    """Builders of meshes, lumens and exact flows."""
    return SimpleNamespace(
        swept_mesh=swept_mesh,
        straight_place=straight_place,
        straight_branch=straight_branch,
        make_lesion=make_lesion,
        make_solution=make_solution,
        poiseuille=poiseuille,
        poiseuille_tube=poiseuille_tube,
        rotation=rotation,
        moved_mesh=moved_mesh,
        moved_branch=moved_branch,
        y_tree=y_tree,
    )
