"""Time to an event: follow-up, Kaplan-Meier curves with a log-rank test (lifelines)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import InputError
from corohemo.prognosis.tables import PatientTable, require

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


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
    """Curves of groups.

    Attributes:
        curves: One per group, by name.
        logrank_p: Probability of such a difference between equal groups; NaN for one group.
        ungrouped: Patients of no group, who are in none of the curves.
    """

    curves: tuple[SurvivalCurve, ...]
    logrank_p: float
    ungrouped: int = 0


def kaplan_meier(
    follow_up: FollowUp, groups: Sequence[str | None] | None = None, *, level: float = 0.95
) -> SurvivalComparison:
    """Curves of each group and the log-rank test, which take patients as independent.

    Args:
        follow_up: Times and events, one per patient.
        groups: Group of each patient (n,), None where it is not known; None for one group.
        level: Confidence.

    Raises:
        InputError: If there is not one group per patient.
        MissingDependencyError: If lifelines is not installed.

    Reference:
        Kaplan, Meier, J Am Stat Assoc 1958;53:457.
    """
    lifelines = require("lifelines", "Kaplan-Meier curves")
    statistics = require("lifelines.statistics", "The log-rank test")
    n = len(follow_up.days)
    labels, names = group_labels(["all"] * n if groups is None else groups, n)
    curves = []
    for name in names:
        chosen = labels == name
        fitter = lifelines.KaplanMeierFitter(alpha=1.0 - level)
        fitter.fit(follow_up.days[chosen], follow_up.event[chosen])
        interval = fitter.confidence_interval_survival_function_.to_numpy()
        curves.append(
            SurvivalCurve(
                group=name,
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
        known = np.isin(labels, names)
        test = statistics.multivariate_logrank_test(
            follow_up.days[known], labels[known].astype(str), follow_up.event[known]
        )
        p_value = float(test.p_value)
    return SurvivalComparison(tuple(curves), p_value, n - sum(curve.n for curve in curves))


def group_labels(groups: Sequence[str | None], n: int) -> tuple[NDArray[np.object_], list[str]]:
    """Group of each of n patients (n,), None where it is not known, and the groups' names.

    Raises:
        InputError: If there are not n, or all are None.
    """
    labels = np.array([None if one is None else str(one) for one in groups], dtype=object)
    names = sorted({label for label in labels if label is not None})
    if len(labels) != n or not names:
        raise InputError(
            f"There are {len(labels)} groups for {n} patients, {len(names)} different ones; give "
            "the group of each patient.",
            field="groups",
        )
    return labels, names
