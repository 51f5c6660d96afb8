"""Agreement of one computed index with its invasive partner, as a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corohemo.agreement.bootstrap import resampled
from corohemo.agreement.confusion import Confusion, mcnemar
from corohemo.agreement.correlation import intraclass, pearson, spearman
from corohemo.agreement.differences import bland_altman, passing_bablok
from corohemo.agreement.levels import USUAL_SUBGROUPS, subgroups, worst_of_patients
from corohemo.agreement.pairs import Pairs
from corohemo.agreement.roc import auc, compare_auc, roc_curve
from corohemo.checks import require_numbers
from corohemo.errors import ConfigError, InputError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Document = dict[str, Any]
LEAST_PAIRS = 4
INTERVALS = {
    "sensitivity": ("clopper-pearson", "wilson", "wald"),
    "specificity": ("clopper-pearson", "wilson", "wald"),
    "accuracy": ("clopper-pearson", "wilson", "wald"),
    "ppv": ("mercaldo", "clopper-pearson", "wilson", "wald"),
    "npv": ("mercaldo", "clopper-pearson", "wilson", "wald"),
}


@dataclass(frozen=True, kw_only=True)
class CompareOptions:
    """How agreement is computed.

    Attributes:
        level: Confidence of every interval.
        draws: Bootstrap draws of patients; 0 for none.
        seed: Seed of the draws.
        screening_sensitivity: Sensitivity that the screening threshold must reach.
        subgroup_columns: Covariates whose classes are compared; None takes the usual ones there.
        stenosis_threshold: Diameter stenosis from which the anatomic comparator is positive [%].
    """

    level: float = 0.95
    draws: int = 2000
    seed: int = 20260101
    screening_sensitivity: float = 0.95
    subgroup_columns: tuple[str, ...] | None = None
    stenosis_threshold: float = 50.0

    def __post_init__(self) -> None:
        require_numbers(self, positive=("stenosis_threshold",), nonnegative=("draws",))
        for name in ("level", "screening_sensitivity"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise ConfigError(
                    f"CompareOptions.{name} must lie between 0 and 1, got {getattr(self, name)!r}.",
                    field=name,
                )


def compare(pairs: Pairs, options: CompareOptions | None = None) -> Document:
    """Correlation, differences, verdicts, ROC, subgroups of a set of pairs.

    Intervals named "patient bootstrap" draw patients with all their vessels; all others take the
    vessels as independent.

    Args:
        pairs: At least four.
        options: Confidence, draws, screening, subgroups.

    Returns:
        A document of plain values; NaN where something cannot be computed.

    Raises:
        InputError: If there are too few pairs.
    """
    options = options or CompareOptions()
    if len(pairs) < LEAST_PAIRS:
        raise InputError(
            f"{pairs.quantity.name} has {len(pairs)} pairs of computed and measured values, fewer "
            f"than {LEAST_PAIRS}. {' '.join(pairs.left_out[:3])}"
        )
    patients = worst_of_patients(pairs)
    return {
        "quantity": asdict(pairs.quantity),
        "n_vessels": len(pairs),
        "n_patients": len(patients),
        "level": options.level,
        "bootstrap": {"draws": options.draws, "seed": options.seed, "unit": "patient"},
        "vessel": _level(pairs, options),
        "patient": _level(patients, options) if len(patients) >= LEAST_PAIRS else None,
        "comparators": _comparators(pairs, options),
        "subgroups": _subgroups(pairs, options),
        "left_out": list(pairs.left_out),
        "notes": list(pairs.notes),
    }


def _level(pairs: Pairs, options: CompareOptions) -> Document:
    """Everything at one level, vessels or patients."""
    quantity, level = pairs.quantity, options.level
    computed, invasive = pairs.computed, pairs.invasive
    test, disease = quantity.is_disease(computed), quantity.is_disease(invasive)
    score = quantity.score(computed)
    both = np.column_stack([computed, invasive])
    document: Document = {
        "n": len(pairs),
        "prevalence": float(disease.mean()),
        "pearson": asdict(pearson(computed, invasive, level=level)),
        "spearman": asdict(spearman(computed, invasive, level=level)),
        "icc_agreement": asdict(intraclass(both, kind="agreement", level=level)),
        "icc_consistency": asdict(intraclass(both, kind="consistency", level=level)),
        "bland_altman": asdict(bland_altman(computed, invasive, level=level)),
        "passing_bablok": asdict(passing_bablok(computed, invasive, level=level)),
        "diagnostic": diagnostic(Confusion.of(test, disease), level=level),
        "auc": asdict(auc(score, disease, level=level)),
        "thresholds": _thresholds(pairs, options),
        "grey_zone": _grey_zone(pairs),
        "bins": _bins(pairs, level),
    }
    if options.draws:
        drawn = resampled(
            computed,
            invasive,
            test,
            disease,
            score,
            pairs.patients,
            draws=options.draws,
            level=level,
            seed=options.seed,
        )
        document["patient_bootstrap"] = {name: asdict(one) for name, one in drawn.items()}
    return document


def diagnostic(table: Confusion, *, level: float = 0.95) -> Document:
    """Counts and every rate with every interval."""
    document: Document = {"counts": asdict(table)}
    for name, methods in INTERVALS.items():
        estimates = [getattr(table, name)(method=method, level=level) for method in methods]
        document[name] = {
            "value": estimates[0].value,
            "intervals": {one.method: [one.low, one.high] for one in estimates},
        }
    return document


def _thresholds(pairs: Pairs, options: CompareOptions) -> Document | None:
    """Youden's threshold and the one for screening, with what they would give."""
    disease = pairs.quantity.is_disease(pairs.invasive)
    if disease.all() or not disease.any():
        return None
    curve = roc_curve(pairs.quantity.score(pairs.computed), disease)
    places = {
        "youden": curve.youden(),
        "screening": curve.screening(options.screening_sensitivity),
    }
    sign = -1.0 if pairs.quantity.rule.startswith("<") else 1.0
    found: Document = {"wanted_sensitivity": options.screening_sensitivity}
    for name, place in places.items():
        found[name] = {
            "threshold": sign * float(curve.thresholds[place]),
            "sensitivity": float(curve.sensitivity[place]),
            "specificity": float(curve.specificity[place]),
        }
    return found


def _grey_zone(pairs: Pairs) -> Document:
    """Accuracy inside and outside the grey zone of the computed value."""
    low, high = pairs.quantity.grey_zone
    inside = pairs.quantity.is_grey(pairs.computed)
    right = _is_right(pairs)
    return {
        "low": low,
        "high": high,
        "n_inside": int(inside.sum()),
        "accuracy_inside": float(right[inside].mean()) if inside.any() else None,
        "accuracy_outside": float(right[~inside].mean()) if (~inside).any() else None,
    }


def _bins(pairs: Pairs, level: float) -> list[Document]:
    """Accuracy by classes of the computed value."""
    edges = np.array([-np.inf, *pairs.quantity.bins, np.inf])
    right = _is_right(pairs)
    rows = []
    for low, high in pairwise(edges):
        inside = (pairs.computed > low) & (pairs.computed <= high)
        table = Confusion(int(right[inside].sum()), 0, 0, int((~right[inside]).sum()))
        accuracy = table.accuracy(level=level)
        rows.append(
            {
                "above": None if np.isinf(low) else float(low),
                "up_to": None if np.isinf(high) else float(high),
                "n": table.n,
                "accuracy": asdict(accuracy),
            }
        )
    return rows


def _is_right(pairs: Pairs) -> BoolArray:
    quantity = pairs.quantity
    right: BoolArray = quantity.is_disease(pairs.computed) == quantity.is_disease(pairs.invasive)
    return right


def _comparators(pairs: Pairs, options: CompareOptions) -> list[Document]:
    """The same vessels judged by the diameter stenosis, with paired tests."""
    stenosis = pairs.column("percent_diameter_stenosis")
    chosen = [int(i) for i in np.flatnonzero(~np.isnan(stenosis))]
    if pairs.quantity.name != "FFR" or len(chosen) < LEAST_PAIRS:
        return []
    some, stenosis = pairs.subset(chosen), stenosis[chosen]
    disease = some.quantity.is_disease(some.invasive)
    ours, theirs = some.quantity.is_disease(some.computed), stenosis >= options.stenosis_threshold
    score = some.quantity.score(some.computed)
    difference = compare_auc(score, stenosis, disease, level=options.level)
    return [
        {
            "name": "percent_diameter_stenosis",
            "threshold": options.stenosis_threshold,
            "n": len(some),
            "diagnostic": diagnostic(Confusion.of(theirs, disease), level=options.level),
            "auc": asdict(auc(stenosis, disease, level=options.level)),
            "auc_difference": asdict(difference),
            "mcnemar_sensitivity": asdict(mcnemar(ours[disease], theirs[disease])),
            "mcnemar_specificity": asdict(mcnemar(~ours[~disease], ~theirs[~disease])),
        }
    ]


def _subgroups(pairs: Pairs, options: CompareOptions) -> list[Document]:
    """Accuracy, area and bias of each class of the covariates."""
    known: Sequence[str] = options.subgroup_columns or USUAL_SUBGROUPS
    present = [name for name in known if any(row.get(name) is not None for row in pairs.rows)]
    if options.subgroup_columns and len(present) < len(known):
        missing = ", ".join(name for name in known if name not in present)
        raise ConfigError(f"There is no covariate {missing} in the table.", field="subgroup")
    rows = []
    for column, label, some in subgroups(pairs, present):
        disease = some.quantity.is_disease(some.invasive)
        table = Confusion.of(some.quantity.is_disease(some.computed), disease)
        agreement = bland_altman(some.computed, some.invasive, level=options.level)
        rows.append(
            {
                "column": column,
                "class": label,
                "n": len(some),
                "n_diseased": int(disease.sum()),
                "accuracy": asdict(table.accuracy(level=options.level)),
                "auc": asdict(
                    auc(some.quantity.score(some.computed), disease, level=options.level)
                ),
                "bias": asdict(agreement.bias),
                "pearson": asdict(pearson(some.computed, some.invasive, level=options.level)),
            }
        )
    return rows


def flat_rows(document: Mapping[str, Any]) -> list[list[Any]]:
    """The numbers of a document as rows: level, measure, value, low, high, interval."""
    rows: list[list[Any]] = []
    for level in ("vessel", "patient"):
        part = document[level]
        if part is None:
            continue
        drawn = part.get("patient_bootstrap", {})
        for name in ("pearson", "spearman", "icc_agreement", "icc_consistency", "auc"):
            one = part[name]
            rows.append([level, name, one["value"], one["low"], one["high"], one["method"]])
        limits = part["bland_altman"]
        for name in ("bias", "lower", "upper", "slope"):
            one = limits[name]
            rows.append([level, name, one["value"], one["low"], one["high"], one["method"]])
        for name in INTERVALS:
            for method, (low, high) in part["diagnostic"][name]["intervals"].items():
                rows.append([level, name, part["diagnostic"][name]["value"], low, high, method])
        for name, one in drawn.items():
            rows.append([level, name, one["value"], one["low"], one["high"], one["method"]])
    return rows
