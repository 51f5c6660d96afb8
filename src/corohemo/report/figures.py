"""Plots of the report as inline SVG."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corohemo.report.colors import AMBER, BLUE, GREY, INK, RED, Scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
Columns = Mapping[str, FloatArray]

STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "path",
    "svg.hashsalt": "corohemo",
}
STATE_COLORS = {"hyperemic": BLUE, "resting": GREY}


def pullback_svg(
    curves: Mapping[str, Columns],
    lesions: Sequence[Mapping[str, Any]],
    *,
    vessel: Mapping[str, Any],
    path: Sequence[str],
    bifurcations_mm: FloatArray,
) -> str:
    """FFR over the path of one vessel, with radius, reference and lesions underneath.

    Args:
        curves: Per state the columns abscissa_mm, ffr, radius_mm, reference_radius_mm.
        lesions: Entries of result.json that lie on the path.
        vessel: Entry of the vessel.
        path: Names of the branches from the ostium on; readings elsewhere are not drawn.
        bifurcations_mm: Branch points on the path, from the ostium.
    """
    import matplotlib.pyplot as plt

    with plt.rc_context(STYLE):
        figure, (top, bottom) = plt.subplots(
            2,
            1,
            figsize=(7.2, 3.6),
            sharex=True,
            height_ratios=(2.2, 1.0),
            layout="constrained",
        )
        main = next(iter(curves.values()))
        _draw_ratio(top, curves)
        _draw_radius(bottom, main)
        for axes in (top, bottom):
            _draw_marks(axes, lesions, bifurcations_mm)
        bottom.set_xlim(main["abscissa_mm"][0], main["abscissa_mm"][-1])
        _name_lesions(top, lesions)
        _mark_readings(top, [one for one in (*lesions, vessel) if one.get("ffr_ct_branch") in path])
        return svg_text(figure)


def _draw_ratio(axes: Axes, curves: Mapping[str, Columns]) -> None:
    lowest = min(float(np.nanmin(curve["ffr"])) for curve in curves.values())
    axes.axhspan(0.75, 0.80, color=AMBER, alpha=0.16, linewidth=0)
    axes.axhline(0.80, color=RED, linewidth=0.9, linestyle=(0, (5, 3)))
    for state, curve in curves.items():
        name = "FFR (hyperemic)" if state == "hyperemic" else "Pd/Pa (resting)"
        width = 1.8 if state == "hyperemic" else 1.1
        color = STATE_COLORS.get(state, BLUE)
        axes.plot(curve["abscissa_mm"], curve["ffr"], color=color, linewidth=width, label=name)
    axes.set_ylim(min(0.7, np.floor(lowest * 20.0) / 20.0 - 0.03), 1.02)
    axes.set_ylabel("Pressure ratio")
    axes.legend(loc="lower left", frameon=False, fontsize=8)


def _draw_radius(axes: Axes, curve: Columns) -> None:
    at = curve["abscissa_mm"]
    axes.fill_between(at, 0.0, curve["radius_mm"], color="#c9d6e3", linewidth=0)
    axes.plot(at, curve["radius_mm"], color=INK, linewidth=1.0, label="radius")
    axes.plot(
        at, curve["reference_radius_mm"], color=GREY, linewidth=1.0, linestyle="--", label="healthy"
    )
    axes.set_ylim(0.0, 1.3 * float(np.nanmax(curve["reference_radius_mm"])))
    axes.set_ylabel("Radius [mm]")
    axes.set_xlabel("Distance from the ostium [mm]")
    axes.legend(loc="upper right", frameon=False, fontsize=8, ncols=2)


def _draw_marks(axes: Axes, lesions: Sequence[Mapping[str, Any]], bifurcations: FloatArray) -> None:
    for lesion in lesions:
        axes.axvspan(lesion["start_mm"], lesion["end_mm"], color=RED, alpha=0.09, linewidth=0)
    for place in bifurcations:
        axes.axvline(place, color=GREY, linewidth=0.6, linestyle=":")


def _name_lesions(axes: Axes, lesions: Sequence[Mapping[str, Any]]) -> None:
    for lesion in lesions:
        middle = (lesion["start_mm"] + lesion["end_mm"]) / 2.0
        axes.annotate(
            f"{lesion['name']}\n{lesion['percent_diameter_stenosis']:.0f} % DS",
            (middle, 1.0),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="bottom",
            fontsize=8,
            color=RED,
            annotation_clip=False,
        )


def _mark_readings(axes: Axes, entries: Sequence[Mapping[str, Any]]) -> None:
    """A dot and the value where each entry reads its FFR; one for several in the same place."""
    places = {(one["ffr_ct_position_mm"], one["ffr_ct"]) for one in entries}
    for place in sorted(place for place in places if None not in place):
        axes.plot(*place, "o", color=RED, markersize=4.5, zorder=5, clip_on=False)
        at_end = place[0] > 0.95 * axes.get_xlim()[1]
        axes.annotate(
            f"{place[1]:.2f}",
            place,
            xytext=(-3 if at_end else 5, 5),
            textcoords="offset points",
            ha="right" if at_end else "left",
            fontsize=8,
            color=RED,
            weight="bold",
        )


def convergence_svg(histories: Mapping[str, Sequence[float]]) -> str:
    """Relative residual after each linear solve, per state."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(4.6, 2.6), layout="constrained")
        for state, history in histories.items():
            color = STATE_COLORS.get(state, BLUE)
            axes.semilogy(
                range(1, len(history) + 1), history, "o-", color=color, markersize=3.5, label=state
            )
        axes.set_xlabel("Linear solve")
        axes.set_ylabel("Relative residual")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y", color="#e5e9ee", linewidth=0.7)
        axes.legend(frameon=False, fontsize=8)
        return svg_text(figure)


def colorbar_svg(scale: Scale) -> str:
    """A horizontal colour bar with the marks of its scale."""
    import matplotlib.pyplot as plt
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(4.6, 0.62), layout="constrained")
        mapped = ScalarMappable(Normalize(scale.low, scale.high), scale.colormap())
        bar = figure.colorbar(mapped, cax=axes, orientation="horizontal", ticks=scale.ticks)
        bar.set_label(scale.title)
        bar.outline.set_visible(False)
        bar.ax.set_xticklabels([f"{tick:g}" for tick in scale.ticks])
        return svg_text(figure)


def svg_text(figure: Figure) -> str:
    """The figure as an SVG element whose ids are its own."""
    import matplotlib.pyplot as plt

    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    text = buffer.getvalue()
    svg = text[text.index("<svg") :]
    own = f"f{hashlib.sha256(svg.encode()).hexdigest()[:8]}-"
    svg = re.sub(r'\bid="', f'id="{own}', svg)
    svg = re.sub(r"url\(#", f"url(#{own}", svg)
    return re.sub(r'href="#', f'href="#{own}', svg)
