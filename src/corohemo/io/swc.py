"""SWC: ``id type x y z radius parent`` per point; comments may state the unit and branch names.

The format knows no unit. ``# length_unit: mm`` states it, and ``# branch: <first id> <last id>
<name>`` names the points of a branch; both are comments to every other program.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from corohemo.errors import FileFormatError
from corohemo.io.raw import (
    RawCenterline,
    parse_index,
    parse_number,
    read_lines,
    whole_number,
)
from corohemo.io.replacing import replacing

COLUMNS = ("id", "type", "x", "y", "z", "radius", "parent")
UNIT_KEY = "length_unit:"
BRANCH_KEY = "branch:"
SEGMENT_TYPE = 0


def read_swc(path: Path) -> RawCenterline:
    """Read an SWC file; ids may start anywhere, and parents may follow their children.

    Raises:
        FileFormatError: With the line that is not a point, repeats an id or names a parent that
            is not there.
    """
    rows: list[tuple[int, list[str]]] = []
    comments: list[str] = []
    for number, line in enumerate(read_lines(path), start=1):
        content, _, comment = line.partition("#")
        words = content.replace(",", " ").split()
        if words:
            rows.append((number, words))
        elif comment.strip():
            comments.append(comment.strip())
    if not rows:
        raise FileFormatError("The file holds no points.", file=path)
    index_of = _index_ids(rows, path)
    values = np.empty((len(rows), 4))
    parents = np.empty(len(rows), dtype=np.int64)
    for index, (number, words) in enumerate(rows):
        for k, column in enumerate(COLUMNS[2:6]):
            values[index, k] = parse_number(words[k + 2], path=path, line=number, column=column)
        parent = parse_index(words[6], path=path, line=number, column="parent")
        if parent != -1 and parent not in index_of:
            raise FileFormatError(
                f"Line {number}: point {words[0]} names parent {parent}, which is not in the file; "
                f"the ostium has parent -1.",
                file=path,
                field="parent",
            )
        parents[index] = index_of.get(parent, -1) if parent != -1 else -1
    return RawCenterline(
        points=values[:, :3],
        radii=values[:, 3],
        parents=parents,
        names=_names(comments, index_of),
        length_unit=_unit(comments),
    )


def write_swc(raw: RawCenterline, path: Path) -> None:
    """Write points in the order given, ids from 1, with unit and branch names as comments."""
    lines = [f"# {UNIT_KEY} {raw.length_unit}", "# " + " ".join(COLUMNS)]
    names = raw.names or ("",) * len(raw.points)
    first = 0
    for index in range(1, len(names) + 1):
        if index == len(names) or names[index] != names[first]:
            if names[first]:
                lines.append(f"# {BRANCH_KEY} {first + 1} {index} {names[first]}")
            first = index
    for index, (point, radius, parent) in enumerate(
        zip(raw.points.tolist(), raw.radii.tolist(), raw.parents.tolist(), strict=True)
    ):
        x, y, z = point
        up = parent + 1 if parent >= 0 else -1
        lines.append(f"{index + 1} {SEGMENT_TYPE} {x!r} {y!r} {z!r} {radius!r} {up}")
    with replacing(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _index_ids(rows: list[tuple[int, list[str]]], path: Path) -> dict[int, int]:
    index_of: dict[int, int] = {}
    for index, (number, words) in enumerate(rows):
        if len(words) < len(COLUMNS):
            raise FileFormatError(
                f"Line {number}: expected {' '.join(COLUMNS)}, got {len(words)} values.", file=path
            )
        point_id = parse_index(words[0], path=path, line=number, column="id")
        if point_id in index_of:
            raise FileFormatError(
                f"Line {number}: point id {point_id} was used before.", file=path, field="id"
            )
        index_of[point_id] = index
    return index_of


def _unit(comments: list[str]) -> str | None:
    for comment in comments:
        if comment.startswith(UNIT_KEY):
            return comment.removeprefix(UNIT_KEY).strip()
    return None


def _names(comments: list[str], index_of: dict[int, int]) -> tuple[str, ...] | None:
    ranges = []
    for comment in comments:
        words = comment.removeprefix(BRANCH_KEY).split(maxsplit=2)
        if not comment.startswith(BRANCH_KEY) or len(words) != 3:
            continue
        first, last = whole_number(words[0]), whole_number(words[1])
        if first is not None and last is not None:
            ranges.append((first, last, words[2]))
    if not ranges:
        return None
    names = [""] * len(index_of)
    for first, last, name in ranges:
        for point_id, index in index_of.items():
            if first <= point_id <= last:
                names[index] = name
    return tuple(names)
