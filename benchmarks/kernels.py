"""Kernels on a million facets against the same numbers by NumPy and VTK.

Prints a table: CPU seconds of each on one core (best of a few calls), their ratio, and the largest
difference over the largest value. The wall is that of the gallery's left tree, many times over;
NumPy works on pieces that fit the cache. VTK's probe ends Newton's method at 1e-4 of a cell, so
sections are compared on straight cells, where one step is exact.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import corohemo as ch
from corohemo.indices.sampling import PointLocator
from corohemo.io.vtk_files import unstructured_grid
from corohemo.kernels.cell_hash import EDGES
from corohemo.kernels.divergence import (
    EDGE_PLACES,
    EDGE_WEIGHTS,
    add_edge_fluxes,
    edge_fluxes,
    flux_divergence,
)
from corohemo.kernels.facets import facet_edges
from corohemo.kernels.quadratic import (
    TRIANGLE_POINTS,
    TRIANGLE_WEIGHTS,
    triangle_gradients,
    triangle_shapes,
)
from corohemo.kernels.sections import disk_rule, section_points
from corohemo.kernels.wall import wall_stress
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.shear_sums import ShearSums

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MILLION = 1_000_000
PIECE = 20_000
SAMPLES = 20
VISCOSITY = 3.5e-3
LEAST = 1e-3
BOUND = 10.0


@dataclass(frozen=True)
class Wall:
    """Facets and the cells behind them, with a velocity.

    Attributes:
        points: Nodes (n, 3) [m].
        cells: Cells behind the facets (k, 10).
        facets: Facets (k, 6).
        velocity: At the nodes (n, 3) [m/s].
    """

    points: FloatArray
    cells: IntArray
    facets: IntArray
    velocity: FloatArray

    @classmethod
    def many(cls, mesh: LumenMesh, n: int) -> "Wall":
        """The wall of a mesh again and again, side by side, until there are ``n`` facets."""
        chosen = mesh.facet_face == mesh.faces.index("wall")
        cells, facets = mesh.cells[mesh.facet_cell[chosen]], mesh.facets[chosen]
        used, compact = np.unique(cells, return_inverse=True)
        place = np.full(len(mesh.points), -1)
        place[used] = np.arange(len(used))
        copies = -(-n // len(facets))
        shift = np.repeat(np.arange(copies) * len(used), len(facets))[:n, None]
        points = np.tile(mesh.points[used], (copies, 1))
        points[:, 0] += np.repeat(np.arange(copies) * np.ptp(points[:, 0]), len(used))
        return cls(
            points,
            np.tile(compact.reshape(cells.shape), (copies, 1))[:n] + shift,
            np.tile(place[facets], (copies, 1))[:n] + shift,
            np.random.default_rng(1).normal(size=points.shape),
        )

    def pieces(self) -> Iterator["Wall"]:
        """The same in pieces that keep to the cache."""
        for start in range(0, len(self.facets), PIECE):
            part = slice(start, start + PIECE)
            yield replace(self, cells=self.cells[part], facets=self.facets[part])


def best(action: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Least CPU time of an action [s] over some runs, and its result."""
    seconds, result = [], None
    for _ in range(runs):
        del result
        start = time.process_time()
        result = action()
        seconds.append(time.process_time() - start)
    return min(seconds), result


def difference(ours: Any, theirs: Any) -> float:
    """Largest difference of arrays over the largest value of each."""
    pairs = list(zip(ours, theirs, strict=True))
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs)


# Wall traction


def facet_frames(
    wall: Wall, rule: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Positions and both tangents (k, q, 3) and unit normals at a rule's points, by NumPy."""
    shapes = np.array([triangle_shapes(*point) for point in rule])
    slopes = np.array([triangle_gradients(*point) for point in rule])
    nodes = wall.points[wall.facets]
    first, second = (np.einsum("qa,kad->kqd", slopes[..., i], nodes) for i in (0, 1))
    normals = np.cross(first, second)
    return np.einsum("qa,kad->kqd", shapes, nodes), first, second, normals


def numpy_shear(wall: Wall, positions: FloatArray, normals: FloatArray) -> FloatArray:
    """Tangential part of -2 mu D n at points (k, q, 3) of the cells' polynomials, by NumPy."""
    nodes, values = wall.points[wall.cells], wall.velocity[wall.cells]
    inverse = np.linalg.inv(np.swapaxes(nodes[:, 1:4] - nodes[:, :1], 1, 2))
    inner = np.einsum("kde,kne->knd", inverse, nodes[:, 4:] - nodes[:, :1])
    parts = np.concatenate([1.0 - inner.sum(axis=2, keepdims=True), inner], axis=2)
    bubbles = np.stack([4.0 * parts[..., a] * parts[..., b] for a, b in EDGES], axis=2)
    rest = values[:, 4:] - np.einsum("knp,kpd->knd", parts, values[:, :4])
    heights = np.linalg.solve(bubbles, rest)
    inner = np.einsum("kde,kqe->kqd", inverse, positions - nodes[:, :1])
    parts = np.concatenate([1.0 - inner.sum(axis=2, keepdims=True), inner], axis=2)
    slopes = np.concatenate([-inverse.sum(axis=1, keepdims=True), inverse], axis=1)
    gradient = np.einsum("kpd,kpe->kde", values[:, :4], slopes)[:, None]
    for e, (a, b) in enumerate(EDGES):
        slope = parts[..., a, None] * slopes[:, None, b] + parts[..., b, None] * slopes[:, None, a]
        gradient = gradient + 4.0 * heights[:, None, e, :, None] * slope[:, :, None, :]
    viscous = -VISCOSITY * np.einsum(
        "kqij,kqj->kqi", gradient + np.swapaxes(gradient, 2, 3), normals
    )
    return viscous - np.sum(viscous * normals, axis=2, keepdims=True) * normals


def numpy_traction(wall: Wall) -> tuple[FloatArray, FloatArray]:
    """Area vectors and shear at the six points of every facet (k, 6, 3)."""
    vectors, shears = [], []
    for piece in wall.pieces():
        positions, _, _, normals = facet_frames(piece, TRIANGLE_POINTS)
        size = np.linalg.norm(normals, axis=2, keepdims=True)
        vectors.append(TRIANGLE_WEIGHTS[:, None] * normals)
        shears.append(numpy_shear(piece, positions, normals / size))
    return np.concatenate(vectors), np.concatenate(shears)


def traction(wall: Wall) -> tuple[FloatArray, FloatArray]:
    """The same by the kernel."""
    _, vectors, shear, _ = wall_stress(
        *(wall.points, wall.cells, wall.facets, np.arange(len(wall.cells))),
        *(wall.velocity, np.zeros(len(wall.points)), VISCOSITY),
        *(TRIANGLE_POINTS, TRIANGLE_WEIGHTS),
    )
    return vectors, shear


# Surface divergence


def numpy_divergence(
    wall: Wall, edges: IntArray, signs: FloatArray, shares: FloatArray, areas: FloatArray
) -> FloatArray:
    """Divergence of the shear's direction over every facet (k,) by NumPy."""
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    courses = np.roll(corners, -1, axis=0) - corners
    rule = (corners[:, None] + EDGE_PLACES[:, None] * courses[:, None]).reshape(-1, 2)
    course = np.repeat(courses, 3, axis=0)
    fluxes = []
    for piece in wall.pieces():
        positions, first, second, normals = facet_frames(piece, rule)
        normals = normals / np.linalg.norm(normals, axis=2, keepdims=True)
        shear = numpy_shear(piece, positions, normals)
        size = np.linalg.norm(shear, axis=2, keepdims=True)
        unit = np.divide(shear, size, out=np.zeros_like(shear), where=size > LEAST)
        outward = np.cross(course[:, :1] * first + course[:, 1:] * second, normals)
        through = np.sum(unit * outward, axis=2).reshape(-1, 3, 3)
        fluxes.append(through @ EDGE_WEIGHTS)
    signed = signs * np.concatenate(fluxes)
    total = shares * np.bincount(edges.ravel(), weights=signed.ravel(), minlength=len(shares))
    return np.sum(signs * total[edges], axis=1) / areas


def divergence(
    wall: Wall, edges: IntArray, signs: FloatArray, shares: FloatArray, areas: FloatArray
) -> FloatArray:
    """The same by the kernels."""
    fluxes = edge_fluxes(
        *(wall.points, wall.cells, wall.facets, np.arange(len(wall.cells))),
        *(wall.velocity, VISCOSITY, LEAST),
    )
    total = np.zeros(len(shares))
    add_edge_fluxes(fluxes, edges, signs, shares, total)
    return np.asarray(flux_divergence(total, edges, signs, areas))


# Time averages


def numpy_averages(series: FloatArray, normals: FloatArray) -> list[FloatArray]:
    """TAWSS, OSI, ECAP, RRT, peak, transWSS and CFI (n,) from all samples (t, n, 3) at once."""
    size = np.linalg.norm(series, axis=2)
    mean, tawss = series.mean(axis=0), size.mean(axis=0)
    steady = np.linalg.norm(mean, axis=1)
    across = np.cross(normals, mean / steady[:, None])
    sideways = np.abs(np.einsum("tnd,nd->tn", series, across))
    osi = 0.5 * (1.0 - steady / tawss)
    return [
        *(tawss, osi, osi / tawss, 1.0 / steady, size.max(axis=0)),
        *(sideways.mean(axis=0), (sideways / size).mean(axis=0)),
    ]


def averages(sums: ShearSums, series: FloatArray, still: FloatArray) -> list[FloatArray]:
    """The same by running sums, sample after sample."""
    sums.begin()
    for sample in series:
        sums.add(sample, still)
    found = sums.statistics(series[0], np.ones(series.shape[1:3]))
    assert found.trans_wss is not None
    assert found.cfi is not None
    return [found.tawss, found.osi, found.ecap, found.rrt, found.peak, found.trans_wss, found.cfi]


def shear_series() -> tuple[FloatArray, FloatArray]:
    """Samples of a turning shear (t, k, 1, 3) and unit normals (k, 1, 3)."""
    rng = np.random.default_rng(2)
    normals = rng.normal(size=(MILLION, 1, 3))
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    series = rng.normal(size=(SAMPLES, MILLION, 1, 3)) + 1.0
    for sample in series:
        sample -= np.sum(sample * normals, axis=2, keepdims=True) * normals
    return series, normals


# Section sampling


def straightened(mesh: LumenMesh) -> LumenMesh:
    """The mesh with straight edges."""
    points = mesh.points.copy()
    for a, (first, second) in enumerate(EDGES):
        ends = mesh.points[mesh.cells[:, [first, second]]]
        points[mesh.cells[:, 4 + a]] = ends.mean(axis=1)
    return replace(mesh, points=points)


def section_targets(lumen: ch.Lumen, n: int) -> FloatArray:
    """Points of sections along all branches, ``n`` of them (n, 3)."""
    disk, _ = disk_rule(4, 12)
    sections = -(-n // len(disk))
    each = -(-sections // len(lumen.branches))
    targets = []
    for branch in lumen.branches:
        at = np.linspace(branch.abscissas[0], branch.abscissas[-1], each)
        centers, normals, binormals = (
            np.column_stack([np.interp(at, branch.abscissas, axis) for axis in values.T])
            for values in (branch.points, branch.normals, branch.binormals)
        )
        radii = 0.9 * np.interp(at, branch.abscissas, branch.radii)
        places = section_points(centers, normals, binormals, radii, disk)
        targets.append(places.reshape(-1, 3))
    return np.concatenate(targets)[:n]


def sampled(mesh: LumenMesh, values: FloatArray, targets: FloatArray) -> FloatArray:
    """A nodal field at points by the kernels, the search tree's making included."""
    locator = PointLocator.of(mesh)
    cell, reference, _ = locator.locate(targets)
    return locator.interpolate(values, cell, reference)


def vtk_sampled(mesh: LumenMesh, values: FloatArray, targets: FloatArray) -> FloatArray:
    """The same by VTK's probe with its fastest locator."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkPolyData, vtkStaticCellLocator
    from vtkmodules.vtkFiltersCore import vtkProbeFilter

    grid = unstructured_grid(mesh.points, [(24, mesh.cells)])
    array = numpy_to_vtk(values)
    array.SetName("values")
    grid.GetPointData().AddArray(array)
    places = vtkPoints()
    places.SetDataTypeToDouble()
    places.SetData(numpy_to_vtk(targets))
    asked = vtkPolyData()
    asked.SetPoints(places)
    probe = vtkProbeFilter()
    probe.SetInputData(asked)
    probe.SetSourceData(grid)
    probe.SetCellLocator(vtkStaticCellLocator())
    probe.Update()
    return np.array(vtk_to_numpy(probe.GetOutput().GetPointData().GetArray("values")))


def row(name: str, ours: float, theirs: float, error: float) -> None:
    """Print a line of the table."""
    verdict = "yes" if theirs / ours >= BOUND and ours < 1.0 and error < 1e-10 else "no"
    figures = f"{ours:.2f} s | {theirs:.1f} s | {theirs / ours:.0f} | {error:.0e}"
    print(f"| {name} | {figures} | {verdict} |", flush=True)


def main() -> None:
    """Print the table."""
    lumen = ch.build_lumen(ch.gallery.left_tree())
    mesh = ch.mesh_lumen(lumen)
    print("| kernel | ours | straightforward | ratio | difference | 10 x, 1 s, 1e-10 |")
    print("|---|---|---|---|---|---|")

    straight = straightened(mesh)
    values = np.column_stack([straight.points**2, straight.points[:, 0]])
    targets = section_targets(lumen, MILLION)
    sampled(straight, values, targets[:10])
    ours, found = best(lambda: sampled(straight, values, targets), 3)
    theirs, expected = best(lambda: vtk_sampled(straight, values, targets), 1)
    inside = np.any(expected != 0.0, axis=1)
    row(
        "sections, 1,000,000 points, VTK",
        ours,
        theirs,
        difference([found[inside]], [expected[inside]]),
    )

    wall = Wall.many(mesh, MILLION)
    small = Wall.many(mesh, 10)
    traction(small)
    ours, (vectors, shear) = best(lambda: traction(wall), 3)
    theirs, expected = best(lambda: numpy_traction(wall), 1)
    row("traction, six points a facet, NumPy", ours, theirs, difference((vectors, shear), expected))
    areas = np.linalg.norm(vectors, axis=2).sum(axis=1)
    del vectors, shear, expected

    edges = facet_edges(wall.facets)
    divergence(small, *facet_edges(small.facets), np.ones(10))
    ours, found = best(lambda: divergence(wall, *edges, areas), 3)
    theirs, expected = best(lambda: numpy_divergence(wall, *edges, areas), 1)
    row("divergence, nine points a facet, NumPy", ours, theirs, difference([found], [expected]))

    series, normals = shear_series()
    still = np.zeros(MILLION)
    sums = ShearSums(normals)
    averages(sums, series, still)
    ours, found = best(lambda: averages(sums, series, still), 2)
    flat = series.reshape(SAMPLES, MILLION, 3)
    theirs, expected = best(lambda: numpy_averages(flat, normals.reshape(-1, 3)), 1)
    row(f"averages of {SAMPLES} samples, NumPy", ours, theirs, difference(found, expected))


if __name__ == "__main__":
    main()
