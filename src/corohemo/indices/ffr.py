"""Fractional flow reserve along branches and vessels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.locator import PointLocator
from corohemo.indices.options import IndexOptions
from corohemo.indices.results import Pullback
from corohemo.indices.sampling import sample_pullbacks
from corohemo.lumen import Lumen
from corohemo.solvers.solution import FlowSolution
from corohemo.units import MM

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SLOPE_WINDOW = 2.0 * MM
"""Length over which the local FFR drop is taken; shorter features are junctions, not disease."""
LEAST_DROP = 0.02
"""FFR drop along a vessel below which its pattern is noise."""


def compute_ffr(
    solution: FlowSolution,
    lumen: Lumen,
    options: IndexOptions | None = None,
    *,
    locator: PointLocator | None = None,
) -> tuple[Pullback, ...]:
    """Fractional flow reserve along every branch.

    FFR is the mean static pressure over the section's area, divided by the mean over the inlet
    face, so it is one at the ostium. The last value of a terminal branch is its outlet face's.

    Args:
        solution: Hyperemic flow field (of a resting one the ratio is resting Pd/Pa).
        lumen: Lumen the mesh came from; supplies the sections.
        options: Section spacing.
        locator: Locator of the flow's mesh; made if None.

    Returns:
        One pullback per branch, in the lumen's order.

    Raises:
        InputError: If the field belongs to another lumen, or the inlet pressure is not positive.
        GeometryError: If a section lies outside the mesh.

    Reference:
        Norgaard et al. 2019, Radiol Cardiothorac Imaging 1:e190050.
    """
    options = options or IndexOptions()
    locator = locator or PointLocator.of(solution.mesh)
    return sample_pullbacks(solution, lumen, locator, step=options.section_step_mm * MM)


@dataclass(frozen=True)
class VesselPath:
    """Section means along one path from the ostium.

    Attributes:
        branches: Lumen branch indices, ostium first.
        names: Their names.
        starts: Abscissa at which each branch begins [m].
        abscissa: Path length from the ostium (n,) [m].
        pressure: Area-mean pressure (n,) [Pa].
        ffr: Pressure over inlet pressure (n,) [-].
    """

    branches: tuple[int, ...]
    names: tuple[str, ...]
    starts: tuple[float, ...]
    abscissa: FloatArray
    pressure: FloatArray
    ffr: FloatArray

    @property
    def end(self) -> float:
        """Path length of the vessel [m]."""
        return float(self.abscissa[-1])

    def ffr_at(self, abscissa: float) -> float:
        """FFR by linear interpolation [-]."""
        return float(np.interp(abscissa, self.abscissa, self.ffr))

    def pressure_at(self, abscissa: float) -> float:
        """Pressure by linear interpolation [Pa]."""
        return float(np.interp(abscissa, self.abscissa, self.pressure))

    def position_at(self, abscissa: float) -> int:
        """Position in ``branches`` of the branch that holds ``abscissa``."""
        return max(int(np.searchsorted(self.starts, abscissa, side="left")) - 1, 0)


def vessel_path(
    pullbacks: Sequence[Pullback], lumen: Lumen, branches: tuple[int, ...]
) -> VesselPath:
    """Join the pullbacks of consecutive branches; a branch starts where its parent's ends."""
    chosen = [pullbacks[index] for index in branches]
    return VesselPath(
        branches=branches,
        names=tuple(lumen.branches[i].name for i in branches),
        starts=tuple(float(lumen.branches[i].abscissas[0]) for i in branches),
        abscissa=along_path([one.abscissa for one in chosen]),
        pressure=along_path([one.pressure for one in chosen]),
        ffr=along_path([one.ffr for one in chosen]),
    )


def along_path(parts: Sequence[FloatArray]) -> FloatArray:
    """Values at the sections of consecutive branches (..., n_i) as those of a path (..., n)."""
    return np.concatenate([parts[0], *(part[..., 1:] for part in parts[1:])], axis=-1)


def main_path(lumen: Lumen, index: int) -> tuple[int, ...]:
    """Branches from the ostium through ``index`` and on along the widest daughters."""
    path = list(lumen.path(index))
    while daughters := lumen.children(path[-1]):
        path.append(max(daughters, key=lambda i: float(lumen.branches[i].reference_radii[0])))
    return tuple(path)


def pullback_pressure_gradient(
    abscissa: FloatArray,
    ffr: FloatArray,
    *,
    window: float = 20.0 * MM,
    disease_per_m: float = 0.0015 / MM,
) -> float | None:
    """Pullback pressure gradient: 1 focal, 0 diffuse.

    PPG = (max FFR drop over 20 mm / FFR drop of the vessel + 1 - diseased length / length) / 2,
    where a vessel is diseased where FFR falls by at least 0.0015 per mm (over a 2 mm window here).
    The two terms, the 20 mm and their equal weights are those of ClinicalTrials.gov NCT04789317;
    0.0015 per mm is from memory of Collet et al., J Am Coll Cardiol 2019;74:1772, unverified.

    Args:
        abscissa: Path length from the ostium (n,) [m].
        ffr: FFR there (n,) [-].
        window: Length of the steepest stretch [m].
        disease_per_m: Drop per length from which the vessel is diseased [1/m].

    Returns:
        PPG [-], or None if FFR falls by less than 0.02, where the pattern is noise.
    """
    drop = float(ffr[0] - ffr[-1])
    if drop < LEAST_DROP:
        return None
    length = float(abscissa[-1] - abscissa[0])
    places = np.linspace(abscissa[0], abscissa[-1], max(int(length / (0.25 * MM)), 4) + 1)

    def drops(width: float) -> FloatArray:
        left = np.maximum(places - 0.5 * width, abscissa[0])
        right = np.minimum(left + width, abscissa[-1])
        fall: FloatArray = np.interp(left, abscissa, ffr) - np.interp(right, abscissa, ffr)
        return fall

    steepest = min(float(drops(min(window, length)).max()) / drop, 1.0)
    width = min(SLOPE_WINDOW, length)
    diseased = float(np.mean(drops(width) >= disease_per_m * width))
    return 0.5 * (steepest + 1.0 - diseased)
