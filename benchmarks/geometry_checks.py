"""Checks of ``validate.py`` on the shape of meshes: volume, wall area and sections."""

from collections.abc import Iterator

import numpy as np
from validation_row import DATA, Row

import corohemo as ch
from corohemo.meshing.quality import mesh_quality
from corohemo.meshing.section_areas import section_areas


def check_mesh_geometry() -> Iterator[Row]:
    radius, bend = 1.5e-3, 8e-3
    disk, rim = np.pi * radius**2, 2 * np.pi * radius
    slant = float(np.hypot(40e-3, radius / 2))
    torus = ch.gallery.bend(3.0, bend_radius_mm=8.0, angle_deg=180.0, straight_mm=0.0)
    for name, tree, volume, wall in (
        ("tube", ch.gallery.tube(3.0, 40.0), disk * 40e-3, rim * 40e-3),
        ("cone", ch.gallery.cone(3.0, 1.5, 40.0), disk * 70e-3 / 3, 0.75 * rim * slant),
        ("half torus", torus, disk * np.pi * bend, rim * np.pi * bend),
    ):
        quality = mesh_quality(ch.mesh_lumen(ch.build_lumen(tree)))
        yield Row(f"{name}: volume of the mesh", 0.002, abs(quality.volume / volume - 1))
        yield Row(f"{name}: wall area of the mesh", 0.002, abs(quality.wall_area / wall - 1))
    trees = {"gallery's left tree": ch.gallery.left_tree()}
    real = DATA / "left_coronary_tree" / "left_coronary_tree.swc"
    if real.exists():
        trees["left_coronary_tree.swc"] = ch.read_centerline(real, length_unit="mm")
    for name, tree in trees.items():
        errors = section_errors(ch.build_lumen(tree))
        note = f"{len(errors)} sections"
        yield Row(f"{name}: section area outside bifurcations, mean", 0.005, errors.mean(), note)
        yield Row(f"{name}: the same, max", 0.02, errors.max())


def section_errors(lumen: ch.Lumen) -> np.ndarray:
    """Relative error of the default mesh's section areas, sixty a branch, bifurcations left out."""
    mesh = ch.mesh_lumen(lumen)
    errors = []
    for branch in lumen.branches:
        s = np.linspace(*branch.abscissas[[0, -1]], 62)[1:-1]
        wanted = np.pi * np.interp(s, branch.abscissas, branch.radii) ** 2
        errors.append(section_areas(mesh, lumen, branch.name, s) / wanted - 1)
    whole = np.abs(np.concatenate(errors))
    return whole[~np.isnan(whole)]
