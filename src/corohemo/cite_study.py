"""Methods text and references of cohorts and comparisons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corohemo.citation import Reference, bibtex_of, methods_text, references_of
from corohemo.errors import CorohemoError, FileFormatError, InputError
from corohemo.report.page import read_result

Document = Mapping[str, Any]
READ = "the formula was derived or checked against another implementation, the paper not read"

DELONG = Reference(
    "delong1988",
    "DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845.",
    "intervals and comparison of areas under the curve",
    READ,
)
BLAND = Reference(
    "bland1986", "Bland JM, Altman DG. Lancet 1986;1:307-310.", "limits of agreement", READ
)
PASSING = Reference(
    "passing1983",
    "Passing H, Bablok W. J Clin Chem Clin Biochem 1983;21:709-720.",
    "regression with error in both methods",
    READ,
)
MCGRAW = Reference(
    "mcgraw1996",
    "McGraw KO, Wong SP. Psychol Methods 1996;1:30-46.",
    "intraclass correlation and its intervals",
    READ,
)
CLOPPER = Reference(
    "clopper1934", "Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.", "exact intervals", READ
)
MERCALDO = Reference(
    "mercaldo2007",
    "Mercaldo ND, Lau KF, Zhou XH. Stat Med 2007;26:2170-2183.",
    "logit intervals of predictive values",
    READ,
)
COMPARISON = (BLAND, PASSING, MCGRAW, DELONG, CLOPPER, MERCALDO)


def cite_folder(directory: Path) -> str:
    """Methods paragraph and BibTeX of the folder of a case, a cohort or a comparison.

    Raises:
        InputError: If the folder is none of them.
    """
    text, references = study_methods(directory)
    return f"{text}\n\n{bibtex_of(references)}"


def study_methods(directory: Path) -> tuple[str, list[Reference]]:
    """Methods paragraph of a folder and its references.

    Raises:
        InputError: If the folder is that of neither a case, a cohort nor a comparison.
    """
    if (directory / "result.json").is_file():
        document = read_result(directory)
        return methods_text(document), references_of(document)
    if (directory / "cohort.json").is_file():
        return _cohort(directory)
    if (directory / "compare.json").is_file():
        return _comparison(_read(directory / "compare.json")), list(COMPARISON)
    raise InputError(
        "There is no result.json, cohort.json or compare.json here; give the folder of a case, a "
        "cohort or a comparison.",
        file=directory,
    )


def _cohort(directory: Path) -> tuple[str, list[Reference]]:
    """Counts, and the methods of the first solved case of each model."""
    summary = _read(directory / "cohort.json")
    counts = summary["counts"]
    solved = []
    for folder in sorted((directory / "cases").iterdir()):
        try:
            document = read_result(folder)
        except CorohemoError:
            continue
        if document["states"]:
            solved.append(document)
    total = sum(counts.values())
    told = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in counts.items())
    text = (
        f"A cohort of {total} cases was computed with corohemo {summary['code']} from one manifest "
        f"({told})."
    )
    references: dict[str, Reference] = {}
    for document in solved:
        references |= {one.key: one for one in references_of(document)}
    for model, reduced in (("finite elements", False), ("the reduced model", True)):
        some = [one for one in solved if (one["mesh"]["cells"] is None) == reduced]
        if some:
            text += (
                f" {len(some)} were solved by {model}; the methods of {some[0]['case_id']} stand "
                f"for these, its numbers are its own: {methods_text(some[0])}"
            )
    return text, list(references.values())


def _comparison(document: Document) -> str:
    parts = []
    for name, found in document["quantities"].items():
        quantity = found["quantity"]
        unit = "" if quantity["unit"] == "-" else f" {quantity['unit']}"
        parts.append(
            f"Computed and invasive {name} were compared in {found['n_vessels']} vessels of "
            f"{found['n_patients']} patients; {name} {quantity['rule']} {quantity['threshold']:g}"
            f"{unit} counted as disease."
        )
        if found["left_out"]:
            parts.append(f"{len(found['left_out'])} measured vessels had no computed value.")
    first = next(iter(document["quantities"].values()))
    percent = round(100 * first["level"])
    parts.append(
        "Agreement was assessed by Pearson's and Spearman's correlation, intraclass correlation "
        "[mcgraw1996], Bland-Altman limits [bland1986], Passing-Bablok regression [passing1983], "
        "discrimination by the area under the receiver operating characteristic [delong1988], and "
        "diagnostic performance by sensitivity, specificity and accuracy with exact intervals "
        "[clopper1934] and predictive values with logit intervals [mercaldo2007]."
    )
    if first["bootstrap"]["draws"]:
        parts.append(
            f"{percent} % intervals that respect several vessels of a patient were percentiles of "
            f"{first['bootstrap']['draws']} bootstrap samples of patients."
        )
    version = document["provenance"].get("corohemo") or "(version unknown)"
    return " ".join([*parts, f"All was computed with corohemo {version}."])


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileFormatError(f"This is not JSON: {error}.", file=path) from error
    if not isinstance(document, dict) or "schema_version" not in document:
        raise FileFormatError("This was not written by corohemo.", file=path)
    return document
