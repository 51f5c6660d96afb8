"""A junction between its swept neighbours: attempts until one gives a valid mesh."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MeshingError
from corohemo.meshing.assemble import oriented
from corohemo.meshing.build import MeshBuild
from corohemo.meshing.disk import Disk
from corohemo.meshing.junction_field import JunctionField, Ring, junction_field
from corohemo.meshing.junction_surface import junction_wall
from corohemo.meshing.junction_volume import (
    InterfaceDisk,
    JunctionVolume,
    layered_volume,
    plain_volume,
)
from corohemo.meshing.junctions import Run
from corohemo.meshing.options import MeshOptions
from corohemo.meshing.quality import check_volumes
from corohemo.meshing.sweep import SweptSpan
from corohemo.meshing.tubes import PAD, Tube

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """One way to mesh a junction; later ones are tried when earlier ones fail.

    Attributes:
        layer: Width of the wall layer against that of the swept neighbours; 0 for none.
        resolution: Grid points per smallest radius of the contouring.
        edge: Wall edge against the wanted one.
        blend: Fillet against the wanted one.
    """

    layer: float
    resolution: float
    edge: float
    blend: float = 1.0

    def concession(self) -> str:
        """What a user should know of a mesh made this way; "" if nothing."""
        said = []
        if self.layer == 0:
            said.append("without a wall layer")
        elif self.layer < 1:
            said.append(f"with a wall layer of {100 * self.layer:.0f} % of the wanted width")
        if self.blend != 1:
            said.append(f"with {100 * self.blend:.0f} % of the wanted fillet")
        return " and ".join(said)


ATTEMPTS = (
    Attempt(1.0, 5.0, 1.0),
    Attempt(1.0, 7.0, 0.75),
    Attempt(0.5, 7.0, 0.8),
    Attempt(0.3, 9.0, 0.6),
    Attempt(0.0, 6.0, 0.8),
    Attempt(0.0, 10.0, 0.5),
    Attempt(0.0, 8.0, 0.7, blend=0.5),
    Attempt(0.0, 12.0, 0.4, blend=0.5),
)


@dataclass(frozen=True)
class Junction:
    """A meshed junction.

    Attributes:
        field: Its implicit surface.
        wall: Its wall triangles, global numbers (m, 3).
        note: What the user should know of it; "" if nothing.
    """

    field: JunctionField
    wall: IntArray
    note: str


def _interface(
    tube: int,
    section: int,
    spans: list[SweptSpan],
    disk: Disk,
    build: MeshBuild,
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
    triangles = disk.triangles if not upstream else disk.triangles[:, ::-1]
    core = disk.core if not upstream else disk.core[:, ::-1]
    inner = disk.rho[disk.ring(-2)[0]]
    return InterfaceDisk(
        vertices=vertices,
        points=build.chunk(vertices),
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
    build: MeshBuild,
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


def mesh_junction(
    runs: tuple[Run, ...],
    tubes: tuple[Tube, ...],
    spans: list[SweptSpan],
    disk: Disk,
    options: MeshOptions,
    build: MeshBuild,
) -> Junction:
    """Fill a junction between its swept neighbours; its vertices and cells are added to ``build``.

    Raises:
        MeshingError: If no attempt gave a valid mesh.
    """
    rings, disks = _rings(runs, tubes, spans, disk, build)
    names = " and ".join(tubes[run.tube].name for run in runs)
    reasons = []
    for attempt in ATTEMPTS:
        field = junction_field(tubes, runs, options.blend_radii * attempt.blend)
        try:
            volume = _attempt(attempt, field, rings, disks, options, build.n)
        except MeshingError as error:
            reasons.append(str(error))
            logger.info("junction of %s: %s failed: %s", names, attempt, error)
            continue
        _, _, position, coordinate = field.values(volume.new_points)
        places = [
            tubes[runs[max(p, 0)].tube].place(float(field.sections[max(int(c), 0)]))
            for p, c in zip(position, coordinate, strict=True)
        ]
        build.add(
            volume.new_points, np.array([p[0] for p in places]), np.array([p[1] for p in places])
        )
        build.cells.append(volume.cells)
        said = attempt.concession()
        return Junction(
            field, volume.wall, f"the bifurcation of {names} was meshed {said}" if said else ""
        )
    child = next(run for run in runs if run.low is None)
    _, abscissa = tubes[child.tube].place(0.0)
    raise MeshingError(
        f"the bifurcation of {names} could not be meshed ({reasons[-1]}) "
        "Simplify the tree there or smooth its radii.",
        branch=tubes[child.tube].name,
        abscissa=abscissa,
        stage="junction",
    )


def _attempt(
    attempt: Attempt,
    field: JunctionField,
    rings: tuple[Ring, ...],
    disks: tuple[InterfaceDisk, ...],
    options: MeshOptions,
    first_new: int,
) -> JunctionVolume:
    edge = options.junction_edge_radii * attempt.edge / options.refinement
    points, triangles = junction_wall(field, rings, edge, attempt.resolution)
    if attempt.layer > 0:
        _, _, _, coordinates = field.values(points)
        fraction = attempt.layer * disks[0].thickness / rings[0].radius
        thickness = fraction * field.local_radii(coordinates)
        volume = layered_volume(disks, points, triangles, thickness, first_new)
    else:
        volume = plain_volume(disks, points, triangles, first_new)
    shell = np.concatenate([volume.wall, *[disk.triangles for disk in disks]])
    old, where = np.unique(np.concatenate([disk.vertices for disk in disks]), return_index=True)
    known = np.concatenate([disk.points for disk in disks])[where]

    def local(vertices: IntArray) -> IntArray:
        new = vertices - first_new + len(old)
        return np.where(vertices >= first_new, new, np.searchsorted(old, vertices))

    here = np.concatenate([known, volume.new_points])
    check_volumes(here, oriented(here, local(volume.cells)), local(shell))
    return volume
