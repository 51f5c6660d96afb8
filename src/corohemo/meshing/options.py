"""What a user may ask of the mesher."""

from __future__ import annotations

from dataclasses import dataclass, fields

from corohemo.errors import ConfigError

FINEST = 8.0
"""Greatest refinement."""
MOST_RINGS = 24
LIMITS = {
    "axial_step_radii": (0.1, 50.0),
    "lesion_step_radii": (0.03, 50.0),
    "junction_edge_radii": (0.05, 5.0),
    "blend_radii": (0.01, 5.0),
}
"""Finer, a mesh does not fit into memory; coarser, it is none. ``refinement`` divides all."""


@dataclass(frozen=True)
class MeshOptions:
    """Sizes of the lumen mesh, in lumen radii so that one setting serves every vessel.

    Attributes:
        sectors: Wall edges around a section.
        rings: Radii of the rings of nodes in a section, as fractions of the lumen radius, from the
            centre outwards; the last one is 1. The outermost gap is the wall layer.
        axial_step_radii: Length of an element along a straight, even vessel [lumen radii].
        lesion_step_radii: The same where the lumen narrows, widens or bends sharply [lumen radii].
        junction_edge_radii: Wall edge at a bifurcation [lumen radii].
        blend_radii: Fillet where vessels meet [radii of the smaller vessel].
        refinement: All edges are divided by this number.
    """

    sectors: int = 12
    rings: tuple[float, ...] = (0.45, 0.78, 0.93, 1.0)
    axial_step_radii: float = 3.2
    lesion_step_radii: float = 0.33
    junction_edge_radii: float = 0.48
    blend_radii: float = 0.3
    refinement: float = 1.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "rings":
                continue
            if not value > 0:
                raise ConfigError(
                    f"{field.name} must be positive, not {value}.", field=f"mesh.{field.name}"
                )
        for name, (low, high) in LIMITS.items():
            if not low <= getattr(self, name) <= high:
                raise ConfigError(
                    f"{name} must lie between {low:g} and {high:g}, not {getattr(self, name)}.",
                    field=f"mesh.{name}",
                )
        if not 8 <= self.sectors <= 96:
            raise ConfigError(
                f"sectors must lie between 8 and 96, not {self.sectors}.", field="mesh.sectors"
            )
        if self.refinement < 0.4 or self.refinement > FINEST:
            raise ConfigError(
                f"refinement must lie between 0.4 and {FINEST:g}, not {self.refinement}.",
                field="mesh.refinement",
            )
        increasing = all(a < b for a, b in zip((0.0, *self.rings[:-1]), self.rings, strict=True))
        if not 2 <= len(self.rings) <= MOST_RINGS or not increasing or self.rings[-1] != 1.0:
            raise ConfigError(
                f"rings must hold 2 to {MOST_RINGS} increasing fractions that end with 1, not "
                f"{self.rings[:MOST_RINGS]}.",
                field="mesh.rings",
            )
