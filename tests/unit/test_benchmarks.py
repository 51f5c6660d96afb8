"""Benchmarks lie outside the package: each must still find the names it takes from it."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("dolfinx_solver", reason="the benchmarks solve with DOLFINx")

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_every_benchmark_is_importable():
    names = sorted(path.stem for path in BENCHMARKS.glob("*.py"))
    done = subprocess.run(
        [sys.executable, "-c", f"import {', '.join(names)}"],
        cwd=BENCHMARKS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "validate" in names
    assert not done.returncode, done.stderr
