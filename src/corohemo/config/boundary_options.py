"""The section ``[boundaries]``: conditions on the faces by name, instead of a physiology.

    [boundaries]
    state = "hyperemic"
    inlet = { model = "flow", flow_ml_min = "inflow.flow", profile = "womersley" }
    [boundaries.outlets]
    LAD = { model = "rcr", proximal_resistance_wu = 20, compliance_ml_mmhg = 0.01, ... }
    "*" = { model = "pressure", pressure_mmhg = 0 }

Keys are those of the Python classes. Where these take a waveform, a number, a file beside the case
file, a table ``{file = ..., factor = ..., interpolation = ...}`` or ``[times, values]`` will do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corohemo.boundary import (
    RCR,
    STATES,
    Blood,
    Boundaries,
    ClosedLoopHeart,
    CoronaryBed,
    FlowInlet,
    FlowOutlet,
    PressureInlet,
    PressureOutlet,
    Resistance,
)
from corohemo.checks import cut, listed, nearest_word, require_choice, said_of, shown
from corohemo.errors import ConfigError, CorohemoError

if TYPE_CHECKING:
    from corohemo.waveform import Waveform

INLETS: Mapping[str, type] = {
    "pressure": PressureInlet,
    "flow": FlowInlet,
    "closed_loop": ClosedLoopHeart,
}
OUTLETS: Mapping[str, type] = {
    "pressure": PressureOutlet,
    "flow": FlowOutlet,
    "resistance": Resistance,
    "rcr": RCR,
    "coronary": CoronaryBed,
}
LEVELS = ("pressure_mmhg", "flow_ml_min", "intramyocardial_pressure_mmhg", "activation")
"""Keys that may be waveforms."""
READING = {"file": str, "factor": int | float, "interpolation": str}

Place = Callable[[str], Path]


@dataclass(frozen=True)
class BoundaryOptions:
    """Conditions on the faces; without an inlet they follow from the physiology.

    Attributes:
        inlet: Condition at the ostium: model = "pressure", "flow" or "closed_loop" and the fields
            of ``PressureInlet``, ``FlowInlet`` or ``ClosedLoopHeart``. None for the physiology of
            [hyperemia] and [rest].
        outlets: Conditions by outlet name, "*" for all others: model = "pressure", "flow",
            "resistance", "rcr" or "coronary" and the fields of the Python class.
        state: What the conditions stand for: "hyperemic", "resting" or "unspecified".
    """

    inlet: dict[str, Any] | None = None
    outlets: dict[str, Any] = field(default_factory=dict)
    state: str = "unspecified"

    def __post_init__(self) -> None:
        """Check that inlet and outlets are given together."""
        require_choice(self, "state", STATES)
        if (self.inlet is None) != (not self.outlets):
            missing = "outlets" if self.inlet is not None else "inlet"
            raise ConfigError(
                f"inlet and outlets belong together, {missing} is missing; leave out both for the "
                "physiology.",
                field=f"boundaries.{missing}",
            )

    @property
    def is_given(self) -> bool:
        """Whether there are conditions to take."""
        return self.inlet is not None

    def build(self, blood: Blood, place: Place) -> Boundaries:
        """The conditions.

        Args:
            blood: Density and viscosity.
            place: Path of a file named in the section.

        Raises:
            ConfigError: If a condition lacks a field, has one too many, or one out of range.
            InputError: If a file cannot be read.
        """
        assert self.inlet is not None
        outlets = {
            name: _condition(f"boundaries.outlets.{cut(name)}", given, OUTLETS, place)
            for name, given in self.outlets.items()
        }
        inlet = _condition("boundaries.inlet", self.inlet, INLETS, place)
        notes = (inlet.note,) if isinstance(inlet, ClosedLoopHeart) else ()
        return Boundaries(inlet=inlet, outlets=outlets, blood=blood, state=self.state, notes=notes)

    def files(self, place: Place) -> dict[str, Path]:
        """Files of waveforms that the conditions name, by face and field."""
        tables = {"inlet": self.inlet or {}, **self.outlets}
        return {
            f"{face} {key}": _placed(face, key, name, place)
            for face, given in tables.items()
            if isinstance(given, Mapping)
            for key in LEVELS
            if (name := _file_name(given.get(key))) is not None
        }

    def located(self, place: Place) -> BoundaryOptions:
        """The same with absolute paths."""
        return dataclasses.replace(
            self,
            inlet=None if self.inlet is None else _located("inlet", self.inlet, place),
            outlets={name: _located(name, given, place) for name, given in self.outlets.items()},
        )


def _condition(where: str, given: Any, models: Mapping[str, type], place: Place) -> Any:
    """The object that one table stands for."""
    if not isinstance(given, Mapping):
        raise ConfigError(
            f'[{where}] must be a table such as {{model = "resistance", resistance_wu = 800}}, '
            f"not {shown(given)}.",
            field=where,
        )
    if "model" not in given:
        raise ConfigError(
            f"[{where}] model is missing, one of {', '.join(models)}; the keys are "
            f"{listed(given)}.",
            field=f"{where}.model",
        )
    model = str(given["model"])
    if model not in models:
        nearest = nearest_word(model, tuple(models))
        raise ConfigError(
            f"[{where}] model must be one of {', '.join(models)}, not {shown(model)}.",
            field=f"{where}.model",
            nearest=nearest,
        )
    kind = models[model]
    fields = {f.name: f for f in dataclasses.fields(kind)}
    for key in given:
        if key != "model" and key not in fields:
            raise ConfigError(
                f"[{where}] {cut(key)} is no setting of the model {shown(model)}; these are "
                f"{', '.join(fields)}.",
                field=f"{where}.{key}",
                nearest=nearest_word(key, tuple(fields)),
            )
    for name, entry in fields.items():
        if name not in given and entry.default is dataclasses.MISSING:
            raise ConfigError(f"[{where}] {name} is missing.", field=f"{where}.{name}")
    values = {key: _value(key, given[key], where, place) for key in given if key != "model"}
    try:
        return kind(**values)
    except CorohemoError as error:
        sentence = str(error).replace(f"{kind.__name__}.", "")
        raise ConfigError(f"[{where}] {sentence}", field=where) from error


def _value(key: str, given: Any, where: str, place: Place) -> Any:
    """A number or word as it is; a waveform where one is meant."""
    if key not in LEVELS or isinstance(given, int | float | list | tuple):
        return given
    if isinstance(given, str):
        return _read({"file": given}, f"[{where}] {key}", place)
    if isinstance(given, Mapping) and "file" in given and set(given) <= set(READING):
        for name, kind in READING.items():
            if name in given and (not isinstance(given[name], kind) or given[name] is True):
                raise ConfigError(
                    f"[{where}] {key}: {name} cannot be {shown(given[name])}.",
                    field=f"{where}.{key}",
                )
        return _read(given, f"[{where}] {key}", place)
    raise ConfigError(
        f"[{where}] {key} must be a number, a file, a table with {', '.join(READING)}, or "
        f"[times, values]; not {shown(given)}.",
        field=f"{where}.{key}",
    )


def _read(given: Mapping[str, Any], setting: str, place: Place) -> Waveform:
    from corohemo.io.waveform import read_waveform

    options = {key: value for key, value in given.items() if key != "file"}
    with said_of(setting):
        return read_waveform(place(given["file"]), **options)


def _file_name(value: Any) -> str | None:
    """Name of the file that a waveform is read from, if it is."""
    if isinstance(value, Mapping):
        value = value.get("file")
    return value if isinstance(value, str) else None


def _placed(face: str, key: str, name: str, place: Place) -> Path:
    """Path of a file that the setting of a face names."""
    with said_of(f"[boundaries] {face}, {key}"):
        return place(name)


def _located(face: str, given: Any, place: Place) -> Any:
    """The condition of one face with absolute paths."""
    if not isinstance(given, Mapping):
        return given
    result = dict(given)
    for key in LEVELS:
        value = result.get(key)
        if isinstance(value, str):
            result[key] = str(_placed(face, key, value, place).resolve())
        elif isinstance(value, Mapping) and "file" in value:
            path = _placed(face, key, value["file"], place)
            result[key] = {**value, "file": str(path.resolve())}
    return result
