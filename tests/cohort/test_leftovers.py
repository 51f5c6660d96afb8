"""Temporary files of a killed case go when it is computed again."""

import signal
import subprocess
import sys

import pytest

import corohemo as ch
from corohemo.cohort.worker import run_task
from corohemo.io.replacing import remove_leftovers

KILLED = """
import os, signal, sys
from corohemo.cohort.worker import run_task

replace = os.replace

def replace_or_die(source, target):
    if os.path.basename(target) == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(source, target)

os.replace = replace_or_die
run_task({"case_id": "a", "input": sys.argv[1], "directory": sys.argv[2],
          "overrides": sys.argv[4:]})
"""
COARSE = (
    "case.length_unit='mm'",
    "mesh.refinement=0.5",
    "physiology.tree_share=0.2",
    "report.page=false",
)
REDUCED = (*COARSE, "solver.model='reduced'", "uncertainty.samples=0")


def temporary_files(folder):
    return [path for path in folder.rglob(".*") if path.name.split(".")[1].isdigit()]


@pytest.mark.parametrize(
    ("name", "settings"),
    [("lumen.vtp", REDUCED), ("result.json", REDUCED), ("mesh.npz", COARSE)],
)
def test_what_a_killed_case_was_writing_is_removed(tmp_path, name, settings):
    tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=40.0, length_mm=20.0)
    ch.write_centerline(tree, tmp_path / "tube.swc")
    folder = tmp_path / "out"
    task = [str(tmp_path / "tube.swc"), str(folder)]
    command = [sys.executable, "-c", KILLED, *task, name, *settings]
    killed = subprocess.run(command, check=False)
    assert killed.returncode == -signal.SIGKILL
    left = temporary_files(folder)
    assert [path.name.endswith("." + name) for path in left] == [True]
    assert left[0].stat().st_size > 0
    outcome = run_task(
        {
            "case_id": "a",
            "input": task[0],
            "directory": task[1],
            "overrides": REDUCED,
        }
    )
    assert outcome["status"] == "converged", outcome["message"]
    assert not temporary_files(folder)


def test_only_temporary_files_are_removed(tmp_path):
    left = (".4711.result.json", ".4711.map.nii.gz", ".steps/.4711.mesh.npz")
    kept = (".stamp.json", ".lock", "lumen.vtp", "wall.4711.vtp", ".steps/mesh.npz", ".wall.4711")
    (tmp_path / ".steps").mkdir()
    for name in (*left, *kept):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(
        tmp_path / name for name in kept
    )
