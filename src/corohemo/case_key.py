"""What decides the result of a case, as a key that says what changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corohemo.provenance import file_digest, package_version
from corohemo.report.files import plain

if TYPE_CHECKING:
    from corohemo.config import CaseConfig

Key = dict[str, Any]
PLACES = ("case.centerline", "case.caps")
"""Settings that name files: their content counts, not where they lie."""


def case_key(config: CaseConfig) -> Key:
    """Version, input digests and settings of a case.

    Two keys are equal exactly if the same code would compute the same thing from the same bytes.
    """
    settings = {setting.key: setting.value for setting in config.settings}
    points = [cap for cap in config.caps if isinstance(cap, str)]
    return {
        "version": code_version(),
        "inputs": {name: file_digest(path) for name, path in config.input_files.items()},
        "settings": plain({k: v for k, v in settings.items() if k not in PLACES})
        | {"case.cap_points": points},
    }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """One phrase for each thing in which two keys differ."""
    if old.get("version") != new["version"]:
        yield f"corohemo changed from {old.get('version')} to {new['version']}"
    before, after = old.get("inputs") or {}, new["inputs"]
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"the {name} file changed"
    before, after = old.get("settings") or {}, new["settings"]
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"{name} changed from {before.get(name)} to {after.get(name)}"


@cache
def code_version() -> str:
    """Version of the package with a digest of its sources, so that a changed code is another."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return f"{package_version('corohemo')}+{digest.hexdigest()[:12]}"
