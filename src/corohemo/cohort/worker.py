"""One case in its own process: lock, run, stamp, and a few words about the outcome."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from corohemo.case_key import case_key
from corohemo.checks import shown
from corohemo.cohort.locks import case_lock
from corohemo.cohort.stamp import KINDS_KEPT, remove_stamp, write_stamp
from corohemo.config import CaseConfig, read_case
from corohemo.errors import ConfigError, CorohemoError, InputError, NotConvergedError
from corohemo.io.replacing import remove_leftovers
from corohemo.vessel_names import match_vessels

Outcome = dict[str, Any]


def run_task(task: Mapping[str, Any]) -> Outcome:
    """Compute one case and say what became of it.

    Args:
        task: ``case_id``, ``input``, ``directory``, ``overrides``, as ``Plan.task`` gives them.

    Returns:
        ``case_id``, ``status`` (converged, not_converged, failed), ``message``, ``seconds``.
    """
    begin = time.monotonic()
    try:
        status, message = _run(task, begin)
    except CorohemoError as error:
        status = "not_converged" if isinstance(error, NotConvergedError) else "failed"
        message = str(error)
    except Exception as error:
        status, message = "failed", f"Unexpected {type(error).__name__}: {error}"
    return {
        "case_id": task["case_id"],
        "status": status,
        "message": message,
        "seconds": time.monotonic() - begin,
    }


def _run(task: Mapping[str, Any], begin: float) -> tuple[str, str]:
    from corohemo.case import run_case
    from corohemo.case_steps import Steps

    directory = Path(task["directory"])
    _make(directory)
    with case_lock(directory):
        remove_stamp(directory)
        remove_leftovers(directory)
        config = read_case(task["input"], overrides=tuple(task["overrides"]))
        key = case_key(config)
        config = _with_wires_on_vessels(config)
        steps = Steps.of(config, directory, reuse=bool(task.get("reuse_steps", True)))
        result = run_case(config, directory, on_failure="return", steps=steps)
        kind = type(result.error).__name__
        if result.error is None or kind in KINDS_KEPT:
            write_stamp(directory, key, seconds=time.monotonic() - begin)
    return result.status, result.message


def _with_wires_on_vessels(config: CaseConfig) -> CaseConfig:
    """The case with its wires on the tree's own vessels, LAD on dLAD, before anything is solved.

    Raises:
        ConfigError: If a wire's vessel is not there, or could be several.
    """
    wires = config.indices.wire_positions_mm
    if not wires:
        return config
    names = config.read_tree().outlet_names
    placed = {}
    for wanted, position in wires.items():
        found = match_vessels(wanted, names)
        if len(found) != 1:
            raise ConfigError(
                f"{'Several vessels may be' if found else 'There is no vessel'} {shown(wanted)}; a "
                f"wire lies in one of {', '.join(names)}.",
                file=config.file or config.centerline,
                field="vessel",
            )
        placed[found[0]] = position
    return replace(config, indices=replace(config.indices, wire_positions_mm=placed))


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The case folder cannot be made: {error.strerror}.", file=directory
        ) from error
