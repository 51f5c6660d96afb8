"""The layer contract of docs/design.md."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "corohemo"
BASE = {"units", "errors", "fields"}
NOUNS = {
    "tree", "nodes", "topology", "contours", "radius_law",
    "lumen", "lumen_branch", "lumen_build", "lumen_edit",
    "lumen_options", "lumen_places", "lesions", "vessel_names",
    "reference_radius", "vessel_curve", "vessel_chains", "boundary", "physiology", "states",
    "checks", "gallery", "section_shape", "lumen_shapes",
    "outlet", "prescribed", "circuit", "waveform", "network", "rheology",
    "heartbeat", "boundary_remarks", "blood", "heart", "loop", "probes", "bands",
}  # fmt: skip
ALLOWED = {
    "kernels": {"kernels"},
    "units": {"errors"},
    "errors": set(),
    "fields": set(),
    "io": BASE
    | NOUNS
    | {"io", "kernels", "surface", "meshing.mesh", "meshing.assemble"}
    | {"solvers.solution", "indices.results"},
    "surface": BASE | NOUNS | {"kernels", "surface", "io.paths"},
    "meshing": BASE | NOUNS | {"kernels", "meshing", "surface.fit", "surface.polydata"},
    "solvers": BASE | NOUNS | {"kernels", "meshing.mesh", "solvers"},
    "indices": BASE
    | NOUNS
    | {"kernels", "meshing.mesh", "indices"}
    | {"solvers.solution", "solvers.transient_solution"}
    | {"solvers.reduced_solution", "solvers.reduced_cycle_solution"},
    "uncertainty": BASE
    | NOUNS
    | {"kernels", "solvers.reduced", "solvers.reduced_solution", "indices", "uncertainty"},
    "thermodilution": BASE
    | NOUNS
    | {"kernels", "solvers.reduced_solution", "solvers.solution", "solvers.scalar_transport"}
    | {"indices", "meshing.mesh", "thermodilution"},
    "perfusion": BASE | NOUNS | {"kernels", "flow", "perfusion", "io.replacing"},
    "flow": BASE | NOUNS | {"kernels", "solvers.reduced", "flow"},
    "agreement": BASE
    | NOUNS
    | {"agreement", "report", "cohort.table_files", "provenance", "io.replacing"},
    "prognosis": BASE | NOUNS | {"prognosis", "agreement", "report.files", "cohort.table_files"},
}
FEM = {"dolfinx", "dolfinx_solver", "petsc4py", "mpi4py", "ufl", "basix", "ffcx"}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def imports(path, *, top_level_only=False):
    """Dotted names imported by a file, those for type checking left out."""
    found = []
    nodes = ast.parse(path.read_text()).body
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif not (top_level_only and isinstance(node, ast.FunctionDef | ast.ClassDef)):
            nodes += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return found


def layer(path):
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_module_imports_only_from_layers_below(path):
    name = layer(path)
    allowed = ALLOWED.get(name, BASE | NOUNS | {"kernels"} if name in NOUNS else None)
    if allowed is None:
        return
    for imported in imports(path):
        if imported.startswith("corohemo."):
            target = imported.removeprefix("corohemo.")
            fits = any(target == a or target.startswith(a + ".") for a in allowed)
            assert fits, f"{path.name} ({name}) imports {imported}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_dolfinx_is_imported_in_solvers_only(path):
    if layer(path) in {"solvers", "doctor"}:
        return
    assert not {name.split(".")[0] for name in imports(path)} & FEM


@pytest.mark.parametrize("path", sorted((PACKAGE / "kernels").glob("*.py")), ids=lambda p: p.name)
def test_kernels_import_numpy_and_numba_only(path):
    roots = {name.split(".")[0] for name in imports(path)}
    assert roots <= {"numpy", "numba", "corohemo", "__future__", "typing", "math", "collections"}
