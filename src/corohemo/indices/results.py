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
from corohemo.solvers.transient_solution import TransientSolution

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

AT_REST = (
    "The flow is at rest and FFR needs hyperemia; the resting Pd/Pa stands with the outlets of the "
    "state and in the pullback."
)


@dataclass(frozen=True)
class WallShear:
    """Tangential traction of the fluid on the wall: mean of each facet, or six points of each.

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
class WallSectors:
    """The sectors of a lumen's wall; all arrays have one entry per sector that holds wall.

    Attributes:
        branch: Lumen branch index (n,).
        abscissa: Path length from the ostium at the sector's middle (n,) [m].
        angle: Angle of its middle from the section's normal (n,) [rad].
        area: Wall area (n,) [m2].
        wss: Area mean of the wall shear stress (n,) [Pa].
        key: Number of the sector, the same on every mesh of one lumen (n,).
        of_wall: Sector that each piece of the wall lies in (m,).
        weights: Areas of these pieces (m,) [m2].
    """

    branch: IntArray
    abscissa: FloatArray
    angle: FloatArray
    area: FloatArray
    wss: FloatArray
    key: IntArray
    of_wall: IntArray
    weights: FloatArray

    def mean(self, values: FloatArray) -> FloatArray:
        """Area mean in every sector (n,) of values on the wall (m,); NaN where all of them are."""
        known = np.isfinite(values)
        place, area = self.of_wall[known], self.weights[known]
        n = len(self.key)
        held = np.bincount(place, weights=area, minlength=n)
        total = np.bincount(place, weights=area * values[known], minlength=n)
        return np.divide(total, held, out=np.full(n, np.nan), where=held > 0.0)


@dataclass(frozen=True)
class Pullback:
    """Section means along one branch of one state.

    Attributes:
        branch: Name of the branch.
        abscissa: Path length from the ostium (n,) [m].
        radius: Section radius (n,) [m].
        pressure: Area-mean pressure (n,) [Pa].
        ffr: Pressure over the inlet face's mean pressure (n,) [-].
        flow: Flow through the section (n,) [m3/s]. The first sections of a daughter lie inside its
            parent's lumen, where this is not the branch's flow.
    """

    branch: str
    abscissa: FloatArray
    radius: FloatArray
    pressure: FloatArray
    ffr: FloatArray
    flow: FloatArray


@dataclass(frozen=True)
class PlaqueStress:
    """Axial plaque stress of one lesion; positive along the flow.

    Attributes:
        lesion: Name of the lesion.
        reference: What the pressure is measured from: gauge, local or venous.
        reference_pressure: That pressure [Pa].
        upstream: Area mean from the start to the throat [Pa]; None if the lesion starts there.
        downstream: Area mean from the throat to the end [Pa], signed, its magnitude is published;
            None if the lesion ends there.
        net: Area mean over the lesion [Pa], signed.
        mean_magnitude: Area mean of the magnitude over the lesion [Pa].
        upstream_force: Axial force from the start to the throat [N].
        downstream_force: Axial force from the throat to the end [N].
        upstream_area: Wall area from the start to the throat [m2].
        downstream_area: Wall area from the throat to the end [m2].
    """

    lesion: str
    reference: str
    reference_pressure: float
    upstream: float | None
    downstream: float | None
    net: float
    mean_magnitude: float
    upstream_force: float
    downstream_force: float
    upstream_area: float
    downstream_area: float

    @property
    def force(self) -> float:
        """Axial force on the whole lesion [N]."""
        return self.upstream_force + self.downstream_force


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
    ffr_ct_branch: str | None = None
    """Branch in which ``ffr_ct`` is read."""
    aps_mean_magnitude_pa: float | None = None
    """Area mean of the magnitude of the axial stress over the lesion."""
    axial_force_upstream_n: float | None = None
    """Axial force of the blood on the wall before the throat, positive along the flow."""
    axial_force_downstream_n: float | None = None
    """The same behind the throat; negative where it pushes back."""

    @property
    def is_upstream_dominant(self) -> bool:
        """Whether the radius falls more steeply before the throat than it rises behind it.

        Reference:
            Choi et al., JACC Cardiovasc Imaging 2015;8:1156.
        """
        return self.lesion.radius_gradient_upstream > self.lesion.radius_gradient_downstream


@dataclass(frozen=True)
class VesselIndices:
    """Indices of one path ostium -> outlet, named after its outlet branch."""

    name: str
    ffr_ct: float | None
    """Lowest FFR behind the lesions of the path; the distal value where it has none (noted)."""
    ffr_ct_distal: float | None
    ppg: float | None
    imr_ct_u: float | None
    microvascular_resistance_wu: float | None
    cfr: float | None
    mrr: float | None
    flow_source: str
    microvascular_informative: bool
    notes: Mapping[str, str] = field(default_factory=dict)
    wire_position: float | None = None
    """Path length from the ostium [m] at which IMR_CT, CFR and MRR are read."""
    wire_branch: str | None = None
    transit_time_s: float | None = None
    """Hyperemic mean transit time from the ostium to the wire position [s]."""
    ffr_ct_wire: float | None = None
    """FFR at the wire position."""
    ffr_band: str = "unknown"
    """Band of ``ffr_ct``: normal, grey, abnormal or unknown."""
    imr_ct_corrected_u: float | None = None
    """IMR_CT corrected for collaterals, if the coefficients were given."""
    ffr_ct_position: float | None = None
    """Path length from the ostium [m] at which ``ffr_ct`` is read."""
    ffr_ct_branch: str | None = None
    """Branch in which ``ffr_ct`` is read."""
    endotype: str | None = None
    """Value of ``Endotype``, by FFR, CFR and IMR at the wire position."""


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
    sectors: WallSectors
    """The same by sectors of 3 mm and 45 degrees, cut out of pieces of the facets."""
    lesions: tuple[LesionIndices, ...]
    vessels: tuple[VesselIndices, ...]
    lumen_volume_mm3: float
    volume_to_mass_mm3_g: float | None
    notes: Mapping[str, str] = field(default_factory=dict)
    plaque_stress: tuple[PlaqueStress, ...] = ()
    """One per lesion, signed, with forces."""

    @property
    def cycles(self) -> dict[str, TransientSolution]:
        """The states that pulsate."""
        states = self.states.items()
        return {name: one for name, one in states if isinstance(one, TransientSolution)}

    def summary(self) -> str:
        """A table of lesions and vessels as text."""
        from corohemo.indices.summary import summarize

        return summarize(self)
