"""What every flow source returns: the flow of each outlet, its state and its worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corohemo.checks import is_number, nearest_word, require_choice, require_numbers, shown
from corohemo.errors import InputError
from corohemo.lumen import Lumen
from corohemo.units import ML_PER_MIN

FloatArray = NDArray[np.float64]

SOURCES = ("prescribed", "allometric", "perfusion", "deformation")
FLOW_STATES = ("resting", "hyperemic")


@dataclass(frozen=True)
class FlowEstimate:
    """Mean flow through every outlet in one state.

    Attributes:
        source: Kind of the source, one of ``SOURCES``.
        state: "resting" or "hyperemic".
        outlets: Names of the outlets.
        flows: Their flows (n_outlets,) [m3/s].
        informative: Whether the flow was measured in this patient.
        relative_sd: Relative standard deviation of the total flow [-]; None where unknown.
        notes: One sentence per assumption.
    """

    source: str
    state: str
    outlets: tuple[str, ...]
    flows: FloatArray
    informative: bool
    relative_sd: float | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_choice(self, "source", SOURCES)
        require_choice(self, "state", FLOW_STATES)
        if self.relative_sd is not None:
            require_numbers(self, nonnegative=("relative_sd",))
        if self.flows.shape != (len(self.outlets),):
            raise InputError(
                f"A flow estimate needs one flow per outlet, got {self.flows.shape} for "
                f"{len(self.outlets)} outlets.",
                field="flows",
            )
        for name, flow in zip(self.outlets, self.flows, strict=True):
            if not (np.isfinite(flow) and flow > 0):
                raise InputError(
                    f"The flow of outlet {name!r} must be positive and finite, got "
                    f"{flow / ML_PER_MIN:g} mL/min.",
                    field="flows",
                )

    @property
    def total(self) -> float:
        """Flow of all outlets [m3/s]."""
        return float(self.flows.sum())


class FlowSource(Protocol):
    """A strategy that knows the flow of every outlet of a lumen."""

    def estimate(self, lumen: Lumen) -> FlowEstimate:
        """Flow of every outlet, in the lumen's order."""
        ...


def by_outlet(values: Mapping[str, float], names: Sequence[str], *, what: str) -> FloatArray:
    """Values in the order of the outlets (n_outlets,).

    Raises:
        InputError: If an outlet has no value, a value no outlet, or one is no number.
    """
    unknown = [name for name in values if name not in names]
    if unknown:
        hint = nearest_word(unknown[0], names)
        more = f"; did you mean {hint!r}?" if hint else "."
        raise InputError(
            f"There is no outlet {unknown[0]!r} for the {what}: the lumen's outlets are "
            f"{', '.join(names)}{more}",
            field=what,
        )
    missing = [name for name in names if name not in values]
    if missing:
        raise InputError(
            f"The {what} lacks outlet {', '.join(missing)}; give one for each of "
            f"{', '.join(names)}.",
            field=what,
        )
    for name in names:
        value = values[name]
        if not is_number(value):
            raise InputError(
                f"The {what} of outlet {name!r} must be a number, got {shown(value)}.", field=what
            )
    return np.array([float(values[name]) for name in names])
