"""Every quantity that appears in a file or picture: its name there, unit, label and colours.

Signs, once for all: flow is positive from the ostium to the outlets; wall normals point out of the
fluid; wall shear stress is the tangential traction on the wall by the fluid; axial plaque stress is
positive where the pressure pushes the plaque downstream.

Arrays are stored as ``value / scale``, with ``value`` in SI, under the name ``array``, which ends
in the unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Field:
    """One quantity.

    Attributes:
        name: Name in Python.
        array: Name in VTK files and tables.
        unit: Unit in files and pictures; "" for a number without unit.
        scale: SI value of one ``unit``.
        label: What a picture or a column says, without the unit.
        color_range: Ends of the colour scale [``unit``]; None where the data set them.
        color_map: Matplotlib's name of the colour map.
        components: 1 for a scalar, 3 for a vector.
    """

    name: str
    array: str
    unit: str
    scale: float
    label: str
    color_range: tuple[float, float] | None = None
    color_map: str = "viridis"
    components: int = 1

    @property
    def title(self) -> str:
        """Label with the unit, for axes and colour bars."""
        return f"{self.label} [{self.unit}]" if self.unit else self.label


LENGTH_UNIT: Final = "LengthUnit"
"""Text in the field data of our VTK files: the unit of the points."""
BRANCH_NAMES: Final = "BranchNames"
"""Texts in the field data of our VTK files: names of the branches by ``BranchId``."""

_MM: Final = 1e-3
_MMHG: Final = 133.322387415
_ML_PER_MIN: Final = 1e-6 / 60.0

VELOCITY: Final = Field(
    "velocity", "Velocity_m_s", "m/s", 1.0, "Velocity", None, "viridis", components=3
)
PRESSURE: Final = Field("pressure", "Pressure_Pa", "Pa", 1.0, "Pressure", None, "cividis")
PRESSURE_MMHG: Final = Field(
    "pressure_mmhg", "Pressure_mmHg", "mmHg", _MMHG, "Pressure", None, "cividis"
)
FLOW: Final = Field("flow", "Flow_mL_min", "mL/min", _ML_PER_MIN, "Flow", None, "viridis")
FFR: Final = Field("ffr", "FFR", "", 1.0, "FFR", (0.5, 1.0), "RdYlBu")
WSS: Final = Field("wss", "WSS_Pa", "Pa", 1.0, "Wall shear stress", (0.0, 10.0), "turbo")
WSS_VECTOR: Final = Field(
    "wss_vector", "WSSVector_Pa", "Pa", 1.0, "Wall shear stress vector", None, "turbo", components=3
)
WSS_AT_NODES: Final = Field(
    "wss_at_nodes", "WSSAtNodes_Pa", "Pa", 1.0, "Wall shear stress", (0.0, 10.0), "turbo"
)
WSS_VECTOR_AT_NODES: Final = Field(
    "wss_vector_at_nodes",
    "WSSVectorAtNodes_Pa",
    "Pa",
    1.0,
    "Wall shear stress vector",
    None,
    "turbo",
    components=3,
)
TAWSS: Final = Field(
    "tawss", "TAWSS_Pa", "Pa", 1.0, "Cycle-mean wall shear stress", (0.0, 10.0), "turbo"
)
OSI: Final = Field("osi", "OSI", "", 1.0, "Oscillatory shear index", (0.0, 0.5), "viridis")
RRT: Final = Field("rrt", "RRT_1_Pa", "1/Pa", 1.0, "Relative residence time", None, "viridis")
ECAP: Final = Field(
    "ecap", "ECAP_1_Pa", "1/Pa", 1.0, "Endothelial cell activation potential", None, "viridis"
)
TRANS_WSS: Final = Field(
    "trans_wss", "TransWSS_Pa", "Pa", 1.0, "Transverse wall shear stress", None, "turbo"
)
CFI: Final = Field("cfi", "CFI", "", 1.0, "Cross-flow index", (0.0, 1.0), "viridis")
TSVI: Final = Field(
    "tsvi", "TSVI_1_m", "1/m", 1.0, "Topological shear variation index", None, "viridis"
)
APS: Final = Field("aps", "APS_Pa", "Pa", 1.0, "Axial plaque stress", None, "coolwarm")
WALL_NORMAL: Final = Field(
    "wall_normal", "WallNormal", "", 1.0, "Outward wall normal", None, "viridis", components=3
)
ABSCISSA: Final = Field("abscissa", "Abscissa_mm", "mm", _MM, "Distance from the ostium")
RADIUS: Final = Field("radius", "Radius_mm", "mm", _MM, "Lumen radius", (0.0, 2.5))
REFERENCE_RADIUS: Final = Field(
    "reference_radius", "ReferenceRadius_mm", "mm", _MM, "Reference radius", (0.0, 2.5)
)
BRANCH: Final = Field("branch", "BranchId", "", 1.0, "Branch", None, "tab20")
FACE: Final = Field("face", "FaceId", "", 1.0, "Face", None, "tab20")

FIELDS: Final = {
    field.name: field
    for field in (
        VELOCITY,
        PRESSURE,
        PRESSURE_MMHG,
        FLOW,
        FFR,
        WSS,
        WSS_VECTOR,
        WSS_AT_NODES,
        WSS_VECTOR_AT_NODES,
        TAWSS,
        OSI,
        RRT,
        ECAP,
        TRANS_WSS,
        CFI,
        TSVI,
        APS,
        WALL_NORMAL,
        ABSCISSA,
        RADIUS,
        REFERENCE_RADIUS,
        BRANCH,
        FACE,
    )
}
"""Every field by its name in Python."""
