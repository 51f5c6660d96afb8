"""Thresholds of an index for an event by a time, one for each group (sex, diabetes)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from corohemo.agreement.intervals import Estimate
from corohemo.prognosis.survival import FollowUp, group_labels
from corohemo.prognosis.time_roc import (
    case_weights,
    require_scores,
    resampled_rows,
    weighted_roc,
)

FloatArray = NDArray[np.float64]
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
    groups: Sequence[str | None],
    *,
    horizon: float,
    lower_is_worse: bool,
    patients: Sequence[str] | None = None,
    draws: int = 500,
    level: float = 0.95,
    seed: int = 20260101,
) -> tuple[GroupThreshold, ...]:
    """Youden's threshold of each group at a horizon, the censored weighted as in ``time_auc``.

    The weights are those of the group, whose follow-up may be another. A threshold is chosen and
    judged in the same data: intervals of two groups that overlap are no reason for two thresholds.

    Args:
        values: The index (n,).
        follow_up: Times and events.
        groups: Group of each patient (n,); those without one are left out.
        horizon: Time by which the event counts [days].
        lower_is_worse: True for FFR, CFR, MRR; False for IMR. At the threshold a patient is ill.
        patients: Patient of each row (n,), who are drawn whole; None if each row is one.
        draws: Bootstrap draws.
        level: Confidence.
        seed: Seed of the draws.

    Raises:
        InputError: If lengths differ or a value is missing.
    """
    require_scores(values, follow_up)
    labels, names = group_labels(groups, len(values))
    sign = -1.0 if lower_is_worse else 1.0
    found = []
    for name in names:
        chosen = np.flatnonzero(labels == name)
        case = follow_up.event[chosen] & (follow_up.days[chosen] <= horizon)
        events, controls = int(case.sum()), int((follow_up.days[chosen] > horizon).sum())
        if min(events, controls) < LEAST_EVENTS:
            note = f"Fewer than {LEAST_EVENTS} events or controls by the horizon: none given."
            found.append(GroupThreshold(name, len(chosen), events, None, None, None, note))
            continue
        best = _youden(sign * values, follow_up, chosen, horizon)
        assert best is not None
        picks = resampled_rows(chosen, patients, draws=draws, seed=seed)
        drawn = [_youden(sign * values, follow_up, pick, horizon) for pick in picks]
        cuts = [sign * one[0] for one in drawn if one is not None]
        low, high = (
            np.quantile(cuts, (0.5 - 0.5 * level, 0.5 + 0.5 * level)) if cuts else (nan, nan)
        )
        found.append(
            GroupThreshold(
                group=name,
                n=len(chosen),
                events=events,
                threshold=Estimate(sign * best[0], float(low), float(high), "bootstrap"),
                sensitivity=best[1],
                specificity=best[2],
                note="Chosen and judged in the same data: optimistic elsewhere.",
            )
        )
    return tuple(found)


def _youden(
    score: FloatArray, follow_up: FollowUp, rows: IntArray, horizon: float
) -> tuple[float, float, float] | None:
    """Best threshold of some rows (m,), sensitivity and specificity there; None without cases."""
    days, event = follow_up.days[rows], follow_up.event[rows]
    if not (event & (days <= horizon)).any() or not (days > horizon).any():
        return None
    cases, control = case_weights(FollowUp(days, event), horizon)
    _, curve = weighted_roc(score[rows], cases, control.astype(np.float64))
    place = max(curve.youden(), 1)
    return (
        float(curve.thresholds[place]),
        float(curve.sensitivity[place]),
        float(curve.specificity[place]),
    )
