"""Tables of patients for prognosis and risk: named numeric columns without gaps in disguise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from corohemo.agreement.pairs import number
from corohemo.checks import listed
from corohemo.cohort.table_files import Cell, read_cells
from corohemo.errors import InputError, MissingDependencyError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
YES = {"1", "1.0", "yes", "true", "y"}
NO = {"0", "0.0", "no", "false", "n"}


@dataclass(frozen=True)
class PatientTable:
    """Rows of a study, as text and numbers.

    Attributes:
        columns: Column names.
        rows: One per patient or vessel.
        file: Where they came from, for messages.
        places: Where each row stands in the file, as in ``CellTable``; empty without a file.
    """

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Cell], ...]
    file: Path | None = None
    places: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, index: int) -> int:
        """Where a row stands, for messages; without a file the first is 2, below a header."""
        return self.places[index] if self.places else index + 2

    def words(self, name: str) -> tuple[str | None, ...]:
        """A column as words (n,), None where it is empty."""
        self._require(name)
        cells = (row.get(name) for row in self.rows)
        return tuple(None if cell is None else str(cell) for cell in cells)

    def numbers(self, name: str) -> FloatArray:
        """A column as numbers (n,), NaN where it is empty; yes and no are 1 and 0.

        Raises:
            InputError: If a cell is neither, with its row.
        """
        values = []
        for index, word in enumerate(self.words(name)):
            lower = (word or "").casefold()
            value = 1.0 if lower in YES else 0.0 if lower in NO else number(word)
            if word is not None and np.isnan(value):
                raise InputError(
                    f"Row {self.place(index)}: {name} is {word!r}, neither a number nor yes or no.",
                    file=self.file,
                    field=name,
                )
            values.append(value)
        return np.array(values, dtype=np.float64)

    def owners(self, name: str) -> NDArray[np.str_]:
        """A column that says whose each row is (n,).

        Raises:
            InputError: If a cell is empty, with its row: rows of nobody must not become one person.
        """
        words = self.words(name)
        if None in words:
            raise InputError(
                f"Row {self.place(words.index(None))}: {name} is empty; say whose row it is.",
                file=self.file,
                field=name,
            )
        return np.array(words, dtype=str)

    def _require(self, name: str) -> None:
        if name not in self.columns:
            raise InputError(
                f"There is no column {name}; columns are {listed(self.columns)}.",
                file=self.file,
                field=name,
            )


def read_patients(path: Path | str) -> PatientTable:
    """A CSV or Parquet table.

    Raises:
        InputError: If it cannot be read.
    """
    table = read_cells(Path(path))
    return PatientTable(table.columns, table.rows, Path(path), table.places)


def make_patients(columns: Mapping[str, Sequence[Cell]]) -> PatientTable:
    """A table from columns of equal length.

    Raises:
        InputError: If they differ in length.
    """
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise InputError(f"The columns have {sorted(lengths)} rows; give each as many.")
    rows = (dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True))
    return PatientTable(tuple(columns), tuple(rows))


def require(package: str, needed_for: str) -> ModuleType:
    """An optional package of the extra ``stats``.

    Raises:
        MissingDependencyError: If it is not installed.
    """
    from importlib import import_module

    try:
        return import_module(package)
    except ImportError as error:
        raise MissingDependencyError(
            package.partition(".")[0],
            needed_for=needed_for,
            how_to_install="pip install 'corohemo[stats]'",
        ) from error
