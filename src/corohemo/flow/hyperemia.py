"""How the microvascular resistance answers a vasodilator.

A model gives the hyperemic flow of each outlet as a multiple of its resting flow
(``PerfusionResponse``, measured), or the hyperemic resistance as a part of the resting one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import require_choice, require_numbers
from corohemo.errors import ConfigError, InputError
from corohemo.flow.estimate import by_outlet
from corohemo.lumen import Lumen

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Response:
    """Answer of every outlet to a vasodilator.

    Attributes:
        resistance_ratio: Hyperemic over resting resistance (n_outlets,) [-]; None if the flow is
            known instead.
        flow_ratio: Hyperemic over resting flow (n_outlets,) [-]; None if the resistance is.
        source: "population" or "measured".
        note: One sentence.
    """

    resistance_ratio: FloatArray | None
    flow_ratio: FloatArray | None
    source: str
    note: str


class HyperemiaModel(Protocol):
    """A strategy for the hyperemic response."""

    def response(self, lumen: Lumen) -> Response:
        """Answer of every outlet, in the lumen's order."""
        ...


@dataclass(frozen=True)
class ConstantIndex:
    """The same index for everybody.

    Attributes:
        total_coronary_resistance_index: (p / Q) at hyperemia over that at rest. 0.24 and 0.21 are
            in use (from memory: Wilson, Circulation 1990;82:1595), which makes the modelled MRR 4.2
            or 4.8 for everybody against a measured median of 3.0 (ILIAS).
    """

    total_coronary_resistance_index: float

    def __post_init__(self) -> None:
        require_numbers(self, positive=("total_coronary_resistance_index",))
        if self.total_coronary_resistance_index > 1:
            raise ConfigError(
                "ConstantIndex.total_coronary_resistance_index is hyperemic over resting "
                f"resistance and cannot exceed 1, got {self.total_coronary_resistance_index!r}: "
                "the hyperemic flow would be below the resting flow.",
                field="total_coronary_resistance_index",
            )

    def response(self, lumen: Lumen) -> Response:
        """The index at every outlet."""
        index = self.total_coronary_resistance_index
        return Response(
            np.full(len(lumen.outlets), index),
            None,
            "population",
            f"The hyperemic microvascular resistance is {index:g} of the resting one.",
        )


@dataclass(frozen=True)
class ResponseTable:
    """Myocardial flow reserve by age in people without epicardial disease.

    Attributes:
        ages: Middle of the age groups, ascending (n,) [years].
        reserves: Mean flow reserve (n,) [-]; linear between the ages and constant beyond.
        source: Publication and what was read of it.
    """

    ages: tuple[float, ...]
    reserves: tuple[float, ...]
    source: str


RESPONSE_TABLES: Mapping[str, ResponseTable] = {
    "uren1995": ResponseTable(
        (25.0, 40.0, 60.0, 75.0),
        (3.54, 4.23, 3.51, 1.94),
        "Uren et al., J Nucl Med 1995;36:2032 (abstract): 56 volunteers, 15O-water PET, groups "
        "< 30, 30-49, 50-69, >= 70 years, SD 1.0, 1.4, 1.2, 0.5; the ages of the groups' middles "
        "are ours",
    ),
    "metzinger": ResponseTable(
        (34.5, 84.5),
        (2.28 + 0.30, 2.28 - 0.30),
        "Metzinger et al., Circulation abstract 17801: 3,235 patients without calcium, 82Rb PET, "
        "median 2.28 at 59.5 years, 0.12 less per ten years (abstract)",
    ),
}
"""Published reserves that ``DemographicResponse`` can use; sex is in neither."""


@dataclass(frozen=True, kw_only=True)
class DemographicResponse:
    """The mean response of people of the patient's age.

    The reserve was measured in whole vessels without epicardial disease and at about equal aortic
    pressures, so its inverse is taken as the ratio of the resistances.

    Attributes:
        age_years: Age of the patient.
        table: Name in ``RESPONSE_TABLES``; there is no default, since the two published tables
            differ by more than their own spread.
    """

    age_years: float
    table: str

    def __post_init__(self) -> None:
        require_numbers(self, positive=("age_years",))
        require_choice(self, "table", tuple(RESPONSE_TABLES))
        if not 18 <= self.age_years <= 110:
            raise ConfigError(
                "DemographicResponse.age_years must lie between 18 and 110, got "
                f"{self.age_years!r}.",
                field="age_years",
            )

    @property
    def reserve(self) -> float:
        """Mean flow reserve at this age [-]."""
        table = RESPONSE_TABLES[self.table]
        return float(np.interp(self.age_years, table.ages, table.reserves))

    def response(self, lumen: Lumen) -> Response:
        """The inverse of the reserve at every outlet."""
        table = RESPONSE_TABLES[self.table]
        return Response(
            np.full(len(lumen.outlets), 1.0 / self.reserve),
            None,
            "population",
            f"The hyperemic response is the mean reserve of {self.reserve:.2f} at "
            f"{self.age_years:g} years: {table.source}.",
        )


@dataclass(frozen=True, kw_only=True)
class PerfusionResponse:
    """The patient's own response, from a map at stress and one at rest.

    Attributes:
        perfusion_reserve: Stress over rest flow of each outlet's territory [-]; it contains the
            effect of the stenoses, which is taken off with the pressures in front of the beds.
        allow_steal: Whether a reserve below 1 is taken as it is.
    """

    perfusion_reserve: Mapping[str, float]
    allow_steal: bool = False

    def response(self, lumen: Lumen) -> Response:
        """The reserve of every outlet.

        Raises:
            InputError: If an outlet has no reserve, or one is below 1 unasked.
        """
        names = lumen.outlet_names
        reserve = by_outlet(self.perfusion_reserve, names, what="perfusion_reserve")
        for name, value in zip(names, reserve, strict=True):
            if not (np.isfinite(value) and value > 0):
                raise InputError(
                    f"The perfusion reserve of outlet {name!r} must be positive and finite, got "
                    f"{value:g}.",
                    field="perfusion_reserve",
                )
            if value < 1 and not self.allow_steal:
                raise InputError(
                    f"The hyperemic flow of outlet {name!r} is below the resting flow (reserve "
                    f"{value:.2f}): check which map is the stress map, or set allow_steal if the "
                    "territory gives flow away.",
                    field="perfusion_reserve",
                )
        return Response(
            None,
            reserve,
            "measured",
            "The hyperemic flow of each outlet is its resting flow times the perfusion reserve of "
            "its territory.",
        )
