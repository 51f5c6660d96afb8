"""Pressure along the branches over the last cycle of a pulsatile flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.indices.aortic_cycle import PulsatileFlow
from corohemo.indices.ffr import along_path
from corohemo.indices.sampling import check_lumen
from corohemo.lumen import Lumen
from corohemo.solvers.reduced_cycle_solution import ReducedCycle
from corohemo.units import MMHG

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class CyclePullback:
    """Section means along one branch at the equal times of a cycle.

    Attributes:
        branch: Name of the branch.
        abscissa: Path length from the ostium (k,) [m].
        pressure_mmhg: Area-mean pressure (m, k).
    """

    branch: str
    abscissa: FloatArray
    pressure_mmhg: FloatArray


def cycle_pullbacks(solution: PulsatileFlow, lumen: Lumen) -> tuple[CyclePullback, ...]:
    """Pressure along every branch, with the faces' means at the inlet and the outlets.

    Args:
        solution: A flow whose sections were read in every step, as the reduced model's always are.
        lumen: Its lumen.

    Returns:
        One pullback per branch, in the lumen's order; none if no sections were read.

    Raises:
        ConfigError: If a branch of the lumen was not read.
        InputError: If the flow belongs to another lumen.
    """
    if isinstance(solution, ReducedCycle):
        series = zip(lumen.branches, solution.section_pressures, strict=True)
        return tuple(CyclePullback(b.name, b.abscissas, p[1:] / MMHG) for b, p in series)
    if solution.sections is None:
        return ()
    check_lumen(solution, lumen)
    pullbacks = []
    for index, branch in enumerate(lumen.branches):
        pressure = np.array(solution.section_pressure_series_mmhg(branch.name))
        if branch.parent < 0:
            pressure[:, 0] = solution.face_pressure_series_mmhg("inlet")
        if index in lumen.outlets:
            pressure[:, -1] = solution.face_pressure_series_mmhg(f"outlet:{branch.name}")
        abscissa = solution.sections.abscissa[solution.sections.rows(branch.name)]
        pullbacks.append(CyclePullback(branch.name, abscissa, pressure))
    return tuple(pullbacks)


def pressure_at(
    pullbacks: Sequence[CyclePullback], branches: Sequence[int], place: float
) -> FloatArray:
    """Pressure (m,) [mmHg] at an abscissa [m] of a path, by linear interpolation.

    Args:
        pullbacks: One per branch of the lumen.
        branches: Branch indices of the path, from the ostium on.
        place: Path length from the ostium [m].
    """
    abscissa = along_path([pullbacks[index].abscissa for index in branches])
    pressure = along_path([pullbacks[index].pressure_mmhg for index in branches])
    behind = int(np.clip(np.searchsorted(abscissa, place), 1, len(abscissa) - 1))
    start, end = abscissa[behind - 1], abscissa[behind]
    part = np.clip((place - start) / (end - start), 0.0, 1.0)
    return np.asarray((1.0 - part) * pressure[:, behind - 1] + part * pressure[:, behind])
