"""Columns of a case folder's ``sections.csv``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.report.files import csv_rows

FloatArray = NDArray[np.float64]
Sections = dict[tuple[str, str], dict[str, FloatArray]]
NUMBERS = ("abscissa_mm", "x_mm", "y_mm", "z_mm", "radius_mm", "reference_radius_mm", "ffr")


def read_sections(path: Path) -> Sections:
    """Columns ``NUMBERS`` of sections.csv by state and branch.

    Raises:
        InputError: If the file cannot be read.
        FileFormatError: If it is not a table of sections.
    """
    rows: dict[tuple[str, str], list[list[float]]] = {}
    with csv_rows(path, "sections") as table:
        for row in table:
            numbers = [float(row[name] or "nan") for name in NUMBERS]
            rows.setdefault((row["state"], row["branch"]), []).append(numbers)
    return {
        key: dict(zip(NUMBERS, np.array(values).T, strict=True)) for key, values in rows.items()
    }


def joined(parts: list[dict[str, FloatArray]]) -> dict[str, FloatArray]:
    """Columns of several branches, one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in NUMBERS}
