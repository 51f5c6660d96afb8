"""Small cohorts of the reduced model."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

import corohemo as ch

COLUMNS = "case_id,centerline,length_unit,myocardial_mass_g,sex,vessel,wire_position_mm"


def write_manifest(folder: Path, n_cases: int, *, broken: bool = True) -> Path:
    """Tubes with lesions; one case without a file, one with a mass that cannot be."""
    rows = []
    for i in range(n_cases):
        percent = 35.0 + 30.0 * i / n_cases
        tree = ch.gallery.cosine_stenosis(percent_diameter_stenosis=percent, length_mm=50.0)
        ch.write_centerline(tree, folder / f"tube-{i}.swc", length_unit="mm")
        sex = "female" if i % 2 else "male"
        rows.append([f"p{i:02d}", f"tube-{i}.swc", "mm", 100 + i, sex, "stenosis", 45])
    if broken:
        rows.append(["lost", "missing.swc", "mm", 120, "male", "stenosis", ""])
        rows.append(["light", "tube-0.swc", "mm", -3, "male", "stenosis", ""])
    path = folder / "manifest.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS.split(","), *rows])
    return path


def batch_command(manifest: Path, output: Path, *more: str) -> list[str]:
    """The command line of a batch by the reduced model."""
    command = [sys.executable, "-m", "corohemo", "batch", str(manifest), "-o", str(output)]
    return [*command, "--solver", "reduced", "--jobs", "2", *more]


def batch(manifest: Path, output: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run a batch to its end."""
    done = subprocess.run(
        batch_command(manifest, output, *more),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def tables(output: Path) -> dict[str, str]:
    """Content of the tables."""
    return {name: (output / f"{name}.csv").read_text() for name in ("cases", "vessels", "lesions")}


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV table."""
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="session")
def manifest(tmp_path_factory):
    """Eight cases, two of which cannot be computed."""
    return write_manifest(tmp_path_factory.mktemp("cohort"), 6)


@pytest.fixture(scope="session")
def finished(manifest, tmp_path_factory):
    """The folder of an undisturbed run."""
    output = tmp_path_factory.mktemp("out")
    done = batch(manifest, output)
    assert done.returncode == 1, done.stderr
    return output
