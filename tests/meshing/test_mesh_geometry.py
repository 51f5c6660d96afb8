"""The mesh fills the lumen it was made from."""

import numpy as np
import pytest

import corohemo as ch
from corohemo.kernels.implicit import Sections, tube_value
from corohemo.meshing.disk import build_disk
from corohemo.meshing.quality import mesh_quality
from corohemo.meshing.sweep import split_prisms


def test_tube_volume_and_wall_area_are_exact_to_two_per_mille():
    quality = mesh_quality(
        ch.mesh_lumen(ch.build_lumen(ch.gallery.tube(diameter_mm=3, length_mm=40)))
    )
    assert quality.volume == pytest.approx(np.pi * 1.5e-3**2 * 40e-3, rel=2e-3)
    assert quality.wall_area == pytest.approx(2 * np.pi * 1.5e-3 * 40e-3, rel=2e-3)


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
