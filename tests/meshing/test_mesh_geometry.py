"""The mesh fills the lumen it was made from."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.gallery import bend, cone, tube, y_bifurcation
from corohemo.kernels.implicit import Sections, tube_value
from corohemo.meshing.disk import build_disk
from corohemo.meshing.quality import mesh_quality
from corohemo.meshing.section_areas import followed, section_areas
from corohemo.meshing.sweep import split_prisms

RADIUS, LENGTH, BEND = 1.5e-3, 40e-3, 8e-3
CYLINDER, SLANT = np.pi * RADIUS**2 * LENGTH, np.hypot(LENGTH, 0.5 * RADIUS)
EXACT = {
    "tube": (tube(3.0, 40.0), CYLINDER, 2 * np.pi * RADIUS * LENGTH),
    "cone": (cone(3.0, 1.5, 40.0), CYLINDER * 1.75 / 3, 1.5 * np.pi * RADIUS * SLANT),
    "half torus": (
        bend(3.0, bend_radius_mm=8.0, angle_deg=180.0, straight_mm=0.0),
        np.pi * RADIUS**2 * np.pi * BEND,
        2 * np.pi * RADIUS * np.pi * BEND,
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_volume_and_wall_area_are_exact_to_two_per_mille(name):
    tree, volume, wall_area = EXACT[name]
    quality = mesh_quality(ch.mesh_lumen(ch.build_lumen(tree)))
    assert quality.volume == pytest.approx(volume, rel=2e-3)
    assert quality.wall_area == pytest.approx(wall_area, rel=2e-3)


def tapered(tree):
    """The same tree, each branch a fifth narrower at its end than at its start."""
    branches = [
        ch.Branch(b.name, b.points, b.radii * np.linspace(1.0, 0.8, len(b.radii)), b.parent,
                  b.start_abscissa)
        for b in tree.branches
    ]  # fmt: skip
    return ch.VesselTree(tuple(branches), source="tapered")


def quartered(triangles):
    """Flat triangles (n, 3, 3) in four equal ones each (4 n, 3, 3)."""
    a, b, c = triangles.transpose(1, 0, 2)
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return np.concatenate([np.stack(part, axis=1) for part in parts])


@pytest.fixture(scope="module")
def tapered_y():
    lumen = ch.build_lumen(tapered(y_bifurcation()))
    return lumen, ch.mesh_lumen(lumen)


@pytest.mark.parametrize("name", ["parent", "main", "side"])
def test_arms_of_a_tapered_bifurcation_are_exact_to_two_per_mille(tapered_y, name):
    """Volume and wall area of the part whose sections are clear of the other vessels."""
    lumen, mesh = tapered_y
    branch = lumen.branch(name)
    s = np.linspace(*branch.abscissas[[0, -1]], 103)[1:-1]
    areas = section_areas(mesh, lumen, name, s)
    clear = ~np.isnan(areas)
    assert clear.sum() > 40
    s, areas = s[clear], areas[clear]
    radii = np.interp(s, branch.abscissas, branch.radii)
    assert np.trapezoid(areas, s) == pytest.approx(np.trapezoid(np.pi * radii**2, s), rel=2e-3)

    low, high = (lumen.section_at(name, float(at)) for at in s[[0, -1]])
    triangles = followed(mesh.points[mesh.facets[mesh.facet_face == len(mesh.faces) - 1]])
    triangles = quartered(quartered(triangles))
    middles = triangles.mean(axis=1)
    axis = np.abs(np.cross(middles - low.center, high.tangent)).max(axis=1) < 2.0 * radii.max()
    inside = ((middles - low.center) @ low.tangent > 0) & (
        (middles - high.center) @ high.tangent < 0
    )
    sides = triangles[inside & axis]
    area = 0.5 * np.linalg.norm(
        np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0]), axis=1
    )
    slant = np.hypot(s[-1] - s[0], radii[0] - radii[-1])
    assert area.sum() == pytest.approx(np.pi * (radii[0] + radii[-1]) * slant, rel=2e-3)


SECTIONS = {
    "stenosis": lambda: ch.gallery.cosine_stenosis(percent_diameter_stenosis=70),
    "bend": lambda: bend(3.0, bend_radius_mm=6.0, angle_deg=120.0),
    "tapered y": lambda: tapered(y_bifurcation()),
    "random": lambda: ch.gallery.random_tree(3),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_section_areas_are_the_lumens_outside_bifurcations(name):
    lumen = ch.build_lumen(SECTIONS[name]())
    mesh = ch.mesh_lumen(lumen)
    errors = []
    for branch in lumen.branches:
        s = np.linspace(*branch.abscissas[[0, -1]], 42)[1:-1]
        wanted = np.pi * np.interp(s, branch.abscissas, branch.radii) ** 2
        errors.append(section_areas(mesh, lumen, branch.name, s) / wanted - 1.0)
    errors = np.concatenate(errors)
    errors = np.abs(errors[~np.isnan(errors)])
    assert len(errors) > 30
    assert errors.mean() < 5e-3
    assert errors.max() < 2e-2


def test_section_area_is_not_given_where_vessels_meet(bifurcation, bifurcation_mesh):
    joint = bifurcation.branches[0].abscissas[-1:]
    assert np.isnan(section_areas(bifurcation_mesh, bifurcation, "parent", joint)).all()


def test_stenosed_tube_volume_is_exact_to_two_per_mille(stenosed_tube):
    x = np.linspace(-20e-3, 20e-3, 20001)
    radius = 1.5e-3 * np.where(np.abs(x) < 5e-3, 1 - 0.25 * (1 + np.cos(200 * np.pi * x)), 1.0)
    quality = mesh_quality(ch.mesh_lumen(stenosed_tube))
    assert quality.volume == pytest.approx(np.trapezoid(np.pi * radius**2, x), rel=2e-3)


def test_refinement_makes_more_cells_and_less_volume_error(stenosed_tube):
    meshes = [ch.mesh_lumen(stenosed_tube, ch.MeshOptions(refinement=f)) for f in (0.6, 1.0, 1.5)]
    counts = [len(mesh.cells) for mesh in meshes]
    assert counts == sorted(counts)


def test_disk_triangles_cover_the_polygon_counter_clockwise():
    disk = build_disk(12, (0.4, 0.7, 1.0))
    xy = disk.rho[:, None] * np.stack([np.cos(disk.theta), np.sin(disk.theta)], axis=1)
    a, b, c = (xy[disk.triangles[:, k]] for k in range(3))
    areas = 0.5 * ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    assert areas.min() > 0
    assert areas.sum() == pytest.approx(6 * np.sin(np.pi / 6))


def test_split_prisms_share_their_diagonals():
    """Neighbouring prisms cut their common side by the same diagonal, whatever the vertex order."""
    lower = np.array([[0, 1, 2], [2, 1, 3]])
    cells = split_prisms(lower, lower + 4)
    faces = np.sort(cells[:, [[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]], axis=2).reshape(-1, 3)
    unique, counts = np.unique(faces, axis=0, return_counts=True)
    side = np.isin(unique, [1, 2, 5, 6]).all(axis=1)
    assert (counts[side] == 2).all()
    assert side.sum() == 2


def test_tube_value_is_the_distance_from_a_cylinder():
    centers = np.stack([np.linspace(0, 10, 11), np.zeros(11), np.zeros(11)], axis=1)
    tangents, normals = (np.tile(axis, (11, 1)) for axis in np.eye(3)[:2])
    sections = Sections(centers, tangents, normals, np.full(11, 2.0), np.zeros((11, 0)))
    value, where, outward = tube_value(np.array([3.3, 3.0, 4.0]), sections, 0, 10, False)
    assert value == pytest.approx(3.0)
    assert where == pytest.approx(3.3)
    assert outward == pytest.approx([0.0, 0.6, 0.8])
