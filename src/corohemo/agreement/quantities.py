"""What is compared with the catheter: where it stands, which side of which cut-off is disease."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corohemo.bands import FFR_GREY_ZONE, RULES, band_of
from corohemo.checks import nearest_word
from corohemo.errors import ConfigError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Quantity:
    """One index and its invasive partner.

    Attributes:
        name: How it is called.
        computed: Columns of the computed value, the first that is filled counts.
        invasive: Columns of the measured value.
        unit: Unit of both.
        threshold: Cut-off of disease.
        rule: Where disease lies: "<=", "<", ">=" or ">" the cut-off.
        grey_zone: Ends of the values around the cut-off in which a verdict is uncertain.
        bins: Edges of the classes in which the accuracy is reported.
        digits: Digits after the point in which differences are printed; cut-offs have one less.
        is_assumption: Whether the computed value returns an assumption unless the flow was measured
            (column ``microvascular_informative``).
    """

    name: str
    computed: tuple[str, ...]
    invasive: tuple[str, ...]
    unit: str
    threshold: float
    rule: str
    grey_zone: tuple[float, float]
    bins: tuple[float, ...]
    digits: int
    is_assumption: bool = False

    def is_disease(self, values: FloatArray, threshold: float | None = None) -> BoolArray:
        """Which values (n,) mean disease."""
        cut = self.threshold if threshold is None else threshold
        verdict: BoolArray = RULES[self.rule](values, cut)
        return verdict

    def is_grey(self, values: FloatArray) -> BoolArray:
        """Which values (n,) lie in the grey zone, as ``band_of`` has it."""
        return np.array(
            [band_of(value, self.grey_zone, self.rule) == "grey" for value in values],
            dtype=np.bool_,
        )

    def score(self, values: FloatArray) -> FloatArray:
        """Values oriented so that more of them is disease."""
        return -values if self.rule.startswith("<") else values

    def cut_off(self, value: float) -> str:
        """A cut-off as it is printed, 0.80 or 25 U."""
        unit = "" if self.unit == "-" else f" {self.unit}"
        return f"{value:.{max(self.digits - 1, 0)}f}{unit}"

    def with_threshold(self, threshold: float) -> Quantity:
        """The same at another cut-off."""
        return replace(self, threshold=threshold)


QUANTITIES = {
    quantity.name: quantity
    for quantity in (
        Quantity(
            "FFR",
            ("ffr_ct_wire", "ffr_ct"),
            ("ffr_invasive",),
            "-",
            0.80,
            "<=",
            FFR_GREY_ZONE,
            (0.70, 0.75, 0.80, 0.85, 0.90),
            3,
        ),
        Quantity(
            "IMR",
            ("imr_ct_u",),
            ("imr_invasive", "imr_invasive_u"),
            "U",
            25.0,
            ">=",
            (20.0, 30.0),
            (15.0, 20.0, 25.0, 30.0, 40.0),
            1,
            is_assumption=True,
        ),
        Quantity(
            "CFR",
            ("cfr",),
            ("cfr_invasive",),
            "-",
            2.0,
            "<",
            (1.8, 2.5),
            (1.5, 2.0, 2.5, 3.0),
            2,
            is_assumption=True,
        ),
        Quantity(
            "MRR",
            ("mrr",),
            ("mrr_invasive",),
            "-",
            3.0,
            "<",
            (2.1, 3.0),
            (2.1, 2.7, 3.0, 4.0),
            2,
            is_assumption=True,
        ),
        Quantity(
            "resistance",
            ("microvascular_resistance_wu",),
            ("resistance_invasive_wu",),
            "WU",
            500.0,
            ">=",
            (400.0, 500.0),
            (300.0, 400.0, 500.0, 700.0),
            0,
            is_assumption=True,
        ),
    )
}


def quantity_named(name: str) -> Quantity:
    """The quantity of that name.

    Raises:
        ConfigError: If there is none.
    """
    known = {key.casefold(): key for key in QUANTITIES}
    if name.casefold() not in known:
        raise ConfigError(
            f"There is no quantity {name!r} to compare; known are {', '.join(QUANTITIES)}.",
            field="quantity",
            nearest=nearest_word(name, tuple(QUANTITIES)),
        )
    return QUANTITIES[known[name.casefold()]]
