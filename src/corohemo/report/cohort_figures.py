"""Plots of a cohort's dashboard as inline SVG."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corohemo.bands import FFR_GREY_ZONE, band_of
from corohemo.report.colors import AMBER, BLUE, GREY, INK, RED
from corohemo.report.figures import STYLE, svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
BAND_COLORS = {"normal": BLUE, "grey": AMBER, "abnormal": RED}
BAND_MARKERS = {"normal": "o", "grey": "D", "abnormal": "s"}
BIN = 0.025
SIZE = (4.0, 2.9)


def ratios_svg(ratios: Sequence[float]) -> str:
    """How often each FFR occurs, coloured by band.

    Args:
        ratios: FFR of the vessels (n,).
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    with plt.rc_context(STYLE):
        figure, axes = _empty()
        first = np.floor(min(0.7, *ratios) / BIN)
        edges = BIN * np.arange(first, np.ceil(max(1.0, *ratios) / BIN) + 1)
        counts = upper_closed_counts(ratios, edges)
        bands = [band_of(float(left + BIN / 2.0)) for left in edges[:-1]]
        for band, color in BAND_COLORS.items():
            own = np.array([one == band for one in bands]) & (counts > 0)
            if own.any():
                axes.bar(
                    edges[:-1][own], counts[own], BIN, align="edge", color=color, edgecolor="white",
                    label=band,
                )  # fmt: skip
        axes.set_xlim(edges[0], edges[-1])
        axes.axvline(FFR_GREY_ZONE[1], color=INK, linewidth=0.9, linestyle=(0, (5, 3)))
        axes.set_xlabel("FFR")
        axes.set_ylabel("Vessels")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(frameon=False, fontsize=8, loc="upper left")
        return svg_text(figure)


def upper_closed_counts(values: Sequence[float], edges: FloatArray) -> FloatArray:
    """How many values (n,) lie in each bin of ``edges`` (m + 1,), which holds its upper edge (m,).

    So does a band of FFR: 0.80 is grey.
    """
    counts, _ = np.histogram(-np.asarray(values), -edges[::-1])
    return counts[::-1].astype(np.float64)


def lesions_svg(lesions: Sequence[Mapping[str, Any]], links: Mapping[str, str]) -> str:
    """FFR over the narrowing of each lesion; a point leads to the report of its case.

    Args:
        lesions: Rows with case_id, lesion, ffr_ct and percent_diameter_stenosis.
        links: Address of each case's report.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    with plt.rc_context(STYLE):
        figure, axes = _empty()
        titles = []
        for band, marker in BAND_MARKERS.items():
            own = [row for row in lesions if band_of(row["ffr_ct"]) == band]
            if not own:
                continue
            points = axes.scatter(
                [row["percent_diameter_stenosis"] for row in own],
                [row["ffr_ct"] for row in own],
                s=26, marker=marker, color=BAND_COLORS[band], edgecolor="white", linewidth=0.5,
                label=band,
            )  # fmt: skip
            points.set_urls([links[row["case_id"]] or "#" for row in own])
            titles += [
                f"{row['case_id']}, {row['lesion']}: FFR {row['ffr_ct']:.2f}, "
                f"{row['percent_diameter_stenosis']:.0f} % DS"
                for row in own
            ]
        _grey_zone(axes)
        axes.set_ylim(min(0.7, axes.get_ylim()[0]), 1.01)
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.set_xlabel("Diameter stenosis [%]")
        axes.set_ylabel("FFR behind the lesion")
        axes.legend(frameon=False, fontsize=8, loc="lower left")
        return _titled(svg_text(figure), titles)


def seconds_svg(seconds: Sequence[float]) -> str:
    """How long the cases took, from their input to their report.

    Args:
        seconds: Wall time of each case (n,) [s].
    """
    import matplotlib.pyplot as plt

    with plt.rc_context(STYLE):
        figure, axes = _empty()
        ordered = np.sort(np.asarray(seconds, dtype=np.float64))
        share = 100.0 * np.arange(1, len(ordered) + 1) / len(ordered)
        axes.step(ordered, share, where="post", color=BLUE, linewidth=1.6)
        axes.plot(ordered, share, ".", color=BLUE, markersize=4)
        axes.axhline(50.0, color=GREY, linewidth=0.8, linestyle=":")
        axes.set_xlim(0.0, 1.03 * ordered[-1])
        axes.set_ylim(0.0, 103.0)
        axes.set_xlabel("Time [s]")
        axes.set_ylabel("Cases done within it [%]")
        return svg_text(figure)


def _empty() -> tuple[Figure, Axes]:
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=SIZE, layout="constrained")


def _grey_zone(axes: Axes) -> None:
    axes.axhspan(*FFR_GREY_ZONE, color=AMBER, alpha=0.16, linewidth=0)
    axes.axhline(FFR_GREY_ZONE[1], color=INK, linewidth=0.9, linestyle=(0, (5, 3)))


def _titled(svg: str, titles: Sequence[str]) -> str:
    """The SVG with a title, shown under the cursor, in each of its links in order."""
    remaining = iter(titles)
    return re.sub(
        r'<a xlink:href="[^"]*"[^>]*>',
        lambda link: f"{link.group(0)}<title>{escape(next(remaining))}</title>",
        svg,
    )
