"""Kernels on a million facets against the same numbers by NumPy and VTK.

Prints a table: CPU seconds of each on one core (best of a few calls), their ratio, and the largest
difference over the largest value. The wall is that of the gallery's left tree, many times over;
NumPy works on whole arrays, and again on pieces that fit the cache. Sections are sampled for the
places themselves, which curved cells hold exactly: the difference is that from the points asked
for, and that of VTK's probe, which ends Newton's method early, is printed below.
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
    """Largest difference of arrays over the largest value of each, where ours are not NaN."""
    errors = []
    for a, b in zip(ours, theirs, strict=True):
        known = np.isfinite(a)
        errors.append(float(np.abs(a[known] - b[known]).max() / np.abs(b[known]).max()))
    return max(errors)


def by_pieces(
    action: Callable[[Wall], tuple[FloatArray, ...]], wall: Wall
) -> tuple[FloatArray, ...]:
    """An action on pieces of the wall that keep to the cache, put together."""
    parts = [action(piece) for piece in wall.pieces()]
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))


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


def numpy_traction(wall: Wall) -> tuple[FloatArray, ...]:
    """Positions, area vectors, shear (k, 6, 3) and pressure (k, 6) at six points of every facet."""
    positions, _, _, normals = facet_frames(wall, TRIANGLE_POINTS)
    shear = numpy_shear(wall, positions, normals / np.linalg.norm(normals, axis=2, keepdims=True))
    shapes = np.array([triangle_shapes(*point) for point in TRIANGLE_POINTS])
    pressure = wall.velocity[wall.facets, 0] @ shapes.T
    return positions, TRIANGLE_WEIGHTS[:, None] * normals, shear, pressure


def traction(wall: Wall) -> tuple[FloatArray, ...]:
    """The same by the kernel; a component of the velocity stands for the pressure."""
    return wall_stress(
        *(wall.points, wall.cells, wall.facets, np.arange(len(wall.cells))),
        *(wall.velocity, wall.velocity[:, 0].copy(), VISCOSITY),
        *(TRIANGLE_POINTS, TRIANGLE_WEIGHTS),
    )


# Surface divergence


def numpy_fluxes(wall: Wall) -> tuple[FloatArray, ...]:
    """Fluxes of the shear's direction through the edges of every facet (k, 3) by NumPy."""
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    courses = np.roll(corners, -1, axis=0) - corners
    rule = (corners[:, None] + EDGE_PLACES[:, None] * courses[:, None]).reshape(-1, 2)
    course = np.repeat(courses, 3, axis=0)
    positions, first, second, normals = facet_frames(wall, rule)
    normals = normals / np.linalg.norm(normals, axis=2, keepdims=True)
    shear = numpy_shear(wall, positions, normals)
    size = np.linalg.norm(shear, axis=2, keepdims=True)
    unit = np.divide(shear, size, out=np.zeros_like(shear), where=size > LEAST)
    outward = np.cross(course[:, :1] * first + course[:, 1:] * second, normals)
    return (np.sum(unit * outward, axis=2).reshape(-1, 3, 3) @ EDGE_WEIGHTS,)


def numpy_divergence(
    fluxes: FloatArray, edges: IntArray, signs: FloatArray, shares: FloatArray, areas: FloatArray
) -> FloatArray:
    """Divergence of the shear's direction over every facet (k,) by NumPy."""
    signed = signs * fluxes
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


def take_cycle(sums: ShearSums, series: FloatArray, still: FloatArray) -> None:
    """A cycle of samples, one after the other."""
    sums.begin()
    for sample in series:
        sums.add(sample, still)


def averages(sums: ShearSums, series: FloatArray, still: FloatArray) -> list[FloatArray]:
    """The same by running sums over a cycle that follows another."""
    take_cycle(sums, series, still)
    found = sums.statistics(series[0], np.ones(series.shape[1:3]))
    assert found.trans_wss is not None
    assert found.cfi is not None
    return [found.tawss, found.osi, found.ecap, found.rrt, found.peak, found.trans_wss, found.cfi]


def shear_series() -> tuple[FloatArray, FloatArray]:
    """Samples of a turning shear (t, k, 1, 3) and unit normals (k, 1, 3)."""
    rng = np.random.default_rng(2)
    normals = rng.normal(size=(MILLION, 1, 3))
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    along = np.cross(normals, [0.36, 0.48, 0.8])
    along /= np.linalg.norm(along, axis=2, keepdims=True)
    across = np.cross(normals, along)
    series = np.empty((SAMPLES, MILLION, 1, 3))
    for sample in series:
        forwards, sideways = rng.uniform(-0.4, 0.4, size=(2, MILLION, 1, 1))
        sample[:] = (0.6 + forwards) * along + sideways * across
    return series, normals


# Section sampling


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


def sampled(
    mesh: LumenMesh, values: FloatArray, targets: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """A nodal field at points by the kernels, from hashing the cells on, and which lie inside."""
    locator = PointLocator.of(mesh)
    cell, reference, distance = locator.locate(targets)
    return locator.interpolate(values, cell, reference), distance == 0.0


def vtk_sampled(
    mesh: LumenMesh, values: FloatArray, targets: FloatArray
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The same by VTK's probe with its fastest locator, and where it found a cell."""
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
    found = probe.GetOutput().GetPointData()
    is_inside = np.array(vtk_to_numpy(found.GetArray("vtkValidPointMask"))) == 1
    return np.array(vtk_to_numpy(found.GetArray("values"))), is_inside


def row(name: str, ours: float, theirs: list[float], error: float) -> None:
    """Print a line of the table."""
    first = theirs[0]
    verdict = "yes" if first / ours >= BOUND and ours < 1.0 and error < 1e-10 else "no"
    whole = f"{first:.1f} s, {first / ours:.1f}"
    pieces = f"{theirs[1]:.1f} s, {theirs[1] / ours:.1f}" if len(theirs) > 1 else ""
    print(f"| {name} | {ours:.2f} s | {whole} | {pieces} | {error:.0e} | {verdict} |", flush=True)


def sampling_row(lumen: ch.Lumen, mesh: LumenMesh) -> None:
    """Section sampling against VTK, both against the field itself: places are linear."""
    targets = section_targets(lumen, MILLION)
    sampled(mesh, mesh.points, targets[:10])
    ours, (found, is_inside) = best(lambda: sampled(mesh, mesh.points, targets), 3)
    theirs, (other, is_valid) = best(lambda: vtk_sampled(mesh, mesh.points, targets), 1)
    error = difference([found[is_inside]], [targets[is_inside]])
    row("sections, 1,000,000 points, against VTK", ours, [theirs], error)
    step = np.cbrt(np.prod(np.ptp(mesh.points[mesh.cells], axis=1), axis=1)).mean()
    astray = np.abs(other[is_valid] - targets[is_valid]).max(axis=1) / step
    print(
        f"VTK's own error: median {np.median(astray):.0e}, 99 % {np.quantile(astray, 0.99):.0e} of "
        f"a cell; found {is_valid.mean():.2%} of the points, the kernels {is_inside.mean():.2%}."
    )


def wall_rows(wall: Wall, small: Wall) -> None:
    """Traction and divergence against NumPy."""
    traction(small)
    ours, found = best(lambda: traction(wall), 3)
    pieces, expected = best(lambda: by_pieces(numpy_traction, wall), 1)
    error = difference(found, expected)
    areas = np.linalg.norm(found[1], axis=2).sum(axis=1)
    del found, expected
    whole, _ = best(lambda: numpy_traction(wall), 1)
    row("traction, six points a facet", ours, [whole, pieces], error)

    edges = facet_edges(wall.facets)
    divergence(small, *facet_edges(small.facets), np.ones(len(small.facets)))
    ours, divergences = best(lambda: divergence(wall, *edges, areas), 3)
    pieces, (fluxes,) = best(lambda: by_pieces(numpy_fluxes, wall), 1)
    rest, others = best(lambda: numpy_divergence(fluxes, *edges, areas), 1)
    whole, _ = best(lambda: numpy_fluxes(wall), 1)
    error = difference([divergences], [others])
    row("divergence, nine points a facet", ours, [whole + rest, pieces + rest], error)


def averages_row() -> None:
    """Time averages against NumPy on all samples at once."""
    series, normals = shear_series()
    still = np.zeros(MILLION)
    sums = ShearSums(normals)
    take_cycle(sums, series, still)
    ours, found = best(lambda: averages(sums, series, still), 2)
    flat = series.reshape(SAMPLES, MILLION, 3)
    theirs, expected = best(lambda: numpy_averages(flat, normals.reshape(-1, 3)), 1)
    row(f"averages, {SAMPLES} samples", ours, [theirs], difference(found, expected))


def main() -> None:
    """Print the table."""
    lumen = ch.build_lumen(ch.gallery.left_tree())
    mesh = ch.mesh_lumen(lumen)
    print("| kernel | ours | others on whole arrays, ratio | in pieces, ratio | difference | met |")
    print("|---|---|---|---|---|---|")
    sampling_row(lumen, mesh)
    wall_rows(Wall.many(mesh, MILLION), Wall.many(mesh, 10))
    averages_row()


if __name__ == "__main__":
    main()
