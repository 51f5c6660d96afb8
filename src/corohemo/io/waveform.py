"""Waveforms in text files: columns of time and value, as SimVascular and OpenFOAM write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from corohemo.errors import ConfigError, FileFormatError
from corohemo.io.raw import parse_number, read_lines, whole_number
from corohemo.waveform import Waveform

Row = tuple[int, tuple[str, str]]
COLUMNS = ("time", "value")
COMMENTS = "#%!"
PUNCTUATION = str.maketrans("(),;", "    ")


def read_waveform(
    path: str | Path, *, factor: float = 1.0, interpolation: str = "linear"
) -> Waveform:
    """Read a waveform of two columns, time in seconds and value.

    Understood are plain columns, SimVascular's ``.flow`` with its header of two integers (number of
    points and of Fourier modes), and OpenFOAM's ``((t v) (t v))``. If a header asks for Fourier
    modes, they are what is returned, as svFSI applies them.

    Args:
        path: The file.
        factor: Multiplies the values. Files have no units: a SimVascular inflow in cm3/s, negative
            into the vessel, becomes mL/min with ``factor=-60``.
        interpolation: Of the samples; "linear", "cubic" or "fourier".

    Raises:
        FileFormatError: If the file is not such a list, with the line.
        ConfigError: If the samples do not repeat.
    """
    file = Path(path)
    rows = _rows(file)
    n_modes = _promised_modes(rows)
    samples = rows if n_modes is None else rows[1:]
    times, values = (
        np.array([_number(row, k, file) for row in samples]) for k in range(len(COLUMNS))
    )
    if len(times) and times[0] < 0.0:
        raise FileFormatError(
            f"Line {samples[0][0]}: its time is negative, {times[0]:g} s; the times of a waveform "
            "must not be negative. Add whole periods to all of them, or begin at 0.",
            file=file,
            field="time",
        )
    for (before, _), (line, _), step in zip(samples, samples[1:], np.diff(times), strict=False):
        if not step > 0.0:
            raise FileFormatError(
                f"Line {line}: its time does not come after that of line {before}; the times of a "
                "waveform must increase.",
                file=file,
                field="time",
            )
    try:
        waveform = Waveform(times, factor * values, interpolation)
    except ConfigError as error:
        raise ConfigError(str(error), file=file, field=error.field) from None
    return waveform.low_pass(n_modes) if n_modes else waveform


def _rows(path: Path) -> list[Row]:
    """Line number and two words of every line that has any."""
    rows: list[Row] = []
    lines = read_lines(path)
    for number, line in enumerate(lines, start=1):
        words = line.translate(PUNCTUATION).split()
        if not words or words[0][0] in COMMENTS:
            continue
        if len(words) != 2:
            raise FileFormatError(
                f"Line {number} has {len(words)} columns; a waveform has two, time and value.",
                file=path,
            )
        rows.append((number, (words[0], words[1])))
    if not rows:
        raise FileFormatError(
            f"The file ends at line {len(lines)} without one of two numbers, time and value.",
            file=path,
        )
    return rows


def _promised_modes(rows: list[Row]) -> int | None:
    """Fourier modes a header asks for; None if the first row is not the number of the others."""
    count, modes = (whole_number(word) for word in rows[0][1])
    return modes if count == len(rows) - 1 else None


def _number(row: Row, k: int, path: Path) -> float:
    line, words = row
    return parse_number(words[k], path=path, line=line, column=COLUMNS[k])
