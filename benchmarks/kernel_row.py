"""A row of the table of kernels: CPU seconds, their ratio, the largest difference."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

MILLION = 1_000_000
BOUND = 10.0


def best(action: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Least CPU time of an action [s] over some runs, and its result."""
    seconds, result = [], None
    for _ in range(runs):
        del result
        start = time.process_time()
        result = action()
        seconds.append(time.process_time() - start)
    return min(seconds), result


def difference(ours: Any, theirs: Any) -> float:
    """Largest difference of arrays over the largest value of each, where ours are not NaN."""
    errors = []
    for a, b in zip(ours, theirs, strict=True):
        known = np.isfinite(a)
        errors.append(float(np.abs(a[known] - b[known]).max() / np.abs(b[known]).max()))
    return max(errors)


def row(name: str, ours: float, theirs: list[float], error: float) -> None:
    """Print a line of the table."""
    first = theirs[0]
    verdict = "yes" if first / ours >= BOUND and ours < 1.0 and error < 1e-10 else "no"
    whole = f"{first:.1f} s, {first / ours:.1f}"
    pieces = f"{theirs[1]:.1f} s, {theirs[1] / ours:.1f}" if len(theirs) > 1 else ""
    print(f"| {name} | {ours:.2f} s | {whole} | {pieces} | {error:.0e} | {verdict} |", flush=True)
