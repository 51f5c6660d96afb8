"""The same flow on one rank and on two, as a session and as a script on every rank."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import corohemo as ch
from corohemo.solvers.environment import require_dolfinx

try:
    require_dolfinx()
except ch.MissingDependencyError as error:
    pytest.skip(str(error), allow_module_level=True)
pytestmark = [pytest.mark.fem, pytest.mark.mpi]

BESIDE = Path(sys.executable).with_name("mpirun")
MPIRUN = str(BESIDE) if BESIDE.exists() else shutil.which("mpirun")

CASE = """
import json, sys
import corohemo as ch
from corohemo.solvers.parallel import session

def faces():
    mesh = ch.mesh_lumen(
        ch.build_lumen(ch.gallery.y_bifurcation()), ch.MeshOptions(refinement=0.5)
    )
    boundaries = ch.Boundaries(
        inlet=ch.PressureInlet(93.0), outlets={"*": ch.Resistance(1500.0)}
    )
    solution = ch.solve_flow(mesh, boundaries)
    again = ch.solve_flow(mesh, boundaries, initial=solution)
    assert again.stats.newton_iterations <= 1
    return [solution.face_flow_ml_min(face) for face in solution.faces]
"""
SESSION = """
with session() as ranks:
    if ranks.is_root:
        print("FLOWS" + json.dumps(faces()))
"""
EVERYWHERE = """
from mpi4py import MPI
flows = faces()
assert MPI.COMM_WORLD.allreduce(flows[0]) / MPI.COMM_WORLD.size == flows[0]
if MPI.COMM_WORLD.rank == 0:
    print("FLOWS" + json.dumps(flows))
"""
CHANGES = """
def changes():
    lumen = ch.build_lumen(ch.gallery.y_bifurcation())
    mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.6))
    solution = ch.solve_flow(mesh, ch.prescribe_boundaries(lumen, ch.Hyperemia()))
    return list(ch.estimate_ffr_error(solution, lumen).outlet_changes.values())

with session() as ranks:
    if ranks.is_root:
        print("FLOWS" + json.dumps(changes()))
"""
FAILING = """
with session() as ranks:
    if ranks.is_root:
        raise ValueError("the program on rank 0 fails")
"""


def run(ranks, program, tmp_path):
    script = tmp_path / "program.py"
    script.write_text(program, encoding="utf-8")
    return subprocess.run(
        [MPIRUN, "-n", str(ranks), sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        check=False,
    )


def flows(ranks, program, tmp_path):
    done = run(ranks, CASE + program, tmp_path)
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("FLOWS"))
    return json.loads(line.removeprefix("FLOWS"))


@pytest.mark.skipif(MPIRUN is None, reason="there is no mpirun")
@pytest.mark.slow
def test_flows_do_not_depend_on_the_number_of_ranks(tmp_path):
    one = flows(1, SESSION, tmp_path)
    assert flows(2, SESSION, tmp_path) == pytest.approx(one, rel=1e-6, abs=1e-9)
    assert flows(2, EVERYWHERE, tmp_path) == pytest.approx(one, rel=1e-6, abs=1e-9)


@pytest.mark.skipif(MPIRUN is None, reason="there is no mpirun")
@pytest.mark.slow
def test_changes_by_cubic_elements_do_not_depend_on_the_number_of_ranks(tmp_path):
    """To the hundredth of the residual at which their iteration ends."""
    assert flows(2, CHANGES, tmp_path) == pytest.approx(flows(1, CHANGES, tmp_path), rel=0.02)


@pytest.mark.skipif(MPIRUN is None, reason="there is no mpirun")
def test_failure_of_the_program_ends_all_ranks(tmp_path):
    done = run(2, CASE + FAILING, tmp_path)
    assert done.returncode != 0
    assert "the program on rank 0 fails" in done.stderr
