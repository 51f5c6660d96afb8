"""Checks of arguments and of a dataclass's fields, each failure a sentence with name and value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from math import isfinite

from corohemo.errors import ConfigError, CorohemoError, InputError

LONGEST = 40
MOST = 16
"""Characters of a name, and names, that a sentence lists."""
QUOTED = 80
"""Characters of a value that a message quotes."""


@contextmanager
def said_of(setting: str) -> Iterator[None]:
    """Put the setting that an error comes from before its sentence."""
    try:
        yield
    except CorohemoError as error:
        error.args = (f"{setting}: {error}",)
        raise


def shown(value: object) -> str:
    """A value as a message quotes it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= QUOTED else f"{text[:QUOTED]} ..."


def cut(text: str, longest: int = LONGEST) -> str:
    """A name, or a reason, as a sentence holds it: its beginning where it is long."""
    return text if len(text) <= longest else f"{text[:longest]}..."


def listed(names: Iterable[str]) -> str:
    """Names as a sentence lists them: the first ones, each cut where it is long."""
    every = list(names)
    first = [cut(name) for name in every[:MOST]]
    more = f" and {len(every) - MOST} more" if len(every) > MOST else ""
    return ", ".join(first) + more


def is_number(value: object) -> bool:
    """Whether it is one number, finite or not."""
    is_one = not isinstance(value, bool | str) and getattr(value, "ndim", 0) == 0
    return is_one and hasattr(value, "__float__")


def require_numbers(
    owner: object,
    *,
    positive: Sequence[str] = (),
    nonnegative: Sequence[str] = (),
    finite: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> None:
    """Refuse fields of ``owner`` that are not finite numbers in their range; whole ones count.

    Raises:
        ConfigError: With the name of the field, its value and its range.
    """
    for name in (*positive, *nonnegative, *finite, *whole):
        value = getattr(owner, name)
        field = f"{type(owner).__name__}.{name}"
        if not is_number(value):
            raise ConfigError(f"{field} must be a number, got {shown(value)}.", field=name)
        if not isfinite(value):
            raise ConfigError(f"{field} must be finite, got {shown(value)}.", field=name)
        if name in whole:
            require_whole(owner, (name,))
        if name in (*positive, *whole) and value <= 0:
            raise ConfigError(f"{field} must be positive, got {shown(value)}.", field=name)
        if name in nonnegative and value < 0:
            raise ConfigError(f"{field} must not be negative, got {shown(value)}.", field=name)


def require_whole(owner: object, names: Sequence[str]) -> None:
    """Refuse fields of ``owner`` that are not whole numbers, 3.0 among them.

    Raises:
        ConfigError: With the name of the field and its value.
    """
    for name in names:
        value = getattr(owner, name)
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise ConfigError(
                f"{type(owner).__name__}.{name} must be a whole number, got {shown(value)}.",
                field=name,
            )


def require_between(owner: object, limits: Mapping[str, tuple[float, float]]) -> None:
    """Refuse numbers outside of what they can mean; a field that is None is left alone.

    Args:
        owner: Whose fields they are.
        limits: Lowest and highest value by name of the field.

    Raises:
        ConfigError: With the name of the field, its value and its range.
    """
    for name, (low, high) in limits.items():
        value = getattr(owner, name)
        if value is not None and not low <= value <= high:
            raise ConfigError(
                f"{type(owner).__name__}.{name} must lie between {low:g} and {high:g}, got "
                f"{shown(value)}.",
                field=name,
            )


def require_positive(**values: float) -> None:
    """Refuse arguments that are not positive and finite.

    Raises:
        InputError: With the name of the argument and its value.
    """
    for name, value in values.items():
        if not (isfinite(value) and value > 0.0):
            raise InputError(f"{name} must be positive, got {shown(value)}.", field=name)


def require_choice(owner: object, name: str, choices: Sequence[str]) -> None:
    """Refuse a word that is not among ``choices``.

    Raises:
        ConfigError: With the field, the choices and the nearest one.
    """
    value = getattr(owner, name)
    if value not in choices:
        raise ConfigError(
            f"{type(owner).__name__}.{name} must be one of {', '.join(choices)}; got "
            f"{shown(value)}.",
            field=name,
            nearest=nearest_word(str(value), choices),
        )


def nearest_word(word: str, choices: Sequence[str]) -> str | None:
    """The choice most like ``word``, None if nothing is."""
    matches = get_close_matches(word, choices, n=1, cutoff=0.4)
    return matches[0] if matches else None


def as_point(text: str) -> tuple[float, float, float] | None:
    """Three finite numbers from text such as "1.5 -2 3" or "1.5, -2, 3"; None for other text."""
    words = text.replace(",", " ").split()
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        return None
    if len(numbers) != 3 or not all(map(isfinite, numbers)):
        return None
    return numbers[0], numbers[1], numbers[2]
