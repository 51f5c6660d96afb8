"""Colour maps of the report: FFR with its clinical bands, WSS, APS."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corohemo import fields

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

INK = "#1b2733"
GREY = "#8a96a3"
BLUE = "#2166ac"
RED = "#b2182b"
AMBER = "#e08214"
NO_DATA = (0.87, 0.88, 0.90)

_FFR_ANCHORS = (
    (0.50, "#67001f"),
    (0.70, "#c0282f"),
    (0.75, "#e8743b"),
    (0.80, "#f7cf5e"),
    (0.85, "#cfe3ea"),
    (0.90, "#86bbd8"),
    (0.95, "#3d88bd"),
    (1.00, "#234f8f"),
)


@dataclass(frozen=True)
class Scale:
    """How one quantity is coloured in pictures.

    Attributes:
        array: Name of the array in wall.vtp.
        title: What the colour bar says.
        low, high: Ends of the scale, in the array's unit.
        ticks: Marks of the colour bar.
        cmap: Name of a matplotlib colour map, or "ffr".
    """

    array: str
    title: str
    low: float
    high: float
    ticks: tuple[float, ...]
    cmap: str

    def colormap(self) -> Colormap:
        """The colour map, over 0-1."""
        import matplotlib

        return _ffr_map() if self.cmap == "ffr" else matplotlib.colormaps[self.cmap]


FFR = Scale(
    fields.FFR.array, "FFR", 0.5, 1.0, (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0), "ffr"
)
WSS = Scale(
    fields.WSS.array, "Wall shear stress [Pa]", 0.0, 20.0, (0.0, 5.0, 10.0, 15.0, 20.0), "viridis"
)
APS = Scale(
    fields.APS.array,
    "Axial plaque stress in lesions [Pa]",
    -3000.0,
    3000.0,
    (-3000.0, -2000.0, -1000.0, 0.0, 1000.0, 2000.0, 3000.0),
    "coolwarm",
)


def fitted(scale: Scale, values: NDArray[np.float64]) -> Scale:
    """The scale with round ends that hold 99 % of the values, symmetric if it was."""
    size = np.abs(values[np.isfinite(values)])
    reach = float(np.percentile(size, 99)) if size.size else scale.high
    power = 10.0 ** math.floor(math.log10(max(reach, 1e-6)))
    high = next(
        step * power for step in (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0) if step * power >= reach
    )
    low = -high if scale.low < 0 else 0.0
    ticks = tuple(float(tick) for tick in np.linspace(low, high, 5))
    return replace(scale, low=low, high=high, ticks=ticks)


def hex_colors(scale: Scale, steps: int) -> list[str]:
    """The colours of a scale from its low to its high end, as ``#rrggbb``."""
    from matplotlib.colors import to_hex

    return [to_hex(color) for color in scale.colormap()(np.linspace(0.0, 1.0, steps))]


@cache
def _ffr_map() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    low, high = _FFR_ANCHORS[0][0], _FFR_ANCHORS[-1][0]
    stops = [((value - low) / (high - low), color) for value, color in _FFR_ANCHORS]
    return LinearSegmentedColormap.from_list("ffr", stops, N=512)
