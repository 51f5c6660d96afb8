"""Is a valid mesh also a mesh of the lumen: wall, caps and volume against the lumen's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import MeshingError
from corohemo.kernels.polar import polar_radii
from corohemo.kernels.quadratic import facet_quadrature
from corohemo.lumen import Lumen
from corohemo.meshing.disk import Disk
from corohemo.meshing.junctions import Layout
from corohemo.meshing.mesh import LumenMesh
from corohemo.meshing.sweep import SweptSpan, interpolate
from corohemo.meshing.tubes import Tube

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SWEPT_WALL, JUNCTION_WALL = 0.1, 0.15
"""Greatest distance by which a wall node may be drawn back to its chord [radii]: with eight sectors
it is 0.076 all around; where vessels meet, the edges of a junction's triangles are longer."""
PARTED = 2.0
"""Distance from the sections that other vessels enter beyond which they no longer meet [radii]."""
CAP_AREA = 0.01
VOLUME, LAYERS = 0.02, 3
"""Greatest error of the volume of so many layers of cells."""
FOLLOWED, ANGLES = 16, 64
"""Places in a layer, and around a section, at which the lumen is read."""


def check_wall(
    mesh: LumenMesh, lumen: Lumen, nodes: IntArray, off: FloatArray, has_parted: BoolArray
) -> None:
    """Refuse wall nodes that were drawn back too far from the lumen's surface.

    Args:
        mesh: The mesh.
        lumen: Its lumen.
        nodes: Nodes on the wall (k,).
        off: How far each lies from where it belongs (k,) [m].
        has_parted: Whether no other vessel is near (k,).

    Raises:
        MeshingError: With the place of the worst.
    """
    radii = np.empty(len(nodes))
    branch = mesh.node_branch[nodes]
    for index in np.unique(branch):
        mine, own = branch == index, lumen.branches[index]
        radii[mine] = np.interp(mesh.node_abscissa[nodes[mine]], own.abscissas, own.radii)
    allowed = np.where(has_parted, SWEPT_WALL, JUNCTION_WALL) * radii
    worst = int(np.argmax(off / allowed))
    if off[worst] > allowed[worst]:
        raise MeshingError(
            f"the wall of the mesh lies {100.0 * off[worst] / radii[worst]:.0f} % of the radius "
            "off the lumen, which changes too abruptly for elements of this size.",
            branch=lumen.branches[branch[worst]].name,
            abscissa=float(mesh.node_abscissa[nodes[worst]]),
            stage="curving",
        )


def has_parted(
    mesh: LumenMesh, nodes: IntArray, tubes: tuple[Tube, ...], layout: Layout
) -> BoolArray:
    """Whether nodes lie on swept spans, or where the vessels of their junction have parted (k,)."""
    parted = np.ones(len(nodes), dtype=bool)
    branch, abscissa = mesh.node_branch[nodes], mesh.node_abscissa[nodes]
    for run in (run for runs in layout.junctions for run in runs):
        tube = tubes[run.tube]
        low, high = tube.abscissas[[run.low or 0, run.high]]
        mine = np.isin(branch, tube.branch) & (low <= abscissa) & (abscissa <= high)
        parted[mine] = np.interp(abscissa[mine], tube.abscissas, run.parted) > PARTED
    return parted


def check_caps(mesh: LumenMesh, lumen: Lumen) -> None:
    """Refuse caps that have not the area of their section.

    Raises:
        MeshingError: With the first one.
    """
    for k, face in enumerate(mesh.faces[:-1]):
        outlet = face.removeprefix("outlet:")
        plane = lumen.inlet_plane if face == "inlet" else lumen.outlet_plane(outlet)
        _, vectors = facet_quadrature(mesh.points, mesh.facets[mesh.facet_face == k])
        share = float(np.linalg.norm(vectors, axis=2).sum()) / plane.area
        if abs(share - 1.0) > CAP_AREA:
            branch = lumen.branches[0 if face == "inlet" else lumen.index(outlet)]
            raise MeshingError(
                f"the cap {face} has {100.0 * share:.1f} % of the section's area.",
                branch=branch.name,
                abscissa=float(branch.abscissas[0 if face == "inlet" else -1]),
                stage="curving",
            )


def check_spans(
    volumes: FloatArray,
    lumen: Lumen,
    tubes: tuple[Tube, ...],
    spans: Sequence[SweptSpan],
    disk: Disk,
) -> None:
    """Refuse swept spans with layers whose volume is not the lumen's.

    Args:
        volumes: Of the mesh's cells, those of the spans first (m,) [m3].
        lumen: The lumen.
        tubes: Its tubes.
        spans: The swept spans.
        disk: Disk of their sections.

    Raises:
        MeshingError: With the place of the first one.
    """
    per_layer = 3 * len(disk.triangles)
    counts = [per_layer * (len(span.coordinates) - 1) for span in spans]
    parts = np.split(volumes, np.cumsum(counts))[:-1]
    for span, own in zip(spans, parts, strict=True):
        tube, places = tubes[span.span.tube], span.coordinates
        meshed = np.concatenate([[0.0], np.cumsum(own.reshape(-1, per_layer).sum(axis=1))])
        wanted = _volume_to(tube, places)
        window = min(LAYERS, len(places) - 1)
        share = (meshed[window:] - meshed[:-window]) / (wanted[window:] - wanted[:-window])
        worst = int(np.argmax(np.abs(share - 1.0)))
        if abs(share[worst] - 1.0) > VOLUME:
            branch, abscissa = tube.place(float(places[worst : worst + window + 1].mean()))
            raise MeshingError(
                f"the mesh has {100.0 * share[worst]:.1f} % of the lumen's volume, which changes "
                "too abruptly for elements of this size.",
                branch=lumen.branches[branch].name,
                abscissa=abscissa,
                stage="sweep",
            )


def _volume_to(tube: Tube, places: FloatArray) -> FloatArray:
    """Volume of a tube up to section coordinates, from the first of them (n,) [m3]."""
    fine = np.interp(
        np.arange(FOLLOWED * (len(places) - 1) + 1) / FOLLOWED, np.arange(len(places)), places
    )
    sections = np.arange(len(tube.radii))
    areas = _swept_areas(tube, fine)
    steps = np.diff(np.interp(fine, sections, tube.abscissas))
    layers = 0.5 * (areas[1:] + areas[:-1]) * steps
    volume = np.concatenate([[0.0], np.cumsum(layers)])
    return np.asarray(volume[::FOLLOWED])


def _swept_areas(tube: Tube, places: FloatArray) -> FloatArray:
    """Volume per length of the center's path at section coordinates (n,) [m2].

    A section whose centroid does not lie on the path sweeps ``A - k . M`` in a bend, with the
    curvature k of the path and the section's first moment M.
    """
    _, normals, binormals, radii = interpolate(tube, places)
    if tube.shapes.shape[1] == 0:
        return np.asarray(np.pi * radii**2)
    theta = np.linspace(0.0, 2.0 * np.pi, ANGLES, endpoint=False)
    rho = polar_radii(tube.shapes, np.repeat(places, ANGLES), np.tile(theta, len(places)))
    rho = radii[:, None] * rho.reshape(len(places), ANGLES)
    areas = np.pi * (rho**2).mean(axis=1)
    moments = [2.0 / 3.0 * np.pi * (rho**3 * f(theta)).mean(axis=1) for f in (np.cos, np.sin)]
    turns = np.gradient(tube.tangents, axis=0) / np.gradient(tube.abscissas)[:, None]
    sections = np.arange(len(tube.radii))
    turn = np.stack([np.interp(places, sections, column) for column in turns.T], axis=1)
    for axis, moment in zip((normals, binormals), moments, strict=True):
        areas -= np.sum(turn * axis, axis=1) * moment
    return np.asarray(areas)
