"""Curves over time in a grid of panels, as inline SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from corohemo.report.figures import STYLE, svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 3
WIDTH, HEIGHT = 7.2, 1.9
"""Of a full row of panels [inch]."""


def panels_svg[T](
    panels: Mapping[str, T], draw: Callable[[Axes, T], None], *, ylabel: str, legend_at: str
) -> str:
    """One panel per entry on common axes, with a legend in the first.

    Args:
        panels: What is drawn, by the panel's title.
        draw: Draws one entry.
        ylabel: What the curves are.
        legend_at: Where the legend stands, in matplotlib's words.
    """
    import matplotlib.pyplot as plt

    n_columns = min(len(panels), COLUMNS)
    n_rows = -(-len(panels) // n_columns)
    with plt.rc_context(STYLE):
        figure, grid = plt.subplots(
            n_rows,
            n_columns,
            figsize=(WIDTH * n_columns / COLUMNS, HEIGHT * n_rows),
            sharex=True,
            sharey=True,
            squeeze=False,
            layout="constrained",
        )
        for axes, (title, content) in zip(grid.flat, panels.items(), strict=False):
            draw(axes, content)
            axes.set_title(title, fontsize=9)
            axes.set_xlabel("Time [s]")
            axes.tick_params(labelbottom=True)
        for axes in list(grid.flat)[len(panels) :]:
            axes.set_visible(False)
        for axes in grid[:, 0]:
            axes.set_ylabel(ylabel)
        grid[0, 0].legend(loc=legend_at, frameon=False, fontsize=8)
        return svg_text(figure)
