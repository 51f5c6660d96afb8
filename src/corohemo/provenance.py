"""What a result was made with: versions, machine, input hashes."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "numpy",
    "scipy",
    "numba",
    "vtk",
    "gmsh",
    "mmgpy",
    "meshio",
    "pydantic",
    "dolfinx-solver-real",
    "fenics-dolfinx",
    "petsc4py",
    "mpi4py",
)


@cache
def package_version(name: str) -> str | None:
    """Version of an installed distribution, None if it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def provenance(*, inputs: Mapping[str, Path], ranks: int = 1) -> dict[str, Any]:
    """Versions, machine, time and the SHA-256 of each input file."""
    return {
        "corohemo": package_version("corohemo"),
        "created_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "packages": {name: package_version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "processor": _processor(),
        "cpu_count": os.cpu_count(),
        "ranks": ranks,
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "inputs": {
            name: {"path": str(path.resolve()), "sha256": file_digest(path)}
            for name, path in inputs.items()
        },
    }


def file_digest(path: Path) -> str | None:
    """SHA-256 of a file's content, None if there is no file that can be read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
