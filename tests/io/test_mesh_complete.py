"""SimVascular's folder: the arrays of its own meshes, straight or curved cells, both ways."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import corohemo as ch
from corohemo.errors import ConfigError, GeometryError, InputError, MissingArrayError, UnitError
from corohemo.io import read_mesh, write_mesh
from corohemo.io.vtkxml import read_vtk_xml
from corohemo.meshing.quality import mesh_quality


@pytest.fixture(scope="module")
def curved():
    """A bent tube."""
    tree = ch.gallery.bend(diameter_mm=3.0, bend_radius_mm=8.0, angle_deg=60.0, straight_mm=4.0)
    return ch.mesh_lumen(ch.build_lumen(tree), ch.MeshOptions(refinement=0.7))


@pytest.fixture
def pipe(shared: Path) -> Path:
    return shared / "pipe_rcr" / "mesh-complete"


def arrays(folder: Path) -> dict[str, dict[str, str]]:
    """Types of the numbered arrays of the cells and of every face."""
    found = {}
    for file in [folder / "mesh-complete.mesh.vtu", *folder.glob("mesh-surfaces/*")]:
        kind = "UnstructuredGrid" if file.suffix == ".vtu" else "PolyData"
        data = read_vtk_xml(file, kind)
        named = data.point_data | data.cell_data
        wanted = [name for name in named if name.endswith("ID")]
        found["face" if "surfaces" in str(file) else "cells"] = {
            name: named[name].dtype.name for name in wanted
        }
    return found


@pytest.mark.parametrize("linear", [True, False])
def test_arrays_are_named_and_typed_as_simvasculars_own(curved, pipe, tmp_path, linear):
    write_mesh(curved, tmp_path / "mesh-complete", linear=linear)
    assert arrays(tmp_path / "mesh-complete") == arrays(pipe)


def test_folder_holds_what_simvascular_looks_for(curved, tmp_path):
    for linear, suffix in ((True, "vtp"), (False, "vtu")):
        write_mesh(curved, tmp_path / "case", linear=linear)
        names = sorted(str(p.relative_to(tmp_path / "case")) for p in tmp_path.rglob("*.vt?"))
        assert names == [
            f"mesh-complete.exterior.{suffix}",
            "mesh-complete.mesh.vtu",
            f"mesh-surfaces/inlet.{suffix}",
            f"mesh-surfaces/outlet_bend.{suffix}",
            f"mesh-surfaces/wall.{suffix}",
            f"walls_combined.{suffix}",
        ]


def test_ids_count_from_one_and_lead_to_the_cell_behind(curved, tmp_path):
    write_mesh(curved, tmp_path / "case", linear=True)
    cells = read_vtk_xml(tmp_path / "case/mesh-complete.mesh.vtu", "UnstructuredGrid")
    wall = read_vtk_xml(tmp_path / "case/walls_combined.vtp", "PolyData")
    nodes = wall.point_data["GlobalNodeID"] - 1
    np.testing.assert_array_equal(cells.points[nodes], wall.points)
    triangles = nodes[wall.cells["Polys"][0].reshape(-1, 3)]
    behind = cells.cells["Cells"][0].reshape(-1, 4)[wall.cell_data["GlobalElementID"] - 1]
    assert (triangles[:, :, None] == behind[:, None]).any(axis=2).all()
    assert set(wall.cell_data["ModelFaceID"]) == {3}


def test_straight_cells_share_the_curved_ones_nodes_and_fill_the_polygon_around(curved, tmp_path):
    write_mesh(curved, tmp_path / "case", linear=True)
    straight = read_mesh(tmp_path / "case")
    assert len(straight.cells) == 8 * len(curved.cells)
    assert len(straight.vertex_ids) == len(curved.points)
    inlet, wall = (curved.facets[curved.facet_face == k] for k in (0, 2))
    corners = len(np.intersect1d(inlet, wall))
    polygon = np.sin(2 * np.pi / corners) * corners / (2 * np.pi)
    before, after = mesh_quality(curved), mesh_quality(straight)
    assert after.closure < 1e-12
    assert after.volume == pytest.approx(polygon * before.volume, rel=5e-3)


def test_folder_is_in_centimetres_unless_asked_otherwise(curved, tmp_path):
    write_mesh(curved, tmp_path / "case")
    data = read_vtk_xml(tmp_path / "case/mesh-complete.mesh.vtu", "UnstructuredGrid")
    np.testing.assert_allclose(data.points, curved.points * 100.0)
    np.testing.assert_allclose(read_mesh(tmp_path / "case").points, curved.points, rtol=1e-14)


def test_folder_with_other_things_in_it_is_left_alone(curved, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        write_mesh(curved, tmp_path)
    with pytest.raises(ConfigError, match="Straight cells"):
        write_mesh(curved, tmp_path / "mesh.vtu", linear=True)


def test_simvasculars_pipe_is_read_with_the_lumen_it_fills(pipe):
    z = np.linspace(0.0, 300.0, 61)
    points = np.stack([0 * z, 0 * z, 300.0 - z], axis=1)
    tree = ch.VesselTree.from_arrays(
        points, np.full(61, 20.0), np.arange(61) - 1,
        names=["lumen_outlet"] * 61, length_unit="mm", check_scale=False,
    )  # fmt: skip
    lumen = ch.build_lumen(tree)
    mesh = read_mesh(pipe, length_unit="cm", lumen=lumen)
    assert mesh.faces == ("inlet", "outlet:lumen_outlet", "wall")
    quality = mesh_quality(mesh)
    assert quality.closure < 1e-6
    assert quality.volume == pytest.approx(371.2973e-6, rel=1e-6)
    np.testing.assert_allclose(mesh.node_abscissa, 0.3 - mesh.points[:, 2], atol=1e-6)


def test_foreign_meshes_need_a_unit_and_the_places_of_their_nodes(pipe):
    with pytest.raises(UnitError, match="does not state its length unit"):
        read_mesh(pipe)
    with pytest.raises(MissingArrayError, match="give the lumen"):
        read_mesh(pipe, length_unit="cm")
    other = ch.build_lumen(ch.gallery.tube())
    with pytest.raises(GeometryError, match="outlet:lumen_outlet; those of the lumen"):
        read_mesh(pipe, length_unit="cm", lumen=other)
