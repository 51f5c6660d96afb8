"""The comparison of the stenosis tube with other programs: skips, and which times count."""

import importlib
import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"


@pytest.fixture
def tube(monkeypatch):
    monkeypatch.syspath_prepend(str(PEERS))
    return importlib.import_module("tube")


@pytest.mark.parametrize(
    ("peer", "package", "remedy"),
    [
        ("openfoam", None, "apt-get install openfoam"),
        ("ngsolve", "ngsolve", "pip install ngsolve"),
        ("kratos", "KratosMultiphysics", "pip install KratosFluidDynamicsApplication"),
    ],
)
def test_absent_peers_are_skipped_with_how_to_install_them(peer, package, remedy, tmp_path):
    if package and find_spec(package):
        pytest.skip(f"{package} is in this Python")
    done = subprocess.run(
        [sys.executable, PEERS / "tube.py", peer, "--python", sys.executable],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    told = [line for line in done.stdout.splitlines() if "skipped:" in line]
    assert told
    assert all(remedy in line for line in told)
    assert "no run" in done.stdout


def test_a_time_counts_only_if_the_next_finer_mesh_agrees(tube):
    run = tube.Run("", 1, 1, 1.0, 1, 0.0, 0.0, 0.0, "")

    def lines(*errors):
        return [tube.Line(replace(run, pressure_drop=1.0 + error), error, 0.0) for error in errors]

    by_cancellation = lines(0.001, 0.08, 0.02, 0.009, 0.004)
    assert tube.counted(by_cancellation) is by_cancellation[3]
    assert tube.counted(lines(0.009, -0.009)) is None
    assert tube.counted(lines(0.001)) is None
