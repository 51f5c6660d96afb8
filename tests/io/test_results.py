from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from corohemo.errors import InputError
from corohemo.indices.results import Pullback, WallShear
from corohemo.io import write_centerline_sections, write_flow_vtu, write_wall_vtp
from corohemo.io.vtkxml import read_vtk_xml
from corohemo.meshing.mesh import LumenMesh
from corohemo.units import ML_PER_MIN, MM, MMHG


@pytest.fixture
def solution(mesh: LumenMesh) -> SimpleNamespace:
    n = len(mesh.points)
    rng = np.random.default_rng(2)
    velocity, pressure = rng.normal(size=(n, 3)), 90 * MMHG + rng.normal(size=n)
    return SimpleNamespace(mesh=mesh, velocity=velocity, pressure=pressure)


@pytest.fixture
def wall(mesh: LumenMesh) -> WallShear:
    n = int(np.sum(mesh.facet_face == mesh.faces.index("wall")))
    rng = np.random.default_rng(3)
    return WallShear(
        points=rng.normal(size=(n, 3)),
        traction=rng.normal(size=(n, 3)),
        weights=rng.uniform(1, 2, n),
        normals=rng.normal(size=(n, 3)),
        pressure=rng.normal(size=n),
        branch=np.zeros(n, dtype=np.int64),
        abscissa=np.zeros(n),
    )


def vtk_read(path: Path, kind: str):
    from vtkmodules import vtkIOXML

    reader = getattr(vtkIOXML, f"vtkXML{kind}Reader")()
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def test_flow_file_holds_the_fields_in_their_units(solution: SimpleNamespace, tmp_path: Path):
    path = tmp_path / "flow.vtu"
    ffr = np.linspace(0.7, 1.0, len(solution.pressure))
    write_flow_vtu(path, solution, ffr=ffr)
    data = read_vtk_xml(path, "UnstructuredGrid")
    np.testing.assert_allclose(data.points * MM, solution.mesh.points, rtol=1e-14)
    np.testing.assert_array_equal(data.point_data["Velocity_m_s"], solution.velocity)
    np.testing.assert_array_equal(data.point_data["Pressure_Pa"], solution.pressure)
    np.testing.assert_allclose(data.point_data["Pressure_mmHg"] * MMHG, solution.pressure)
    np.testing.assert_array_equal(data.point_data["FFR"], ffr)
    assert data.point_data["BranchId"].dtype.kind == "i"
    assert data.text_data["LengthUnit"] == ("mm",)
    np.testing.assert_array_equal(data.cells["Cells"][0].reshape(-1, 10), solution.mesh.cells)


def test_flow_file_opens_in_vtk_with_its_volume(solution: SimpleNamespace, tmp_path: Path):
    path = tmp_path / "flow.vtu"
    write_flow_vtu(path, solution)
    grid = vtk_read(path, "UnstructuredGrid")
    assert grid.GetCell(0).GetClassName() == "vtkQuadraticTetra"
    center, values, weights = [0.25] * 3, [0.0] * 3, [0.0] * 10
    grid.GetCell(0).EvaluateLocation(_mutable(0), center, values, weights)
    np.testing.assert_allclose(values, solution.mesh.points[:4].mean(axis=0) * 1e3)
    assert not grid.GetPointData().HasArray("FFR")


def _mutable(value: int):
    from vtkmodules.vtkCommonCore import mutable

    return mutable(value)


def test_wall_file_carries_the_value_of_each_facet(
    solution: SimpleNamespace, wall: WallShear, tmp_path: Path
):
    path = tmp_path / "wall.vtp"
    aps = np.arange(len(wall.weights), dtype=float)
    write_wall_vtp(path, solution, wall, aps=aps, ffr=np.ones(len(solution.pressure)))
    data = read_vtk_xml(path, "PolyData")
    n_facets = len(wall.weights)
    assert len(data.cells["Polys"][1]) == 4 * n_facets
    np.testing.assert_allclose(data.cell_data["WSS_Pa"], np.repeat(wall.magnitude, 4))
    assert data.cell_data["WSSVector_Pa"].shape == (4 * n_facets, 3)
    assert {"APS_Pa", "WallNormal"} <= set(data.cell_data)
    np.testing.assert_array_equal(data.point_data["FFR"], 1.0)
    used = np.unique(solution.mesh.facets[solution.mesh.facet_face == 2])
    np.testing.assert_allclose(data.points, solution.mesh.points[used] / MM)
    assert vtk_read(path, "PolyData").GetNumberOfPolys() == 4 * n_facets


def test_constant_stress_is_constant_on_the_wall(
    solution: SimpleNamespace, wall: WallShear, tmp_path: Path
):
    path = tmp_path / "wall.vtp"
    write_wall_vtp(path, solution, replace(wall, traction=np.full_like(wall.traction, 2.0)))
    data = read_vtk_xml(path, "PolyData")
    np.testing.assert_allclose(data.cell_data["WSS_Pa"], 2.0 * np.sqrt(3.0))
    assert "APS_Pa" not in data.cell_data


def test_arrays_of_the_wrong_length_are_refused(
    solution: SimpleNamespace, wall: WallShear, tmp_path: Path
):
    with pytest.raises(InputError, match="ffr must have 10 entries, got 3"):
        write_flow_vtu(tmp_path / "flow.vtu", solution, ffr=np.ones(3))
    with pytest.raises(InputError, match="aps must have 2 entries, got 3"):
        write_wall_vtp(tmp_path / "wall.vtp", solution, wall, aps=np.ones(3))
    assert list(tmp_path.iterdir()) == []


def make_sections() -> tuple[SimpleNamespace, list[Pullback]]:
    branches, pullbacks = [], []
    for name, start in (("LM", 0.0), ("LAD", 0.02)):
        abscissas = start + np.linspace(0, 0.02, 41)
        points = np.column_stack([np.zeros(41), np.zeros(41), abscissas])
        branches.append(
            SimpleNamespace(
                name=name,
                abscissas=abscissas,
                points=points,
                reference_radii=np.full(41, 1.6e-3),
            )
        )
        at = start + np.linspace(0, 0.02, 11)
        ffr = 1 - 5 * at
        pullbacks.append(
            Pullback(
                branch=name,
                abscissa=at,
                radius=np.full(11, 1.5e-3),
                pressure=93 * MMHG * ffr,
                ffr=ffr,
                flow=np.full(11, 80 * ML_PER_MIN),
            )
        )
    return SimpleNamespace(branches=branches), pullbacks


def test_sections_as_polydata_lie_on_the_centerline(tmp_path: Path):
    path = tmp_path / "lumen.vtp"
    write_centerline_sections(path, *make_sections())
    data = read_vtk_xml(path, "PolyData")
    assert len(data.cells["Lines"][1]) == 2
    np.testing.assert_allclose(data.points[:, 2], data.point_data["Abscissa_mm"])
    np.testing.assert_allclose(data.point_data["Radius_mm"], 1.5)
    np.testing.assert_allclose(data.point_data["ReferenceRadius_mm"], 1.6)
    np.testing.assert_allclose(data.point_data["Pressure_mmHg"], 93 * data.point_data["FFR"])
    np.testing.assert_allclose(data.point_data["Flow_mL_min"], 80.0)
    assert data.text_data["BranchNames"] == ("LM", "LAD")


def test_sections_as_table_name_the_branch(tmp_path: Path):
    path = tmp_path / "sections.csv"
    write_centerline_sections(path, *make_sections())
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 22
    assert [rows[0]["Branch"], rows[-1]["Branch"]] == ["LM", "LAD"]
    assert float(rows[-1]["Z_mm"]) == pytest.approx(40.0)
    assert float(rows[-1]["FFR"]) == pytest.approx(0.8)


def test_sections_need_a_known_format_and_a_pullback_per_branch(tmp_path: Path):
    lumen, pullbacks = make_sections()
    with pytest.raises(InputError, match=r"\.vtp or \.csv"):
        write_centerline_sections(tmp_path / "sections.txt", lumen, pullbacks)
    with pytest.raises(InputError, match="one pullback per branch, 2; got 1"):
        write_centerline_sections(tmp_path / "sections.csv", lumen, pullbacks[:1])
