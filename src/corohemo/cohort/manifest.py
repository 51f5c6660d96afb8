"""The list of cases: CSV or Parquet in, cases with their settings and covariates out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from corohemo.checks import listed, shown
from corohemo.cohort.table_files import Cell, read_cells
from corohemo.errors import ConfigError, FileFormatError, InputError

INPUT_COLUMNS = ("input", "case_file", "centerline")
SETTING_COLUMNS = {
    "length_unit": "case.length_unit",
    "solver": "solver.model",
    "tree": "physiology.tree",
    "mean_aortic_pressure_mmhg": "physiology.mean_aortic_pressure_mmhg",
    "aortic_pressure_mmhg": "physiology.mean_aortic_pressure_mmhg",
    "myocardial_mass_g": "physiology.myocardial_mass_g",
}
"""Short names of settings; any column with a dot in its name is a setting as well."""
VESSEL = "vessel"
WIRE = "wire_position_mm"
KNOWN = (*INPUT_COLUMNS, *SETTING_COLUMNS, "case_id", VESSEL, WIRE)
FORBIDDEN = frozenset('/\\\0\n\r\t"<>|:*?')
LONGEST_ID = 120


@dataclass(frozen=True)
class CohortCase:
    """One case of a cohort.

    Attributes:
        case_id: Name, unique in the cohort; also of its folder.
        input: Case file or centerline.
        overrides: Settings of the manifest as ``section.key=value``.
        covariates: Columns of the case that are no settings, by name.
        vessels: Covariates that stand in rows of one vessel, by vessel.
        wires: Path length to the pressure sensor by vessel [mm].
        row: Where it stands in the manifest, for messages, as in ``CellTable``.
    """

    case_id: str
    input: Path
    overrides: tuple[str, ...] = ()
    covariates: Mapping[str, Cell] = field(default_factory=dict)
    vessels: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)
    wires: Mapping[str, float] = field(default_factory=dict)
    row: int = 0


@dataclass(frozen=True)
class Manifest:
    """The cases of a cohort.

    Attributes:
        file: Where they were read from.
        cases: The cases in order.
        covariate_names: Columns that are kept and not interpreted.
        remarks: Columns that look like a misspelt setting.
    """

    file: Path
    cases: tuple[CohortCase, ...]
    covariate_names: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def read_manifest(path: Path | str) -> Manifest:
    """Cases of a CSV (comma, semicolon, tab) or Parquet file with one row per case or vessel.

    ``input`` (or ``case_file``, ``centerline``) names the file of the case, relative to the
    manifest; ``case_id`` its name, by default that of the file. ``length_unit``, ``solver``,
    ``tree``, ``mean_aortic_pressure_mmhg``, ``myocardial_mass_g`` and every column with a dot
    (``mesh.refinement``) are settings. Rows with ``vessel`` may repeat a case: their other columns
    belong to that vessel, and ``wire_position_mm`` is where its pressure was measured. All other
    columns are kept as covariates.

    Raises:
        InputError: If the file cannot be read.
        FileFormatError: If it is not a table, or a row is incomplete or contradicts another.
    """
    path = Path(path)
    table = read_cells(path)
    columns = table.columns
    source = _input_column(columns, path)
    settings = [name for name in columns if name in SETTING_COLUMNS or "." in name]
    plain = [name for name in columns if name not in (*KNOWN, *settings)]
    groups: dict[str, list[tuple[int, Mapping[str, Cell]]]] = {}
    spelt: dict[str, str] = {}
    for number, row in zip(table.places, table.rows, strict=True):
        if all(cell is None for cell in row.values()):
            continue
        name = _case_id(row, source, path, number)
        other = spelt.setdefault(name.casefold(), name)
        if other != name:
            raise FileFormatError(
                f"Row {number}: case_id {name!r} differs from {other!r} in case only, which some "
                "file systems cannot tell apart; rename one.",
                file=path,
                field="case_id",
            )
        groups.setdefault(name, []).append((number, row))
    if not groups:
        raise FileFormatError("The manifest has no cases; add a row for each.", file=path)
    cases = [
        _case(name, members, source, settings, plain, path) for name, members in groups.items()
    ]
    return Manifest(path, tuple(cases), tuple(plain), tuple(_remarks(plain)))


def _input_column(columns: Sequence[str], path: Path) -> str:
    found = [name for name in INPUT_COLUMNS if name in columns]
    if len(found) == 1:
        return found[0]
    problem = f"has both {' and '.join(found)}" if found else f"has no column {INPUT_COLUMNS[0]}"
    raise FileFormatError(
        f"The manifest {problem}; name each case's file in one column of "
        f"{', '.join(INPUT_COLUMNS)}. Columns are {listed(columns)}.",
        file=path,
        field=INPUT_COLUMNS[0],
    )


def _case_id(row: Mapping[str, Cell], source: str, path: Path, number: int) -> str:
    given = row.get("case_id")
    if given is None and row[source] is not None:
        given = Path(str(row[source])).stem
    name = str(given).strip() if given is not None else ""
    wrong = (
        ("is missing" if not name else None)
        or ("starts with a dot" if name.startswith(".") else None)
        or (f"is longer than {LONGEST_ID} characters" if len(name) > LONGEST_ID else None)
        or ("holds characters that a folder's name cannot" if _unfit(name) else None)
    )
    if wrong:
        raise FileFormatError(
            f"Row {number}: case_id {name[:LONGEST_ID]!r} {wrong}; use letters, digits, dashes.",
            file=path,
            field="case_id",
        )
    return name


def _unfit(name: str) -> bool:
    return bool(set(name) & FORBIDDEN) or not name.isprintable()


def _case(
    name: str,
    members: Sequence[tuple[int, Mapping[str, Cell]]],
    source: str,
    settings: Sequence[str],
    plain: Sequence[str],
    path: Path,
) -> CohortCase:
    number, first = members[0]
    for other, row in members[1:]:
        if row.get(VESSEL) is None or first.get(VESSEL) is None:
            raise FileFormatError(
                f"Row {other}: case_id {name!r} stands in row {number} already; a case has one "
                "row, or one per vessel with the column vessel filled.",
                file=path,
                field="case_id",
            )
        for column in (source, *settings):
            if row[column] != first[column]:
                raise FileFormatError(
                    f"Row {other}: {column} of case {name!r} is {shown(row[column])} and in row "
                    f"{number} {shown(first[column])}; a case has one value.",
                    file=path,
                    field=column,
                )
    if first[source] is None:
        raise FileFormatError(
            f"Row {number}: {source} of case {name!r} is empty; name its file.",
            file=path,
            field=source,
        )
    by_vessel = {str(row[VESSEL]): (n, row) for n, row in members if row.get(VESSEL) is not None}
    if first.get(VESSEL) is not None and len(by_vessel) < len(members):
        raise FileFormatError(
            f"Case {name!r} has two rows for the same vessel; keep one.", file=path, field=VESSEL
        )
    return CohortCase(
        case_id=name,
        input=_beside(path, str(first[source]), number, source),
        overrides=tuple(_overrides(first, settings)),
        covariates={} if by_vessel else {column: first[column] for column in plain},
        vessels={
            vessel: {column: row[column] for column in plain}
            for vessel, (_, row) in by_vessel.items()
        },
        wires=dict(_wires(by_vessel, path)),
        row=number,
    )


def _beside(path: Path, name: str, number: int, column: str) -> Path:
    if "\0" in name:
        raise FileFormatError(
            f"Row {number}: {column} holds a null character; give a path.", file=path, field=column
        )
    return path.parent / Path(name)


def _overrides(row: Mapping[str, Cell], settings: Sequence[str]) -> Iterator[str]:
    for column in settings:
        value = row[column]
        if value is not None:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield f"{SETTING_COLUMNS.get(column, column)}={text}"


def _wires(
    by_vessel: Mapping[str, tuple[int, Mapping[str, Cell]]], path: Path
) -> Iterator[tuple[str, float]]:
    for vessel, (number, row) in by_vessel.items():
        value = row.get(WIRE)
        if value is None:
            continue
        try:
            wire = float(value)
        except ValueError:
            wire = float("nan")
        if not 0 < wire < float("inf"):
            raise FileFormatError(
                f"Row {number}: {WIRE} must be a positive length in mm, not {shown(value)}.",
                file=path,
                field=WIRE,
            )
        yield vessel, wire


def _remarks(plain: Sequence[str]) -> Iterator[str]:
    """A covariate whose name is nearly a known column was perhaps meant as one."""
    for name in plain:
        near = get_close_matches(name.lower(), KNOWN, n=1, cutoff=0.85)
        if near:
            yield f"Column {name} is kept as a covariate; did you mean {near[0]}?"


def check_inside(paths: Sequence[Path], folder: Path) -> None:
    """Refuse files outside of the manifest's folder, links followed.

    Raises:
        InputError: With the path.
    """
    root = folder.resolve()
    for path in paths:
        try:
            inside = path.resolve().is_relative_to(root)
        except (OSError, RuntimeError, ValueError) as error:
            raise InputError(f"The path cannot be followed: {error}.", file=path) from error
        if not inside:
            raise ConfigError(
                "The file lies outside of the manifest's folder; move it there, or allow it with "
                "--allow-outside.",
                file=path,
                field="input",
            )
