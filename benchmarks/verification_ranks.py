"""One rank against two on gallery's left tree: the same flow, and how much sooner.

Steady hyperemia, solved twice, of which the second time counts; then steps of a heart beat. Each
number of ranks has processes of its own. The ratio of wall times means something on a machine
without other work only: the load during the run stands in the note.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import corohemo as ch
from corohemo.heartbeat import Heartbeat, beating
from corohemo.solvers.parallel import session
from corohemo.solvers.solution import FlowSolution

Line = tuple[str, float, float, str]

AGREEMENT = 1e-8
SPEED_UP = 1.7
TOLERANCE = 1e-10
"""Of the solves whose results are compared: theirs must be below the bound."""
STEPS = 16
MARK = "RANKS "


def rank_rows() -> Iterator[Line]:
    """Agreement of flows and pressures, and ratio of wall times; needs mpirun."""
    mpirun = shutil.which("mpirun", path=str(Path(sys.executable).parent)) or shutil.which("mpirun")
    if mpirun is None:
        print("skipped rank_rows: there is no mpirun")
        return
    for what in ("steady", "pulsatile"):
        one, two = (measured(mpirun, ranks, what) for ranks in (1, 2))
        for name in ("flows", "pressures"):
            values = np.array(one[name]), np.array(two[name])
            change = np.abs(values[1] - values[0]).max() / np.abs(values[0]).max()
            yield f"1 against 2 ranks, {what}: {name} of the faces", AGREEMENT, float(change), ""
        ratio = one["seconds"] / two["seconds"]
        note = (
            f"{ratio:.2f} times as fast, {one['unknowns']} unknowns, {one['seconds']:.0f} s; "
            f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        )
        yield f"the same: {SPEED_UP} over the ratio of wall times", 1.0, SPEED_UP / ratio, note


def measured(mpirun: str, ranks: int, what: str) -> dict[str, Any]:
    """What a process of ``ranks`` ranks prints."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [mpirun, "-n", str(ranks), sys.executable, __file__, what]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{ranks} ranks failed: {done.stderr[-2000:]}")
    (line,) = (row for row in done.stdout.splitlines() if row.startswith(MARK))
    return json.loads(line.removeprefix(MARK))


def solve(what: str) -> dict[str, Any]:
    """Solve twice; faces and wall time of the second."""
    lumen = ch.build_lumen(ch.gallery.left_tree())
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.8))
    boundaries = ch.prescribe_boundaries(lumen, ch.Hyperemia())
    options: ch.SteadyOptions | ch.TransientOptions = ch.SteadyOptions(tolerance=TOLERANCE)
    if what == "pulsatile":
        boundaries = beating(boundaries, Heartbeat())
        options = ch.TransientOptions(
            steps_per_cycle=STEPS,
            min_cycles=1,
            max_cycles=1,
            tolerance=TOLERANCE,
            wall_statistics=False,
        )
    if what == "steady":
        ch.solve_flow(mesh, boundaries, options)
    begin = time.perf_counter()
    solution = ch.solve_flow(mesh, boundaries, options)
    seconds = time.perf_counter() - begin
    return faces(solution) | {"seconds": seconds, "unknowns": solution.stats.unknowns}


def faces(solution: FlowSolution) -> dict[str, list[float]]:
    """Flows and mean pressures of the open faces."""
    names = [face for face in solution.faces if face != "wall"]
    return {
        "flows": [solution.face_flow_ml_min(face) for face in names],
        "pressures": [solution.face_pressure_mmhg(face) for face in names],
    }


def main() -> None:
    """Print what rank 0 found."""
    with session() as ranks:
        if ranks.is_root:
            print(MARK + json.dumps(solve(sys.argv[1])), flush=True)


if __name__ == "__main__":
    main()
