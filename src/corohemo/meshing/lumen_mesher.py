"""Lumen to curved mesh: swept spans joined by unstructured junctions."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import CrossingWallError, MeshingError
from corohemo.lumen import Lumen
from corohemo.meshing.assemble import VertexMesh, cell_edges, oriented, second_order
from corohemo.meshing.build import MeshBuild
from corohemo.meshing.curving import curve_edges, relax
from corohemo.meshing.disk import Disk, build_disk
from corohemo.meshing.fidelity import check_caps, check_spans, check_wall, has_parted
from corohemo.meshing.junction_mesher import Junction, mesh_junction
from corohemo.meshing.junctions import Layout, ends_to_extend, find_layout
from corohemo.meshing.mesh import LumenMesh
from corohemo.meshing.options import FINEST, MeshOptions
from corohemo.meshing.quality import check_mesh
from corohemo.meshing.surface_fit import with_fit
from corohemo.meshing.sweep import SweptSpan, disk_points, disturbance, spread, stations
from corohemo.meshing.tubes import Tube, build_tubes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FEWEST_SECTORS = 8
"""With fewer, quadratic edges miss the area of a circle by more than two per mille."""
LEAST_RATIO = 0.05
"""Least ratio of a cell's Jacobian determinants that curving may leave."""

FINER = (1.2, 1.45, 1.75)
"""Refinement of further attempts, when the first gave no valid mesh: facets of vessels side by side
may run through each other where the vessels do not."""
EXTENSION_ROUNDS = 10
"""How often an end may be drawn out by about one radius."""

logger = logging.getLogger(__name__)


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
    tubes, notes = _tubes_with_clear_ends(lumen, options)
    layout = find_layout(tubes, options.blend_radii)
    try:
        return _fill(lumen, tubes, layout, options, notes)
    except (MeshingError, CrossingWallError) as error:
        logger.info("no valid mesh: %s", error)
        first = error
    for factor in FINER:
        if factor * options.refinement > FINEST:
            break
        finer = replace(options, refinement=factor * options.refinement)
        said = f"all of the mesh was made {factor:g} times finer, because one as wanted failed"
        try:
            return _fill(lumen, tubes, layout, finer, (*notes, said))
        except (MeshingError, CrossingWallError) as error:
            logger.info("nor %g times finer: %s", factor, error)
    raise first


def _fill(
    lumen: Lumen,
    tubes: tuple[Tube, ...],
    layout: Layout,
    options: MeshOptions,
    notes: tuple[str, ...],
) -> LumenMesh:
    disk, build = refined_disk(options), MeshBuild()
    spans = _sweep(tubes, layout, disk, options, build, _lesion_marks(lumen, tubes))
    junctions = [
        mesh_junction(runs, tubes, spans, disk, options, build) for runs in layout.junctions
    ]
    notes += tuple(junction.note for junction in junctions if junction.note)
    return with_fit(_finish(lumen, tubes, layout, spans, junctions, disk, build, notes), lumen)


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
    build: MeshBuild,
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


def _finish(
    lumen: Lumen,
    tubes: tuple[Tube, ...],
    layout: Layout,
    spans: list[SweptSpan],
    junctions: list[Junction],
    disk: Disk,
    build: MeshBuild,
    notes: tuple[str, ...],
) -> LumenMesh:
    points = build.vertices()
    cells = oriented(points, np.concatenate(build.cells))
    caps: dict[str, IntArray] = {"inlet": spans[0].section_vertices(0, disk)}
    ends = {tubes[s.span.tube].name: s for s in spans if s.span.high == tubes[s.span.tube].last}
    for name in lumen.outlet_names:
        caps[f"outlet:{name}"] = ends[name].section_vertices(-1, disk)
    vertex_mesh = VertexMesh(
        points, cells, caps, np.concatenate(build.branch), np.concatenate(build.abscissa)
    )
    edges, edge_of_cell = cell_edges(cells)
    middles, wall = curve_edges(points, edges, tubes, spans, junctions, disk)
    wanted = middles
    middles, drawn = relax(points, cells, edges, edge_of_cell, middles, wall, LEAST_RATIO)
    if drawn:
        logger.info("%d of %d edges were drawn back towards their chords", drawn, len(edges))
    mesh = second_order(vertex_mesh, edges, edge_of_cell, middles, notes)
    volumes = check_mesh(mesh, lumen)
    off = np.linalg.norm(middles[wall] - wanted[wall], axis=1)
    nodes = len(points) + np.flatnonzero(wall)
    check_wall(mesh, lumen, nodes, off, has_parted(mesh, nodes, tubes, layout))
    check_caps(mesh, lumen)
    check_spans(volumes, lumen, tubes, spans, disk)
    return mesh
