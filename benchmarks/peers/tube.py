"""Time to 1 % of a stenosis' pressure drop: corohemo, OpenFOAM, NGSolve and Kratos in one go.

``python benchmarks/peers/tube.py [name ...] [--case stenosis_60] [--python INTERPRETER]`` solves
the tube of ``benchmarks/axisymmetric_reference.py`` on several meshes with each program and prints
one line for each. A time counts only if the next finer mesh agrees: both drops within 1 % of the
reference and of each other. Seconds are CPU seconds on one thread. NGSolve and Kratos are run by
the interpreter named with ``--python``; see the README beside this file.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tube_case import Case, Run, cpu_seconds
from tube_levels import SERIES, Series

from corohemo.units import ML_PER_MIN, MM, MMHG

HERE = Path(__file__).resolve().parent
REFERENCES = HERE.parent / "axisymmetric_reference.json"
PEERS_PYTHON = HERE.parents[1] / ".venv-peers" / "bin" / "python"
TOLERANCE = 0.01
RUN_SECONDS = 240
"""CPU seconds that one mesh may take."""
SERIES_SECONDS = 600
"""CPU seconds after which a series gets no finer mesh."""
PATIENCE = 10
"""Elapsed time that a mesh may take, over ``RUN_SECONDS``: others may use the machine."""


@dataclass(frozen=True)
class Line:
    """A run with the error of its pressure drop and the CPU seconds of its whole process."""

    run: Run
    error: float
    process_seconds: float


@dataclass(frozen=True)
class NoRun:
    """Why there is no run; ``absent`` if a finer mesh would have none either."""

    reason: str
    absent: bool = False


def read_case(name: str) -> tuple[Case, float]:
    """The case in SI and its reference pressure drop [Pa]."""
    stored = {row["name"]: row for row in json.loads(REFERENCES.read_text())}
    if name not in stored:
        raise SystemExit(f"There is no case {name!r}; there are {', '.join(stored)}.")
    row = stored[name]
    case = Case(
        name=name,
        stenosis=row["stenosis"],
        flow_rate=row["flow_ml_min"] * ML_PER_MIN,
        kinematic_viscosity=row["kinematic_viscosity"],
        density=row["density"],
        radius=row["radius_mm"] * MM,
        length=row["length_mm"] * MM,
        lesion_length=row["lesion_length_mm"] * MM,
        lesion_center=row["lesion_center_mm"] * MM,
    )
    return case, row["pressure_drop_mmhg"] * MMHG


def start(series: Series, level: dict[str, Any], case: Case, python: Path) -> Run | NoRun:
    interpreter = python if series.own_python else Path(sys.executable)
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "run.json"
        try:
            done = subprocess.run(
                [interpreter, HERE / series.script, result],
                input=json.dumps({"case": vars(case), "level": level}),
                env=environment,
                timeout=PATIENCE * RUN_SECONDS,
                preexec_fn=_limit,
                capture_output=True,
                text=True,
            )
        except FileNotFoundError:
            return NoRun(f"there is no interpreter {interpreter}; see README.md beside it.", True)
        except subprocess.TimeoutExpired:
            return NoRun(f"stopped after {PATIENCE * RUN_SECONDS} s")
        if not result.exists():
            told = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            return NoRun(f"ended with code {done.returncode}: {told}")
        found = json.loads(result.read_text())
    return NoRun(found["skipped"], absent=True) if "skipped" in found else Run(**found)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (RUN_SECONDS, RUN_SECONDS + 5))


def refine(series: Series, case: Case, reference: float, python: Path) -> list[Line]:
    """Run from coarse to fine, print a line for each."""
    lines: list[Line] = []
    used = 0.0
    for level in series.levels:
        if used > SERIES_SECONDS:
            print(f"{series.name:26s} {level['name']:16s} left out after {used:.0f} CPU seconds")
            break
        before = cpu_seconds()
        run = start(series, level, case, python)
        spent = cpu_seconds() - before
        used += spent
        if isinstance(run, NoRun):
            verdict = "skipped" if run.absent else f"failed after {spent:.0f} CPU s"
            print(f"{series.name:26s} {level['name']:16s} {verdict}: {run.reason}", flush=True)
            if run.absent:
                break
            continue
        lines.append(Line(run, run.pressure_drop / reference - 1.0, spent))
        print(row(series, lines[-1]), flush=True)
    return lines


def row(series: Series, line: Line) -> str:
    run = line.run
    return (
        f"{series.name:26s} {run.mesh:16s} {run.cells:8d} {run.unknowns:9d} "
        f"{run.pressure_drop / MMHG:8.3f} {100.0 * line.error:+8.2f} {run.iterations:5d} "
        f"{run.mesh_seconds:8.2f} {run.solve_seconds:8.2f} {run.wall_seconds:8.1f} "
        f"{line.process_seconds:8.1f}"
    )


def counted(lines: list[Line]) -> Line | None:
    """The coarsest run that is right and that the next finer one confirms."""
    for line, finer in pairwise(lines):
        change = finer.run.pressure_drop / line.run.pressure_drop - 1.0
        if max(abs(line.error), abs(finer.error), abs(change)) <= TOLERANCE:
            return line
    return None


def summarise(found: dict[str, list[Line]]) -> None:
    seconds: dict[str, float] = {}
    print(f"\n{'time to 1 %':26s} {'CPU [s]':>8s}  mesh")
    for name, lines in found.items():
        line = counted(lines)
        if line is None:
            print(f"{name:26s} {'-':>8s}  {'not reached' if lines else 'no run'}")
            continue
        seconds[name] = line.run.mesh_seconds + line.run.solve_seconds
        print(f"{name:26s} {seconds[name]:8.2f}  {line.run.mesh}; {line.run.version}")
    own = seconds.pop("corohemo", None)
    if own and seconds:
        best = min(seconds, key=lambda name: seconds[name])
        print(f"the fastest peer ({best}) takes {seconds[best] / own:.2f} times corohemo's time")


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Time to 1 % of a stenosis' pressure drop.")
    parser.add_argument("names", nargs="*", help="parts of the series' names; all if none")
    parser.add_argument("--case", default="stenosis_60")
    parser.add_argument("--python", type=Path, default=PEERS_PYTHON)
    given = parser.parse_args(words)
    case, reference = read_case(given.case)
    print(f"{given.case}: axisymmetric reference {reference / MMHG:.4f} mmHg")
    print(
        f"{'program and mesh':26s} {'size':16s} {'cells':>8s} {'unknowns':>9s} {'mmHg':>8s} "
        f"{'error %':>8s} {'steps':>5s} {'mesh s':>8s} {'solve s':>8s} {'wall s':>8s} {'all s':>8s}"
    )
    wanted = [name.lower() for name in given.names]
    chosen = [s for s in SERIES if not wanted or any(w in s.name.lower() for w in wanted)]
    if not chosen:
        raise SystemExit(f"No series is named so; there are {', '.join(s.name for s in SERIES)}.")
    summarise({s.name: refine(s, case, reference, given.python) for s in chosen})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
