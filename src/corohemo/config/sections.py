"""The sections of a case file and the settings in them, read off the option classes themselves."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from corohemo.config.options import CaseOptions, ReportOptions

SHARED = "physiology"
"""Section whose settings enter both states."""

STATES = ("hyperemia", "rest")

_UNITS = {
    "_mmhg": "mmHg",
    "_ml_mmhg": "mL/mmHg",
    "_bpm": "1/min",
    "_ml_min": "mL/min",
    "_ml": "mL",
    "_mm": "mm",
    "_mm2": "mm2",
    "_g": "g",
    "_kg_m3": "kg/m3",
    "_pa_s": "Pa s",
    "_m2_s": "m2/s",
    "_pa": "Pa",
    "_wu": "WU",
    "_radii": "radii",
    "_px": "px",
    "_percent": "%",
    "_deg": "deg",
    "_s": "s",
}


@dataclass(frozen=True)
class Setting:
    """One setting as it is printed: where it stands, its value, and where that comes from.

    Attributes:
        section: Section of the case file.
        name: Key in the section.
        value: Value used, a table for an object; None where the setting is off.
        unit: Unit of the value, empty where it has none.
        source: Sentence that says where the default comes from or what the setting does.
        given: Whether the user set it.
    """

    section: str
    name: str
    value: Any
    unit: str
    source: str
    given: bool

    @property
    def key(self) -> str:
        """The dotted name that ``--set`` takes."""
        return f"{self.section}.{self.name}"


@cache
def section_types() -> Mapping[str, type]:
    """Option class of every section that maps onto one class, in the order of the stages."""
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
    from corohemo.uncertainty.settings import UncertaintySettings

    return {
        "case": CaseOptions,
        "lumen": LumenOptions,
        "edit": EditOptions,
        "mesh": MeshOptions,
        "hyperemia": Hyperemia,
        "rest": Rest,
        "blood": Blood,
        "flow": SourceOptions,
        "perfusion": PerfusionThresholds,
        "boundaries": BoundaryOptions,
        "solver": FlowOptions,
        "heartbeat": Heartbeat,
        "pulsatile": PulsatileOptions,
        "indices": IndexOptions,
        "thermodilution": ThermodilutionSettings,
        "uncertainty": UncertaintySettings,
        "report": ReportOptions,
    }


@cache
def shared_names() -> tuple[str, ...]:
    """Settings that both states have, in order: the keys of ``[physiology]``."""
    rest = {field.name for field in dataclasses.fields(section_types()["rest"])}
    hyperemia = dataclasses.fields(section_types()["hyperemia"])
    return tuple(field.name for field in hyperemia if field.name in rest and field.init)


def default_of(field: dataclasses.Field[Any]) -> Any:
    """Default value of a dataclass field, None where it has none."""
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return None


def changed_settings(options: Any) -> list[str]:
    """Names of the settings of a section that differ from their defaults."""
    return [
        field.name
        for field in dataclasses.fields(options)
        if field.init and getattr(options, field.name) != default_of(field)
    ]


def unit_of(field: dataclasses.Field[Any]) -> str:
    """Unit of a setting, from its metadata or from the suffix of its name."""
    stated = field.metadata.get("unit")
    if stated is not None:
        return str(stated).strip("-")
    suffix = max((s for s in _UNITS if field.name.endswith(s)), key=len, default="")
    return _UNITS.get(suffix, "")


def source_of(options: type, field: dataclasses.Field[Any]) -> str:
    """Sentence about a setting: its stated source, else what the class's docstring says of it."""
    stated, evidence = field.metadata.get("source"), field.metadata.get("evidence")
    if stated:
        return f"{stated} ({evidence})" if evidence else str(stated)
    summary = (options.__doc__ or "").strip().partition("\n")[0]
    return described(options).get(field.name, summary)


@cache
def described(options: type) -> Mapping[str, str]:
    """Text of each attribute in the ``Attributes:`` parts of a class and its base."""
    inherited = {} if options is object else dict(described(options.__mro__[1]))
    text = inspect.cleandoc(options.__doc__ or "").partition("Attributes:")[2]
    entries = re.findall(r"^ {4}([\w, ]+): (.*(?:\n {8,}\S.*)*)", text, flags=re.MULTILINE)
    return inherited | {
        name.strip(): " ".join(body.split()) for names, body in entries for name in names.split(",")
    }


def _table(value: Any) -> Any:
    """An option object as the table that a case file has for it; else the value."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value


def settings_of(section: str, options: Any, given: frozenset[str]) -> Iterator[Setting]:
    """Every setting of one section; ``given`` holds the dotted names the user set."""
    for field in dataclasses.fields(options):
        if not field.init:
            continue
        key = f"{section}.{field.name}"
        shared = section in STATES and f"{SHARED}.{field.name}" in given
        yield Setting(
            section=section,
            name=field.name,
            value=_table(getattr(options, field.name)),
            unit=unit_of(field),
            source=source_of(type(options), field),
            given=key in given or shared,
        )
