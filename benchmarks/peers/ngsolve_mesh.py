"""Curved meshes of the stenosis tube in NGSolve; lengths in mm."""

from typing import Any

import netgen.meshing as nm
import netgen.occ as occ
import ngsolve as ng
import numpy as np
from ngsolve import IfPos, x, y, z
from tube_case import Case
from tube_grid import BULGE, CORE, Size, section, stations, swept


def curved_hexahedra(case: Case, level: dict[str, Any]) -> Any:
    """Swept hexahedra of the plane square, moved to the lumen by a deformation of any order."""
    size = Size(**level["size"])
    plane, quads = section(size)
    cells, faces = swept(quads, len(plane), size)
    mesh = nm.Mesh(dim=3)
    for number in range(1, len(faces) + 1):
        mesh.Add(nm.FaceDescriptor(surfnr=number, domin=1, bc=number))
    points = [
        mesh.Add(nm.MeshPoint(nm.Pnt(along, a, b)))
        for along in (1e3 * stations(case, size)).tolist()
        for a, b in plane.tolist()
    ]
    for cell in cells.tolist():
        mesh.Add(nm.Element3D(1, [points[corner] for corner in cell]))
    for number, (name, corners) in enumerate(faces.items()):
        mesh.SetBCName(number, name)
        for quad in corners.tolist():
            mesh.Add(nm.Element2D(number + 1, [points[corner] for corner in quad]))
    mesh.SetMaterial(1, "blood")
    curved = ng.Mesh(mesh)
    moved = ng.GridFunction(ng.VectorH1(curved, order=level["geometry_order"]))
    moved.Set(lumen_place(case) - ng.CF((x, y, z)), dual=True)
    curved.SetDeformation(moved)
    return curved


def lumen_place(case: Case) -> Any:
    """``tube_grid.disc`` times the lumen's radius as a coefficient function of the square."""
    a, b = _absolute(y), _absolute(z)
    ring = IfPos(a - b, a, b)
    ring = IfPos(ring - 1, ring, 1)
    inner_y, inner_z = y / ring, z / ring
    core_y = CORE * inner_y * ng.sqrt(1 - BULGE * inner_z**2)
    core_z = CORE * inner_z * ng.sqrt(1 - BULGE * inner_y**2)
    turn_y, turn_z = 0.25 * np.pi * inner_y, 0.25 * np.pi * inner_z
    arc_y = IfPos(a - b, _sign(y) * ng.cos(turn_z), ng.sin(turn_y))
    arc_z = IfPos(a - b, ng.sin(turn_z), _sign(z) * ng.cos(turn_y))
    phase = 2.0 * np.pi * (1e-3 * x - case.lesion_center) / case.lesion_length
    dip = IfPos(np.pi - _absolute(phase), 0.5 * (1 + ng.cos(phase)), 0)
    radius = 1e3 * case.radius * (1 - case.stenosis * dip)
    place_y = core_y + (ring - 1) * (arc_y - core_y)
    place_z = core_z + (ring - 1) * (arc_z - core_z)
    return ng.CF((x, radius * place_y, radius * place_z)).Compile()


def _absolute(value: Any) -> Any:
    return IfPos(value, value, -value)


def _sign(value: Any) -> Any:
    return IfPos(value, 1, -1)


def curved_tetrahedra(case: Case, level: dict[str, Any]) -> Any:
    """Netgen's tetrahedra in the solid of revolution, edges in local radii, curved."""
    x_mm = 1e3 * np.linspace(0.0, case.length, 161)
    radii = 1e3 * case.lumen_radius(1e-3 * x_mm)
    rim = occ.SplineInterpolation([occ.Pnt(a, r, 0) for a, r in zip(x_mm, radii, strict=True)])
    first, last = occ.Pnt(0, 0, 0), occ.Pnt(float(x_mm[-1]), 0, 0)
    ends = occ.Segment(first, rim.start), occ.Segment(rim.end, last)
    half = occ.Face(occ.Wire([ends[0], rim, ends[1], occ.Segment(last, first)]))
    solid = half.Revolve(occ.Axis(first, occ.X), 360)
    solid.faces.name = "wall"
    solid.faces.Min(occ.X).name = "inlet"
    solid.faces.Max(occ.X).name = "outlet"
    sizes = nm.MeshingParameters(maxh=level["edge"] * 1e3 * case.radius, grading=0.3)
    for place, radius in zip(x_mm[::2].tolist(), radii[::2].tolist(), strict=True):
        sizes.RestrictH(place, 0.0, 0.0, h=level["edge"] * radius)
        for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            sizes.RestrictH(place, a * radius, b * radius, h=level["edge"] * radius)
    mesh = ng.Mesh(occ.OCCGeometry(solid).GenerateMesh(mp=sizes))
    mesh.Curve(level["geometry_order"])
    return mesh
