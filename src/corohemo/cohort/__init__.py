"""Cohorts: a manifest of cases in, one table of vessels and one of lesions out.

``read_manifest`` reads the cases, ``make_plans`` says what is left to compute and why, ``Nursery``
runs one process per case, and ``collect`` makes rows of what the case folders hold.
``run_cohort`` calls them in order.

Names are loaded when they are first used: ``pool``, which starts the process that runs the cases,
comes without what reads them, so that both processes import at the same time.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corohemo.cohort.collect import CohortResult
    from corohemo.cohort.manifest import CohortCase, Manifest, read_manifest
    from corohemo.cohort.options import CohortOptions
    from corohemo.cohort.run import run_cohort

_MODULES = {
    "CohortCase": "manifest",
    "CohortOptions": "options",
    "CohortResult": "collect",
    "Manifest": "manifest",
    "read_manifest": "manifest",
    "run_cohort": "run",
}

__all__ = [
    "CohortCase",
    "CohortOptions",
    "CohortResult",
    "Manifest",
    "read_manifest",
    "run_cohort",
]


def __getattr__(name: str) -> object:
    """Load a name, and what it needs, when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    return value
