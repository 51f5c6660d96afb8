"""What a centerline file holds, before it becomes a tree; and how its text is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError, InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LINE_END = re.compile(r"\r\n|\n|\r")
MAX_TEXT_BYTES = 200_000_000
"""A centerline as text is never larger."""


@dataclass(frozen=True)
class RawCenterline:
    """Points with parents as a file lists them.

    Attributes:
        points: Positions (n, 3) [``length_unit``].
        radii: Radius at each point (n,) [``length_unit``].
        parents: Index of each point's parent (n,), -1 at the ostium.
        names: Label of the branch each point belongs to (n,), None where the file has none.
        length_unit: The unit the file states, None if it does not say.
        contours: Closed contour of the lumen at each point (n,), each (m, 3), None where there is
            none; empty if there are none at all.
    """

    points: FloatArray
    radii: FloatArray
    parents: IntArray
    names: tuple[str, ...] | None
    length_unit: str | None
    contours: tuple[FloatArray | None, ...] = ()


def check_file(path: Path) -> None:
    """Refuse a path that is not a file with something in it.

    Raises:
        InputError: If there is no such file.
        FileFormatError: If it is empty.
    """
    try:
        if not path.is_file():
            what = "is a directory, not a file" if path.is_dir() else "does not exist"
            raise InputError(f"The file {what}.", file=path)
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise InputError(f"The file cannot be read: {_reason(error)}.", file=path) from None
    if size == 0:
        raise FileFormatError("The file is empty.", file=path)


def _reason(error: OSError | ValueError) -> str:
    """What went wrong, without the path again."""
    return getattr(error, "strerror", None) or str(error)


def read_bytes(path: Path) -> bytes:
    """All bytes of a file that holds any.

    Raises:
        InputError: If there is no such file, or it cannot be opened.
        FileFormatError: If it is empty.
    """
    check_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"The file cannot be read: {_reason(error)}.", file=path) from None


def read_text(path: Path) -> str:
    """The text of a file: UTF-8 with or without byte order mark, or Latin-1; any line ends.

    Raises:
        InputError: If there is no such file, or it cannot be opened.
        FileFormatError: If it is empty, binary or far too large.
    """
    check_file(path)
    if path.stat().st_size > MAX_TEXT_BYTES:
        raise FileFormatError("The file is too large for a centerline as text.", file=path)
    data = read_bytes(path)
    if b"\0" in data:
        raise FileFormatError("The file is binary, not text.", file=path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def split_lines(text: str) -> list[str]:
    """Lines of a text as an editor numbers them: no other separators of Unicode end one."""
    lines = LINE_END.split(text)
    return lines[:-1] if not lines[-1] else lines


def read_lines(path: Path) -> list[str]:
    """The lines of a file, as ``read_text`` reads it.

    Raises:
        InputError: If there is no such file, or it cannot be opened.
        FileFormatError: If it is empty, binary or far too large.
    """
    return split_lines(read_text(path))


def parse_number(word: str, *, path: Path, line: int, column: str) -> float:
    """A finite number from a file.

    Raises:
        FileFormatError: With the line and the column if ``word`` is not one.
    """
    try:
        number = float(word)
    except ValueError:
        raise FileFormatError(
            f"Line {line}: {column} is not a number: {word[:40]!r}.", file=path, field=column
        ) from None
    if not isfinite(number):
        raise FileFormatError(
            f"Line {line}: {column} is not a finite number: {word[:40]!r}.", file=path, field=column
        )
    return number


def whole_number(word: str) -> int | None:
    """A count or id from its decimal digits; None for any other text and for what is beyond 2**53.

    ``int`` itself raises for texts of more than 4,300 digits.
    """
    digits = word.strip()
    return int(digits) if digits.isdecimal() and len(digits) < 16 else None


def parse_index(word: str, *, path: Path, line: int, column: str) -> int:
    """A whole number from a file; "3.0" is one.

    Raises:
        FileFormatError: With the line and the column if ``word`` is not one.
    """
    number = parse_number(word, path=path, line=line, column=column)
    if not (abs(number) < 2**53 and number == int(number)):
        raise FileFormatError(
            f"Line {line}: {column} must be a whole number, got {word[:40]!r}.",
            file=path,
            field=column,
        )
    return int(number)
