"""What was computed of a case: frozen results that report and tables read.

A value that was not computed is None, and ``notes`` says why under the same key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corohemo.lumen import Lesion, Lumen
from corohemo.solvers.solution import FlowSolution

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class WallShear:
    """Traction on the wall by the fluid, tangential part, at the six quadrature points of each wall facet.

    Attributes:
        points: Positions (n, 3) [m].
        traction: Wall shear stress vector (n, 3) [Pa].
        weights: Wall area that each point stands for (n,) [m2].
        normals: Outward unit normals (n, 3) [-].
        pressure: Wall pressure (n,) [Pa], gauge.
        branch: Lumen branch index of each point (n,).
        abscissa: Path length from the ostium (n,) [m].
    """

    points: FloatArray
    traction: FloatArray
    weights: FloatArray
    normals: FloatArray
    pressure: FloatArray
    branch: NDArray[np.int64]
    abscissa: FloatArray

    @property
    def magnitude(self) -> FloatArray:
        """Wall shear stress (n,) [Pa]."""
        return np.linalg.norm(self.traction, axis=1)


@dataclass(frozen=True)
class Pullback:
    """Section means along one branch of one state: abscissa [m], pressure [Pa], FFR [-], flow [m3/s]."""

    branch: str
    abscissa: FloatArray
    radius: FloatArray
    pressure: FloatArray
    ffr: FloatArray
    flow: FloatArray


@dataclass(frozen=True)
class LesionIndices:
    """Indices of one lesion at hyperemia (of the only state if there is one)."""

    lesion: Lesion
    ffr_ct: float | None
    ffr_ct_position: float | None
    """Abscissa [m] at which ``ffr_ct`` is read, 10-20 mm distal to the lesion's end."""
    delta_ffr: float | None
    wss_mean_pa: float | None
    wss_max_pa: float | None
    aps_upstream_pa: float | None
    aps_downstream_pa: float | None
    aps_net_pa: float | None
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class VesselIndices:
    """Indices of one path ostium -> outlet, named after its outlet branch."""

    name: str
    ffr_ct: float | None
    """Lesion-specific: the lowest ``ffr_ct`` of the lesions on the path; distal value where it has none (noted)."""
    ffr_ct_distal: float | None
    ppg: float | None
    imr_ct_u: float | None
    microvascular_resistance_wu: float | None
    cfr: float | None
    mrr: float | None
    flow_source: str
    microvascular_informative: bool
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Indices:
    """Everything derived from one case."""

    lumen: Lumen
    states: Mapping[str, FlowSolution]
    """Keyed "hyperemic", "resting"; at least one."""
    pullbacks: Mapping[str, tuple[Pullback, ...]]
    """Per state, one per lumen branch in order."""
    wall: WallShear
    """Of the hyperemic state, or the only one."""
    lesions: tuple[LesionIndices, ...]
    vessels: tuple[VesselIndices, ...]
    lumen_volume_mm3: float
    volume_to_mass_mm3_g: float | None
    notes: Mapping[str, str] = field(default_factory=dict)
