"""Which vessel of a tree a person means: by its own name, or by that of its main vessel."""

from __future__ import annotations

from collections.abc import Sequence

SEGMENT_PREFIXES = ("p", "m", "d")
ALIASES = {"lcx": "cx", "circumflex": "cx"}


def main_vessel(name: str) -> str:
    """``lad`` for pLAD, mLAD, dLAD and LAD; the circumflex is ``cx``; other names in lower case."""
    stripped = name[1:] if name[:1] in SEGMENT_PREFIXES and name[1:2].isupper() else name
    lower = stripped.casefold()
    return ALIASES.get(lower, lower)


def match_vessels(wanted: str, names: Sequence[str]) -> tuple[str, ...]:
    """Names that ``wanted`` may mean: the one that it is, else those of the same main vessel."""
    exact = tuple(name for name in names if name.casefold() == wanted.casefold())
    return exact or tuple(name for name in names if main_vessel(name) == main_vessel(wanted))
