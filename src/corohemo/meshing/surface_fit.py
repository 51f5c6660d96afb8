"""How far a mesh lies from the surface that its lumen was made from."""

from __future__ import annotations

from dataclasses import replace

from corohemo.kernels.facets import flatten_facets
from corohemo.lumen import Lumen
from corohemo.meshing.mesh import LumenMesh
from corohemo.meshing.quality import mesh_quality
from corohemo.surface.fit import surface_fit
from corohemo.surface.polydata import enclosed_volume
from corohemo.units import MM


def with_fit(mesh: LumenMesh, lumen: Lumen) -> LumenMesh:
    """The mesh with a note on its distance from the surface, if its lumen was made from one."""
    if lumen.surface is None:
        return mesh
    nodes, triangles, _ = flatten_facets(mesh.facets)
    fit = surface_fit((mesh.points[nodes], triangles), lumen.surface)
    share = mesh_quality(mesh).volume / enclosed_volume(*lumen.surface)
    place = ", ".join(f"{x / MM:.1f}" for x in fit.place)
    note = (
        f"The mesh lies {fit.mean / MM:.3f} mm from the given surface in the mean and "
        f"{fit.largest / MM:.2f} mm at most, at ({place}) mm; its volume is {100.0 * share:.2f} % "
        "of the surface's."
    )
    return replace(mesh, notes=(*mesh.notes, note))
