"""Time to an event: follow-up, Kaplan-Meier curves with a log-rank test, Cox regression.

The estimators are those of lifelines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.agreement.intervals import Estimate
from corohemo.errors import InputError
from corohemo.prognosis.tables import PatientTable, require

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
EVENTS_PER_COVARIATE = 10


@dataclass(frozen=True)
class FollowUp:
    """How long each patient was seen, and whether it ended with the event.

    Attributes:
        days: Time to the event or to the end of follow-up (n,) [days].
        event: Whether the event was seen (n,).
    """

    days: FloatArray
    event: BoolArray

    def __post_init__(self) -> None:
        wrong = ~(np.isfinite(self.days) & (self.days > 0.0))
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            raise InputError(
                f"The follow-up of patient {place + 1} is {self.days[place]} days; it must be "
                "positive, and every patient needs one.",
                field="days",
            )
        if not self.event.any():
            raise InputError("Nobody has the event, so there is nothing to analyse.", field="event")

    @classmethod
    def of(cls, table: PatientTable, *, days: str = "days", event: str = "event") -> FollowUp:
        """From two columns of a table.

        Raises:
            InputError: If a cell is missing, not a number, or no event was seen.
        """
        seen = table.numbers(event)
        if not np.isin(seen, (0.0, 1.0)).all():
            raise InputError(
                f"{event} must be 1 (event) or 0 (censored) in every row.",
                file=table.file,
                field=event,
            )
        return cls(table.numbers(days), seen == 1.0)


@dataclass(frozen=True)
class SurvivalCurve:
    """Kaplan-Meier estimate of one group.

    Attributes:
        group: Its name.
        n: Patients.
        events: Events.
        days: Times at which the curve falls, from 0 (m,) [days].
        survival: Part without event (m,).
        low, high: Interval, by Greenwood's variance of log(-log S) (m,).
        at_risk: Patients at risk just before each time (m,).
    """

    group: str
    n: int
    events: int
    days: FloatArray
    survival: FloatArray
    low: FloatArray
    high: FloatArray
    at_risk: FloatArray


@dataclass(frozen=True)
class SurvivalComparison:
    """Curves of groups and the log-rank test of their equality (NaN for one group)."""

    curves: tuple[SurvivalCurve, ...]
    logrank_p: float


def kaplan_meier(
    follow_up: FollowUp, groups: Sequence[str] | None = None, *, level: float = 0.95
) -> SurvivalComparison:
    """Curves of each group and the log-rank test.

    Args:
        follow_up: Times and events.
        groups: Group of each patient (n,); None for one group.
        level: Confidence.

    Raises:
        MissingDependencyError: If lifelines is not installed.

    Reference:
        Kaplan, Meier, J Am Stat Assoc 1958;53:457.
    """
    lifelines = require("lifelines", "Kaplan-Meier curves")
    statistics = require("lifelines.statistics", "The log-rank test")
    labels = np.array(["all"] * len(follow_up.days) if groups is None else list(groups), dtype=str)
    curves = []
    for name in np.unique(labels):
        chosen = labels == name
        fitter = lifelines.KaplanMeierFitter(alpha=1.0 - level)
        fitter.fit(follow_up.days[chosen], follow_up.event[chosen])
        interval = fitter.confidence_interval_survival_function_.to_numpy()
        curves.append(
            SurvivalCurve(
                group=str(name),
                n=int(chosen.sum()),
                events=int(follow_up.event[chosen].sum()),
                days=fitter.survival_function_.index.to_numpy(dtype=np.float64),
                survival=fitter.survival_function_.to_numpy()[:, 0],
                low=interval[:, 0],
                high=interval[:, 1],
                at_risk=fitter.event_table["at_risk"].to_numpy(dtype=np.float64),
            )
        )
    p_value = np.nan
    if len(curves) > 1:
        test = statistics.multivariate_logrank_test(follow_up.days, labels, follow_up.event)
        p_value = float(test.p_value)
    return SurvivalComparison(tuple(curves), p_value)


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
        covariates: Columns of numbers or yes and no.
        days: Column with the follow-up.
        event: Column with 1 for the event.
        cluster: Column whose rows belong together (a patient with several vessels); the errors are
            then robust.
        level: Confidence.

    Raises:
        InputError: If a column is missing or constant, or nobody has the event.
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
    if cluster is not None:
        frame["cluster_"] = np.array(table.words(cluster), dtype=object)[known]
    fitter = lifelines.CoxPHFitter(alpha=1.0 - level)
    fitter.fit(frame, "days_", "event_", cluster_col=None if cluster is None else "cluster_")
    trend = statistics.proportional_hazard_test(fitter, frame, time_transform="rank")
    hazards = tuple(_hazard(name, fitter, trend) for name in covariates)
    events = int(frame["event_"].sum())
    return CoxModel(
        hazards=hazards,
        concordance=float(fitter.concordance_index_),
        n=len(frame),
        events=events,
        remarks=tuple(_remarks(hazards, len(table) - len(frame), events)),
    )


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
