"""What may be chosen when a lumen is built, and what may be changed in it afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from corohemo.checks import require_between, require_numbers
from corohemo.errors import ConfigError

LIMITS = {
    "section_spacing_radii": (0.005, 20.0),
    "smoothing_radii": (0.0, 20.0),
    "least_curvature_radii": (0.0, 20.0),
    "largest_shift_radii": (0.0, 10.0),
}
"""Ranges in which the sections and the smoothing are what they are meant to be."""


@dataclass(frozen=True)
class LumenOptions:
    """Choices of ``build_lumen``; lengths in radii are local lumen radii.

    Attributes:
        section_spacing_radii: Distance between sections [radii].
        smoothing_radii: Wiggles of the centerline and radius shorter than this wavelength are
            smoothed away [radii]; 0 keeps the given points.
        least_curvature_radii: The radius of curvature is brought to at least this many lumen radii,
            by moving the centerline, where the points allow.
        largest_shift_radii: The farthest that this repair may move the centerline [radii].
        least_radius_mm: A vessel this narrow or narrower counts as closed and is refused [mm].
        lesion_threshold_percent: A narrowing above this percent diameter stenosis is a lesion [%].
        lesion_border_percent: A lesion reaches to where the stenosis falls below this [%].
    """

    section_spacing_radii: float = 0.2
    smoothing_radii: float = 1.0
    least_curvature_radii: float = 1.3
    largest_shift_radii: float = 0.5
    least_radius_mm: float = 0.1
    lesion_threshold_percent: float = 30.0
    lesion_border_percent: float = 10.0

    def __post_init__(self) -> None:
        require_numbers(
            self,
            positive=(
                "section_spacing_radii",
                "least_curvature_radii",
                "lesion_threshold_percent",
                "lesion_border_percent",
            ),
            nonnegative=("smoothing_radii", "largest_shift_radii", "least_radius_mm"),
        )
        require_between(self, LIMITS)
        if not self.lesion_border_percent < self.lesion_threshold_percent < 100.0:
            raise ConfigError(
                "LumenOptions needs lesion_border_percent < lesion_threshold_percent < 100; got "
                f"{self.lesion_border_percent!r} and {self.lesion_threshold_percent!r}.",
                field="lesion_threshold_percent",
            )


@dataclass(frozen=True)
class EditOptions:
    """What-if changes of a case's lumen: lesions are opened first, then stents placed.

    The outlets' beds stay those of the lumen before, so that cases differ in the edit alone.

    Attributes:
        without_lesions: Lesions to open to the healthy radius, by their names before any edit.
        stents: Stents as [branch, start, end, diameter], in mm and from the ostium.
    """

    without_lesions: tuple[str, ...] = ()
    stents: tuple[tuple[str, float, float, float], ...] = ()

    @property
    def is_used(self) -> bool:
        """Whether anything is changed."""
        return bool(self.stents or self.without_lesions)
