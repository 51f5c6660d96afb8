"""Virtual thermodilution as a section of a case file."""

from __future__ import annotations

from dataclasses import dataclass, fields

from corohemo.errors import ConfigError
from corohemo.thermodilution.options import ThermodilutionMethod, ThermodilutionOptions


@dataclass(frozen=True, kw_only=True)
class ThermodilutionSettings(ThermodilutionMethod):
    """Whether and where a case is measured; the wire is that of ``[indices]``.

    Attributes:
        on: Whether bolus and infusion are followed in the computed flow.
        vessels: Names of the vessels that are measured; empty for all.
    """

    on: bool = False
    vessels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        twice = [name for name in self.vessels if self.vessels.count(name) > 1]
        if twice:
            raise ConfigError(f"vessels names {twice[0]!r} more than once.", field="vessels")

    def at(self, wire_mm: float) -> ThermodilutionOptions:
        """The measurement with the sensor at a path length from the ostium.

        Raises:
            ConfigError: If the infusion's place does not lie before it.
        """
        method = {item.name: getattr(self, item.name) for item in fields(ThermodilutionMethod)}
        return ThermodilutionOptions(wire_mm=wire_mm, **method)
