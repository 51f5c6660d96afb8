"""What is left to compute of a cohort, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corohemo.case_key import case_key
from corohemo.cohort.manifest import CohortCase, Manifest, check_inside
from corohemo.cohort.options import CohortOptions
from corohemo.cohort.stamp import reason_to_compute
from corohemo.config import read_case
from corohemo.config.toml import toml_value
from corohemo.errors import ConfigError, CorohemoError

if TYPE_CHECKING:
    from corohemo.config import CaseConfig

COMPUTE, KEEP, REFUSE, SKIP = "compute", "keep", "refuse", "skip"
FRESH = "results are kept with --resume only"


@dataclass(frozen=True)
class Plan:
    """What is to be done with one case.

    Attributes:
        case: The case.
        directory: Its folder.
        action: compute, keep (a finished result), refuse (bad settings) or skip (not asked for).
        reason: Why, as a phrase; the sentence of the error for a refused case.
        overrides: All settings besides the case file's.
    """

    case: CohortCase
    directory: Path
    action: str
    reason: str
    overrides: tuple[str, ...] = ()

    def task(self) -> dict[str, Any]:
        """The case as a worker takes it: plain values only."""
        return {
            "case_id": self.case.case_id,
            "input": str(self.case.input.absolute()),
            "directory": str(self.directory.absolute()),
            "overrides": list(self.overrides),
        }


def case_folder(output: Path, case_id: str) -> Path:
    """Folder of a case in the output of a cohort."""
    return output / "cases" / case_id


def make_plans(manifest: Manifest, output: Path, options: CohortOptions) -> list[Plan]:
    """What is to be done with each case, in the manifest's order.

    Raises:
        ConfigError: If ``only`` or ``only_index`` name no case.
    """
    wanted = _wanted(manifest, options)
    return [
        _plan(case, manifest, output, options, wanted=case.case_id in wanted)
        for case in manifest.cases
    ]


def wanted_places(manifest: Manifest, options: CohortOptions) -> list[int]:
    """Positions of the cases that are asked for, in the manifest's order.

    Raises:
        ConfigError: If ``only`` or ``only_index`` name no case.
    """
    wanted = _wanted(manifest, options)
    return [place for place, case in enumerate(manifest.cases) if case.case_id in wanted]


def case_config(case: CohortCase, overrides: tuple[str, ...]) -> CaseConfig:
    """Settings of a case of the cohort."""
    return read_case(case.input, overrides=overrides)


def _plan(
    case: CohortCase, manifest: Manifest, output: Path, options: CohortOptions, *, wanted: bool
) -> Plan:
    directory = case_folder(output, case.case_id)
    overrides = _overrides(case, options)
    try:
        folder = manifest.file.parent
        if not options.allow_outside:
            check_inside([case.input], folder)
        config = case_config(case, overrides)
        if not options.allow_outside:
            check_inside(list(config.input_files.values()), folder)
            if config.pulsatile.checkpoint is not None:
                check_inside([directory / config.pulsatile.checkpoint], directory)
        reason = reason_to_compute(directory, case_key(config))
    except (CorohemoError, OSError) as error:
        known = isinstance(error, CorohemoError)
        sentence = str(error) if known else f"{case.input}: The file cannot be read: {error}."
        if wanted:
            return Plan(case, directory, REFUSE, sentence)
        return Plan(case, directory, SKIP, "not asked for")
    if reason is None and (options.resume or not wanted):
        return Plan(case, directory, KEEP, "nothing changed")
    if not wanted:
        return Plan(case, directory, SKIP, "not asked for")
    return Plan(case, directory, COMPUTE, reason or FRESH, overrides)


def _overrides(case: CohortCase, options: CohortOptions) -> tuple[str, ...]:
    """Settings in the order in which the later ones win."""
    overrides = [f"case.id={json.dumps(case.case_id, ensure_ascii=False)}"]
    if options.solver:
        overrides.append(f"solver.model={options.solver}")
    overrides += [*options.overrides, *case.overrides]
    if "solver.model=reduced" in overrides and not any(
        override.startswith("report.page=") for override in overrides
    ):
        overrides.append("report.page=false")
    if case.wires:
        overrides.append(f"indices.wire_positions_mm={toml_value(dict(case.wires))}")
    return tuple(overrides)


def _wanted(manifest: Manifest, options: CohortOptions) -> set[str]:
    names = [case.case_id for case in manifest.cases]
    if options.only_index is not None:
        if not 0 <= options.only_index < len(names):
            raise ConfigError(
                f"--only-index must lie between 0 and {len(names) - 1}, not {options.only_index}.",
                file=manifest.file,
                field="only_index",
            )
        return {names[options.only_index]}
    if not options.only:
        return set(names)
    found: set[str] = set()
    for pattern in options.only:
        matches = {name for name in names if fnmatchcase(name, pattern)}
        if not matches:
            raise ConfigError(
                f"--only {pattern} fits no case of the manifest; cases are "
                f"{', '.join(names[:8])}{' ...' if len(names) > 8 else ''}.",
                file=manifest.file,
                field="only",
            )
        found |= matches
    return found
