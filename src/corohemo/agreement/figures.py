"""Figures of a comparison, in the style of the case reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from corohemo.agreement.pairs import Pairs
from corohemo.agreement.roc import roc_curve
from corohemo.report.colors import AMBER, BLUE, GREY, INK, RED
from corohemo.report.figures import STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Document = Mapping[str, Any]


def figures(pairs: Pairs, document: Document) -> Iterator[tuple[str, Figure]]:
    """Name and figure of everything worth looking at; the caller closes each."""
    import matplotlib.pyplot as plt

    draw: list[tuple[str, Callable[[Axes, Pairs, Document], None]]] = [
        ("scatter", _scatter),
        ("bland-altman", _bland_altman),
    ]
    disease = pairs.quantity.is_disease(pairs.invasive)
    if disease.any() and not disease.all():
        draw.append(("roc", _roc))
    draw.append(("bins", _bins))
    if document["subgroups"]:
        draw.append(("subgroups", _forest))
    for name, function in draw:
        with plt.rc_context(STYLE):
            height = 0.34 * len(document["subgroups"]) + 1.2 if name == "subgroups" else 4.2
            figure, axes = plt.subplots(figsize=(4.6, max(height, 2.4)), layout="constrained")
            function(axes, pairs, document)
            yield name, figure


def _label(pairs: Pairs, kind: str) -> str:
    unit = "" if pairs.quantity.unit == "-" else f" [{pairs.quantity.unit}]"
    return f"{pairs.quantity.name} {kind}{unit}"


def _scatter(axes: Axes, pairs: Pairs, document: Document) -> None:
    """Computed over invasive, with identity, cut-offs and the Passing-Bablok line."""
    both = np.concatenate([pairs.computed, pairs.invasive])
    ends = np.array([both.min(), both.max()])
    ends = ends + np.array([-0.04, 0.04]) * max(float(np.ptp(ends)), 1e-9)
    axes.plot(ends, ends, color=GREY, linewidth=0.9)
    for line in (axes.axvline, axes.axhline):
        line(pairs.quantity.threshold, color=RED, linewidth=0.7, linestyle=(0, (5, 3)))
    right = pairs.quantity.is_disease(pairs.computed) == pairs.quantity.is_disease(pairs.invasive)
    for chosen, color, label in ((right, BLUE, "verdicts agree"), (~right, AMBER, "disagree")):
        axes.scatter(
            pairs.invasive[chosen],
            pairs.computed[chosen],
            s=14,
            color=color,
            alpha=0.65,
            linewidth=0,
            label=f"{label} ({int(chosen.sum())})",
        )
    line_fit = document["vessel"]["passing_bablok"]
    slope, intercept = line_fit["slope"]["value"], line_fit["intercept"]["value"]
    if np.isfinite(slope):
        axes.plot(ends, intercept + slope * ends, color=INK, linewidth=1.1, label="Passing-Bablok")
    axes.set(xlim=ends, ylim=ends, aspect="equal")
    axes.set_xlabel(_label(pairs, "invasive"))
    axes.set_ylabel(_label(pairs, "computed"))
    r = document["vessel"]["pearson"]
    axes.set_title(f"r = {r['value']:.2f} ({r['low']:.2f} to {r['high']:.2f})", fontsize=9)
    axes.legend(frameon=False, fontsize=7.5, loc="upper left")


def _bland_altman(axes: Axes, pairs: Pairs, document: Document) -> None:
    """Difference over mean, with bias and limits and their intervals."""
    found = document["vessel"]["bland_altman"]
    mean = 0.5 * (pairs.computed + pairs.invasive)
    digits = pairs.quantity.digits
    axes.axhline(0.0, color=GREY, linewidth=0.7)
    axes.scatter(mean, pairs.computed - pairs.invasive, s=14, color=BLUE, alpha=0.65, linewidth=0)
    for name, color in (("bias", INK), ("lower", RED), ("upper", RED)):
        one = found[name]
        axes.axhline(
            one["value"], color=color, linewidth=1.0, linestyle="-" if name == "bias" else "--"
        )
        axes.axhspan(one["low"], one["high"], color=color, alpha=0.10, linewidth=0)
        axes.annotate(
            f"{one['value']:.{digits}f}",
            (1.0, one["value"]),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize=8,
            color=color,
            bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 0.8},
        )
    axes.set_xlabel(_label(pairs, "mean of both"))
    axes.set_ylabel("computed - invasive")
    slope = found["slope"]
    axes.set_title(
        f"bias {found['bias']['value']:.{digits}f}, SD {found['sd']:.{digits}f}; "
        f"slope {slope['value']:.2g} ({slope['low']:.2g} to {slope['high']:.2g})",
        fontsize=9,
    )


def _roc(axes: Axes, pairs: Pairs, document: Document) -> None:
    """Curves of the index and of the diameter stenosis."""
    disease = pairs.quantity.is_disease(pairs.invasive)
    curve = roc_curve(pairs.quantity.score(pairs.computed), disease)
    area = document["vessel"]["auc"]
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.7)
    axes.step(
        1.0 - curve.specificity,
        curve.sensitivity,
        where="post",
        color=BLUE,
        label=f"{pairs.quantity.name} {area['value']:.2f} "
        f"({area['low']:.2f} to {area['high']:.2f})",
    )
    for comparator in document["comparators"]:
        values = pairs.column(comparator["name"])
        known = ~np.isnan(values)
        if disease[known].any() and not disease[known].all():
            other = roc_curve(values[known], disease[known])
            label = f"diameter stenosis {comparator['auc']['value']:.2f}"
            axes.step(
                1.0 - other.specificity, other.sensitivity, where="post", color=GREY, label=label
            )
    for name, marker in (("youden", "o"), ("screening", "s")):
        place = document["vessel"]["thresholds"][name]
        axes.plot(
            1.0 - place["specificity"],
            place["sensitivity"],
            marker,
            color=RED,
            markersize=5,
            label=f"{name.capitalize()}: {pairs.quantity.cut_off(place['threshold'])}",
            linestyle="none",
        )
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    axes.set_xlabel("1 - specificity")
    axes.set_ylabel("Sensitivity")
    axes.legend(
        frameon=False, fontsize=7.5, loc="lower right", title="area (DeLong)", title_fontsize=8
    )


def _bins(axes: Axes, pairs: Pairs, document: Document) -> None:
    """Accuracy by classes of the computed value."""
    rows = [row for row in document["vessel"]["bins"] if row["n"]]
    _points(
        axes,
        [_class_name(row) + f"  (n = {row['n']})" for row in rows],
        [row["accuracy"] for row in rows],
    )
    axes.set_xlim(0.0, 1.02)
    axes.axvline(document["vessel"]["diagnostic"]["accuracy"]["value"], color=GREY, linewidth=0.8)
    axes.set_xlabel("Accuracy (Clopper-Pearson)")
    axes.set_ylabel(_label(pairs, "computed"))


def _class_name(row: Document) -> str:
    if row["above"] is None:
        return f"up to {row['up_to']:g}"
    low = f"above {row['above']:g}"
    return low if row["up_to"] is None else f"{low} to {row['up_to']:g}"


def _forest(axes: Axes, pairs: Pairs, document: Document) -> None:
    """Accuracy of every subgroup."""
    rows = document["subgroups"]
    _points(
        axes,
        [f"{row['column']} {row['class']}  (n = {row['n']})" for row in rows],
        [row["accuracy"] for row in rows],
    )
    axes.axvline(document["vessel"]["diagnostic"]["accuracy"]["value"], color=GREY, linewidth=0.8)
    axes.set_xlim(0.0, 1.02)
    axes.set_xlabel("Accuracy; line: all vessels")


def _points(axes: Axes, names: Sequence[str], estimates: Sequence[Document]) -> None:
    """Estimates with their intervals, the first on top."""
    places = np.arange(len(names))[::-1]
    values = np.array([one["value"] for one in estimates])
    reach = np.array(
        [[one["value"] - one["low"], one["high"] - one["value"]] for one in estimates]
    ).T
    axes.errorbar(values, places, xerr=reach, fmt="o", color=BLUE, markersize=4.5, linewidth=1.1)
    axes.set_yticks(places, names)
    axes.set_ylim(-0.6, len(names) - 0.4)
