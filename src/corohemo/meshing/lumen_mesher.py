"""Lumen to curved mesh: swept spans joined by unstructured junctions."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MeshingError
from corohemo.lumen import Lumen
from corohemo.meshing.assemble import VertexMesh, cell_edges, oriented, second_order
from corohemo.meshing.curving import curve_edges, relax
from corohemo.meshing.disk import Disk, build_disk
from corohemo.meshing.junction_field import JunctionField, Ring, junction_field
from corohemo.meshing.junction_surface import junction_wall
from corohemo.meshing.junction_volume import (
    InterfaceDisk,
    JunctionVolume,
    layered_volume,
    plain_volume,
)
from corohemo.meshing.junctions import Layout, Run, ends_to_extend, find_layout
from corohemo.meshing.mesh import LumenMesh
from corohemo.meshing.options import MeshOptions
from corohemo.meshing.quality import check_mesh, check_volumes
from corohemo.meshing.surface_fit import with_fit
from corohemo.meshing.sweep import SweptSpan, disk_points, disturbance, spread, stations
from corohemo.meshing.tubes import PAD, Tube, build_tubes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FEWEST_SECTORS = 8
"""With fewer, quadratic edges miss the area of a circle by more than two per mille."""
LEAST_RATIO = 0.1
"""Least ratio of a cell's Jacobian determinants that curving may leave."""

EXTENSION_ROUNDS = 10
"""How often an end may be drawn out by about one radius."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """One way to mesh a junction; later ones are tried when earlier ones fail."""

    layer: float
    """Width of the wall layer against that of the swept neighbours; 0 for none."""
    resolution: float
    edge: float


ATTEMPTS = (
    Attempt(1.0, 5.0, 1.0),
    Attempt(0.5, 7.0, 0.8),
    Attempt(0.3, 9.0, 0.6),
    Attempt(0.0, 6.0, 0.8),
    Attempt(0.0, 10.0, 0.5),
)


@dataclass
class _Build:
    """Vertices and cells as they accumulate."""

    points: list[FloatArray] = field(default_factory=list)
    branch: list[IntArray] = field(default_factory=list)
    abscissa: list[FloatArray] = field(default_factory=list)
    cells: list[IntArray] = field(default_factory=list)
    n: int = 0

    def add(self, points: FloatArray, branch: IntArray, abscissa: FloatArray) -> int:
        first = self.n
        self.points.append(points)
        self.branch.append(branch)
        self.abscissa.append(abscissa)
        self.n += len(points)
        return first


@dataclass(frozen=True)
class Junction:
    """A meshed junction: its field and its wall triangles in global numbers."""

    field: JunctionField
    wall: IntArray


def mesh_lumen(lumen: Lumen, options: MeshOptions | None = None) -> LumenMesh:
    """Fill a lumen with curved second-order tetrahedra.

    Away from bifurcations the elements are prisms swept along the vessel and split, stretched
    where the lumen is even; bifurcations are filled with isotropic tetrahedra inside the same wall
    layer. Every wall node lies on the lumen's own surface.

    Args:
        lumen: The lumen.
        options: Sizes; the defaults come from a convergence study.

    Returns:
        The mesh; faces "inlet", "outlet:<branch>", "wall".

    Raises:
        GeometryError: If vessels touch or never part, with branch and abscissa.
        MeshingError: If no valid mesh was found, with branch and abscissa.
    """
    options = options or MeshOptions()
    disk = refined_disk(options)
    tubes, notes = _tubes_with_clear_ends(lumen, options)
    layout = find_layout(tubes, options.blend_radii)
    build = _Build()
    spans = _sweep(tubes, layout, disk, options, build, _lesion_marks(lumen, tubes))
    junctions = [
        _mesh_junction(runs, tubes, spans, disk, options, build) for runs in layout.junctions
    ]
    return with_fit(_finish(lumen, tubes, spans, junctions, disk, build, notes), lumen)


def _tubes_with_clear_ends(
    lumen: Lumen, options: MeshOptions
) -> tuple[tuple[Tube, ...], tuple[str, ...]]:
    """Tubes whose inlet and outlets are drawn out straight until they clear their bifurcations."""
    extensions: dict[str, float] = {}
    tubes = build_tubes(lumen)
    for _ in range(EXTENSION_ROUNDS):
        needed = ends_to_extend(tubes, options.blend_radii)
        if not needed:
            break
        for name, length in needed.items():
            extensions[name] = extensions.get(name, 0.0) + length
        tubes = build_tubes(lumen, extensions)
    notes = tuple(
        f"{name} was drawn out straight by {length * 1e3:.1f} mm to clear its bifurcation"
        for name, length in extensions.items()
    )
    return tubes, notes


def refined_disk(options: MeshOptions) -> Disk:
    """The disk of the options, refined."""
    sectors = max(FEWEST_SECTORS, 2 * round(0.5 * options.sectors * options.refinement))
    n_rings = max(2, round(len(options.rings) * options.refinement))
    knots = np.arange(len(options.rings) + 1) / len(options.rings)
    rings = np.interp(np.arange(1, n_rings + 1) / n_rings, knots, [0.0, *options.rings])
    return build_disk(sectors, tuple(float(r) for r in rings))


def _lesion_marks(lumen: Lumen, tubes: tuple[Tube, ...]) -> list[FloatArray]:
    """Section coordinates of the starts, throats and ends of the lesions on each tube."""
    marks = []
    for tube in tubes:
        names = {lumen.branches[i].name for i in np.unique(tube.branch)}
        places = [
            place
            for lesion in lumen.lesions
            if lesion.branch in names
            for place in (lesion.start, lesion.throat, lesion.end)
        ]
        sections = np.arange(len(tube.abscissas))
        marks.append(np.interp(np.array(places), tube.abscissas, sections))
    return marks


def _sweep(
    tubes: tuple[Tube, ...],
    layout: Layout,
    disk: Disk,
    options: MeshOptions,
    build: _Build,
    marks: list[FloatArray],
) -> list[SweptSpan]:
    levels = []
    for a, tube in enumerate(tubes):
        level = disturbance(tube)
        for junction in layout.junctions:
            for run in junction:
                if run.tube == a:
                    level[(run.low or 0) : run.high + 1] = 1.0
        levels.append(spread(tube, level))
    spans = []
    for span in layout.spans:
        tube = tubes[span.tube]
        coordinates = stations(tube, span, levels[span.tube], options, marks[span.tube])
        repeated = np.repeat(coordinates, disk.n_vertices)
        rho, theta = np.tile(disk.rho, len(coordinates)), np.tile(disk.theta, len(coordinates))
        places = [tube.place(c) for c in coordinates]
        first = build.add(
            disk_points(tube, repeated, rho, theta),
            np.repeat([p[0] for p in places], disk.n_vertices),
            np.repeat([p[1] for p in places], disk.n_vertices),
        )
        swept = SweptSpan(span, coordinates, first)
        build.cells.append(swept.cells(disk))
        spans.append(swept)
    return spans


def _interface(
    tube: int,
    section: int,
    spans: list[SweptSpan],
    disk: Disk,
    build: _Build,
    tubes: tuple[Tube, ...],
    *,
    upstream: bool,
) -> InterfaceDisk:
    """The disk at a section, seen from the junction downstream (``upstream``) or upstream of it."""
    for swept in spans:
        k = -1 if upstream else 0
        if swept.span.tube == tube and (swept.span.high if upstream else swept.span.low) == section:
            vertices = swept.section_vertices(k, disk)
            break
    else:
        raise MeshingError("a junction has no swept neighbour.", stage="layout")
    everything = np.concatenate(build.points)
    triangles = disk.triangles if not upstream else disk.triangles[:, ::-1]
    core = disk.core if not upstream else disk.core[:, ::-1]
    inner = disk.rho[disk.ring(-2)[0]]
    return InterfaceDisk(
        vertices=vertices,
        points=everything[vertices],
        wall=vertices[disk.ring(-1)],
        inner=vertices[disk.ring(-2)],
        triangles=vertices[triangles],
        core=vertices[core],
        thickness=float((1 - inner) * tubes[tube].radii[section]),
    )


def _rings(
    runs: tuple[Run, ...],
    tubes: tuple[Tube, ...],
    spans: list[SweptSpan],
    disk: Disk,
    build: _Build,
) -> tuple[tuple[Ring, ...], tuple[InterfaceDisk, ...]]:
    rings, disks = [], []
    start = 0
    for position, run in enumerate(runs):
        tube = tubes[run.tube]
        base = 0 if run.low is None else max(run.low - PAD, 0)
        for section, outward in ((run.low, -1), (run.high, 1)):
            if section is None:
                continue
            interface = _interface(
                run.tube, section, spans, disk, build, tubes, upstream=outward < 0
            )
            disks.append(interface)
            where = np.searchsorted(interface.vertices, interface.wall)
            rings.append(
                Ring(
                    tube=position,
                    coordinate=float(start + section - base),
                    outward=outward,
                    center=tube.centers[section],
                    normal=tube.normals[section],
                    binormal=tube.binormals[section],
                    tangent=tube.tangents[section],
                    radius=float(tube.radii[section]),
                    points=interface.points[where],
                )
            )
        start += min(run.high + PAD, len(tube.radii) - 1) - base + 1
    return tuple(rings), tuple(disks)


def _mesh_junction(
    runs: tuple[Run, ...],
    tubes: tuple[Tube, ...],
    spans: list[SweptSpan],
    disk: Disk,
    options: MeshOptions,
    build: _Build,
) -> Junction:
    implicit = junction_field(tubes, runs, options.blend_radii)
    rings, disks = _rings(runs, tubes, spans, disk, build)
    reasons = []
    for attempt in ATTEMPTS:
        try:
            volume = _attempt(attempt, implicit, rings, disks, options, build)
        except MeshingError as error:
            reasons.append(str(error))
            logger.info("junction attempt %s failed: %s", attempt, error)
            continue
        _, _, position, coordinate = implicit.values(volume.new_points)
        places = [
            tubes[runs[max(p, 0)].tube].place(float(implicit.sections[max(int(c), 0)]))
            for p, c in zip(position, coordinate, strict=True)
        ]
        build.add(
            volume.new_points, np.array([p[0] for p in places]), np.array([p[1] for p in places])
        )
        build.cells.append(volume.cells)
        return Junction(implicit, volume.wall)
    child = next(run for run in runs if run.low is None)
    _, abscissa = tubes[child.tube].place(0.0)
    names = " and ".join(tubes[run.tube].name for run in runs)
    raise MeshingError(
        f"the bifurcation of {names} could not be meshed ({reasons[-1]}) "
        "Simplify the tree there or smooth its radii.",
        branch=tubes[child.tube].name,
        abscissa=abscissa,
        stage="junction",
    )


def _attempt(
    attempt: Attempt,
    implicit: JunctionField,
    rings: tuple[Ring, ...],
    disks: tuple[InterfaceDisk, ...],
    options: MeshOptions,
    build: _Build,
) -> JunctionVolume:
    edge = options.junction_edge_radii * attempt.edge / options.refinement
    points, triangles = junction_wall(implicit, rings, edge, attempt.resolution)
    if attempt.layer > 0:
        _, _, _, coordinates = implicit.values(points)
        fraction = attempt.layer * disks[0].thickness / rings[0].radius
        thickness = fraction * implicit.local_radii(coordinates)
        volume = layered_volume(disks, points, triangles, thickness, build.n)
    else:
        volume = plain_volume(disks, points, triangles, build.n)
    everything = np.concatenate([*build.points, volume.new_points])
    cells = oriented(everything, volume.cells)
    shell = np.concatenate([volume.wall, *[disk.triangles for disk in disks]])
    check_volumes(everything, cells, shell)
    return volume


def _finish(
    lumen: Lumen,
    tubes: tuple[Tube, ...],
    spans: list[SweptSpan],
    junctions: list[Junction],
    disk: Disk,
    build: _Build,
    notes: tuple[str, ...],
) -> LumenMesh:
    points = np.concatenate(build.points)
    cells = oriented(points, np.concatenate(build.cells))
    caps: dict[str, IntArray] = {"inlet": spans[0].section_vertices(0, disk)}
    ends = {tubes[s.span.tube].name: s for s in spans if s.span.high == tubes[s.span.tube].last}
    for name in lumen.outlet_names:
        caps[f"outlet:{name}"] = ends[name].section_vertices(-1, disk)
    vertex_mesh = VertexMesh(
        points, cells, caps, np.concatenate(build.branch), np.concatenate(build.abscissa)
    )
    edges, edge_of_cell = cell_edges(cells)
    middles = curve_edges(points, edges, tubes, spans, junctions, disk)
    middles, drawn = relax(points, cells, edges, edge_of_cell, middles, LEAST_RATIO)
    if drawn:
        logger.info("%d of %d edges were drawn back towards their chords", drawn, len(edges))
    mesh = second_order(vertex_mesh, edges, edge_of_cell, middles, notes)
    check_mesh(mesh, lumen)
    return mesh
