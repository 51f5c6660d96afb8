"""Pa and Pd over the cycle at the wire positions, as inline SVG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo.report.colors import BLUE, INK
from corohemo.report.files import csv_rows
from corohemo.report.panels import panels_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = NDArray[np.float64]

SERIES = ("time_s", "aortic_pressure_mmhg", "pressure_mmhg")


def cycle_svgs(path: Path) -> dict[str, str]:
    """A figure per state with a panel per vessel; none without the table ``path``.

    Raises:
        InputError: If the table cannot be read.
        FileFormatError: If it is not one of readings over the cycle.
    """
    if not path.exists():
        return {}
    rows: dict[str, dict[str, list[list[float]]]] = {}
    with csv_rows(path, "readings") as table:
        for row in table:
            if row["kind"] == "vessel":
                title = f"{row['name']}, {float(row['position_mm']):.0f} mm"
                of_state = rows.setdefault(row["state"], {})
                of_state.setdefault(title, []).append([float(row[name]) for name in SERIES])
    return {
        state: panels_svg(
            {title: np.array(values).T for title, values in panels.items()},
            _draw,
            ylabel="Pressure [mmHg]",
            legend_at="best",
        )
        for state, panels in rows.items()
    }


def _draw(axes: Axes, series: FloatArray) -> None:
    times, aortic, distal = series
    axes.plot(times, aortic, color=INK, linewidth=1.0, label="Pa")
    axes.plot(times, distal, color=BLUE, linewidth=1.4, label="Pd")
