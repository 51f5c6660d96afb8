"""Twelve finite-element cases with one job and with two: speed-up, and time beyond the cases.

    python benchmarks/cohort_speed.py [CASES] [--refinement 0.6] [-o DIR]

Solves left trees of different mass by ``corohemo batch`` with ``--jobs 1`` and ``--jobs 2``, each
into a folder of its own, and prints

- the wall time of both and their ratio (wanted: 1.8 or more),
- what one job takes beyond the time that ``result.json`` gives for the cases: until the first case
  begins, after the last has ended, and in each case's process (wanted: together below 2 %),
- how much longer a case takes beside another (bandwidth and caches, not the batch).

Needs two idle cores; the load of the machine before each run is printed with it.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corohemo as ch
from corohemo.threads import pinned_environment


def write_cohort(folder: Path, n_cases: int) -> Path:
    ch.write_centerline(ch.gallery.left_tree(), folder / "left.swc", length_unit="mm")
    path = folder / "manifest.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["case_id", "input", "myocardial_mass_g"])
        writer.writerows([f"p{k:02d}", "left.swc", 100 + 5 * k] for k in range(n_cases))
    return path


def run(manifest: Path, output: Path, jobs: int, refinement: float) -> tuple[float, float]:
    """Wall time of a batch, and that until its first case has a folder."""
    settings = [f"mesh.refinement={refinement}", "uncertainty.samples=0"]
    command = [sys.executable, "-m", "corohemo", "batch", str(manifest), "-o", str(output), "-q"]
    command += ["--jobs", str(jobs), *(word for one in settings for word in ("--set", one))]
    print(f"{jobs} jobs: load {os.getloadavg()[0]:.2f} before", flush=True)
    begin = time.monotonic()
    process = subprocess.Popen(command, env=pinned_environment(1))
    first = None
    while process.poll() is None:
        if first is None and list(output.glob("cases/*/log.txt")):
            first = time.monotonic() - begin
        time.sleep(0.02)
    wall = time.monotonic() - begin
    if process.returncode or first is None:
        raise SystemExit(f"batch left with {process.returncode}")
    return wall, first


def seconds(output: Path) -> tuple[list[float], list[float]]:
    """Of each case: its process, and the part of it that ``result.json`` counts."""
    whole = json.loads((output / "cohort.json").read_text())["seconds"]
    inner = [
        json.loads((output / "cases" / name / "result.json").read_text())["timing_s"]["total"]
        for name in whole
    ]
    return list(whole.values()), inner


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", type=int, nargs="?", default=12)
    parser.add_argument("--refinement", type=float, default=0.6)
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.output or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        manifest = write_cohort(folder, given.cases)
        runs = {jobs: run(manifest, folder / f"jobs-{jobs}", jobs, given.refinement)
                for jobs in (1, 2)}  # fmt: skip
        whole, inner = seconds(folder / "jobs-1")
        _, beside = seconds(folder / "jobs-2")
    (one, first), (two, _) = runs[1], runs[2]
    own, cases = sum(inner), len(inner)
    between = sum(whole) - own
    last = one - first - sum(whole)
    share = (one - own) / own
    print(f"{cases} cases of {own / cases:.1f} s, refinement {given.refinement:g}")
    print(f"wall time: 1 job {one:.1f} s, 2 jobs {two:.1f} s, ratio {one / two:.2f}")
    print(f"beyond the cases' own time, of which it is {100 * share:.2f} %:")
    print(f"  {first:.2f} s until the first case begins, {last:.2f} s after the last and between")
    print(f"  {between / cases:.3f} s for each case in its process")
    print(f"a case beside another takes {sum(beside) / own:.3f} times as long")
    raise SystemExit(0 if one / two >= 1.8 and share < 0.02 else 1)


if __name__ == "__main__":
    main()
