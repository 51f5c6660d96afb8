"""Cohorts: a manifest of cases in, one table of vessels and one of lesions out.

``read_manifest`` reads the cases, ``make_plans`` says what is left to compute and why, ``Nursery``
runs one process per case, and ``collect`` makes rows of what the case folders hold.
``run_cohort`` calls them in order.

Names are loaded when they are first used: ``pool``, which starts the process that runs the cases,
comes without what reads them, so that both processes import at the same time.
"""

from corohemo.lazy_names import lazy_names

__all__, __getattr__ = lazy_names(__name__, __file__)
