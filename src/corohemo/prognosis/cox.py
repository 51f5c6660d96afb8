"""Cox regression with the check of its assumption; the estimators are those of lifelines."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from corohemo.agreement.intervals import Estimate
from corohemo.errors import InputError
from corohemo.prognosis.survival import FollowUp
from corohemo.prognosis.tables import PatientTable, require

EVENTS_PER_COVARIATE = 10


@dataclass(frozen=True)
class Hazard:
    """Effect of one covariate in a Cox model.

    Attributes:
        covariate: Its name.
        ratio: Hazard ratio per unit, with interval.
        p_value: Wald's.
        proportional_p: Probability of such a trend of the Schoenfeld residuals over ranked time if
            hazards are proportional; a small one says that the ratio changes with time.
    """

    covariate: str
    ratio: Estimate
    p_value: float
    proportional_p: float


@dataclass(frozen=True)
class CoxModel:
    """A Cox regression.

    Attributes:
        hazards: One per covariate.
        concordance: Harrell's, in the same data and so optimistic.
        n: Patients with all covariates.
        events: Their events.
        remarks: What a reader must know: patients left out, few events, hazards not proportional.
    """

    hazards: tuple[Hazard, ...]
    concordance: float
    n: int
    events: int
    remarks: tuple[str, ...]


def cox(
    table: PatientTable,
    covariates: Sequence[str],
    *,
    days: str = "days",
    event: str = "event",
    cluster: str | None = None,
    level: float = 0.95,
) -> CoxModel:
    """Cox regression with the check of its assumption.

    Args:
        table: The patients; those without a covariate are left out and counted.
        covariates: Columns of numbers or yes and no. Ties are Efron's.
        days: Column with the follow-up.
        event: Column with 1 for the event.
        cluster: Column whose rows belong together (a patient with several vessels); the errors are
            then robust.
        level: Confidence.

    Raises:
        InputError: If a column is missing or constant, nobody has the event, or there is no finite
            ratio: covariates that determine one another or the event.
        MissingDependencyError: If lifelines is not installed.

    Reference:
        Cox, J R Stat Soc B 1972;34:187; Grambsch, Therneau, Biometrika 1994;81:515.
    """
    lifelines = require("lifelines", "Cox regression")
    statistics = require("lifelines.statistics", "The check of proportional hazards")
    pandas = require("pandas", "Cox regression")
    follow_up = FollowUp.of(table, days=days, event=event)
    values = np.column_stack([table.numbers(name) for name in covariates])
    known = np.isfinite(values).all(axis=1)
    frame = pandas.DataFrame(values[known], columns=list(covariates))
    for name in covariates:
        if len(frame) < 2 or float(np.ptp(frame[name].to_numpy())) == 0.0:
            raise InputError(
                f"{name} is the same in all {len(frame)} patients that have every covariate; "
                "leave it out.",
                file=table.file,
                field=name,
            )
    frame["days_"], frame["event_"] = follow_up.days[known], follow_up.event[known]
    if not frame["event_"].any():
        raise InputError(
            "Nobody who has every covariate has the event; leave out what is often missing.",
            file=table.file,
            field=event,
        )
    if cluster is not None:
        frame["cluster_"] = table.owners(cluster)[known]
    fitter = lifelines.CoxPHFitter(alpha=1.0 - level)
    warned = _fitted(fitter, frame, None if cluster is None else "cluster_", table)
    trend = statistics.proportional_hazard_test(fitter, frame, time_transform="rank")
    hazards = tuple(_hazard(name, fitter, trend) for name in covariates)
    events = int(frame["event_"].sum())
    return CoxModel(
        hazards=hazards,
        concordance=float(fitter.concordance_index_),
        n=len(frame),
        events=events,
        remarks=(*_remarks(hazards, len(table) - len(frame), events), *warned),
    )


def _fitted(fitter: Any, frame: Any, cluster: str | None, table: PatientTable) -> tuple[str, ...]:
    """Fit, and what lifelines warns of.

    Raises:
        InputError: If it finds no ratios.
    """
    exceptions = require("lifelines.exceptions", "Cox regression")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            fitter.fit(frame, "days_", "event_", cluster_col=cluster)
        except (exceptions.ConvergenceError, np.linalg.LinAlgError) as error:
            raise InputError(
                "The Cox model has no finite ratios: a covariate follows from the others or tells "
                "who has the event; leave one out.",
                file=table.file,
                field="covariates",
            ) from error
    caught = [one for one in told if issubclass(one.category, exceptions.ConvergenceWarning)]
    return tuple(f"lifelines: {' '.join(str(one.message).split())}" for one in caught)


def _hazard(name: str, fitter: object, trend: object) -> Hazard:
    row = fitter.summary.loc[name]  # type: ignore[attr-defined]
    proportional = trend.summary.loc[name, "p"]  # type: ignore[attr-defined]
    low, high = (float(row[column]) for column in row.index if str(column).startswith("exp(coef) "))
    return Hazard(
        name,
        Estimate(float(row["exp(coef)"]), low, high, "wald"),
        float(row["p"]),
        float(proportional),
    )


def _remarks(hazards: Sequence[Hazard], left_out: int, events: int) -> list[str]:
    remarks = []
    if left_out:
        remarks.append(f"{left_out} patients without every covariate were left out.")
    if events < EVENTS_PER_COVARIATE * len(hazards):
        remarks.append(
            f"{events} events for {len(hazards)} covariates: fewer than {EVENTS_PER_COVARIATE} "
            "each, so the ratios are unstable."
        )
    bent = [hazard.covariate for hazard in hazards if hazard.proportional_p < 0.05]
    if bent:
        remarks.append(
            f"The hazards of {', '.join(bent)} are not proportional (p < 0.05): their ratios are "
            "means over the follow-up; stratify, or split the time."
        )
    return remarks
