"""RO-Crate 1.1: a folder of results as a research object that archives understand.

One file, ``ro-crate-metadata.json``, describes every other file of the folder with its digest, the
inputs it came from, and the run and software that made it.

Reference:
    RO-Crate Metadata Specification 1.1, https://w3id.org/ro/crate/1.1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from corohemo.cite_study import study_methods
from corohemo.errors import InputError
from corohemo.provenance import file_digest
from corohemo.report.files import write_json

METADATA = "ro-crate-metadata.json"
CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
SUMMARIES = ("result.json", "cohort.json", "compare.json")
FORMATS = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".html": "text/html",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".toml": "application/toml",
    ".bib": "application/x-bibtex",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".parquet": "application/vnd.apache.parquet",
    ".vtp": "application/vnd.vtk",
    ".vtu": "application/vnd.vtk",
}
Entity = dict[str, Any]


def write_crate(directory: Path | str, *, license_url: str, name: str | None = None) -> Path:
    """Describe the folder of a case, a cohort or a comparison as an RO-Crate.

    Args:
        directory: The folder; its files stay as they are.
        license_url: License under which it is shared, which nobody can guess for you.
        name: Title; the folder's name if None.

    Returns:
        Path of ro-crate-metadata.json.

    Raises:
        InputError: If the folder is not one of corohemo's, or cannot be written.
    """
    directory = Path(directory)
    text, references = study_methods(directory)
    made = _provenance(directory)
    files = list(_files(directory))
    inputs = list(_inputs(made))
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": name or directory.resolve().name,
        "description": text,
        "datePublished": made["created_utc"],
        "license": {"@id": license_url},
        "hasPart": [{"@id": entity["@id"]} for entity in files],
        "mentions": [{"@id": "#run"}],
        "citation": [{"@id": f"#{reference.key}"} for reference in references],
    }
    graph: list[Entity] = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": SPECIFICATION},
        },
        root,
        *files,
        *inputs,
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": " ".join(made.get("command", ["corohemo"])[:2]),
            "endTime": made["created_utc"],
            "instrument": [{"@id": entity["@id"]} for entity in _software(made)],
            "object": [{"@id": entity["@id"]} for entity in inputs],
            "result": [{"@id": entity["@id"]} for entity in files],
        },
        *_software(made),
        *(
            {"@id": f"#{one.key}", "@type": "ScholarlyArticle", "name": one.text}
            for one in references
        ),
        {"@id": license_url, "@type": "CreativeWork", "name": license_url},
    ]
    path = directory / METADATA
    write_json(path, {"@context": CONTEXT, "@graph": graph})
    return path


def _provenance(directory: Path) -> Mapping[str, Any]:
    summary = next(directory / name for name in SUMMARIES if (directory / name).is_file())
    document = json.loads(summary.read_text(encoding="utf-8"))
    made: Mapping[str, Any] = document.get("provenance") or {}
    if "created_utc" not in made:
        raise InputError("The file holds no provenance; compute the case again.", file=summary)
    return made


def _files(directory: Path) -> Iterator[Entity]:
    """Every file but hidden ones and the metadata itself."""
    for path in sorted(directory.rglob("*")):
        relative = path.relative_to(directory)
        hidden = any(part.startswith(".") for part in relative.parts)
        if not path.is_file() or path.is_symlink() or hidden or relative == Path(METADATA):
            continue
        yield {
            "@id": quote(relative.as_posix()),
            "@type": "File",
            "name": path.name,
            "encodingFormat": FORMATS.get(path.suffix.lower(), "application/octet-stream"),
            "contentSize": str(path.stat().st_size),
            "sha256": file_digest(path),
        }


def _inputs(made: Mapping[str, Any]) -> Iterator[Entity]:
    """Inputs by digest; they are not in the folder, and their paths may name people."""
    for name, one in (made.get("inputs") or {}).items():
        yield {
            "@id": f"#input-{name.replace(' ', '-')}",
            "@type": "CreativeWork",
            "name": f"input: {name}",
            "sha256": one["sha256"],
        }


def _software(made: Mapping[str, Any]) -> list[Entity]:
    versions = {"corohemo": made.get("corohemo"), "python": made.get("python")}
    versions |= made.get("packages") or {}
    return [
        {
            "@id": f"#software-{name}",
            "@type": "SoftwareApplication",
            "name": name,
            "softwareVersion": version,
        }
        for name, version in versions.items()
        if version is not None
    ]
