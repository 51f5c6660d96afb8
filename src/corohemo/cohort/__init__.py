"""Cohorts: a manifest of cases in, one table of vessels and one of lesions out.

``read_manifest`` reads the cases, ``make_plans`` says what is left to compute and why, ``Nursery``
runs one process per case, and ``collect`` makes rows of what the case folders hold.
``run_cohort`` calls them in order.
"""

from corohemo.cohort.collect import CohortResult
from corohemo.cohort.manifest import CohortCase, Manifest, read_manifest
from corohemo.cohort.options import CohortOptions
from corohemo.cohort.run import run_cohort

__all__ = [
    "CohortCase",
    "CohortOptions",
    "CohortResult",
    "Manifest",
    "read_manifest",
    "run_cohort",
]
