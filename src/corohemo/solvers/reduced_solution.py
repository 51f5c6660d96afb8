"""Pressure and flow of the reduced model along every branch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.errors import ConfigError
from corohemo.lumen import Lumen
from corohemo.units import ML_PER_MIN, MMHG

FloatArray = NDArray[np.float64]


def face_names(lumen: Lumen) -> tuple[str, ...]:
    """Names of the faces that blood crosses."""
    return ("inlet", *(f"outlet:{name}" for name in lumen.outlet_names))


def branch_of_face(lumen: Lumen, face: str) -> int | None:
    """Branch that ends at ``face``, None at the inlet.

    Raises:
        ConfigError: If there is no such face.
    """
    faces = face_names(lumen)
    if face not in faces:
        raise ConfigError(f"There is no face {face!r}; faces are {', '.join(faces)}.")
    return None if face == "inlet" else lumen.outlets[faces.index(face) - 1]


@dataclass(frozen=True)
class ReducedSolution:
    """Pressure and flow along every branch.

    Attributes:
        lumen: The lumen it belongs to.
        boundaries: What acted on it.
        inlet_pressure: Pressure at the ostium [Pa].
        flows: Flow of each branch (n_branches,) [m3/s], positive from ostium to outlets.
        pressures: Per branch, static pressure at its sections (n_sections,) [Pa].
        iterations: Newton steps taken, None for the mean of a cycle.
        change_relative: Last relative change of the flows, None for the mean of a cycle.
    """

    lumen: Lumen
    boundaries: Boundaries
    inlet_pressure: float
    flows: FloatArray
    pressures: tuple[FloatArray, ...]
    iterations: int | None
    change_relative: float | None

    @property
    def faces(self) -> tuple[str, ...]:
        """Names of the faces that blood crosses."""
        return face_names(self.lumen)

    @property
    def ffr(self) -> tuple[FloatArray, ...]:
        """Per branch, pressure over the ostium's at its sections (n_sections,) [-]."""
        return tuple(pressure / self.inlet_pressure for pressure in self.pressures)

    def face_pressure_mmhg(self, face: str) -> float:
        """Pressure at a face [mmHg].

        Raises:
            ConfigError: If there is no such face.
        """
        branch = branch_of_face(self.lumen, face)
        end = self.inlet_pressure if branch is None else self.pressures[branch][-1]
        return float(end) / MMHG

    def face_flow_ml_min(self, face: str) -> float:
        """Flow through a face, positive from ostium to outlets [mL/min].

        Raises:
            ConfigError: If there is no such face.
        """
        return float(self.flows[branch_of_face(self.lumen, face) or 0]) / ML_PER_MIN
