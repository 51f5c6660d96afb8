"""Meshes that went through a file are the same to the solver, and meshes of others are read."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

import corohemo as ch
from corohemo.io import read_mesh, write_mesh
from corohemo.lumen_places import nearest_sections
from corohemo.meshing.quality import mesh_quality

BOUNDARIES = ch.Boundaries(
    inlet=ch.PressureInlet(pressure_mmhg=90.0),
    outlets={"*": ch.Resistance(resistance_wu=1000.0, distal_pressure_mmhg=5.0)},
)


@pytest.fixture(scope="module")
def lumen():
    return ch.build_lumen(
        ch.gallery.y_bifurcation(parent_length_mm=8.0, main_length_mm=8.0, side_length_mm=8.0)
    )


@pytest.fixture(scope="module")
def mesh(lumen):
    return ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.5))


def flows(mesh):
    solution = ch.solve_flow(mesh, BOUNDARIES)
    return [solution.face_flow_ml_min(name) for name in mesh.faces[:-1]]


@pytest.fixture(scope="module")
def expected(mesh):
    pytest.importorskip("dolfinx_solver")
    return flows(mesh)


@pytest.mark.fem
@pytest.mark.parametrize("name", ["mesh.vtu", "mesh.msh", "mesh.xdmf", "mesh-complete"])
def test_mesh_saved_and_read_back_solves_to_the_same_numbers(mesh, expected, tmp_path, name):
    write_mesh(mesh, tmp_path / name)
    np.testing.assert_allclose(flows(read_mesh(tmp_path / name)), expected, rtol=1e-9)


def test_stl_has_named_solids_that_close_and_hold_the_volume(mesh, tmp_path):
    write_mesh(mesh, tmp_path / "lumen.stl")
    text = (tmp_path / "lumen.stl").read_text()
    solids = re.findall(r"^solid (\S+) mm$", text, flags=re.MULTILINE)
    assert tuple(solids) == mesh.faces
    vertices = re.findall(r"vertex (\S+ \S+ \S+)", text)
    edges = Counter()
    for a, b, c in zip(vertices[::3], vertices[1::3], vertices[2::3], strict=True):
        edges.update([(a, b), (b, c), (c, a)])
    assert set(edges.values()) == {1}
    assert all(edges[b, a] == 1 for a, b in edges)
    corners = np.array([v.split() for v in vertices], dtype=float).reshape(-1, 3, 3)
    enclosed = np.linalg.det(corners).sum() / 6.0 * 1e-9
    assert enclosed == pytest.approx(mesh_quality(mesh).volume, rel=0.02)


def test_vtk_reads_the_stl(mesh, tmp_path):
    from vtkmodules.vtkIOGeometry import vtkSTLReader

    write_mesh(mesh, tmp_path / "lumen.stl")
    reader = vtkSTLReader()
    reader.SetFileName(str(tmp_path / "lumen.stl"))
    reader.Update()
    assert reader.GetOutput().GetNumberOfCells() == 4 * len(mesh.facets)


def test_vtk_reads_the_xdmf_in_the_same_node_order(mesh, tmp_path):
    module = pytest.importorskip("vtkmodules.vtkIOXdmf2")
    write_mesh(mesh, tmp_path / "mesh.xdmf", length_unit="m")
    reader = module.vtkXdmfReader()
    reader.SetFileName(str(tmp_path / "mesh.xdmf"))
    reader.Update()
    grid = reader.GetOutputDataObject(0)
    assert grid.GetNumberOfCells() == len(mesh.cells) + len(mesh.facets)
    assert (grid.GetCellType(0), grid.GetCellType(len(mesh.cells))) == (24, 22)
    assert [grid.GetCell(5).GetPointId(k) for k in range(10)] == list(mesh.cells[5])
    np.testing.assert_array_equal(grid.GetPoint(7), mesh.points[7])


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("version", [2.2, 4.1])
def test_meshes_of_gmsh_are_read_with_the_lumen_they_fill(tmp_path, order, version):
    import gmsh

    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("Mesh.MshFileVersion", version)
        gmsh.model.occ.addCylinder(0, 0, 0, 10, 0, 0, 1.5)
        gmsh.model.occ.synchronize()
        for tag, name in ((1, "wall"), (2, "outlet:tube"), (3, "inlet")):
            gmsh.model.addPhysicalGroup(2, [tag], name=name)
        gmsh.model.addPhysicalGroup(3, [1], name="lumen")
        gmsh.option.setNumber("Mesh.MeshSizeMax", 0.8)
        gmsh.model.mesh.generate(3)
        gmsh.model.mesh.setOrder(order)
        gmsh.write(str(tmp_path / "tube.msh"))
    finally:
        gmsh.finalize()
    lumen = ch.build_lumen(ch.gallery.tube(diameter_mm=3.0, length_mm=10.0))
    mesh = read_mesh(tmp_path / "tube.msh", length_unit="mm", lumen=lumen)
    quality = mesh_quality(mesh)
    volume = np.pi * 1.5e-3**2 * 10e-3
    assert quality.volume == pytest.approx(volume, rel=0.1 if order == 1 else 0.005)
    np.testing.assert_allclose(mesh.node_abscissa, mesh.points[:, 0], atol=1e-9)
    inlet = mesh.points[mesh.facets[mesh.facet_face == 0]]
    np.testing.assert_allclose(inlet[..., 0], 0.0, atol=1e-12)


def test_nearest_sections_agree_with_the_mesher_away_from_the_bifurcation(lumen, mesh):
    branch, abscissa = nearest_sections(lumen, mesh.points)
    far = np.abs(mesh.node_abscissa - 8e-3) > 4e-3
    assert far.sum() > 100
    np.testing.assert_array_equal(branch[far], mesh.node_branch[far])
    np.testing.assert_allclose(abscissa[far], mesh.node_abscissa[far], atol=0.2e-3)
