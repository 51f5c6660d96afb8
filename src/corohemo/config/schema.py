"""Validation of a case file against the option classes, with sentences for what is wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from corohemo.checks import cut, listed, nearest_word, shown
from corohemo.config.sections import SHARED, section_types, shared_names
from corohemo.errors import ConfigError, CorohemoError

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

Table = Mapping[str, Any]
MOST_PROBLEMS = 5
"""Problems that one message tells."""


def build_options(table: Table, *, file: Path | None) -> dict[str, Any]:
    """Option objects by section, from a table as TOML gives it.

    Rest is the person of ``[hyperemia]`` at rest, with what ``[rest]`` changes; its aortic pressure
    also sets the resting resistance that hyperemia scales.

    Args:
        table: Sections with their keys; missing ones take their defaults.
        file: Where the table came from, for messages.

    Raises:
        ConfigError: If a section or key is unknown, or a value has the wrong type or range. The
            message has one sentence for each.
    """
    checked = _check(table, file=file)
    shared = checked.pop(SHARED, {})
    hyperemia = {**shared, **checked.get("hyperemia", {})}
    own_rest = checked.get("rest", {})
    person = _build("hyperemia", section_types()["hyperemia"], hyperemia, file=file)
    pressure = own_rest.get("mean_aortic_pressure_mmhg", person.mean_aortic_pressure_mmhg)
    if pressure != person.at_rest().mean_aortic_pressure_mmhg:
        hyperemia.setdefault("resting_mean_aortic_pressure_mmhg", pressure)
    checked["hyperemia"] = hyperemia
    checked["rest"] = {**dataclasses.asdict(person.at_rest()), **own_rest}
    return {
        section: _build(section, options, checked.get(section, {}), file=file)
        for section, options in section_types().items()
    }


def _build(section: str, options: type, values: Table, *, file: Path | None) -> Any:
    try:
        return options(**values)
    except CorohemoError as error:
        field = getattr(error, "field", None)
        sentence = str(error).replace(f"{options.__name__}.", "")
        raise ConfigError(f"[{section}] {sentence}", file=file, field=field) from error
    except (TypeError, ValueError) as error:
        raise ConfigError(f"[{section}] {error}", file=file, field=section) from error


def _check(table: Table, *, file: Path | None) -> dict[str, dict[str, Any]]:
    problems: list[str] = []
    near: list[str] = []
    checked: dict[str, dict[str, Any]] = {}
    for section, values in table.items():
        model = _models().get(section)
        if model is None:
            hint = nearest_word(section, tuple(_models()))
            near += [hint] if hint else []
            problems.append(_unknown(f"[{cut(section)}] is not a section", hint, _models()))
            continue
        if not isinstance(values, Mapping):
            problems.append(f"{section} must be a section, [{section}], not a single value.")
            continue
        values = _with_objects(section, values, problems, near, file=file)
        found = _valid(section, values, model, problems, near)
        if found is not None:
            checked[section] = found
    if problems:
        hint = near[0] if near else None
        if len(problems) > MOST_PROBLEMS:
            more = f"{len(problems) - MOST_PROBLEMS} more settings are wrong; mend these first."
            problems = [*problems[:MOST_PROBLEMS], more]
        raise ConfigError("\n".join(problems), file=file, field=None, nearest=hint)
    return checked


def _valid(
    section: str, values: Table, model: type[BaseModel], problems: list[str], near: list[str]
) -> dict[str, Any] | None:
    """The values in the types of ``model``; None if there are problems, which are told."""
    from pydantic import ValidationError

    try:
        valid = model.model_validate({key: _frozen(item) for key, item in values.items()})
    except ValidationError as error:
        problems += _sentences(section, values, model, error, near)
        return None
    return {key: getattr(valid, key) for key in valid.model_fields_set}


def _with_objects(
    section: str, values: Table, problems: list[str], near: list[str], *, file: Path | None
) -> Table:
    """The values of a section with each table that stands for an object of its own built."""
    result = dict(values)
    for key, kind in _object_types().get(section, {}).items():
        if not isinstance(values.get(key), Mapping):
            continue
        place = f"{section}.{key}"
        found = _valid(place, values[key], _model(place, kind), problems, near)
        if found is None:
            del result[key]
        else:
            result[key] = _build(place, kind, found, file=file)
    return result


@cache
def _object_types() -> Mapping[str, Mapping[str, type]]:
    """Settings that are objects of a class of their own, by section and key."""
    return {
        section: {
            key: kind
            for key, hint in get_type_hints(options).items()
            for kind in (hint, *get_args(hint))
            if isinstance(kind, type) and dataclasses.is_dataclass(kind)
        }
        for section, options in section_types().items()
    }


def _unknown(what: str, hint: str | None, known: Iterable[str]) -> str:
    return f"{what}; did you mean {hint}?" if hint else f"{what}; known are {listed(known)}."


def _sentences(
    section: str,
    values: Table,
    model: type[BaseModel],
    error: ValidationError,
    near: list[str],
) -> list[str]:
    sentences: dict[str, str] = {}
    for problem in error.errors():
        key = _place(problem["loc"], values)
        if problem["type"] == "extra_forbidden":
            hint = nearest_word(key, tuple(model.model_fields))
            near += [hint] if hint else []
            sentences[key] = _unknown(
                f"[{section}] {key} is not a setting", hint, model.model_fields
            )
        else:
            wish = problem["msg"].removeprefix("Input should be ")
            sentence = f"[{section}] {key} must be {wish}, not {shown(problem['input'])}."
            sentences[key] = f"{sentences[key][:-1]}; or {wish}." if key in sentences else sentence
    return list(sentences.values())


def _place(location: Sequence[int | str], value: Any) -> str:
    """Where in a section's values a problem lies: ``key``, ``key.name``, ``key, entry 2``."""
    place = ""
    for step in location:
        if isinstance(value, Mapping) and step in value:
            place, value = f"{place}.{cut(str(step))}", value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            place, value = f"{place}, entry {step + 1}", value[step]
        else:
            break
    return place.lstrip(".") or "".join(cut(str(step)) for step in location[:1])


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


@cache
def _models() -> Mapping[str, type[BaseModel]]:
    types = section_types()
    models = {section: _model(section, options) for section, options in types.items()}
    models[SHARED] = _model(SHARED, types["hyperemia"], only=shared_names())
    return models


def _model(section: str, options: type, *, only: tuple[str, ...] | None = None) -> type[BaseModel]:
    """A pydantic model with the fields of an option class; the defaults stay in the class."""
    from pydantic import ConfigDict, create_model

    hints = get_type_hints(options)
    names = [f.name for f in dataclasses.fields(options) if f.init]
    fields: dict[str, Any] = {
        name: (hints[name], None) for name in names if only is None or name in only
    }
    config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
    model: type[BaseModel] = create_model(section, __config__=config, **fields)
    return model
