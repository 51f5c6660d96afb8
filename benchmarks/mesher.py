"""The mesher against isotropic tetrahedra on the same surfaces: cells and seconds for equal FFR.

``python benchmarks/mesher.py [tube|bifurcation|left ...] [--vmtk PYTHON]`` meshes and solves each
lumen in three ways in one run:

- ours, at several refinements;
- isotropic tetrahedra of gmsh's HXT in a surface that mmgs has remeshed to an edge length in local
  radii, with straight edges, as linear meshers deliver them, and nodes in their middles;
- the same with vmtk's surface remesher, by the interpreter given with ``--vmtk``. The wheel of vmtk
  1.5.2 has no TetGen, so its own volume mesher cannot run; HXT fills its surfaces.

The surfaces are those of a fine mesh of ours. All meshes are solved by the same solver with the
same boundaries; the error is the largest of the outlets' FFR against a fine mesh of ours, or
the axisymmetric reference for the tube. Seconds are CPU seconds of one core.

``python benchmarks/mesher.py edit`` compares remeshing after an edit with the first meshing, and
``python benchmarks/mesher.py memory`` prints the peak memory of a mesh of a million cells.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mmgpy
import numpy as np
from scipy.spatial import KDTree

import corohemo as ch
from corohemo.gallery.shapes import cosine_dip
from corohemo.io.mesh_parts import MeshParts, build_mesh
from corohemo.io.vtk_files import polydata, write_polydata
from corohemo.io.vtkxml import read_vtk_xml
from corohemo.kernels.facets import flatten_facets
from corohemo.lumen_places import nearest_sections
from corohemo.meshing.gmsh_fill import fill

ROOT = Path(__file__).resolve().parent
AORTIC_MMHG = 93.0
FINE = 1.6
"""Refinement of the surface that the others get."""
MILLION = 2.6
"""Refinement of the left tree that has about a million cells."""


@dataclass(frozen=True)
class Surface:
    """Closed outward triangles with the number of their face, and the wanted edge per radius."""

    points: np.ndarray
    triangles: np.ndarray
    face: np.ndarray
    radii: np.ndarray


@dataclass(frozen=True)
class Case:
    """A lumen, its boundaries, the FFR of its outlets if known, and the sizes to try."""

    name: str
    lumen: ch.Lumen
    boundaries: ch.Boundaries
    reference: tuple[float, ...] | None
    finest: float
    refinements: tuple[float, ...]
    edges: tuple[float, ...]


def tube() -> Case:
    stored = json.loads((ROOT / "axisymmetric_reference.json").read_text())
    (known,) = [row for row in stored if row["name"] == "stenosis_60"]
    tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=60)
    boundaries = ch.Boundaries(
        inlet=ch.FlowInlet(flow_ml_min=known["flow_ml_min"], profile="parabolic"),
        outlets={"*": ch.PressureOutlet(pressure_mmhg=0.0)},
        blood=ch.Blood(density_kg_m3=1060.0, dynamic_viscosity_pa_s=3.5e-3),
    )
    exact = 1.0 - known["pressure_drop_mmhg"] / AORTIC_MMHG
    lumen = ch.build_lumen(tree)
    return Case("tube", lumen, boundaries, (exact,), 0.0, (0.6, 1.0, 1.4), (0.5, 0.35, 0.25))


def bifurcation() -> Case:
    """The gallery's Y with a 60 % lesion in the side branch."""
    *others, side = ch.gallery.y_bifurcation().branches
    place = (side.abscissas - side.start_abscissa) / side.length
    radii = side.radii * (1.0 - 0.6 * cosine_dip(place - 0.6, 0.5))
    narrow = ch.Branch(side.name, side.points, radii, side.parent, side.start_abscissa)
    lumen = ch.build_lumen(ch.VesselTree((*others, narrow), source="bifurcation"))
    boundaries = ch.prescribe_boundaries(lumen, ch.Hyperemia(myocardial_mass_g=80.0))
    return Case("bifurcation", lumen, boundaries, None, 2.0, (0.6, 1.0, 1.4), (0.5, 0.35, 0.25))


def left() -> Case:
    lumen = ch.build_lumen(ch.gallery.left_tree())
    boundaries = ch.prescribe_boundaries(lumen, ch.Hyperemia())
    return Case("left", lumen, boundaries, None, 1.0, (0.6, 0.8), (0.7,))


def pressures(mesh: ch.LumenMesh, boundaries: ch.Boundaries) -> tuple[list[float], int]:
    """FFR at each outlet and the unknowns of the solve."""
    solution = ch.solve_flow(mesh, boundaries)
    inlet = solution.face_pressure_mmhg("inlet")
    outlets = [solution.face_pressure_mmhg(name) for name in mesh.faces[1:-1]]
    return [1.0 - (inlet - p) / AORTIC_MMHG for p in outlets], solution.stats.unknowns


def surface_of(lumen: ch.Lumen) -> Surface:
    """The lumen's surface by flat triangles, from a fine mesh of ours."""
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=FINE))
    nodes, triangles, facet = flatten_facets(mesh.facets)
    points = mesh.points[nodes]
    return Surface(points, triangles, mesh.facet_face[facet], local_radii(lumen, points))


def local_radii(lumen: ch.Lumen, points: np.ndarray) -> np.ndarray:
    branch, abscissa = nearest_sections(lumen, points)
    radii = np.empty(len(points))
    for index, part in enumerate(lumen.branches):
        mine = branch == index
        radii[mine] = np.interp(abscissa[mine], part.abscissas, part.radii)
    return radii


def remeshed_by_mmgs(surface: Surface, edge: float) -> Surface:
    """Isotropic triangles of ``edge`` local radii; edges between faces stay."""
    scale = float(surface.radii.max())
    mesh = mmgpy.MmgMeshS()
    mesh.set_mesh_size(len(surface.points), len(surface.triangles), 0)
    mesh.set_vertices(surface.points / scale)
    mesh.set_triangles(surface.triangles.astype(np.int32), (surface.face + 1).astype(np.int32))
    mesh.set_field("metric", (edge * surface.radii / scale)[:, None])
    mesh.remesh(verbose=-1, hausd=0.1, hgrad=1.5)
    triangles, face = mesh.get_triangles_with_refs()
    points = mesh.get_vertices() * scale
    return _surface(surface, points, np.asarray(triangles), np.asarray(face) - 1)


def remeshed_by_vmtk(surface: Surface, edge: float, python: str) -> Surface:
    """The same by vmtk's surface remesher in another interpreter."""
    script = (
        "import sys, vtk; from vmtk import vmtkscripts\n"
        "reader = vtk.vtkXMLPolyDataReader(); reader.SetFileName(sys.argv[1]); reader.Update()\n"
        "tool = vmtkscripts.vmtkSurfaceRemeshing(); tool.Surface = reader.GetOutput()\n"
        "tool.ElementSizeMode = 'edgelengtharray'; tool.TargetEdgeLengthArrayName = 'Size'\n"
        "tool.CellEntityIdsArrayName = 'Face'; tool.LogOn = 0; tool.Execute()\n"
        "writer = vtk.vtkXMLPolyDataWriter(); writer.SetFileName(sys.argv[2])\n"
        "writer.SetInputData(tool.Surface); writer.Write()\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.vtp", Path(folder) / "out.vtp"
        write_polydata(
            polydata(
                1e3 * surface.points,
                triangles=surface.triangles,
                point_data={"Size": 1e3 * edge * surface.radii},
                cell_data={"Face": surface.face + 1},
            ),
            source,
        )
        subprocess.run([python, "-c", script, source, target], check=True, capture_output=True)
        data = read_vtk_xml(target, "PolyData")
    triangles = data.cells["Polys"][0].reshape(-1, 3)
    face = np.asarray(data.cell_data["Face"]).astype(np.int64) - 1
    return _surface(surface, 1e-3 * data.points, triangles, face)


def _surface(old: Surface, points: np.ndarray, triangles: np.ndarray, face: np.ndarray) -> Surface:
    radii = old.radii[KDTree(old.points).query(points)[1]]
    return Surface(points, triangles.astype(np.int64), face.astype(np.int64), radii)


def filled(surface: Surface, lumen: ch.Lumen, names: tuple[str, ...]) -> ch.LumenMesh:
    """HXT's tetrahedra inside a surface, as a mesh that the solver takes."""
    added, cells = fill(surface.points, surface.triangles)
    parts = MeshParts(
        points=np.concatenate([surface.points, added]),
        cells=cells,
        facets=surface.triangles,
        facet_face=surface.face,
        faces=names,
    )
    return build_mesh(parts, Path("isotropic"), lumen)


def cpu_seconds() -> float:
    """CPU time of this process and of those it started."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def compare(case: Case, vmtk: str | None) -> None:
    """Print one line for each mesh of a case."""
    lumen = case.lumen
    reference = case.reference
    if reference is None:
        finest = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=case.finest))
        reference = tuple(pressures(finest, case.boundaries)[0])
    told = ", ".join(f"{ffr:.4f}" for ffr in reference)
    print(f"\n{case.name}: reference FFR {told}")
    print(f"{'mesher':26s} {'cells':>8s} {'unknowns':>9s} {'mesh [s]':>9s} {'solve [s]':>9s} error")
    surface = surface_of(lumen)
    names = ("inlet", *(f"outlet:{name}" for name in lumen.outlet_names), "wall")
    meshers: dict[str, Callable[[], ch.LumenMesh]] = {
        f"ours, refinement {r:g}": lambda r=r: ch.mesh_lumen(lumen, ch.MeshOptions(refinement=r))
        for r in case.refinements
    }
    for edge in case.edges:
        meshers[f"mmgs + HXT, edge {edge:g} r"] = lambda edge=edge: filled(
            remeshed_by_mmgs(surface, edge), lumen, names
        )
        if vmtk:
            meshers[f"vmtk + HXT, edge {edge:g} r"] = lambda edge=edge: filled(
                remeshed_by_vmtk(surface, edge, vmtk), lumen, names
            )
    for name, mesher in meshers.items():
        report(name, mesher, case.boundaries, reference)
    if not vmtk:
        print("skipped vmtk: no interpreter with vmtk was given (--vmtk)")


def report(
    name: str,
    mesher: Callable[[], ch.LumenMesh],
    boundaries: ch.Boundaries,
    reference: tuple[float, ...],
) -> None:
    start = cpu_seconds()
    try:
        mesh = mesher()
        meshed = cpu_seconds()
        ffr, unknowns = pressures(mesh, boundaries)
    except (ch.CorohemoError, RuntimeError, subprocess.CalledProcessError) as error:
        detail = getattr(error, "stderr", None) or str(error)
        last = (detail.decode() if isinstance(detail, bytes) else detail).strip().splitlines()[-1]
        print(f"{name:26s} failed after {cpu_seconds() - start:.1f} s: {last}", flush=True)
        return
    error = float(np.abs(np.subtract(ffr, reference)).max())
    solved = cpu_seconds() - meshed
    print(
        f"{name:26s} {len(mesh.cells):8d} {unknowns:9d} {meshed - start:9.2f} {solved:9.1f} "
        f"{error:.4f}",
        flush=True,
    )


def edit() -> None:
    """CPU seconds of the first mesh of the left tree and of an edited one."""
    lumen = ch.build_lumen(ch.gallery.left_tree())
    stented = lumen.with_stent("pLAD", 17.0, 26.0, 3.6)
    ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.5))
    for name, each in (("first", lumen), ("stented", stented), ("first", lumen)):
        start = cpu_seconds()
        mesh = ch.mesh_lumen(each)
        print(f"left tree, {name}: {len(mesh.cells)} cells, {cpu_seconds() - start:.1f} s")


def memory() -> None:
    """Peak memory of a process that makes a mesh of a million cells."""
    lumen = ch.build_lumen(ch.gallery.left_tree())
    start = cpu_seconds()
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=MILLION))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"left tree, refinement {MILLION}: {len(mesh.cells)} cells, {len(mesh.points)} nodes, "
        f"{cpu_seconds() - start:.0f} s, peak {peak:.2f} GiB"
    )


def main(arguments: list[str]) -> None:
    cases: dict[str, Callable[[], Case]] = {"tube": tube, "bifurcation": bifurcation, "left": left}
    others: dict[str, Callable[[], None]] = {"edit": edit, "memory": memory}
    parser = argparse.ArgumentParser(description="Compare meshers for equal FFR.")
    parser.add_argument("what", nargs="*", choices=(*cases, *others), default=list(cases))
    parser.add_argument("--vmtk", help="Python interpreter that has vmtk")
    given = parser.parse_args(arguments)
    if set(given.what) & set(cases):
        ch.solve_flow(ch.mesh_lumen(ch.build_lumen(ch.gallery.tube())), tube().boundaries)
    for what in given.what:
        if what in cases:
            compare(cases[what](), given.vmtk)
        else:
            others[what]()


if __name__ == "__main__":
    main(sys.argv[1:])
