"""A line of the table of ``validate.py``, and what its checks share."""

from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Reference data, which not every machine has."""
WATER_TIGHT = 1e-6
"""Bound of every mass balance."""


@dataclass(frozen=True)
class Row:
    """One line of the table; ``limit`` is what ``value`` may be at most."""

    check: str
    limit: float
    value: float
    note: str = ""

    @property
    def passed(self) -> bool:
        return bool(self.value <= self.limit)
