"""Settings that belong to no single stage: which case, and what its report holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from corohemo.checks import shown
from corohemo.errors import ConfigError
from corohemo.radius_law import RadiusLaw

LengthUnit = Literal["m", "cm", "mm", "um"]


@dataclass(frozen=True)
class CaseOptions:
    """What is computed: a file with the vessels, its unit and a name.

    Attributes:
        centerline: Path of the centerline, contours or closed surface; relative paths start at the
            case file's folder.
        caps: Ends of a closed surface, the inlet's first: files of patches, or points as text
            "x y z" in the file's unit; empty to find them.
        ostium_diameter_mm: Diameter at the ostium of a ``.npy`` centerline, without radii [mm].
        outlet_diameter_mm: Diameter of its outlets [mm].
        tree: Which of several trees of a ``.npy`` file, 1 for the longest.
        length_unit: Unit of the file's coordinates; None where the file says it itself.
        id: Name of the case in tables and titles; None takes the file's name.
        resting_state: Whether the resting state is solved after the hyperemic one. Without it CFR
            and MRR are not computed.
    """

    centerline: str = ""
    caps: tuple[str, ...] = ()
    ostium_diameter_mm: float | None = None
    outlet_diameter_mm: float | None = None
    tree: int = 1
    length_unit: LengthUnit | None = None
    id: str | None = None
    resting_state: bool = True

    def __post_init__(self) -> None:
        """Check the name, which becomes part of file names and tables."""
        name = self.id
        if name is not None and (not name.strip(" .") or set(name) & set('/\\\0\n\r"')):
            raise ConfigError(
                f"id must be a name without slashes, quotes and line breaks, not {shown(name)}.",
                field="case.id",
            )
        if (self.ostium_diameter_mm is None) != (self.outlet_diameter_mm is None):
            raise ConfigError(
                "ostium_diameter_mm and outlet_diameter_mm belong together; state both or none.",
                field="case.ostium_diameter_mm",
            )
        self._check_radius_law()

    def _check_radius_law(self) -> None:
        try:
            _ = self.radius_law
        except ConfigError as error:
            sentence = str(error).replace("RadiusLaw.", "").replace("RadiusLaw needs ", "")
            raise ConfigError(sentence, field=f"case.{error.field}") from error

    @property
    def radius_law(self) -> RadiusLaw | None:
        """Diameters of a centerline without radii, None where none are stated."""
        ostium, outlet = self.ostium_diameter_mm, self.outlet_diameter_mm
        return None if ostium is None or outlet is None else RadiusLaw(ostium, outlet)


@dataclass(frozen=True)
class ReportOptions:
    """What the case folder holds besides the numbers.

    Attributes:
        page: Whether report.html is written.
        flow_field: Whether flow.vtu, the hyperemic flow field, is written.
        resting_flow_field: Whether flow-resting.vtu is written too.
        pictures: Whether the report shows the rendered tree; needs VTK's off-screen rendering.
        interactive: Whether the tree can be turned and read in report.html, for 5 MB; needs plotly.
        picture_width_px: Width of a rendered view.
    """

    page: bool = True
    flow_field: bool = True
    resting_flow_field: bool = False
    pictures: bool = True
    interactive: bool = True
    picture_width_px: int = 1200

    def __post_init__(self) -> None:
        """Check the range of the picture width."""
        if not 200 <= self.picture_width_px <= 6000:
            raise ConfigError(
                f"picture_width_px must lie between 200 and 6000, not {self.picture_width_px}.",
                field="report.picture_width_px",
            )
