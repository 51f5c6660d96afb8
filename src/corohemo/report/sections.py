"""Columns of a case folder's ``sections.csv``."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError, InputError

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
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                numbers = [float(row[name] or "nan") for name in NUMBERS]
                rows.setdefault((row["state"], row["branch"]), []).append(numbers)
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", file=path) from error
    except (KeyError, ValueError) as error:
        raise FileFormatError(f"This is not a table of sections: {error}.", file=path) from error
    return {
        key: dict(zip(NUMBERS, np.array(values).T, strict=True)) for key, values in rows.items()
    }


def joined(parts: list[dict[str, FloatArray]]) -> dict[str, FloatArray]:
    """Columns of several branches, one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in NUMBERS}
