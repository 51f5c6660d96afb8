"""Two hundred cases killed at twenty random moments, against an undisturbed run.

    python benchmarks/cohort.py [CASES] [KILLS] [--jobs N]

Ends the batch (or its nursery, or one case) with SIGKILL at moments drawn from a seed, resumes, and
compares the tables byte by byte. Every fifth moment lies in the start of the batch, the others
behind the first case that it finishes. Prints counts and what was torn.
"""

import argparse
import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corohemo as ch


def write_cohort(folder: Path, n_cases: int) -> Path:
    rows = []
    for i in range(n_cases):
        percent = 30.0 + 40.0 * i / n_cases
        tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=percent, length_mm=50.0)
        ch.write_centerline(tree, folder / f"tube-{i}.swc", length_unit="mm")
        rows.append([f"p{i:03d}", f"tube-{i}.swc", "mm", 100 + i % 60])
    path = folder / "manifest.csv"
    with path.open("w", newline="") as stream:
        header = ["case_id", "input", "length_unit", "myocardial_mass_g"]
        csv.writer(stream).writerows([header, *rows])
    return path


def start(manifest: Path, output: Path, jobs: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "corohemo", "batch", str(manifest), "-o", str(output)]
    command += ["--solver", "reduced", "--resume", "--jobs", str(jobs), "-q"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def descendants(pid: int) -> list[int]:
    """Children of a process, their children and so on."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            child = int(entry.parent.name)
            found += [child, *descendants(child)]
    return found


def finished(output: Path) -> int:
    return len(list(output.glob("cases/*/finished.json")))


def tables(output: Path) -> dict[str, bytes]:
    names = ("cases.csv", "vessels.csv", "lesions.csv", "vessels.parquet", "lesions.parquet")
    return {name: (output / name).read_bytes() for name in names}


def killed_run(manifest: Path, output: Path, kills: int, jobs: int, longest: float) -> None:
    draw = random.Random(7)
    for number in range(kills):
        before = finished(output)
        process = start(manifest, output, jobs)
        while number % 5 and finished(output) == before and process.poll() is None:
            time.sleep(0.02)
        time.sleep(draw.uniform(0.0, longest))
        targets = [process.pid, *descendants(process.pid)]
        target = process.pid if number % 3 == 0 else draw.choice(targets)
        kind = "batch" if target == process.pid else "descendant"
        try:
            os.kill(target, signal.SIGKILL)
        except ProcessLookupError:
            kind = "process that had ended"
        if target != process.pid:
            time.sleep(0.5)
            process.kill()
        process.wait()
        print(f"kill {number + 1}: {kind}, {finished(output)} cases finished", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", type=int, nargs="?", default=200)
    parser.add_argument("kills", type=int, nargs="?", default=20)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        manifest = write_cohort(root, given.cases)
        begin = time.monotonic()
        start(manifest, root / "undisturbed", given.jobs).wait()
        undisturbed = time.monotonic() - begin
        print(f"undisturbed: {undisturbed:.1f} s, {finished(root / 'undisturbed')} cases")
        longest = 1.2 * undisturbed / given.kills
        killed_run(manifest, root / "killed", given.kills, given.jobs, longest)
        code = start(manifest, root / "killed", given.jobs).wait()
        torn = [p for p in (root / "killed").rglob(".*.*") if p.name != ".lock"]
        same = tables(root / "killed") == tables(root / "undisturbed")
        print(f"last resume: exit {code}, {finished(root / 'killed')} cases finished")
        print(f"tables identical: {same}; leftovers of killed runs: {len(torn)}")
        raise SystemExit(0 if same and not torn and code == 0 else 1)


if __name__ == "__main__":
    main()
