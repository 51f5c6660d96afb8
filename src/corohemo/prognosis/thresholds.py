"""Thresholds of an index for an event by a time, one for each group (sex, diabetes)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.agreement.intervals import Estimate
from corohemo.errors import InputError
from corohemo.prognosis.survival import FollowUp
from corohemo.prognosis.time_roc import case_weights, weighted_roc

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
LEAST_EVENTS = 10


@dataclass(frozen=True)
class GroupThreshold:
    """Threshold of one group.

    Attributes:
        group: Its name.
        n: Patients.
        events: Events by the horizon.
        threshold: Value at which sensitivity + specificity is largest, with percentiles of a
            bootstrap; None with fewer than ``LEAST_EVENTS`` events or controls.
        sensitivity: There, in these data.
        specificity: There, in these data.
        note: What to know.
    """

    group: str
    n: int
    events: int
    threshold: Estimate | None
    sensitivity: float | None
    specificity: float | None
    note: str


def group_thresholds(
    values: FloatArray,
    follow_up: FollowUp,
    groups: Sequence[str],
    *,
    horizon: float,
    lower_is_worse: bool,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 20260101,
) -> tuple[GroupThreshold, ...]:
    """Youden's threshold of each group at a horizon, the censored weighted as in ``time_auc``.

    A threshold is chosen and judged in the same data: intervals of two groups that overlap are no
    reason for two thresholds.

    Args:
        values: The index (n,).
        follow_up: Times and events.
        groups: Group of each patient (n,).
        horizon: Time by which the event counts [days].
        lower_is_worse: True for FFR, CFR, MRR; False for IMR.
        draws: Bootstrap draws.
        level: Confidence.
        seed: Seed of the draws.

    Raises:
        InputError: If lengths differ.
    """
    labels = np.asarray(groups, dtype=str)
    if not len(labels) == len(values) == len(follow_up.days):
        raise InputError("values, groups and follow-up must have the same length.")
    sign = -1.0 if lower_is_worse else 1.0
    generator = np.random.default_rng(seed)
    cases, control = case_weights(follow_up, horizon)
    found = []
    for name in np.unique(labels):
        chosen = np.flatnonzero(labels == name)
        picks = chosen[generator.integers(0, len(chosen), (draws, len(chosen)))]
        found.append(
            _of_group(str(name), sign, sign * values, cases, control, chosen, picks, level)
        )
    return tuple(found)


def _of_group(
    name: str,
    sign: float,
    score: FloatArray,
    cases: FloatArray,
    control: BoolArray,
    chosen: IntArray,
    picks: IntArray,
    level: float,
) -> GroupThreshold:
    """Threshold of the patients ``chosen`` (m,), with an interval from resamples (draws, m)."""
    events = int((cases[chosen] > 0).sum())
    if min(events, int(control[chosen].sum())) < LEAST_EVENTS:
        note = f"Fewer than {LEAST_EVENTS} events or controls by the horizon: none given."
        return GroupThreshold(name, len(chosen), events, None, None, None, note)
    best = _youden(score[chosen], cases[chosen], control[chosen])
    drawn = [
        _youden(score[pick], cases[pick], control[pick])[0]
        for pick in picks
        if cases[pick].any() and control[pick].any()
    ]
    low, high = np.quantile(sign * np.array(drawn), (0.5 - 0.5 * level, 0.5 + 0.5 * level))
    return GroupThreshold(
        group=name,
        n=len(chosen),
        events=events,
        threshold=Estimate(sign * best[0], float(low), float(high), "bootstrap"),
        sensitivity=best[1],
        specificity=best[2],
        note="Chosen and judged in the same data: optimistic elsewhere.",
    )


def _youden(score: FloatArray, cases: FloatArray, control: BoolArray) -> tuple[float, float, float]:
    _, curve = weighted_roc(score, cases, control.astype(np.float64))
    place = max(curve.youden(), 1)
    return (
        float(curve.thresholds[place]),
        float(curve.sensitivity[place]),
        float(curve.specificity[place]),
    )
