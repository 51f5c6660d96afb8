"""Settings that belong to no single stage: which case, and what its report holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from corohemo.errors import ConfigError

LengthUnit = Literal["m", "cm", "mm", "um"]


def _setting(default: Any, source: str, *, unit: str = "") -> Any:
    return field(default=default, metadata={"unit": unit, "source": source})


@dataclass(frozen=True)
class CaseOptions:
    """What is computed: a centerline file, its unit and a name.

    Attributes:
        centerline: Path of the centerline file; relative paths start at the case file's folder.
        length_unit: Unit of the file's coordinates; None where the file says it itself.
        id: Name of the case in tables and titles; None takes the file's name.
        resting_state: Whether the resting state is solved after the hyperemic one. Without it CFR
            and MRR are not computed.
    """

    centerline: str = _setting("", "given by the user")
    length_unit: LengthUnit | None = _setting(None, "the file itself, where it says so")
    id: str | None = _setting(None, "the name of the file")
    resting_state: bool = _setting(True, "CFR and MRR need the resting state")

    def __post_init__(self) -> None:
        """Check the name, which becomes part of file names and tables."""
        if self.id is not None and (not self.id.strip() or set(self.id) & set('/\\\0\n\r"')):
            raise ConfigError(
                f"id must be a name without slashes, quotes and line breaks, not {self.id!r}.",
                field="case.id",
            )


@dataclass(frozen=True)
class ReportOptions:
    """What the case folder holds besides the numbers.

    Attributes:
        flow_field: Whether flow.vtu, the hyperemic flow field, is written.
        resting_flow_field: Whether flow-resting.vtu is written too.
        pictures: Whether the report shows the rendered tree; needs VTK's off-screen rendering.
        picture_width_px: Width of a rendered view.
    """

    flow_field: bool = _setting(True, "ParaView users expect the field")
    resting_flow_field: bool = _setting(False, "saves disk; the hyperemic field carries the FFR")
    pictures: bool = _setting(True, "")
    picture_width_px: int = _setting(1200, "sharp in print at 10 cm", unit="px")

    def __post_init__(self) -> None:
        """Check the range of the picture width."""
        if not 200 <= self.picture_width_px <= 6000:
            raise ConfigError(
                f"picture_width_px must lie between 200 and 6000, not {self.picture_width_px}.",
                field="report.picture_width_px",
            )
