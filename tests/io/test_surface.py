"""Closed surfaces: those of known lumens, written as STL and read back."""

from pathlib import Path

import numpy as np
import pytest

import corohemo as ch
from corohemo.io.surface_file import read_surface_file
from corohemo.kernels.facets import flatten_facets
from corohemo.meshing.quality import mesh_quality
from corohemo.surface.polydata import enclosed_volume


def write_stl(path: Path, points, triangles) -> Path:
    """One solid in millimetres."""
    lines = ["solid lumen"]
    for corners in 1e3 * points[triangles]:
        lines += ["facet normal 0 0 0", "outer loop"]
        lines += ["vertex " + " ".join(f"{x:.9g}" for x in corner) for corner in corners]
        lines += ["endloop", "endfacet"]
    path.write_text("\n".join([*lines, "endsolid lumen"]))
    return path


@pytest.fixture(scope="module")
def bifurcation():
    return ch.build_lumen(ch.gallery.y_bifurcation(angle_deg=60))


@pytest.fixture(scope="module")
def wall(bifurcation):
    """Points and triangles of the bifurcation's surface, and the face of each triangle."""
    mesh = ch.mesh_lumen(bifurcation, ch.MeshOptions(refinement=1.4))
    nodes, triangles, facet = flatten_facets(mesh.facets)
    return mesh.points[nodes], triangles, np.array(mesh.faces)[mesh.facet_face[facet]]


@pytest.fixture(scope="module")
def stl(wall, tmp_path_factory) -> Path:
    return write_stl(tmp_path_factory.mktemp("surface") / "y.stl", *wall[:2])


@pytest.fixture(scope="module")
def patches(wall, tmp_path_factory) -> list[Path]:
    points, triangles, faces = wall
    folder = tmp_path_factory.mktemp("caps")
    return [
        write_stl(folder / f"{name.removeprefix('outlet:')}.stl", points, triangles[faces == name])
        for name in ("inlet", "outlet:main", "outlet:side")
    ]


@pytest.fixture(scope="module")
def tree(stl, patches):
    return ch.read_surface(stl, caps=patches, length_unit="mm")


def test_tree_has_the_topology_and_lengths_of_the_lumen(tree, bifurcation):
    assert sorted(tree.outlet_names) == ["main", "side"]
    for name in tree.outlet_names:
        index = [branch.name for branch in tree.branches].index(name)
        known = bifurcation.branch(name).abscissas[-1]
        assert tree.branches[index].abscissas[-1] == pytest.approx(known, abs=0.5e-3)


def test_lumen_of_the_surface_has_its_radii_and_volume(tree, wall, bifurcation):
    lumen = ch.build_lumen(tree)
    for name in lumen.outlet_names:
        end = bifurcation.branch(name).abscissas[-1]
        for back in (2e-3, 6e-3, 10e-3):
            known = bifurcation.section_at(name, end - back).area
            branch = lumen.branch(name)
            area = branch.section_at(branch.abscissas[-1] - back).area
            assert area == pytest.approx(known, rel=0.02)
    mesh = ch.mesh_lumen(lumen)
    assert mesh_quality(mesh).volume == pytest.approx(enclosed_volume(*wall[:2]), rel=0.01)
    (note,) = [note for note in mesh.notes if "given surface" in note]
    mean = float(note.split(" lies ")[1].split()[0])
    assert mean < 0.03


def test_caps_are_found_by_their_shape(stl, tree):
    found = ch.read_centerline(stl, length_unit="mm")
    assert any("widest taken as the inlet" in note for note in found.notes)
    starts = [t.branches[0].points[0] for t in (found, tree)]
    assert starts[0] == pytest.approx(starts[1], abs=1e-5)


def test_flat_patches_of_wall_are_no_caps(tmp_path):
    mesh = ch.mesh_lumen(ch.build_lumen(ch.gallery.y_bifurcation(angle_deg=30)))
    nodes, triangles, _ = flatten_facets(mesh.facets)
    path = write_stl(tmp_path / "coarse.stl", mesh.points[nodes], triangles)
    assert len(ch.read_surface(path, length_unit="mm").outlets) == 2


def test_ends_may_be_points_inside(stl, bifurcation, tree):
    ends = [bifurcation.inlet_plane, *(bifurcation.outlet_plane(n) for n in ("main", "side"))]
    inward = [1.0, -1.0, -1.0]
    points = [
        (1e3 * (end.center + sign * 2e-3 * end.tangent)).tolist()
        for end, sign in zip(ends, inward, strict=True)
    ]
    cut = ch.read_surface(stl, caps=points, length_unit="mm")
    assert cut.branches[0].points[0] == pytest.approx(1e-3 * np.array(points[0]), abs=1e-6)
    assert cut.length == pytest.approx(tree.length - 6e-3, abs=0.5e-3)
    outside = [[100.0, 0, 0], *points[1:]]
    with pytest.raises(ch.GeometryError, match="does not lie inside"):
        ch.read_surface(stl, caps=outside, length_unit="mm")


def test_a_surface_that_points_inwards_is_turned(tmp_path, wall):
    path = write_stl(tmp_path / "in.stl", wall[0], wall[1][:, ::-1])
    tree = ch.read_surface(path, length_unit="mm")
    assert any("turned" in note for note in tree.notes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p, t: (p, np.delete(t, 100, axis=0)), "not closed"),
        (lambda p, t: (np.where(np.arange(len(p))[:, None] == 50, p + 3e-3, p), t), "crosses"),
        (lambda p, t: (p, np.concatenate([t, [[t[0, 0], t[0, 1], t[700, 0]]]])), "open|manifold"),
        (lambda p, t: (p, np.concatenate([t[:1, ::-1], t[1:]])), "face different ways"),
    ],
)
def test_broken_surfaces_are_refused_with_the_place(tmp_path, wall, change, said):
    path = write_stl(tmp_path / "bad.stl", *change(*wall[:2]))
    with pytest.raises(ch.GeometryError, match=said) as refusal:
        ch.read_surface(path, length_unit="mm")
    assert "mm)" in str(refusal.value)


def test_a_surface_without_ends_is_refused(tmp_path):
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkFiltersSources import vtkSphereSource

    sphere = vtkSphereSource()
    sphere.SetThetaResolution(30)
    sphere.SetPhiResolution(30)
    sphere.SetRadius(2e-3)
    sphere.Update()
    data = sphere.GetOutput()
    points = vtk_to_numpy(data.GetPoints().GetData()).astype(float)
    triangles = vtk_to_numpy(data.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    with pytest.raises(ch.GeometryError, match="0 planar ends"):
        ch.read_surface(write_stl(tmp_path / "ball.stl", points, triangles), length_unit="mm")


def test_unit_is_asked_for_and_checked(stl):
    with pytest.raises(ch.UnitError, match="length_unit"):
        ch.read_surface(stl)
    with pytest.raises(ch.UnitError, match="mm"):
        ch.read_surface(stl, length_unit="m")


def test_files_without_triangles_are_refused(tmp_path):
    path = tmp_path / "empty.stl"
    path.write_text("solid nothing\nendsolid nothing\n")
    with pytest.raises(ch.FileFormatError, match="no triangles"):
        ch.read_surface(path, length_unit="mm")


def test_caps_of_a_centerline_are_refused(tmp_path):
    path = tmp_path / "tube.csv"
    ch.write_centerline(ch.gallery.tube(), path)
    with pytest.raises(ch.InputError, match="caps"):
        ch.read_centerline(path, caps=["a.stl"])


def test_coronary_surface_is_read_with_its_caps(shared):
    folder = shared / "coronary_surface"
    caps = [folder / f"BC{k}.stl" for k in range(7)]
    tree = ch.read_surface(folder / "m1_fluid.stl", caps=caps, length_unit="mm")
    assert sorted(tree.outlet_names) == [f"BC{k}" for k in range(1, 7)]
    lumen = ch.build_lumen(tree)
    assert lumen.volume() == pytest.approx(1530e-9, rel=0.02)


def write_with_vtk(source: Path, target: Path, *, binary: bool) -> Path:
    """The surface of an STL file as VTK itself writes it in the other format."""
    from vtkmodules.vtkIOGeometry import vtkSTLReader, vtkSTLWriter
    from vtkmodules.vtkIOPLY import vtkPLYWriter
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    writers = {".stl": vtkSTLWriter, ".ply": vtkPLYWriter, ".vtp": vtkXMLPolyDataWriter}
    reader, writer = vtkSTLReader(), writers[target.suffix]()
    reader.SetFileName(str(source))
    writer.SetFileName(str(target))
    writer.SetInputConnection(reader.GetOutputPort())
    if target.suffix == ".vtp":
        writer.SetDataModeToAppended() if binary else writer.SetDataModeToAscii()
    elif binary:
        writer.SetFileTypeToBinary()
    else:
        writer.SetFileTypeToASCII()
    writer.Write()
    return target


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("suffix", [".stl", ".ply", ".vtp"])
def test_surfaces_that_vtk_wrote_are_read_to_the_last_triangle(stl, tmp_path, suffix, binary):
    first = read_surface_file(stl, 1.0)
    again = read_surface_file(write_with_vtk(stl, tmp_path / f"y{suffix}", binary=binary), 1.0)
    assert len(again.triangles) == len(first.triangles)
    assert again.areas == pytest.approx(first.areas, rel=1e-4)
    assert again.volume == pytest.approx(first.volume, rel=1e-5)


def test_polygons_are_cut_into_triangles_of_the_same_area(tmp_path):
    corners = "0 0 0\n2 0 0\n2 1 0\n1 0.25 0\n0 1 0\n5 5 5\n"
    header = "ply\nformat ascii 1.0\nelement vertex 6\nproperty float x\nproperty float y\n"
    header += "property float z\nelement face 2\nproperty list uchar int vertex_index\nend_header\n"
    (tmp_path / "w.ply").write_text(header + corners + "5 0 1 2 3 4\n2 0 5\n")
    surface = read_surface_file(tmp_path / "w.ply", 1.0)
    assert len(surface.triangles) == 3
    assert np.abs(surface.vectors.sum(axis=0)) == pytest.approx([0, 0, 1.25])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.stl", b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\n", "in the middle"),
        ("a.stl", b"solid a\nvertex 0 x 0\n", "Line 2: y is not a number"),
        ("a.stl", b"\0" * 80 + b"\xff\xff\xff\x7f" + b"\0" * 60, "2147483647 triangles"),
        ("a.ply", b"ply\nformat ascii 1.0\nelement vertex x\nend_header\n", "Line 3"),
        ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 9\nproperty float x\nend_header\n1\n",
         "ends before"),
        ("a.ply", b"ply\nformat ascii 1.0\nend_header\n", "no element vertex"),
    ],
)  # fmt: skip
def test_damaged_triangles_are_refused_with_the_place(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ch.CorohemoError, match=said) as refusal:
        read_surface_file(tmp_path / name, 1.0)
    assert name in str(refusal.value)


def test_a_surface_of_flat_triangles_is_refused(tmp_path):
    flat = write_stl(tmp_path / "flat.stl", np.zeros((3, 3)), np.array([[0, 1, 2]]))
    with pytest.raises(ch.GeometryError, match=r"flat\.stl: All triangles"):
        ch.read_surface(flat, length_unit="mm")
