"""The stenosis tube in OpenFOAM: swept hexahedra, potentialFoam, simpleFoam (SIMPLEC, laminar).

Started by ``tube.py``. The case is written in mm: in metres, potentialFoam 1912 hands back velocities
of thousands of m/s in vessels of this size (its reconstruction inverts tensors of face areas). The solver runs until its residuals are small; counted is the time until
the pressure drop stays within ``STEADY`` of its last value.
"""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from openfoam_mesh import header, write_poly_mesh
from tube_case import STEADY, Case, FloatArray, Run, Stopwatch, answer, skip
from tube_grid import Grid, Size, straight_grid

PROGRAMS = ("potentialFoam", "simpleFoam")
DEBIAN_HOME = "/usr/share/openfoam"
"""Where Debian's package keeps what a sourced ``bashrc`` would name."""
CONTROL = """
application simpleFoam; startFrom startTime; startTime 0; stopAt endTime; endTime {most};
deltaT 1; writeControl timeStep; writeInterval 100000; timePrecision 8; runTimeModifiable false;
functions
{{
    inletPressure
    {{
        type surfaceFieldValue; libs (fieldFunctionObjects); fields (p); operation areaAverage;
        regionType patch; name inlet; writeFields false; log false; writePrecision 10;
        writeControl timeStep; writeInterval 1;
    }}
}}
"""
SCHEMES = """
ddtSchemes {{ default steadyState; }}
gradSchemes {{ default Gauss linear; }}
divSchemes
{{
    default none;
    div(phi,U) bounded Gauss {convection};
    div((nuEff*dev2(T(grad(U))))) Gauss linear;
    div(div(phi,U)) Gauss linear;
}}
laplacianSchemes {{ default Gauss linear corrected; }}
interpolationSchemes {{ default linear; }}
snGradSchemes {{ default corrected; }}
"""
SOLUTION = """
solvers
{{
    Phi {{ solver GAMG; smoother DIC; tolerance 1e-6; relTol 0.01; }}
    p {{ solver GAMG; smoother {smoother}; tolerance 1e-9; relTol {p_tol}; }}
    U {{ solver smoothSolver; smoother symGaussSeidel; tolerance 1e-10; relTol 0.1; }}
}}
potentialFlow {{ nNonOrthogonalCorrectors 3; }}
SIMPLE
{{
    consistent yes; nNonOrthogonalCorrectors 0;
    residualControl {{ p 1e-5; U 1e-6; }}
}}
relaxationFactors {{ fields {{ p {p_relax}; }} equations {{ U {u_relax}; }} }}
"""


def run(case: Case, level: dict[str, Any]) -> Run:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        watch = Stopwatch()
        case = in_millimetres(case)
        grid = straight_grid(case, Size(**level["size"]))
        write_poly_mesh(grid, folder / "constant" / "polyMesh")
        write_case(folder, case, grid, level)
        meshed = watch.cpu
        call(folder, "potentialFoam")
        started, wall = watch.cpu - meshed, watch.wall
        log = call(folder, "simpleFoam")
        drops = pressure_drops(folder, case)
    steps = steady_after(drops)
    cpu, elapsed = times(log)[steps - 1]
    return Run(
        mesh=level["name"],
        cells=len(grid.cells),
        unknowns=4 * len(grid.cells),
        pressure_drop=float(drops[steps - 1]),
        iterations=steps,
        mesh_seconds=meshed,
        solve_seconds=started + cpu,
        wall_seconds=wall + elapsed,
        version=f"OpenFOAM {re.search(r'Version: *(\S+)', log)[1]}",
    )


def in_millimetres(case: Case) -> Case:
    """The case with lengths in mm; density stays, so pressures come in 1e-6 Pa."""
    return replace(
        case,
        flow_rate=1e9 * case.flow_rate,
        kinematic_viscosity=1e6 * case.kinematic_viscosity,
        radius=1e3 * case.radius,
        length=1e3 * case.length,
        lesion_length=1e3 * case.lesion_length,
        lesion_center=1e3 * case.lesion_center,
    )


def write_case(folder: Path, case: Case, grid: Grid, level: dict[str, Any]) -> None:
    speeds = inlet_speeds(case, grid)
    profile = f"nonuniform List<vector> {len(speeds)}\n(\n"
    profile += "".join(f"({speed:.9g} 0 0)\n" for speed in speeds) + ")"
    velocity = (
        "dimensions [0 1 -1 0 0 0 0]; internalField uniform (0 0 0);\nboundaryField {\n"
        f"inlet {{ type fixedValue; value {profile}; }}\n"
        "outlet { type zeroGradient; }\nwall { type noSlip; }\n}\n"
    )
    pressure = (
        "dimensions [0 2 -2 0 0 0 0]; internalField uniform 0;\nboundaryField {\n"
        "inlet { type zeroGradient; }\noutlet { type fixedValue; value uniform 0; }\n"
        "wall { type zeroGradient; }\n}\n"
    )
    transport = f"transportModel Newtonian; nu {case.kinematic_viscosity!r};\n"
    texts = {
        "0/U": ("volVectorField", velocity),
        "0/p": ("volScalarField", pressure),
        "constant/transportProperties": ("dictionary", transport),
        "constant/turbulenceProperties": ("dictionary", "simulationType laminar;\n"),
        "system/controlDict": ("dictionary", CONTROL.format(most=level["most"])),
        "system/fvSchemes": ("dictionary", SCHEMES.format(**level)),
        "system/fvSolution": ("dictionary", SOLUTION.format(**level)),
    }
    for name, (kind, text) in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(header(kind, path.name) + text)


def inlet_speeds(case: Case, grid: Grid) -> FloatArray:
    """Speed of each inlet face [m/s], scaled so that the case's flow goes in."""
    corners = grid.points[grid.faces["inlet"]]
    normals = 0.5 * np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    centers = corners.mean(axis=1)
    speeds = case.inlet_velocity(np.hypot(centers[:, 1], centers[:, 2]))
    return speeds * case.flow_rate / -(speeds @ normals[:, 0])


def call(folder: Path, program: str) -> str:
    """What the program printed; its last lines if it failed."""
    environment = {"WM_PROJECT_DIR": DEBIAN_HOME} | os.environ
    done = subprocess.run(
        [program, "-case", folder], capture_output=True, text=True, env=environment
    )
    if done.returncode:
        raise SystemExit(f"{program} failed: {(done.stdout + done.stderr)[-800:]}")
    return done.stdout


def pressure_drops(folder: Path, case: Case) -> FloatArray:
    """After each iteration (n,) [Pa]; the outlet's pressure is zero."""
    (path,) = folder.glob("postProcessing/inletPressure/*/surfaceFieldValue.dat")
    return 1e-6 * case.density * np.loadtxt(path, ndmin=2)[:, 1]


def steady_after(drops: FloatArray) -> int:
    """Iterations after which the pressure drop stays within ``STEADY`` of its last value."""
    off = np.flatnonzero(np.abs(drops / drops[-1] - 1.0) > STEADY)
    return int(off[-1]) + 2 if len(off) else 1


def times(log: str) -> list[tuple[float, float]]:
    """CPU and elapsed seconds of simpleFoam after each iteration."""
    found = re.findall(r"ExecutionTime = (\S+) s +ClockTime = (\S+) s", log)
    return [(float(cpu), float(clock)) for cpu, clock in found]


if __name__ == "__main__":
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        skip(
            f"OpenFOAM's {' and '.join(missing)} are not on the path; on Debian, "
            "'apt-get install openfoam' installs them."
        )
    answer(run)
