"""Environment that keeps one process on the threads it was given."""

from __future__ import annotations

import os

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VTK_SMP_MAX_THREADS",
    "LP_NUM_THREADS",
)
"""Of OpenMP, BLAS, Numba, VTK's filters, and Mesa where it draws the pictures in software."""


def pinned_environment(threads: int | None = None) -> dict[str, str]:
    """The environment with every thread pool at ``threads``; None keeps what is set, else 1."""
    if threads is not None:
        return os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
    return os.environ | {name: os.environ.get(name, "1") for name in THREAD_VARIABLES}
