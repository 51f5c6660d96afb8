"""The stenosis tube as every program gets it, and what a run of it hands back.

Needs numpy only: the interpreter that holds a peer need not hold corohemo.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
STEADY = 1e-3
"""Relative change of the pressure drop below which an iteration counts as finished."""


@dataclass(frozen=True)
class Case:
    """Straight tube along x with a cosine-shaped narrowing; SI."""

    name: str
    stenosis: float
    flow_rate: float
    kinematic_viscosity: float
    density: float
    radius: float
    length: float
    lesion_length: float
    lesion_center: float

    @property
    def mean_velocity(self) -> float:
        """At the inlet [m/s]."""
        return self.flow_rate / (np.pi * self.radius**2)

    def lumen_radius(self, x: FloatArray) -> FloatArray:
        """Radius (n,) at x (n,) [m]."""
        phase = 2.0 * np.pi * (x - self.lesion_center) / self.lesion_length
        dip = np.where(np.abs(phase) < np.pi, 0.5 * (1.0 + np.cos(phase)), 0.0)
        return self.radius * (1.0 - self.stenosis * dip)

    def inlet_velocity(self, distance: FloatArray) -> FloatArray:
        """Axial velocity (n,) [m/s] of the parabola at a distance (n,) [m] from the axis."""
        return 2.0 * self.mean_velocity * np.maximum(1.0 - (distance / self.radius) ** 2, 0.0)


@dataclass(frozen=True)
class Run:
    """One mesh, solved. Seconds are CPU seconds; ``wall`` is elapsed time of both parts."""

    mesh: str
    cells: int
    unknowns: int
    pressure_drop: float
    iterations: int
    mesh_seconds: float
    solve_seconds: float
    wall_seconds: float
    version: str


class Stopwatch:
    """CPU seconds of this process and its children, and elapsed time, since it was made."""

    def __init__(self) -> None:
        self._cpu, self._wall = cpu_seconds(), time.perf_counter()

    @property
    def cpu(self) -> float:
        return cpu_seconds() - self._cpu

    @property
    def wall(self) -> float:
        return time.perf_counter() - self._wall


def cpu_seconds() -> float:
    """CPU time of this process and of those it started and waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def answer(run: Callable[[Case, dict[str, Any]], Run]) -> None:
    """Read case and level from standard input, run, and write the run to the file named first."""
    given = json.load(sys.stdin)
    done = asdict(run(Case(**given["case"]), given["level"]))
    Path(sys.argv[1]).write_text(json.dumps(done))


def skip(reason: str) -> NoReturn:
    """Say in one sentence why there is nothing to run, and end."""
    Path(sys.argv[1]).write_text(json.dumps({"skipped": reason}))
    raise SystemExit(0)
