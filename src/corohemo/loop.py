"""A closed loop of compartments and links that a coronary tree hangs in, as a value.

Volumes are stressed ones, over those at zero pressure. ``kernels.loop`` has the equations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corohemo.waveform import Waveform

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Compartment:
    """Blood at one pressure.

    Attributes:
        name: Its name.
        compliance: Stressed volume by the pressure [m3/Pa]; 0 where vessels only meet.
        elastance: Pressure by the stressed volume [Pa/m3] instead, where it beats.
        unstressed_volume: Volume at zero pressure [m3].
    """

    name: str
    compliance: float = 0.0
    elastance: Waveform | None = None
    unstressed_volume: float = 0.0

    def compliance_at(self, t_s: ArrayLike) -> FloatArray:
        """Compliance at times, of the shape of ``t_s`` [m3/Pa]."""
        if self.elastance is None:
            return np.full(np.shape(t_s), self.compliance)
        return 1.0 / self.elastance.at(t_s)


@dataclass(frozen=True)
class Link:
    """Vessels or a valve between two compartments.

    Attributes:
        name: Its name.
        source, target: Numbers of the compartments.
        resistance: Pressure by the flow; of a valve while it is open [Pa s/m3].
        inertance: Pressure by the rate of the flow; 0 for a valve [Pa s2/m3].
        leak: Flow by the pressure difference through the closed valve [m3/(Pa s)]; None if the link
            is not a valve.
    """

    name: str
    source: int
    target: int
    resistance: float
    inertance: float = 0.0
    leak: float | None = None


@dataclass(frozen=True)
class Loop:
    """Compartments, links, and where a coronary tree is tied in.

    Attributes:
        compartments: The compartments; at least one beats.
        links: The links.
        tap: Number of the compartment that the tree leaves.
        muscle: Number of the one whose pressure squeezes the beds.
        drain: Number of the one that the beds drain into.
        volume: Stressed volume of all compartments and beds [m3].
    """

    compartments: tuple[Compartment, ...]
    links: tuple[Link, ...]
    tap: int
    muscle: int
    drain: int
    volume: float

    @property
    def period_s(self) -> float:
        """Length of a beat [s]."""
        return next(c.elastance.period_s for c in self.compartments if c.elastance is not None)

    def compliances(self, t_s: ArrayLike) -> FloatArray:
        """Compliances at times (..., n) [m3/Pa]."""
        return np.stack([part.compliance_at(t_s) for part in self.compartments], axis=-1)

    def place(self, name: str) -> int:
        """Number of a compartment by its name."""
        return [part.name for part in self.compartments].index(name)
