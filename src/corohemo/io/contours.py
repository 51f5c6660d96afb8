"""Closed contours of the lumen along each vessel, from a table or from QAngio XA 3D.

A table (``.csv``) has the columns ``branch, contour, x, y, z``: the points of one contour follow
one another around the vessel, contours run from proximal to distal, and a branch starts on another
one or repeats the stem from the ostium on. QAngio writes text files ``LkebCurveSet``, one for each
vessel from the ostium to its end; a folder of its export is read by its
``CrossSectionEllipseSet*.data``, which are in millimetres.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import listed
from corohemo.contours import contour_area, contour_centroid
from corohemo.errors import FileFormatError, GeometryError, MissingArrayError
from corohemo.io.paths import Path3D, merge_paths
from corohemo.io.raw import RawCenterline, parse_index, parse_number, read_lines
from corohemo.io.table import parse_table, table_labels, table_points
from corohemo.nodes import check_values

FloatArray = NDArray[np.float64]

QANGIO_SETS = "CrossSectionEllipseSet*.data"
QANGIO_HEADER = "# LkebCurveSet"
FEWEST_POINTS = 8
"""A contour with fewer points is no shape."""
FLATTEST = 1e-4
"""Least area of a contour over the square of its extent."""
LARGEST_STEP = 4.0
"""Contours of one vessel are at most this many of its radii apart."""


def read_contour_file(path: Path) -> RawCenterline:
    """Centroids of contours as a centerline, with the contours and the radii of their areas.

    Args:
        path: A table, a QAngio file, or a folder that QAngio exported.

    Raises:
        InputError: If there is no such file or folder.
        FileFormatError: If it is not what it must be, with the line.
        MissingArrayError: If a table lacks a column.
        GeometryError: If a contour encloses nothing, contours leave a gap, or the vessels do not
            form one tree.
    """
    unit: str | None = "mm"
    if path.is_dir():
        stacks = _read_folder(path)
    elif path.suffix.lower() == ".data":
        stacks = {path.stem: _read_qangio(path)}
    else:
        stacks, unit = _read_contour_table(path)
    paths = [_as_path(name, contours, path) for name, contours in stacks.items()]
    return merge_paths(paths, source=str(path), length_unit=unit)


def holds_contours(path: Path) -> bool:
    """Whether the first line of a table names a column of contours."""
    lines = (line.partition("#")[0].strip() for line in read_lines(path))
    first = next((line for line in lines if line), "")
    return "contour" in re.split(r'[\s,;"]+', first.lower())


def _read_folder(folder: Path) -> dict[str, list[FloatArray]]:
    files = sorted(folder.glob(QANGIO_SETS))
    if not files:
        raise FileFormatError(
            f"The folder holds no {QANGIO_SETS}, so it is no export of QAngio; a folder is read "
            "only as that.",
            file=folder,
        )
    return {f"vessel{number}": _read_qangio(file) for number, file in enumerate(files, start=1)}


def _read_qangio(path: Path) -> list[FloatArray]:
    """Contours of a file: ``Number of points: n``, ``Data:``, then n lines of x y z, for each."""
    lines = read_lines(path)
    if not lines[0].startswith(QANGIO_HEADER):
        raise FileFormatError(
            f"The file does not begin with {QANGIO_HEADER!r}, so it is no set of contours of "
            "QAngio.",
            file=path,
        )
    contours: list[FloatArray] = []
    row = 0
    while row < len(lines):
        word, _, count = lines[row].partition(":")
        row += 1
        if word.strip() != "Number of points":
            continue
        n = parse_index(count, path=path, line=row, column="Number of points")
        if row < len(lines) and lines[row].strip() == "Data:":
            row += 1
        block = [line.split() for line in lines[row : row + n]]
        short = next((k for k, words in enumerate(block) if len(words) != 3), len(block))
        if short < n:
            raise FileFormatError(
                f"Line {row + short + 1}: expected point {short + 1} of {n} as x y z.", file=path
            )
        contours.append(
            np.array([_point(words, path, row + k) for k, words in enumerate(block, start=1)])
        )
        row += n
    return contours


def _point(words: list[str], path: Path, line: int) -> list[float]:
    cells = zip(words, "xyz", strict=True)
    return [parse_number(word, path=path, line=line, column=axis) for word, axis in cells]


def _read_contour_table(path: Path) -> tuple[dict[str, list[FloatArray]], str | None]:
    table = parse_table(path, with_radius=False)
    for column in ("branch", "contour"):
        if column not in table.columns:
            raise MissingArrayError(
                f"There is no column {column}; the columns are: {listed(table.columns)}.",
                file=path,
                field=column,
            )
    points = table_points(table, path)
    keys = list(zip(table_labels(table.columns["branch"]), table.columns["contour"], strict=True))
    stacks: dict[str, list[FloatArray]] = {}
    done: set[tuple[str, str]] = set()
    for key, rows in groupby(range(len(keys)), key=keys.__getitem__):
        members = list(rows)
        if key in done:
            raise FileFormatError(
                f"Line {table.lines[members[0]]}: the points of contour {key[1]} of branch "
                f"{key[0]} do not follow each other.",
                file=path,
                field="contour",
            )
        done.add(key)
        stacks.setdefault(key[0], []).append(points[members])
    return stacks, table.length_unit


def _as_path(name: str, contours: list[FloatArray], path: Path) -> Path3D:
    """A vessel's contours as a path of their centroids."""
    if len(contours) < 2:
        raise GeometryError(f"{path}: A vessel needs two contours or more.", branch=name)
    for number, contour in enumerate(contours, start=1):
        _check_contour(contour, name, number, path)
    contours = [_opened(contour) for contour in contours]
    points = np.array([contour_centroid(contour) for contour in contours])
    radii = np.array([np.sqrt(contour_area(contour) / np.pi) for contour in contours])
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    wide = np.flatnonzero(steps > LARGEST_STEP * np.maximum(radii[1:], radii[:-1]))
    if len(wide):
        first = int(wide[0])
        raise GeometryError(
            f"{path}: contours {first + 1} and {first + 2} are {steps[first]:.3g} apart, more than "
            f"{LARGEST_STEP:g} radii; put the missing ones in, or in order.",
            branch=name,
        )
    return Path3D(points, radii, name, tuple(contours))


def _check_contour(contour: FloatArray, name: str, number: int, path: Path) -> None:
    check_values(contour, np.ones(len(contour)), source=str(path))
    extent = float(np.ptp(contour, axis=0).max()) if len(contour) else 0.0
    if len(contour) < FEWEST_POINTS:
        said = f"contour {number} has {len(contour)} points; {FEWEST_POINTS} or more are needed."
    elif not contour_area(contour) > FLATTEST * extent**2:
        said = f"contour {number} encloses no area; its points must follow one another around it."
    else:
        return
    raise GeometryError(f"{path}: {said}", branch=name)


def _opened(contour: FloatArray) -> FloatArray:
    """The contour without a last point that repeats the first."""
    return contour[:-1] if np.array_equal(contour[0], contour[-1]) else contour
