"""Pa and Pd over the cycle at the wire positions, as inline SVG."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo.errors import FileFormatError, InputError
from corohemo.report.colors import BLUE, INK
from corohemo.report.figures import STYLE, svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = NDArray[np.float64]

SERIES = ("time_s", "aortic_pressure_mmhg", "pressure_mmhg")
COLUMNS = 3
WIDTH, HEIGHT = 7.2, 1.9
"""Of a full row of panels [inch]."""


def cycle_svgs(path: Path) -> dict[str, str]:
    """A figure per state with a panel per vessel; none without the table ``path``.

    Raises:
        InputError: If the table cannot be read.
        FileFormatError: If it is not one of readings over the cycle.
    """
    if not path.exists():
        return {}
    rows: dict[str, dict[str, list[list[float]]]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                if row["kind"] == "vessel":
                    title = f"{row['name']}, {float(row['position_mm']):.0f} mm"
                    of_state = rows.setdefault(row["state"], {})
                    of_state.setdefault(title, []).append([float(row[name]) for name in SERIES])
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", file=path) from error
    except (KeyError, ValueError) as error:
        raise FileFormatError(f"This is not a table of readings: {error}.", file=path) from error
    return {
        state: _figure({title: np.array(values).T for title, values in panels.items()})
        for state, panels in rows.items()
    }


def _figure(panels: Mapping[str, FloatArray]) -> str:
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
        for axes, (title, series) in zip(grid.flat, panels.items(), strict=False):
            _draw(axes, title, series)
        for axes in list(grid.flat)[len(panels) :]:
            axes.set_visible(False)
        for axes in grid[:, 0]:
            axes.set_ylabel("Pressure [mmHg]")
        grid[0, 0].legend(loc="best", frameon=False, fontsize=8)
        return svg_text(figure)


def _draw(axes: Axes, title: str, series: FloatArray) -> None:
    times, aortic, distal = series
    axes.plot(times, aortic, color=INK, linewidth=1.0, label="Pa")
    axes.plot(times, distal, color=BLUE, linewidth=1.4, label="Pd")
    axes.set_title(title, fontsize=9)
    axes.set_xlabel("Time [s]")
    axes.tick_params(labelbottom=True)
