"""Computed and invasive values of the same vessels, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corohemo.agreement.quantities import Quantity
from corohemo.checks import listed
from corohemo.cohort.table_files import Cell, read_cells
from corohemo.errors import FileFormatError, InputError
from corohemo.vessel_names import match_vessels

FloatArray = NDArray[np.float64]
Row = Mapping[str, Cell]


@dataclass(frozen=True)
class VesselTable:
    """Rows of vessels, computed and invasive columns joined.

    Attributes:
        file: Where the computed values came from.
        columns: All columns.
        rows: One per vessel.
        left_out: Vessels that have no partner, each with its reason.
    """

    file: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pairs:
    """Pairs of one quantity.

    Attributes:
        quantity: What is compared.
        computed: Computed values (n,).
        invasive: Measured values (n,).
        patients: Patient of each pair.
        names: Case and vessel of each pair.
        rows: The row of each pair, for covariates.
        left_out: Vessels without a pair, each with its reason.
        notes: What a reader must know.
    """

    quantity: Quantity
    computed: FloatArray
    invasive: FloatArray
    patients: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.patients)

    def column(self, name: str) -> FloatArray:
        """A numeric column (n,), NaN where it is empty or no number."""
        return np.array([number(row.get(name)) for row in self.rows], dtype=np.float64)

    def subset(self, chosen: Sequence[int]) -> Pairs:
        """The pairs at ``chosen`` places."""
        return Pairs(
            self.quantity,
            self.computed[list(chosen)],
            self.invasive[list(chosen)],
            tuple(self.patients[i] for i in chosen),
            tuple(self.names[i] for i in chosen),
            tuple(self.rows[i] for i in chosen),
        )


def number(cell: Cell) -> float:
    """A cell as a finite number, else NaN."""
    if cell is None:
        return nan
    try:
        value = float(cell)
    except ValueError:
        return nan
    return value if isfinite(value) else nan


def read_vessels(source: Path, invasive: Path | None = None) -> VesselTable:
    """Vessels of a cohort's folder or of a table, with the invasive table joined to them.

    The invasive table has ``case_id``, ``vessel`` and its values. A vessel may be called as in
    ``result.json``, or by its main vessel (LAD for dLAD), where that is unique in the case.

    Raises:
        InputError: If a file cannot be read.
        FileFormatError: If a table lacks ``case_id``, or a vessel stands twice in the invasive one.
    """
    path = source / "vessels.csv" if source.is_dir() else source
    table = read_cells(path)
    _require(table.columns, ("case_id",), path)
    if invasive is None:
        return VesselTable(path, table.columns, table.rows)
    measured = read_cells(invasive)
    more = measured.columns
    _require(more, ("case_id",), invasive)
    by_case: dict[str, list[Row]] = {}
    for row in table.rows:
        by_case.setdefault(str(row["case_id"]), []).append(row)
    joined: list[Row] = []
    left_out: list[str] = []
    seen: set[tuple[str, str]] = set()
    for place, one in zip(measured.places, measured.rows, strict=True):
        found, reason = _partner(one, by_case)
        if found is None:
            left_out.append(f"{_name(one)}: {reason}")
            continue
        key = (str(found["case_id"]), str(found.get("vessel")))
        if key in seen:
            raise FileFormatError(
                f"Row {place}: vessel {key[1]} of case {key[0]} was measured in an earlier row; "
                "keep one.",
                file=invasive,
                field="vessel",
            )
        seen.add(key)
        joined.append({**found, **{name: one[name] for name in more if name not in found}})
    names = (*table.columns, *(name for name in more if name not in table.columns))
    return VesselTable(path, names, tuple(joined), tuple(left_out))


def _require(columns: Sequence[str], wanted: Sequence[str], path: Path) -> None:
    for name in wanted:
        if name not in columns:
            raise FileFormatError(
                f"The table has no column {name}; columns are {listed(columns)}.",
                file=path,
                field=name,
            )


def _name(row: Row) -> str:
    vessel = row.get("vessel")
    return str(row["case_id"]) + (f" {vessel}" if vessel is not None else "")


def _partner(one: Row, by_case: Mapping[str, Sequence[Row]]) -> tuple[Row | None, str]:
    candidates = by_case.get(str(one["case_id"]), ())
    if not candidates:
        return None, "the case was not computed"
    solved = [row for row in candidates if row.get("vessel") is not None]
    if not solved:
        return None, str(candidates[0].get("message") or "the case has no vessels")
    wanted = one.get("vessel")
    if wanted is None:
        if len(solved) == 1:
            return solved[0], ""
        return None, "the measured vessel is not named and the case has several"
    matches = match_vessels(str(wanted), [str(row["vessel"]) for row in solved])
    found = [row for row in solved if str(row["vessel"]) in matches]
    if len(found) == 1:
        return found[0], ""
    names = ", ".join(str(row["vessel"]) for row in solved)
    return None, f"{'several' if found else 'none'} of the vessels {names} is {wanted}"


def make_pairs(table: VesselTable, quantity: Quantity) -> Pairs:
    """Pairs of one quantity that have both values.

    Raises:
        InputError: If the table has no column with the measured values.
    """
    measured = [name for name in quantity.invasive if name in table.columns]
    if not measured:
        raise InputError(
            f"There is no measured {quantity.name}: name it {' or '.join(quantity.invasive)} in "
            "the table or in the invasive table.",
            file=table.file,
            field=quantity.invasive[0],
        )
    kept: list[tuple[float, float, Row]] = []
    left_out = list(table.left_out)
    for row in table.rows:
        invasive = _first(row, measured)
        computed = _first(row, quantity.computed)
        if np.isnan(invasive):
            continue
        if np.isnan(computed):
            reason = row.get("message") or f"{quantity.name} was not computed"
            left_out.append(f"{_name(row)}: {reason}")
        else:
            kept.append((computed, invasive, row))
    rows = tuple(row for _, _, row in kept)
    return Pairs(
        quantity=quantity,
        computed=np.array([computed for computed, _, _ in kept], dtype=np.float64),
        invasive=np.array([invasive for _, invasive, _ in kept], dtype=np.float64),
        patients=tuple(str(row.get("patient_id") or row["case_id"]) for row in rows),
        names=tuple(_name(row) for row in rows),
        rows=rows,
        left_out=tuple(left_out),
        notes=tuple(_notes(rows, quantity)),
    )


def _first(row: Row, columns: Sequence[str]) -> float:
    values = [number(row.get(name)) for name in columns]
    return next((value for value in values if not np.isnan(value)), nan)


def _notes(rows: Sequence[Row], quantity: Quantity) -> list[str]:
    """What a reader must know of the pairs."""
    n = len(rows)
    notes = []
    if _count(rows, "synthetic", "yes"):
        notes.append(
            f"{_count(rows, 'synthetic', 'yes')} of {n} vessels are synthetic: no person has them."
        )
    if len(quantity.computed) > 1:
        used = Counter(
            next(name for name in quantity.computed if not np.isnan(number(row.get(name))))
            for row in rows
        )
        counts = ", ".join(f"{name} in {used[name]}" for name in quantity.computed if used[name])
        notes.append(f"Computed values: {counts} of {n} vessels.")
    if unsettled := _count(rows, "status", "not_converged"):
        notes.append(
            f"In {unsettled} of {n} vessels the flow did not converge; see their messages."
        )
    assumed = _count(rows, "microvascular_informative", "false")
    if quantity.is_assumption and assumed:
        notes.append(
            f"In {assumed} of {n} vessels the computed {quantity.name} returns the assumed flow, "
            "not a measurement of the patient: agreement there says nothing about the patient."
        )
    return notes


def _count(rows: Sequence[Row], column: str, word: str) -> int:
    return sum(str(row.get(column)).casefold() == word for row in rows)
