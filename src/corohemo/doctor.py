"""What is installed, what is missing, how to get it, and a small flow that must come out right."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from corohemo.provenance import package_version

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
GMSH_LIBRARIES = "libglu1-mesa libgl1 libxft2 libxcursor1 libxinerama1 libxrender1"
FEM_HINT = "pip install 'corohemo[fem]' on Linux, or fenics-dolfinx from conda-forge"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor.

    Attributes:
        name: What was looked at.
        ok: Whether it is as it should be; False for what a run needs and lacks.
        detail: Version or value, or what is wrong.
        remedy: What to do; empty when all is well.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""


PACKAGES = (
    "numpy",
    "scipy",
    "numba",
    "vtk",
    "mmgpy",
    "meshio",
    "pydantic",
    "matplotlib",
    "SALib",
)
"""Python packages that must be there."""


def examine() -> Iterator[Finding]:
    """Look at everything, one finding at a time; the flow solve comes last."""
    yield _python()
    for package in PACKAGES:
        yield _package(package)
    yield _imported("gmsh", f"apt-get install {GMSH_LIBRARIES}", lambda: _version_of("gmsh"))
    yield _imported("DOLFINx", FEM_HINT, _dolfinx)
    yield _imported("PETSc", FEM_HINT, _petsc)
    yield _imported("MPI", FEM_HINT, _mpi)
    yield _program("mpirun", "needed for --np; comes with the extra fem")
    yield _compiler()
    yield from _folders()
    yield _threads()
    yield _off_screen()
    yield _solve()


def _python() -> Finding:
    fits = sys.version_info >= (3, 12)
    return Finding("Python", fits, platform.python_version(), "" if fits else "Use 3.12 or newer.")


def _package(name: str) -> Finding:
    found = package_version(name)
    return Finding(
        name, found is not None, found or "missing", "" if found else f"pip install {name}"
    )


def _version_of(name: str) -> str:
    import_module(name)
    return package_version(name) or "of unknown version"


def _imported(name: str, remedy: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except Exception as error:  # any failure of a foreign import is a finding
        return Finding(name, False, f"{type(error).__name__}: {error}", remedy)


def _dolfinx() -> str:
    from corohemo.solvers.environment import require_dolfinx

    require_dolfinx()
    return str(import_module("dolfinx").__version__)


def _petsc() -> str:
    version = import_module("petsc4py.PETSc").Sys.getVersion()
    return ".".join(map(str, version))


def _mpi() -> str:
    library = import_module("mpi4py.MPI").Get_library_version()
    return " ".join(str(library).split()[:3])


def _program(name: str, why: str) -> Finding:
    beside = Path(sys.executable).with_name(name)
    path = str(beside) if beside.is_file() else shutil.which(name)
    return Finding(name, path is not None, path or "missing", "" if path else why)


def _compiler() -> Finding:
    name = os.environ.get("CC", "cc")
    path = shutil.which(name) or shutil.which("gcc")
    remedy = "" if path else "Install a C compiler (apt-get install gcc); forms are compiled."
    return Finding("C compiler", path is not None, path or "missing", remedy)


def _folders() -> Iterator[Finding]:
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    numba = os.environ.get("NUMBA_CACHE_DIR")
    chosen = {
        "cache of compiled forms": home / "fenics",
        "cache of kernels": Path(numba) if numba else Path(__file__).parent,
        "temporary files": Path(tempfile.gettempdir()),
    }
    for name, folder in chosen.items():
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        writable = os.access(existing, os.W_OK)
        remedy = (
            "" if writable else "Set XDG_CACHE_HOME, NUMBA_CACHE_DIR or TMPDIR to a writable one."
        )
        yield Finding(name, writable, str(folder), remedy)


def _threads() -> Finding:
    values = {name: os.environ.get(name) for name in THREADS}
    shown = ", ".join(f"{name}={value or 'unset'}" for name, value in values.items())
    return Finding("threads", True, f"{os.cpu_count()} cores; {shown}")


def _off_screen() -> Finding:
    def look() -> str:
        from corohemo.report.scene import off_screen_window

        window = off_screen_window()
        window.SetSize(8, 8)
        window.Render()
        return str(window.GetClassName())

    return _imported("off-screen pictures", "--set report.pictures=false leaves them out", look)


def _solve() -> Finding:
    """Poiseuille flow in a short tube against its pressure drop."""

    def look() -> str:
        import corohemo as ch

        lumen = ch.build_lumen(ch.gallery.tube(diameter_mm=3.0, length_mm=6.0))
        mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.6))
        boundaries = ch.Boundaries(
            inlet=ch.FlowInlet(flow_ml_min=60.0), outlets={"*": ch.PressureOutlet()}
        )
        begin = time.perf_counter()
        drop = ch.solve_flow(mesh, boundaries).face_pressure_mmhg("inlet")
        seconds = time.perf_counter() - begin
        exact = ch.solve_reduced(lumen, boundaries).face_pressure_mmhg("inlet")
        if abs(drop / exact - 1.0) > 0.05:
            raise ArithmeticError(f"pressure drop {drop:.4f} mmHg instead of {exact:.4f}")
        return f"Poiseuille drop within {100 * abs(drop / exact - 1.0):.2f} % in {seconds:.1f} s"

    return _imported("flow solve", "mend what is listed above, then run the doctor again", look)
