"""The tables of a cohort from what its case folders hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corohemo.cohort.manifest import Manifest
from corohemo.cohort.plan import COMPUTE, KEEP, REFUSE, Plan
from corohemo.cohort.rows import (
    CASE_COLUMNS,
    LESION_COLUMNS,
    VESSEL_COLUMNS,
    Row,
    case_rows,
    covariate_column,
)
from corohemo.cohort.stamp import read_stamp
from corohemo.cohort.table_files import write_table
from corohemo.cohort.worker import Outcome
from corohemo.errors import CorohemoError
from corohemo.report.page import read_result

NOT_RUN = "not_run"


@dataclass(frozen=True)
class CohortResult:
    """What became of a cohort.

    Attributes:
        directory: Its folder.
        cases: One row per case of the manifest: case_id, status, message, input.
        vessels: One row per vessel; a case without a result has one with its status.
        lesions: One row per lesion.
        reasons: Why each case was computed, kept, refused or left out.
    """

    directory: Path
    cases: tuple[Row, ...]
    vessels: tuple[Row, ...]
    lesions: tuple[Row, ...]
    reasons: Mapping[str, str]

    @property
    def is_complete(self) -> bool:
        """Whether every case has a converged result."""
        return all(row["status"] == "converged" for row in self.cases)


def collect(
    plans: Sequence[Plan], outcomes: Mapping[str, Outcome], directory: Path
) -> CohortResult:
    """Rows of every case: from its folder where it holds a finished result, else its failure."""
    cases: list[Row] = []
    vessels: list[Row] = []
    lesions: list[Row] = []
    for plan in plans:
        status, message = _ending(plan, outcomes.get(plan.case.case_id))
        own, some_vessels, some_lesions = case_rows(plan.case, plan.directory, status, message)
        cases.append(own)
        vessels += some_vessels
        lesions += some_lesions
    reasons = {plan.case.case_id: f"{plan.action}: {plan.reason}" for plan in plans}
    return CohortResult(directory, tuple(cases), tuple(vessels), tuple(lesions), reasons)


def write_tables(result: CohortResult, manifest: Manifest) -> None:
    """Write cases, vessels and lesions as CSV, and as Parquet where pyarrow is installed.

    Raises:
        InputError: If a file cannot be written.
    """
    tables = (
        ("cases", CASE_COLUMNS, result.cases, False),
        ("vessels", VESSEL_COLUMNS, result.vessels, True),
        ("lesions", LESION_COLUMNS, result.lesions, True),
    )
    for name, columns, rows, with_covariates in tables:
        more = manifest.covariate_names if with_covariates else ()
        names = (*columns, *(covariate_column(covariate, columns) for covariate in more))
        write_table(result.directory / f"{name}.csv", names, rows)


def _ending(plan: Plan, outcome: Outcome | None) -> tuple[str, str]:
    """Status and sentence of a case."""
    if plan.action == REFUSE:
        return "failed", plan.reason
    if outcome is not None:
        return str(outcome["status"]), str(outcome["message"])
    if plan.action == KEEP and read_stamp(plan.directory) is not None:
        try:
            document = read_result(plan.directory)
        except CorohemoError as error:
            return "failed", str(error)
        return str(document["status"]), str(document["message"])
    left = "interrupted before its end" if plan.action == COMPUTE else plan.reason
    return NOT_RUN, f"The case was not computed: {left}."
