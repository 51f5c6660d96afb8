"""Is this mesh fine enough? The same case on several meshes, with observed order and error."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from corohemo.boundary import Boundaries
from corohemo.errors import ConfigError
from corohemo.indices.ffr import compute_ffr, main_path, vessel_path
from corohemo.indices.results import WallSectors
from corohemo.indices.wall_sectors import sector_wall_shear
from corohemo.indices.wall_shear import compute_wall_shear
from corohemo.lumen import Lumen
from corohemo.meshing.lumen_mesher import mesh_lumen
from corohemo.meshing.options import MeshOptions
from corohemo.progress import NullProgress, Progress
from corohemo.solvers.options import SteadyOptions
from corohemo.solvers.solution import FlowSolution
from corohemo.solvers.steady import solve_flow
from corohemo.units import MMHG

FloatArray = NDArray[np.float64]

REFINEMENTS = (0.7, 1.0, 1.4)
"""Default meshes, against the one that is studied."""
ORDERS = (0.5, 4.0)
"""Observed orders outside this range say nothing about the limit."""
ASSUMED_ORDER = 2.0
"""Order where none is observed: that of the pressure."""
SAFETY = 1.25
"""Factor on an error estimate from three meshes (Roache 1994, J Fluids Eng 116:405)."""


@dataclass(frozen=True)
class StudyLevel:
    """One mesh of the study.

    Attributes:
        refinement: ``MeshOptions.refinement``.
        cells: Number of tetrahedra.
        unknowns: Number of unknowns of the flow.
        seconds: Wall time of meshing and solving [s].
        sectors: Wall shear stress by sectors of 3 mm and 45 degrees.
    """

    refinement: float
    cells: int
    unknowns: int
    seconds: float
    sectors: WallSectors


@dataclass(frozen=True)
class StudyQuantity:
    """One number on all meshes.

    Attributes:
        name: What it is.
        unit: Its unit.
        values: Its value on each mesh, coarse to fine (n,).
        order: Observed order of convergence in the edge length; None where the values do not
            approach a limit from one side, or there are only two meshes.
        error: Estimated error on the studied mesh, in the quantity's unit.
        note: How the estimate was made.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    order: float | None
    error: float
    note: str


@dataclass(frozen=True)
class MeshStudy:
    """What the meshes say.

    Attributes:
        levels: The meshes, coarse to fine.
        studied: Position of the mesh that was asked about.
        quantities: FFR at each outlet and pressure drop over each lesion.
        wss_mean_difference: Area mean of the difference of sector-mean wall shear stress between
            the studied and the finest mesh, over the area mean of the stress [-].
        wss_high_difference: Relative difference that 95 % of the wall area stay below [-].
    """

    levels: tuple[StudyLevel, ...]
    studied: int
    quantities: tuple[StudyQuantity, ...]
    wss_mean_difference: float
    wss_high_difference: float


def study_mesh(
    lumen: Lumen,
    boundaries: Boundaries,
    options: MeshOptions | None = None,
    *,
    refinements: Sequence[float] = REFINEMENTS,
    solver: SteadyOptions | None = None,
    progress: Progress | None = None,
) -> MeshStudy:
    """Mesh and solve a case at several sizes.

    Args:
        lumen: The lumen.
        boundaries: Its boundary conditions; outlet pressures must make FFR meaningful.
        options: The mesh that is asked about; the default if None.
        refinements: Factors on its refinement, ascending; 1 must be among them.
        solver: Tolerances of the flow solver.
        progress: Told of each mesh.

    Returns:
        Values on every mesh, observed orders (Celik et al. 2008, J Fluids Eng 130:078001) and
        error estimates for the mesh with factor 1.

    Raises:
        ConfigError: If the factors do not ascend, are fewer than two, or lack 1.
        MeshingError: If a mesh could not be made.
        NotConvergedError: If a flow did not converge.
    """
    options = options or MeshOptions()
    _check_refinements(refinements)
    progress = progress or NullProgress()
    levels, rows = [], []
    for factor in refinements:
        stage = f"refinement {factor * options.refinement:g}"
        progress.start(stage)
        begin = time.perf_counter()
        sized = replace(options, refinement=factor * options.refinement)
        mesh = mesh_lumen(lumen, sized)
        solution = solve_flow(mesh, boundaries, solver)
        seconds = time.perf_counter() - begin
        rows.append(_readings(solution, lumen))
        wall = compute_wall_shear(solution, lumen, at="pieces")
        levels.append(
            StudyLevel(
                refinement=sized.refinement,
                cells=len(mesh.cells),
                unknowns=solution.stats.unknowns,
                seconds=seconds,
                sectors=sector_wall_shear(wall, lumen),
            )
        )
        progress.finish(stage, seconds, f"{solution.stats.unknowns} unknowns")
    studied = list(refinements).index(1.0)
    sizes = np.array([level.unknowns for level in levels]) ** (-1.0 / 3.0)
    quantities = tuple(
        _quantity(name, unit, tuple(row[name, unit] for row in rows), sizes, studied)
        for name, unit in rows[0]
    )
    mean, high = sector_difference(levels[studied].sectors, levels[-1].sectors)
    return MeshStudy(tuple(levels), studied, quantities, mean, high)


def sector_difference(one: WallSectors, other: WallSectors) -> tuple[float, float]:
    """Mean and 95 % quantile by area of the difference between two meshes' sectors [-].

    The mean is relative to the mean stress, the quantile to each sector's own.
    """
    _, mine, theirs = np.intersect1d(one.key, other.key, return_indices=True)
    area, exact = other.area[theirs], other.wss[theirs]
    difference = np.abs(one.wss[mine] - exact)
    relative = difference / np.maximum(exact, 1e-300)
    order = np.argsort(relative)
    share = np.cumsum(area[order]) / area.sum()
    high = float(relative[order][np.searchsorted(share, 0.95).clip(max=len(order) - 1)])
    return float(area @ difference / (area @ exact)), high


def _check_refinements(refinements: Sequence[float]) -> None:
    ascending = all(a < b for a, b in pairwise(refinements))
    if len(refinements) < 2 or not ascending or 1.0 not in refinements:
        raise ConfigError(
            "refinements must be two or more ascending factors with 1 among them, got "
            f"{', '.join(f'{factor:g}' for factor in refinements)}.",
            field="refinements",
        )


def _readings(solution: FlowSolution, lumen: Lumen) -> dict[tuple[str, str], float]:
    """FFR of every outlet and pressure drop of every lesion, by name and unit."""
    inlet = solution.face_pressure_mmhg("inlet")
    readings = {
        (f"FFR at {name}", "-"): solution.face_pressure_mmhg(f"outlet:{name}") / inlet
        for name in lumen.outlet_names
    }
    pullbacks = compute_ffr(solution, lumen)
    names = [branch.name for branch in lumen.branches]
    for lesion in lumen.lesions:
        path = vessel_path(pullbacks, lumen, main_path(lumen, names.index(lesion.branch)))
        drop = path.pressure_at(lesion.start) - path.pressure_at(lesion.end)
        readings[f"pressure drop over {lesion.name}", "mmHg"] = drop / MMHG
    return readings


def _quantity(
    name: str, unit: str, values: tuple[float, ...], sizes: FloatArray, studied: int
) -> StudyQuantity:
    order = None
    if len(values) >= 3:
        order = observed_order(values[-3:], sizes[-3:])
    spread = abs(values[-1] - values[studied])
    if order is None:
        error = SAFETY * _assumed_error(values, sizes, studied)
        return StudyQuantity(name, unit, values, None, error, f"assumed order {ASSUMED_ORDER:g}")
    tail = (values[-1] - values[-2]) / ((sizes[-2] / sizes[-1]) ** order - 1.0)
    limit = values[-1] + tail
    error = max(SAFETY * abs(limit - values[studied]), spread)
    return StudyQuantity(name, unit, values, order, error, "extrapolated")


def _assumed_error(values: tuple[float, ...], sizes: FloatArray, studied: int) -> float:
    """Error on the studied mesh if it fell with ``ASSUMED_ORDER``, by its widest difference."""
    others = range(studied + 1, len(values)) if studied < len(values) - 1 else (studied - 1,)
    return max(
        abs(values[k] - values[studied]) / abs(1.0 - (sizes[k] / sizes[studied]) ** ASSUMED_ORDER)
        for k in others
    )


def observed_order(values: Sequence[float], sizes: FloatArray) -> float | None:
    """Order p at which three values approach their limit, None where there is none in range.

    Solves (f1 - f2) / (f2 - f3) = (h1^p - h2^p) / (h2^p - h3^p).

    Args:
        values: On the coarse, middle and fine mesh (3,).
        sizes: Edge lengths of the three (3,).
    """
    first, second = values[0] - values[1], values[1] - values[2]
    if first * second <= 0.0:
        return None
    ratio = first / second
    h1, h2, h3 = (float(size / sizes[2]) for size in sizes)

    def mismatch(p: float) -> float:
        return float(np.log((h1**p - h2**p) / (h2**p - h3**p)) - np.log(ratio))

    low, high = ORDERS
    if mismatch(low) * mismatch(high) > 0.0:
        return None
    return float(brentq(mismatch, low, high))
