"""Centerlines as plain tables: ``x, y, z, radius`` and, if wanted, ``branch`` or ``id, parent``.

Columns are separated by commas, semicolons, tabs or blanks; ``#`` starts a comment. Without a
header the columns are x, y, z, radius and, if there is a fifth, the branch label. A header may name
them in any order, with the unit as suffix (``x_mm``, ``radius [mm]``), which then is the unit of
the file; a diameter is halved. ``parent`` refers to ``id``, or to rows counted from 0 if there is
no ``id`` column; the ostium has -1. Rows of one ``branch`` run from proximal to distal, and a
branch starts on its parent vessel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import listed
from corohemo.errors import FileFormatError, GeometryError, MissingArrayError, UnitError
from corohemo.io.paths import Path3D, merge_paths
from corohemo.io.raw import RawCenterline, parse_index, parse_number, read_lines
from corohemo.io.replacing import replacing
from corohemo.nodes import check_values
from corohemo.units import LENGTH_UNITS

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

HEADERLESS = ("x", "y", "z", "radius", "branch")
ALIASES = {
    "r": "radius", "radii": "radius", "maximuminscribedsphereradius": "radius", "d": "diameter",
    "px": "x", "py": "y", "pz": "z", "points:0": "x", "points:1": "y", "points:2": "z",
    "vessel": "branch", "label": "branch", "branchid": "branch", "branch_id": "branch",
    "parent_id": "parent", "parentid": "parent", "point_id": "id",
}  # fmt: skip
LENGTHS = ("x", "y", "z", "radius", "diameter")
_SUFFIX = re.compile(r"[_\s(\[](m|cm|mm|um)[)\]]?$")
JUMP = 20.0
"""A step this many times the median one, and longer than two diameters, is not one vessel."""


@dataclass(frozen=True)
class Table:
    """Cells as text by column, with the line number of each row."""

    columns: dict[str, list[str]]
    lines: list[int]
    length_unit: str | None


def read_table(path: Path) -> RawCenterline:
    """Read a ``.csv`` or ``.txt`` centerline.

    Raises:
        FileFormatError: With the line and column that is not what it must be.
        MissingArrayError: If x, y, z or the radius is missing; the columns there are listed.
        UnitError: If the columns have different units.
        GeometryError: If the rows do not form one tree.
    """
    table = parse_table(path)
    points = table_points(table, path)
    if "radius" in table.columns:
        radii = _floats(table, "radius", path)
    else:
        radii = _floats(table, "diameter", path) / 2
    names = table_labels(table.columns["branch"]) if "branch" in table.columns else None
    if "parent" in table.columns:
        parents = _parents(table, path)
        return RawCenterline(points, radii, parents, names, table.length_unit)
    check_values(points, radii, source=str(path))
    if names is not None:
        paths = [
            Path3D(points[rows], radii[rows], name) for name, rows in _group(names, table, path)
        ]
        return merge_paths(paths, source=str(path), length_unit=table.length_unit)
    _check_jumps(points, radii, table, path)
    return RawCenterline(points, radii, np.arange(-1, len(points) - 1), None, table.length_unit)


def write_table(raw: RawCenterline, path: Path) -> None:
    """Write ``id, parent, branch, x, y, z, radius`` with the unit in the column names."""
    unit = raw.length_unit
    names = raw.names or ("",) * len(raw.points)
    lines = [f"id,parent,branch,x_{unit},y_{unit},z_{unit},radius_{unit}"]
    rows = zip(names, raw.points.tolist(), raw.radii.tolist(), raw.parents.tolist(), strict=True)
    for index, (name, (x, y, z), radius, parent) in enumerate(rows):
        label = name.replace(",", " ").replace("#", " ")
        lines.append(f"{index},{parent},{label},{x!r},{y!r},{z!r},{radius!r}")
    with replacing(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def parse_table(path: Path, *, with_radius: bool = True) -> Table:
    """Rows and columns of a table with x, y, z and, unless told otherwise, a radius.

    Raises:
        FileFormatError: With the line that is not what it must be.
        MissingArrayError: If a column is missing; those there are listed.
        UnitError: If the columns have different units.
    """
    rows = [
        (number, content)
        for number, line in enumerate(read_lines(path), start=1)
        if (content := line.partition("#")[0].strip())
    ]
    if not rows:
        raise FileFormatError("The file holds no points.", file=path)
    separator = _separator(rows[0][1])
    cells = [(number, _split(content, separator)) for number, content in rows]
    unit = None
    if _is_header(cells[0][1]):
        header, unit = _header(cells.pop(0)[1], path)
    else:
        header = list(HEADERLESS[: len(cells[0][1])])
    if not cells:
        raise FileFormatError("The file has a header but no points.", file=path)
    _require_columns(header, path, with_radius=with_radius)
    for number, row in cells:
        if len(row) != len(header):
            raise FileFormatError(
                f"Line {number}: expected {len(header)} values, got {len(row)}.", file=path
            )
    columns = {name: [row[k] for _, row in cells] for k, name in enumerate(header)}
    return Table(columns, [number for number, _ in cells], unit)


def _separator(line: str) -> str | None:
    return next((mark for mark in (";", "\t", ",") if mark in line), None)


def _split(line: str, separator: str | None) -> list[str]:
    cells = [cell.strip().strip('"').strip() for cell in line.split(separator)]
    while len(cells) > 4 and cells[-1] == "":
        cells.pop()
    return cells


def _is_header(cells: list[str]) -> bool:
    """Whether no cell of the row is a number or begins like one."""
    return not any(_is_number(cell) or re.match(r"[-+.,]*\d", cell) for cell in cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _header(cells: list[str], path: Path) -> tuple[list[str], str | None]:
    names, units = [], {}
    for cell in cells:
        word = cell.strip().lower()
        match = _SUFFIX.search(word)
        stem = word[: match.start()].rstrip("_ \t([") if match else word
        name = ALIASES.get(stem, stem)
        if match and name in LENGTHS:
            units[name] = match[1]
        else:
            name = ALIASES.get(word, word)
        names.append(name)
    repeated = {name for name in names if name in LENGTHS and names.count(name) > 1}
    if repeated:
        raise FileFormatError(
            f"The column {sorted(repeated)[0]} is there twice.",
            file=path,
            field=sorted(repeated)[0],
        )
    stated = set(units.values())
    lengths = [name for name in names if name in LENGTHS]
    if len(stated) > 1 or (stated and len(units) < len(lengths)):
        listed = ", ".join(f"{name} in {units.get(name, 'no unit')}" for name in lengths)
        raise UnitError(
            f"The columns must all have one unit, found {listed}; "
            f"known units are {', '.join(LENGTH_UNITS)}.",
            file=path,
            field="length_unit",
        )
    return names, next(iter(stated), None)


def _require_columns(header: list[str], path: Path, *, with_radius: bool) -> None:
    for column in "xyz":
        if column not in header:
            raise MissingArrayError(
                f"There is no column {column}; the columns are: {listed(header)}.",
                file=path,
                field=column,
            )
    if with_radius and "radius" not in header and "diameter" not in header:
        raise MissingArrayError(
            f"There is no column radius or diameter; the columns are: {listed(header)}.",
            file=path,
            field="radius",
        )


def table_points(table: Table, path: Path) -> FloatArray:
    """Columns x, y, z (n, 3)."""
    return np.column_stack([_floats(table, column, path) for column in "xyz"])


def _floats(table: Table, column: str, path: Path) -> FloatArray:
    cells = zip(table.columns[column], table.lines, strict=True)
    return np.array([parse_number(w, path=path, line=n, column=column) for w, n in cells])


def _integers(table: Table, column: str, path: Path) -> list[int]:
    cells = zip(table.columns[column], table.lines, strict=True)
    return [parse_index(w, path=path, line=n, column=column) for w, n in cells]


def _parents(table: Table, path: Path) -> IntArray:
    parents = _integers(table, "parent", path)
    ids = _integers(table, "id", path) if "id" in table.columns else list(range(len(parents)))
    index_of = {point_id: index for index, point_id in enumerate(ids)}
    if len(index_of) < len(ids):
        row = next(k for k, point_id in enumerate(ids) if index_of[point_id] != k)
        raise FileFormatError(
            f"Line {table.lines[row]}: the id {ids[row]} is there twice.", file=path, field="id"
        )
    for parent, line in zip(parents, table.lines, strict=True):
        if parent != -1 and parent not in index_of:
            raise FileFormatError(
                f"Line {line}: parent {parent} is not in the file; the ostium has parent -1.",
                file=path,
                field="parent",
            )
    return np.array([index_of[parent] if parent != -1 else -1 for parent in parents])


def table_labels(words: list[str]) -> tuple[str, ...]:
    """Branch labels; a bare number becomes ``branch<number>``."""
    return tuple(f"branch{float(word):g}" if _is_number(word) else word for word in words)


def _group(names: tuple[str, ...], table: Table, path: Path) -> list[tuple[str, list[int]]]:
    """Rows of each branch, which must follow each other."""
    groups: list[tuple[str, list[int]]] = []
    for row, name in enumerate(names):
        if groups and groups[-1][0] == name:
            groups[-1][1].append(row)
        elif any(name == known for known, _ in groups):
            raise FileFormatError(
                f"Line {table.lines[row]}: the rows of branch {name} do not follow each other.",
                file=path,
                field="branch",
            )
        else:
            groups.append((name, [row]))
    return groups


def _check_jumps(points: FloatArray, radii: FloatArray, table: Table, path: Path) -> None:
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    if len(steps) < 3:
        return
    jumps = np.flatnonzero((steps > JUMP * np.median(steps)) & (steps > 4 * radii[:-1]))
    if len(jumps):
        first, second = table.lines[jumps[0]], table.lines[jumps[0] + 1]
        raise GeometryError(
            f"{path}: Lines {first} and {second} are {steps[jumps[0]]:.4g} apart, so this is not "
            f"one vessel; tell the vessels apart in a column branch or parent."
        )
