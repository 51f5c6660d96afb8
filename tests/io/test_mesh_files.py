from __future__ import annotations

from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from corohemo.errors import (
    FileFormatError,
    InputError,
    MissingArrayError,
    MissingDependencyError,
    UnitError,
)
from corohemo.io import read_mesh, write_mesh
from corohemo.io.surface import flatten_facets
from corohemo.io.vtk_files import add_arrays, unstructured_grid, write_grid
from corohemo.meshing.mesh import LumenMesh


def assert_same(ours: LumenMesh, theirs: LumenMesh, rtol: float) -> None:
    for field in fields(LumenMesh):
        a, b = getattr(ours, field.name), getattr(theirs, field.name)
        if isinstance(b, np.ndarray):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=rtol, atol=0)
        else:
            assert a == b


@pytest.mark.parametrize(("unit", "rtol"), [("m", 0.0), ("mm", 1e-15), ("cm", 1e-15)])
def test_vtu_reads_back_the_same(mesh: LumenMesh, tmp_path: Path, unit: str, rtol: float):
    write_mesh(mesh, tmp_path / "mesh.vtu", length_unit=unit)
    assert_same(read_mesh(tmp_path / "mesh.vtu"), mesh, rtol)
    assert [path.name for path in tmp_path.iterdir()] == ["mesh.vtu"]


def test_vtk_reads_the_curved_cells(mesh: LumenMesh, tmp_path: Path):
    from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridReader

    write_mesh(mesh, tmp_path / "mesh.vtu")
    reader = vtkXMLUnstructuredGridReader()
    reader.SetFileName(str(tmp_path / "mesh.vtu"))
    reader.Update()
    grid = reader.GetOutput()
    assert grid.GetCellType(0) == 24
    assert grid.GetNumberOfCells() == len(mesh.cells) + len(mesh.facets)
    np.testing.assert_allclose(grid.GetPoint(1), mesh.points[1] * 1e3)


def test_gmsh_reads_faces_by_name_and_cells_the_right_way_round(mesh: LumenMesh, tmp_path: Path):
    import gmsh

    write_mesh(mesh, tmp_path / "mesh.msh")
    gmsh.initialize(interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.open(str(tmp_path / "mesh.msh"))
        groups = gmsh.model.getPhysicalGroups()
        names = [gmsh.model.getPhysicalName(*group) for group in groups]
        cells, _ = gmsh.model.mesh.getElementsByType(11)
        quality = gmsh.model.mesh.getElementQualities(cells, "minSJ")
        volume = gmsh.model.mesh.getElementQualities(cells, "volume")
    finally:
        gmsh.finalize()
    assert names == [*mesh.faces, "lumen"]
    np.testing.assert_allclose(quality, 1.0)
    np.testing.assert_allclose(volume, 8.0 / 6.0)


def test_stl_is_the_closed_surface(mesh: LumenMesh, tmp_path: Path):
    path = tmp_path / "surface.stl"
    write_mesh(mesh, path)
    content = path.read_bytes()
    n = int(np.frombuffer(content[80:84], "<u4")[0])
    assert n == 4 * len(mesh.facets)
    records = np.frombuffer(content[84:], np.dtype([("f", "<f4", 12), ("a", "<u2")]))
    corners = records["f"][:, 3:].reshape(-1, 3, 3).astype(float)
    areas = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2
    np.testing.assert_allclose(areas.sum(axis=0), 0.0, atol=1e-6)
    volume = np.einsum("ij,ij->", corners.mean(axis=1), areas) / 3
    assert volume == pytest.approx(8.0 / 6.0, rel=1e-6)


def test_abaqus_holds_all_cells(mesh: LumenMesh, tmp_path: Path):
    write_mesh(mesh, tmp_path / "mesh.inp")
    text = (tmp_path / "mesh.inp").read_text(encoding="utf-8")
    assert text.count("*ELEMENT") == 2


@pytest.mark.skipif(find_spec("h5py") is not None, reason="h5py is here")
def test_xdmf_without_h5py_says_how_to_get_it(mesh: LumenMesh, tmp_path: Path):
    with pytest.raises(MissingDependencyError, match="pip install h5py"):
        write_mesh(mesh, tmp_path / "mesh.xdmf")


def test_quarters_cover_the_facet_with_its_orientation(mesh: LumenMesh):
    nodes, triangles, facet = flatten_facets(mesh.facets)
    corners = mesh.points[nodes][triangles]
    areas = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2
    whole = mesh.points[mesh.facets[:, :3]]
    expected = np.cross(whole[:, 1] - whole[:, 0], whole[:, 2] - whole[:, 0]) / 2
    np.testing.assert_allclose(areas, expected[facet] / 4, atol=1e-18)


def test_unknown_formats_and_units_are_refused(mesh: LumenMesh, tmp_path: Path):
    with pytest.raises(FileFormatError, match=r"\.vtu, \.msh"):
        write_mesh(mesh, tmp_path / "mesh.obj")
    with pytest.raises(FileFormatError, match=r"read from \.vtu"):
        read_mesh(tmp_path / "mesh.msh")
    with pytest.raises(UnitError):
        write_mesh(mesh, tmp_path / "mesh.vtu", length_unit="inch")


@pytest.mark.parametrize("extension", [".vtu", ".msh", ".stl", ".inp"])
def test_writing_where_nothing_can_be_written_is_a_sentence(
    mesh: LumenMesh, tmp_path: Path, extension: str
):
    with pytest.raises(InputError, match="cannot be written"):
        write_mesh(mesh, tmp_path / "none" / f"mesh{extension}")


def test_missing_arrays_and_foreign_cells_are_named(mesh: LumenMesh, tmp_path: Path):
    path = tmp_path / "mesh.vtu"
    grid = unstructured_grid(mesh.points, [(24, mesh.cells), (22, mesh.facets)])
    write_grid(grid, path)
    with pytest.raises(MissingArrayError, match="FaceNames"):
        read_mesh(path)
    add_arrays(grid, texts={"FaceNames": mesh.faces})
    write_grid(grid, path)
    with pytest.raises(MissingArrayError, match="FaceId is missing"):
        read_mesh(path)
    write_grid(unstructured_grid(mesh.points, [(10, mesh.cells[:, :4])]), path)
    with pytest.raises(FileFormatError, match="VTK type 10"):
        read_mesh(path)


def test_faces_out_of_range_are_refused(mesh: LumenMesh, tmp_path: Path):
    write_mesh(replace(mesh, facet_face=mesh.facet_face + 5), tmp_path / "mesh.vtu")
    with pytest.raises(FileFormatError, match="FaceId refers to what is not there"):
        read_mesh(tmp_path / "mesh.vtu")


def test_damaged_mesh_is_refused(mesh: LumenMesh, tmp_path: Path):
    path = tmp_path / "mesh.vtu"
    write_mesh(mesh, path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FileFormatError):
        read_mesh(path)
