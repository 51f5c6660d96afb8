"""Bands of an index: abnormal, grey or normal, by one rule for tables, pages and comparisons."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

FFR_GREY_ZONE = (0.75, 0.80)
"""FFR at or below which a vessel is abnormal, and upper end of the grey zone (Norgaard 2019)."""
RULES: Mapping[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}
"""Where disease lies of a cut-off."""


def band_of(
    value: float | None, zone: tuple[float, float] = FFR_GREY_ZONE, rule: str = "<="
) -> str:
    """Band of an index, of an FFR by default: normal above 0.80, grey above 0.75, abnormal.

    Both ends of the zone are cut-offs: what is disease at both is abnormal, at one is grey.

    Args:
        value: The index; None where it is not known.
        zone: Lower and upper end of the grey zone.
        rule: Where disease lies, a key of ``RULES``.

    Returns:
        "abnormal", "grey", "normal", or "unknown" without a value.
    """
    if value is None:
        return "unknown"
    return ("normal", "grey", "abnormal")[sum(bool(RULES[rule](value, end)) for end in zone)]
