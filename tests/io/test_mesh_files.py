from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from corohemo.errors import (
    FileFormatError,
    InputError,
    MissingArrayError,
    UnitError,
)
from corohemo.io import read_mesh, write_mesh
from corohemo.io.vtk_files import add_arrays, unstructured_grid, write_grid
from corohemo.kernels.facets import flatten_facets
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


@pytest.mark.parametrize("name", ["mesh.msh", "mesh.xdmf", "mesh-complete"])
@pytest.mark.parametrize("unit", ["m", "mm"])
def test_other_formats_read_back_the_same(mesh: LumenMesh, tmp_path: Path, name: str, unit: str):
    write_mesh(mesh, tmp_path / name, length_unit=unit)
    notes = () if name == "mesh.msh" else mesh.notes
    assert_same(read_mesh(tmp_path / name), replace(mesh, notes=notes), 0 if unit == "m" else 1e-15)


def test_abaqus_holds_all_cells(mesh: LumenMesh, tmp_path: Path):
    write_mesh(mesh, tmp_path / "mesh.inp")
    text = (tmp_path / "mesh.inp").read_text(encoding="utf-8")
    assert text.count("*ELEMENT") == 2


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
    with pytest.raises(FileFormatError, match=r"read from \.vtu, \.msh, \.xdmf files"):
        read_mesh(tmp_path / "mesh.stl")
    with pytest.raises(InputError, match="does not exist"):
        read_mesh(tmp_path / "mesh.msh")
    with pytest.raises(UnitError):
        write_mesh(mesh, tmp_path / "mesh.vtu", length_unit="inch")


@pytest.mark.parametrize("extension", [".vtu", ".msh", ".xdmf", ".stl", ".inp", ""])
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


@pytest.mark.parametrize("name", ["mesh.vtu", "mesh.msh", "mesh.xdmf"])
@pytest.mark.parametrize("part", [0.0, 0.2, 0.5, 0.8, 0.95])
def test_damaged_mesh_is_refused(mesh: LumenMesh, tmp_path: Path, name: str, part: float):
    path = tmp_path / name
    write_mesh(mesh, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    with pytest.raises(InputError, match=name):
        read_mesh(path)


def test_mesh_without_its_wall_is_refused(mesh: LumenMesh, tmp_path: Path):
    write_mesh(replace(mesh, facets=mesh.facets[:3], facet_face=mesh.facet_face[:3],
                       facet_cell=mesh.facet_cell[:3]), tmp_path / "mesh.xdmf")  # fmt: skip
    with pytest.raises(FileFormatError, match="3 named facets are not the boundary"):
        read_mesh(tmp_path / "mesh.xdmf")


def test_folded_cells_are_refused(mesh: LumenMesh, tmp_path: Path):
    points = mesh.points.copy()
    points[4] = points[1] + 2e-3
    write_mesh(replace(mesh, points=points), tmp_path / "mesh.msh")
    with pytest.raises(FileFormatError, match="folded cells"):
        read_mesh(tmp_path / "mesh.msh")


def test_unit_is_never_guessed(mesh: LumenMesh, tmp_path: Path):
    path = tmp_path / "mesh.msh"
    write_mesh(mesh, path, length_unit="cm")
    with pytest.raises(UnitError, match="in cm, not in mm"):
        read_mesh(path, length_unit="mm")
    path.write_text(path.read_text().replace("length unit", "no"))
    with pytest.raises(UnitError, match="does not state its length unit"):
        read_mesh(path)
    np.testing.assert_allclose(read_mesh(path, length_unit="cm").points, mesh.points, rtol=1e-15)
