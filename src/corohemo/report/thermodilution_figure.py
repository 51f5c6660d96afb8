"""Temperature of a bolus at ostium and wire, as inline SVG."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo.report.colors import BLUE, INK
from corohemo.report.figures import STATE_COLORS
from corohemo.report.files import csv_rows
from corohemo.report.panels import panels_svg
from corohemo.report.thermodilution import COLUMNS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FloatArray = NDArray[np.float64]
Curves = Mapping[str, FloatArray]
"""Per state time, temperature at the ostium and at the wire (3, n)."""


def thermodilution_svg(path: Path) -> str:
    """A panel per vessel; empty without the table ``path`` or with no curve in it.

    Raises:
        InputError: If the table cannot be read.
        FileFormatError: If it is not one of temperatures.
    """
    if not path.exists():
        return ""
    rows: dict[str, dict[str, list[list[float]]]] = {}
    with csv_rows(path, "temperatures") as table:
        for row in table:
            of_vessel = rows.setdefault(row["vessel"], {})
            of_vessel.setdefault(row["state"], []).append([float(row[key]) for key in COLUMNS[2:]])
    panels = {
        vessel: {state: np.array(values).T for state, values in states.items()}
        for vessel, states in rows.items()
    }
    if not panels:
        return ""
    return panels_svg(panels, _draw, ylabel="Temperature [-]", legend_at="upper right")


def _draw(axes: Axes, curves: Curves) -> None:
    """Drops of temperature point down, as a console shows them."""
    for state, (times, ostium, wire) in curves.items():
        color = STATE_COLORS.get(state, BLUE)
        if state == next(iter(curves)):
            axes.plot(times, -ostium, color=INK, linewidth=0.8, linestyle=":", label="ostium")
        axes.plot(times, -wire, color=color, linewidth=1.4, label=f"wire, {state}")
