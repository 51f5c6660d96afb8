"""Text, JSON and tables, written in one step."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from corohemo.errors import FileFormatError, InputError
from corohemo.io.replacing import replacing


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text in one step."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, document: Any) -> None:
    """Write JSON in one step; a NaN or infinity becomes null."""
    write_text(path, json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False))


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write a table in one step; an empty field is a value that was not computed."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([["" if value is None else value for value in row] for row in rows])
    write_text(path, buffer.getvalue())


@contextmanager
def csv_rows(path: Path, of_what: str) -> Iterator[csv.DictReader[str]]:
    """Rows of a table; what is wrong with them inside the block is told as wrong with the file.

    Raises:
        InputError: If the file cannot be read.
        FileFormatError: If a column is missing or a cell is not what the block takes it for.
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            yield csv.DictReader(stream)
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", file=path) from error
    except (KeyError, ValueError) as error:
        raise FileFormatError(f"This is not a table of {of_what}: {error}.", file=path) from error


def plain(value: Any) -> Any:
    """``value`` in JSON's own types, with None for what is not finite."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
