"""The mark of a finished case: its key and the digest of its result, written last.

A folder without a stamp, or whose files are not those of the stamp, was interrupted and is computed
again, whatever else it holds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corohemo.case_key import Key, differences
from corohemo.io.replacing import replacing
from corohemo.provenance import file_digest
from corohemo.report.files import plain

NAME = "finished.json"
RESULTS = ("result.json", "sections.csv", "lesions.csv", "outlets.csv")
KINDS_KEPT = (
    "GeometryError",
    "MeshingError",
    "NotConvergedError",
    "NonFiniteError",
    "SolverError",
    "ConfigError",
    "FileFormatError",
    "MissingArrayError",
    "UnitError",
)
"""Failures that the same input gives again; others (memory, disk, a crash) are tried again."""


def write_stamp(directory: Path, key: Key, *, seconds: float) -> None:
    """Mark the case in ``directory`` as finished, so that it survives a power cut.

    Raises:
        InputError: If the file cannot be written.
    """
    digests = {name: file_digest(directory / name) for name in RESULTS}
    for name, digest in digests.items():
        if digest is not None:
            _flush(directory / name)
    document = {"key": key, "results": digests, "seconds": seconds}
    with replacing(directory / NAME) as temporary:
        temporary.write_text(json.dumps(plain(document), indent=1, sort_keys=True))
        _flush(temporary)


def remove_stamp(directory: Path) -> None:
    """Take the mark away before anything else in the folder changes."""
    (directory / NAME).unlink(missing_ok=True)


def read_stamp(directory: Path) -> Mapping[str, Any] | None:
    """Content of the stamp; None without a readable one."""
    try:
        document = json.loads((directory / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    parts = document if isinstance(document, dict) else {}
    is_whole = all(isinstance(parts.get(name), dict) for name in ("key", "results"))
    return document if is_whole else None


def reason_to_compute(directory: Path, key: Key) -> str | None:
    """Why the case in ``directory`` must be computed; None if it holds the result of ``key``."""
    if not directory.is_dir():
        return "it was not computed yet"
    stamp = read_stamp(directory)
    if stamp is None:
        return "its last run did not finish"
    changed = "; ".join(differences(stamp["key"], key))
    if changed:
        return changed
    for name, digest in stamp["results"].items():
        if file_digest(directory / name) != digest:
            return f"{name} is not the one that was written"
    return None


def _flush(path: Path) -> None:
    """Bring a file to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
