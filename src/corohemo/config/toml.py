"""TOML in and out: reading a case file, applying ``--set``, writing a commented one."""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from itertools import groupby
from pathlib import Path
from typing import Any

from corohemo.checks import shown
from corohemo.config.sections import Setting
from corohemo.errors import ConfigError, InputError


def read_table(path: Path) -> dict[str, Any]:
    """The table in a TOML file.

    Raises:
        InputError: If the file is missing or cannot be read.
        ConfigError: If it is not TOML; the message gives line and column.
    """
    try:
        return _parsed(_text(path))
    except ValueError as error:
        raise ConfigError(f"This is not valid TOML: {error}.", file=path) from error


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            what = "a folder" if path.is_dir() else "a device or pipe"
            raise InputError(f"This is {what}; give a case file or a centerline.", file=path)
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("There is no such file; check the path.", file=path) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"The file is not UTF-8 text (byte {error.start}); save it as such.", file=path
        ) from error
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", file=path) from error


def _parsed(text: str) -> dict[str, Any]:
    """The table in a text; every way in which it can be wrong is a ``ValueError``."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("values are nested too deeply") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:
        long = re.search(r"[\d_]{4300}", text)
        line = 1 + text.count("\n", 0, long.start() if long else 0)
        raise ValueError(f"a number has more than 4300 digits (at line {line})") from None


def with_overrides(table: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """A copy of ``table`` with every ``section.key=value`` applied.

    A value is read as TOML; what is not TOML is taken as a string, so that ``case.length_unit=mm``
    needs no quotes.

    Raises:
        ConfigError: If an override has no ``=`` or no ``section.``.
    """
    result = {
        key: dict(value) if isinstance(value, dict) else value for key, value in table.items()
    }
    for override in overrides:
        name, equals, text = override.partition("=")
        section, dot, key = name.strip().partition(".")
        if not (equals and dot and section and key):
            raise ConfigError(
                "--set takes section.key=value, such as mesh.refinement=1.5, not "
                f"{shown(override)}.",
                field=name or None,
            )
        target = result.setdefault(section, {})
        if not isinstance(target, dict):
            raise ConfigError(f"{section} is not a section, so {name} cannot be set.", field=name)
        target[key] = _value(text.strip())
    return result


def _value(text: str) -> Any:
    try:
        return _parsed(f"value = {text}")["value"]
    except ValueError:
        return text


def write_settings(settings: Iterable[Setting], *, commented: bool = False) -> str:
    """A case file with one line per setting, its unit and source as comments.

    Args:
        settings: What to write, sections together.
        commented: Whether settings that the user did not give are commented out, as in a template.
    """
    parts = []
    for section, members in groupby(settings, key=lambda setting: setting.section):
        lines = [f"[{section}]"]
        for setting in members:
            lines += _lines(setting, commented=commented)
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _lines(setting: Setting, *, commented: bool) -> list[str]:
    unit = f"[{setting.unit}]"
    known = not setting.unit or unit in setting.source
    facts = setting.source if known else f"{unit} {setting.source}".strip()
    comments = textwrap.wrap(facts, 96, initial_indent="# ", subsequent_indent="# ")
    off = setting.value is None or (commented and not setting.given)
    value = "" if setting.value is None else f" {toml_value(setting.value)}"
    return [*comments, f"{'# ' if off else ''}{setting.name} ={value}"]


def toml_value(value: Any) -> str:
    """One value in TOML's notation."""
    if isinstance(value, Enum):
        return toml_value(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        items = ", ".join(f"{json.dumps(key)} = {toml_value(item)}" for key, item in value.items())
        return f"{{{items}}}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
