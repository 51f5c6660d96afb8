r"""Discrimination at a time: cumulative cases against those still without event.

Cases at t are the patients whose event came by t, controls those seen without event beyond t. The
censored are allowed for by weights 1 / G(T-), with G the Kaplan-Meier estimate of being uncensored:

    AUC(t) = sum_i sum_j 1(T_i <= t) d_i 1(T_j > t) w_i [M_i > M_j] / (sum_i w_i * sum_j 1)

Reference:
    Uno et al., J Am Stat Assoc 2007;102:527; Hung, Chiang, Can J Stat 2010;38:8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from corohemo.agreement.bootstrap import drawn_estimate
from corohemo.agreement.intervals import Estimate
from corohemo.agreement.roc import RocCurve
from corohemo.errors import InputError
from corohemo.prognosis.survival import FollowUp

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


def uncensored_before(follow_up: FollowUp, at: FloatArray) -> FloatArray:
    """G(t-): probability of being uncensored just before each of ``at`` (k,) [days]."""
    times = np.unique(follow_up.days)
    index = np.searchsorted(times, follow_up.days)
    leaving = np.bincount(index, minlength=len(times)).astype(np.float64)
    censored = np.bincount(index[~follow_up.event], minlength=len(times)).astype(np.float64)
    events = leaving - censored
    at_risk = np.cumsum(leaving[::-1])[::-1] - events
    steps = np.where(at_risk > 0.0, 1.0 - censored / np.maximum(at_risk, 1.0), 1.0)
    survival = np.concatenate([[1.0], np.cumprod(steps)])
    return survival[np.searchsorted(times, at, side="left")]


def case_weights(follow_up: FollowUp, horizon: float) -> tuple[FloatArray, BoolArray]:
    """Weight of each case by ``horizon`` (n,), 0 for others, and who is a control (n,)."""
    case = follow_up.event & (follow_up.days <= horizon)
    weights = np.zeros(len(case))
    weights[case] = 1.0 / uncensored_before(follow_up, follow_up.days[case])
    return weights, follow_up.days > horizon


def weighted_roc(
    score: FloatArray, cases: FloatArray, controls: FloatArray
) -> tuple[float, RocCurve]:
    """Area and curve of a score (n,) with weights of cases and of controls (n,)."""
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    found = np.concatenate([[0.0], np.cumsum(cases[order])[last]]) / cases.sum()
    false = np.concatenate([[0.0], np.cumsum(controls[order])[last]]) / controls.sum()
    area = float(np.sum(np.diff(false) * 0.5 * (found[1:] + found[:-1])))
    thresholds = np.concatenate([[np.inf], score[order][last]])
    return area, RocCurve(thresholds, found, 1.0 - false)


@dataclass(frozen=True)
class TimeAuc:
    """Area under the time-dependent curve.

    Attributes:
        horizon: Time [days].
        auc: Area, with percentiles of a bootstrap of patients.
        cases: Events by then.
        controls: Patients seen without event beyond.
    """

    horizon: float
    auc: Estimate
    cases: int
    controls: int


def time_auc(
    score: FloatArray,
    follow_up: FollowUp,
    horizons: Sequence[float],
    *,
    patients: Sequence[str] | None = None,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 20260101,
) -> tuple[TimeAuc, ...]:
    """Time-dependent area of a score, more of it meaning an earlier event.

    Args:
        score: Of each row (n,).
        follow_up: Times and events.
        horizons: Times at which the area is wanted [days].
        patients: Patient of each row (n,), who are drawn whole; None if each row is one.
        draws: Bootstrap draws.
        level: Confidence.
        seed: Seed of the draws.

    Raises:
        InputError: If a score is missing, lengths differ, or a horizon has no cases or no controls.
    """
    require_scores(score, follow_up)
    picks = resampled_rows(np.arange(len(score)), patients, draws=draws, seed=seed)
    found = []
    for horizon in horizons:
        weights, control = case_weights(follow_up, horizon)
        if not (weights.any() and control.any()):
            raise InputError(
                f"At {horizon:g} days there are {int((weights > 0).sum())} cases and "
                f"{int(control.sum())} controls; choose a horizon within the follow-up.",
                field="horizons",
            )
        value, _ = weighted_roc(score, weights, control.astype(np.float64))
        drawn = np.array([_drawn_auc(score, follow_up, horizon, pick) for pick in picks])
        interval = drawn_estimate(value, drawn, level, "bootstrap")
        found.append(TimeAuc(horizon, interval, int((weights > 0).sum()), int(control.sum())))
    return tuple(found)


def require_scores(score: FloatArray, follow_up: FollowUp) -> None:
    """Refuse a score that is not there: it would silently rank below or above all others.

    Raises:
        InputError: If one is missing, or there are not as many as follow-ups.
    """
    if len(score) != len(follow_up.days):
        raise InputError(
            f"There are {len(score)} values for {len(follow_up.days)} follow-ups.", field="values"
        )
    missing = np.flatnonzero(~np.isfinite(score))
    if len(missing):
        raise InputError(
            f"The value of patient {missing[0] + 1} is missing, {len(missing)} in all; leave these "
            "patients out of values and follow-up.",
            field="values",
        )


def resampled_rows(
    rows: IntArray, patients: Sequence[str] | None, *, draws: int, seed: int
) -> list[IntArray]:
    """Some rows (m,) drawn with replacement, those of a patient together.

    Raises:
        InputError: If there are patients for fewer rows.
    """
    generator = np.random.default_rng(seed)
    if patients is None:
        return list(rows[generator.integers(0, len(rows), (draws, len(rows)))])
    names = np.asarray(patients, dtype=str)
    if len(names) <= rows.max():
        raise InputError(f"There are {len(names)} patients for more rows.", field="patients")
    _, member = np.unique(names[rows], return_inverse=True)
    order = np.argsort(member, kind="stable")
    own = np.split(rows[order], np.cumsum(np.bincount(member))[:-1])
    return [
        np.concatenate([own[one] for one in generator.integers(0, len(own), len(own))])
        for _ in range(draws)
    ]


def _drawn_auc(
    score: FloatArray, follow_up: FollowUp, horizon: float, pick: NDArray[np.int64]
) -> float:
    if not follow_up.event[pick].any():
        return nan
    drawn = FollowUp(follow_up.days[pick], follow_up.event[pick])
    weights, control = case_weights(drawn, horizon)
    if not (weights.any() and control.any()):
        return nan
    return weighted_roc(score[pick], weights, control.astype(np.float64))[0]
