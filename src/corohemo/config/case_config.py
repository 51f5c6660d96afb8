"""The settings of one case, as frozen option objects."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corohemo.checks import as_point, listed, said_of, shown
from corohemo.config.options import CaseOptions, ReportOptions
from corohemo.config.schema import build_options
from corohemo.config.sections import Setting, changed_settings, settings_of
from corohemo.config.source_options import MAPS
from corohemo.config.toml import read_table, with_overrides, write_settings
from corohemo.errors import ConfigError, InputError

if TYPE_CHECKING:
    from corohemo.boundary import Blood
    from corohemo.config.boundary_options import BoundaryOptions
    from corohemo.config.flow_model import FlowOptions
    from corohemo.config.pulsatile_options import PulsatileOptions
    from corohemo.config.source_options import SourceOptions
    from corohemo.heartbeat import Heartbeat
    from corohemo.indices.options import IndexOptions
    from corohemo.lumen_options import EditOptions, LumenOptions
    from corohemo.meshing.options import MeshOptions
    from corohemo.perfusion.mismatch import PerfusionThresholds
    from corohemo.physiology import Hyperemia, Rest
    from corohemo.thermodilution.settings import ThermodilutionSettings
    from corohemo.tree import VesselTree
    from corohemo.uncertainty.settings import UncertaintySettings

_HEADER = """\
# A case of corohemo. Units stand in the names of the settings.
# Settings in [physiology] enter both states; [hyperemia] and [rest] win over them.
"""


@dataclass(frozen=True)
class CaseConfig:
    """Everything that decides the result of a case.

    Attributes:
        case: The centerline, its unit, the name.
        lumen, edit, mesh, hyperemia, rest, blood: Options of the stages until the flow.
        flow, boundaries: Where the flow comes from.
        perfusion: Cut-offs of perfusion maps, where it comes from them.
        solver, heartbeat, pulsatile: Options of the flow.
        indices, thermodilution, uncertainty, report: Options of what follows.
        given: Dotted names of the settings that the user gave; all others are defaults.
        file: The file they came from, if one.
    """

    case: CaseOptions
    lumen: LumenOptions
    edit: EditOptions
    mesh: MeshOptions
    hyperemia: Hyperemia
    rest: Rest
    blood: Blood
    flow: SourceOptions
    perfusion: PerfusionThresholds
    boundaries: BoundaryOptions
    solver: FlowOptions
    heartbeat: Heartbeat
    pulsatile: PulsatileOptions
    indices: IndexOptions
    thermodilution: ThermodilutionSettings
    uncertainty: UncertaintySettings
    report: ReportOptions
    given: frozenset[str] = frozenset()
    file: Path | None = None

    def __post_init__(self) -> None:
        idle = changed_settings(self.perfusion)
        if self.flow.source != "perfusion" and idle:
            raise ConfigError(
                f"[perfusion] {listed(idle)} would have no effect with [flow] source = "
                f'"{self.flow.source}"; remove the cut-offs, or give the maps that they are for.',
                file=self.file,
                field=f"perfusion.{idle[0]}",
            )

    @property
    def centerline(self) -> Path:
        """The centerline file; a relative path starts at the folder of the case file."""
        with said_of("[case] centerline"):
            return self.beside(self.case.centerline)

    @property
    def caps(self) -> tuple[str | Path, ...]:
        """Ends of a closed surface: points as they are given, else files beside the case file."""
        with said_of("[case] caps"):
            return tuple(cap if as_point(cap) else self.beside(cap) for cap in self.case.caps)

    @property
    def input_files(self) -> dict[str, Path]:
        """Every file that decides the result, from centerline to waveforms, by what it is."""
        files = {"centerline": self.centerline}
        files |= {f"cap{k}": cap for k, cap in enumerate(self.caps) if isinstance(cap, Path)}
        maps = {name: getattr(self.flow, name) for name in MAPS}
        files |= {name: self.beside(path) for name, path in maps.items() if path}
        files |= {f"phase{k}": self.beside(name) for k, name in enumerate(self.flow.phases, 1)}
        if self.pulsatile.aortic_pressure:
            files["aortic pressure"] = self.beside(self.pulsatile.aortic_pressure)
        return files | self.boundaries.files(self.beside)

    def read_tree(self) -> VesselTree:
        """The vessel tree of the case's file.

        Raises:
            InputError: If there is no such file, or it cannot be read.
        """
        from corohemo.io import read_centerline

        path = self.centerline
        if self.file is not None and not os.path.exists(path):
            raise InputError(
                f"[case] centerline names {shown(self.case.centerline)}, which is not there; check "
                "the path.",
                file=self.file,
                field="case.centerline",
            )
        with nullcontext() if self.file is None else said_of("[case] centerline"):
            return read_centerline(
                path,
                length_unit=self.case.length_unit,
                caps=self.caps,
                radius_law=self.case.radius_law,
                tree=self.case.tree,
            )

    def beside(self, name: str) -> Path:
        """Path of a file named in the settings; a relative one starts at the case file's folder.

        Raises:
            ConfigError: If the name cannot be that of a file.
        """
        try:
            path = Path(name).expanduser()
        except RuntimeError as error:
            raise ConfigError(f"{shown(name)} is no path: {error}", file=self.file) from None
        if "\0" in name:
            raise ConfigError(
                f"{shown(name)} is no path: it holds a null character.", file=self.file
            )
        return path if self.file is None or path.is_absolute() else self.file.parent / path

    @property
    def case_id(self) -> str:
        """Name of the case: as given, else of the case file, else of the centerline."""
        return self.case.id or (self.file or self.centerline).stem

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Every setting with value, unit, source and whether the user gave it."""
        return tuple(
            setting
            for section in (field.name for field in fields(self))
            if section not in ("given", "file")
            for setting in settings_of(section, getattr(self, section), self.given)
        )

    def to_toml(self) -> str:
        """The resolved settings as a case file that gives the same result wherever it lies."""
        caps = tuple(str(cap.resolve()) if isinstance(cap, Path) else cap for cap in self.caps)
        case = replace(
            self.case, centerline=str(self.centerline.resolve()), caps=caps, id=self.case_id
        )
        wave, pulsatile = self.pulsatile.aortic_pressure, self.pulsatile
        if wave:
            pulsatile = replace(pulsatile, aortic_pressure=str(self.beside(wave).resolve()))
        located = replace(
            self,
            case=case,
            pulsatile=pulsatile,
            flow=self.flow.located(self.beside),
            boundaries=self.boundaries.located(self.beside),
        )
        return _HEADER + "\n" + write_settings(located.settings)


def read_case(
    path: Path | str,
    *,
    length_unit: str | None = None,
    overrides: Sequence[str] = (),
) -> CaseConfig:
    """Settings from a case file (``.toml``), or from defaults for a bare centerline file.

    Args:
        path: Case file or centerline file.
        length_unit: Unit of the centerline's coordinates; wins over the file.
        overrides: ``section.key=value`` strings; win over the file.

    Raises:
        InputError: If the file cannot be read.
        ConfigError: If a setting is unknown, of the wrong type or out of range.
    """
    path = Path(path)
    is_case = path.suffix.lower() == ".toml"
    table = read_table(path) if is_case else {"case": {"centerline": str(path)}}
    if length_unit is not None:
        overrides = (*overrides, f'case.length_unit="{length_unit}"')
    table = with_overrides(table, overrides)
    options = build_options(table, file=path if is_case else None)
    if not options["case"].centerline:
        raise ConfigError(
            '[case] centerline is missing; name the file, such as centerline = "tree.swc".',
            file=path,
            field="case.centerline",
        )
    return CaseConfig(**options, given=_given(table), file=path if is_case else None)


def template() -> str:
    """A case file that lists every setting, commented out at its default."""
    options: dict[str, Any] = build_options({"case": {"centerline": "tree.swc"}}, file=None)
    given = frozenset({"case.centerline", "case.length_unit"})
    options["case"] = CaseOptions(centerline="tree.swc", length_unit="mm")
    config = CaseConfig(**options, given=given)
    return _HEADER + "\n" + write_settings(config.settings, commented=True)


def _given(table: dict[str, Any]) -> frozenset[str]:
    return frozenset(f"{section}.{key}" for section, values in table.items() for key in values)
