"""Tables as files: CSV and Parquet in, both out, each written whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corohemo.errors import FileFormatError, InputError, MissingDependencyError
from corohemo.io.replacing import replacing
from corohemo.report.files import write_csv

if TYPE_CHECKING:
    from types import ModuleType

Cell = str | float | int | bool | None
Row = Mapping[str, Cell]
PARQUET = (".parquet", ".pq")
SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class CellTable:
    """A table as it was read.

    Attributes:
        columns: Names of the columns.
        rows: Cells by column; an empty one is None.
        places: Where each row stands, for messages: the line of a CSV file on which it begins, of
            a Parquet file its number with the header as 1.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, Cell], ...]
    places: tuple[int, ...]


def read_cells(path: Path) -> CellTable:
    """A CSV or Parquet table.

    Cells of a CSV file are text, those of a Parquet file have their own types.

    Raises:
        InputError: If the file cannot be read.
        FileFormatError: If it is not such a table.
        MissingDependencyError: If Parquet is asked for without pyarrow.
    """
    if path.suffix.lower() in PARQUET:
        return _read_parquet(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("There is no such file; check the path.", file=path) from None
    except UnicodeDecodeError as error:
        line = 1 + error.object[: error.start].count(b"\n")
        raise FileFormatError(
            f"Line {line}: byte {error.start} of the table is not UTF-8 text; save it as such.",
            file=path,
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"The file cannot be read: {reason}.", file=path) from error
    return _parse(text, path)


def _parse(text: str, path: Path) -> CellTable:
    if "\0" in text:
        place = 1 + text.count("\n", 0, text.index("\0"))
        raise FileFormatError(
            f"Line {place} of the table holds a null character: this is not text.", file=path
        )
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=first.count)
    try:
        lines = _filled_lines(text, separator)
    except csv.Error as error:
        raise FileFormatError(f"This is not a CSV table: {error}.", file=path) from error
    if not lines:
        raise FileFormatError("The table is empty; give a header and rows.", file=path)
    header = _header([cell.strip() for cell in lines.pop(0)[1]], path)
    rows: list[dict[str, Cell]] = []
    for number, line in lines:
        extra = [cell for cell in line[len(header) :] if cell.strip()]
        if extra:
            raise FileFormatError(
                f"Row {number} has {len(line)} cells for {len(header)} columns; quote cells that "
                "hold the separator.",
                file=path,
            )
        cells = [cell.strip() or None for cell in line[: len(header)]]
        cells += [None] * (len(header) - len(cells))
        rows.append(dict(zip(header, cells, strict=True)))
    return CellTable(tuple(header), tuple(rows), tuple(number for number, _ in lines))


def _filled_lines(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """Cells of each row that has any, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    found, begin = [], 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            found.append((begin, cells))
        begin = reader.line_num + 1
    return found


def _header(names: list[str], path: Path) -> list[str]:
    while names and not names[-1]:
        names.pop()
    for position, name in enumerate(names):
        if not name or name in names[:position]:
            raise FileFormatError(
                f"Column {position + 1} {f'repeats {name!r}' if name else 'has no name'}; give "
                "each column its own.",
                file=path,
                field=name or None,
            )
    return names


def _read_parquet(path: Path) -> CellTable:
    arrow = require_pyarrow("A Parquet table")
    try:
        table = arrow.parquet.read_table(path)
    except FileNotFoundError:
        raise InputError("There is no such file; check the path.", file=path) from None
    except (OSError, ValueError, arrow.ArrowException) as error:
        reason = str(error).strip().partition("\n")[0]
        raise FileFormatError(f"This is not a Parquet table: {reason}", file=path) from error
    for column in table.schema:
        if arrow.types.is_nested(column.type) or arrow.types.is_binary(column.type):
            raise FileFormatError(
                f"Column {column.name!r} holds {column.type}; a table has plain cells.",
                file=path,
                field=column.name,
            )
    rows = tuple({key: _plain(cell) for key, cell in row.items()} for row in table.to_pylist())
    places = tuple(range(2, len(rows) + 2))
    return CellTable(tuple(_header(list(table.column_names), path)), rows, places)


def _plain(cell: Any) -> Cell:
    if isinstance(cell, float) and cell != cell:
        return None
    if isinstance(cell, str):
        return cell.strip() or None
    return cell if cell is None or isinstance(cell, bool | int | float) else str(cell)


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write ``path`` as CSV, and beside it as Parquet where pyarrow is installed.

    Raises:
        InputError: If a file cannot be written.
    """
    write_csv(path, columns, [[row.get(name) for name in columns] for row in rows])
    if find_spec("pyarrow") is None:
        return
    arrow = require_pyarrow("A Parquet table")
    table = arrow.table({name: _typed([row.get(name) for row in rows]) for name in columns})
    with replacing(path.with_suffix(".parquet")) as temporary:
        arrow.parquet.write_table(table, temporary)


def _typed(cells: list[Cell]) -> list[Cell]:
    """One type for a column: numbers if all cells are, else text."""
    filled = [cell for cell in cells if cell is not None]
    if all(isinstance(cell, bool) for cell in filled) or not any(
        isinstance(cell, str | bool) for cell in filled
    ):
        whole = all(isinstance(cell, int) for cell in filled)
        return [c if c is None or whole else float(c) for c in cells]
    return [None if cell is None else str(cell) for cell in cells]


def require_pyarrow(needed_for: str) -> ModuleType:
    """The module pyarrow, with its Parquet part loaded.

    Raises:
        MissingDependencyError: If it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingDependencyError(
            "pyarrow", needed_for=needed_for, how_to_install="pip install 'corohemo[cohort]'"
        ) from error
    return pyarrow
