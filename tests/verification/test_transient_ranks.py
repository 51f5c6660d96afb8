"""The same pulsatile flow on one rank and on two, resumed on either."""

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

PROGRAM = """
import json, sys
import corohemo as ch
from corohemo.solvers.parallel import session

with session() as ranks:
    if ranks.is_root:
        lumen = ch.build_lumen(ch.gallery.tube(3.0, 15.0))
        mesh = ch.mesh_lumen(lumen, ch.MeshOptions(refinement=0.6))
        boundaries = ch.Boundaries(
            inlet=ch.PressureInlet(ch.Waveform.from_fourier(0.8, [93.0, -15.0])),
            outlets={"*": ch.RCR(200.0, 0.01, 900.0)},
        )
        for cycles in json.loads(sys.argv[2]):
            solution = ch.solve_flow(mesh, boundaries, ch.TransientOptions(
                steps_per_cycle=8, min_cycles=cycles, max_cycles=cycles, tolerance=1e-9,
                checkpoint=sys.argv[1],
            ), probes=ch.section_probes(mesh, lumen))
        print("RESULT" + json.dumps({
            "ranks": solution.stats.ranks,
            "flows": solution.flows.tolist(),
            "pressures": solution.pressures.tolist(),
            "sections": solution.section_pressures.tolist(),
            "wall": [
                float(solution.wall.weights @ getattr(solution.wall, name))
                for name in ("tawss", "osi", "ecap", "trans_wss", "cfi", "turn")
            ]
            + [float(solution.wall.tsvi.sum())],
        }))
"""


def result(ranks, checkpoint, cycles, tmp_path):
    script = tmp_path / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run(
        [MPIRUN, "-n", str(ranks), sys.executable, str(script), str(checkpoint), cycles],
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    return json.loads(line.removeprefix("RESULT"))


@pytest.mark.skipif(MPIRUN is None, reason="there is no mpirun")
@pytest.mark.slow
def test_pulsatile_flow_does_not_depend_on_the_number_of_ranks(tmp_path):
    one = result(1, tmp_path / "one.npz", "[1, 2]", tmp_path)
    two = result(2, tmp_path / "two.npz", "[1, 2]", tmp_path)
    assert (one["ranks"], two["ranks"]) == (1, 2)
    for name in ("flows", "pressures", "sections"):
        for first, second in zip(one[name], two[name], strict=True):
            assert second == pytest.approx(first, rel=1e-8)
    assert two["wall"][0] == pytest.approx(one["wall"][0], rel=1e-7)
    assert two["wall"] == pytest.approx(one["wall"], rel=1e-4)
    assert result(2, tmp_path / "three.npz", "[2]", tmp_path) == two
