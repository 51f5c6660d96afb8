"""The stenosis tube in OpenFOAM: potentialFoam, then simpleFoam (SIMPLEC, laminar).

Started by ``tube.py``. The case is written in mm: in metres, potentialFoam 1912 hands back
velocities of thousands of m/s in vessels of this size. The solver runs until its residuals are
small; counted is the time until the pressure drop stays within ``STEADY`` of its last value.
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
from openfoam_mesh import count_cells, header, read_patch, write_poly_mesh
from openfoam_snappy import snappy_mesh
from tube_case import STEADY, Case, FloatArray, Run, Stopwatch, answer, skip
from tube_grid import Size, straight_grid

PROGRAMS = ("blockMesh", "snappyHexMesh", "potentialFoam", "simpleFoam")
DEBIAN_HOME = "/usr/share/openfoam"
"""Where Debian's package keeps what a sourced ``bashrc`` would name."""
SETTLED = 0.9
"""Share of the iterations after which the pressure drop must be steady."""
CONTROL = """
application simpleFoam; startFrom startTime; startTime 0; stopAt endTime; endTime {most_steps};
deltaT 1; writeControl timeStep; writeInterval 100000; timePrecision 8; writePrecision 10;
runTimeModifiable false;
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
gradSchemes {{ default {gradient}; }}
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
    p {{ solver GAMG; smoother GaussSeidel; tolerance 1e-9; relTol 0.1; }}
    U {{ solver smoothSolver; smoother symGaussSeidel; tolerance 1e-10; relTol 0.1; }}
}}
potentialFlow {{ nNonOrthogonalCorrectors 3; }}
SIMPLE
{{
    consistent yes; nNonOrthogonalCorrectors 0;
    residualControl {{ p 1e-4; U 1e-5; }}
}}
relaxationFactors {{ fields {{ p 1; }} equations {{ U {velocity_factor}; }} }}
"""
VELOCITY = """
dimensions [0 1 -1 0 0 0 0];
internalField uniform (0 0 0);
boundaryField
{{
    inlet {{ type fixedValue; value nonuniform List<vector> {count} (\n{profile}); }}
    outlet {{ type zeroGradient; }}
    wall {{ type noSlip; }}
    sides {{ type noSlip; }}
}}
"""
PRESSURE = """
dimensions [0 2 -2 0 0 0 0];
internalField uniform 0;
boundaryField
{
    inlet { type zeroGradient; }
    outlet { type fixedValue; value uniform 0; }
    wall { type zeroGradient; }
    sides { type zeroGradient; }
}
"""


def run(case: Case, level: dict[str, Any]) -> Run:
    case = in_millimetres(case)
    with tempfile.TemporaryDirectory() as name:
        folder, mesh = Path(name), Path(name) / "constant" / "polyMesh"
        watch = Stopwatch()
        write_settings(folder, case, level)
        if "size" in level:
            write_poly_mesh(straight_grid(case, Size(**level["size"])), mesh)
        else:
            snappy_mesh(folder, case, level, call)
        write_fields(folder, inlet_speeds(case, *read_patch(mesh, "inlet")))
        meshed = watch.cpu
        call(folder, "potentialFoam")
        started, wall = watch.cpu - meshed, watch.wall
        log = call(folder, "simpleFoam")
        drops = pressure_drops(folder, case)
        cells = count_cells(mesh)
    steps = steady_after(drops)
    cpu, elapsed = times(log)[steps - 1]
    return Run(
        mesh=level["name"],
        cells=cells,
        unknowns=4 * cells,
        pressure_drop=float(drops[steps - 1]),
        iterations=steps,
        mesh_seconds=meshed,
        solve_seconds=started + cpu,
        wall_seconds=wall + elapsed,
        version=f"OpenFOAM {re.search(r'OPENFOAM=(\d+)', log)[1]}",
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


def write_settings(folder: Path, case: Case, level: dict[str, Any]) -> None:
    viscosity = f"transportModel Newtonian; nu {case.kinematic_viscosity!r};\n"
    write(folder, "constant/transportProperties", viscosity)
    write(folder, "constant/turbulenceProperties", "simulationType laminar;\n")
    write(folder, "system/controlDict", CONTROL.format(**level))
    write(folder, "system/fvSchemes", SCHEMES.format(**level))
    write(folder, "system/fvSolution", SOLUTION.format(**level))


def write_fields(folder: Path, speeds: FloatArray) -> None:
    profile = "".join(f"({speed:.9g} 0 0)\n" for speed in speeds)
    write(folder, "0/U", VELOCITY.format(count=len(speeds), profile=profile), "volVectorField")
    write(folder, "0/p", PRESSURE, "volScalarField")


def write(folder: Path, name: str, text: str, kind: str = "dictionary") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header(kind, path.name) + text)


def inlet_speeds(case: Case, centers: FloatArray, areas: FloatArray) -> FloatArray:
    """Speed (n,) of each inlet face [mm/s], scaled so that the case's flow goes in."""
    speeds = case.inlet_velocity(np.hypot(centers[:, 1], centers[:, 2]))
    return speeds * case.flow_rate / (speeds @ areas)


def call(folder: Path, program: str) -> str:
    """What the program printed."""
    environment = {"WM_PROJECT_DIR": DEBIAN_HOME} | os.environ
    words = [program, "-case", folder, *(["-overwrite"] if program == "snappyHexMesh" else [])]
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(f"{program} failed: {(done.stdout + done.stderr)[-800:]}")
    return done.stdout


def pressure_drops(folder: Path, case: Case) -> FloatArray:
    """After each iteration (n,) [Pa]; the outlet's pressure is zero."""
    (path,) = folder.glob("postProcessing/inletPressure/*/surfaceFieldValue.dat")
    return 1e-6 * case.density * np.loadtxt(path, ndmin=2)[:, 1]


def steady_after(drops: FloatArray) -> int:
    """Iterations after which the pressure drop stays within ``STEADY`` of its last value."""
    off = np.flatnonzero(~(np.abs(drops - drops[-1]) <= STEADY * np.abs(drops[-1])))
    steps = int(off[-1]) + 2 if len(off) else 1
    if steps > SETTLED * len(drops):
        raise SystemExit(f"the pressure drop did not settle in {len(drops)} iterations")
    return steps


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
