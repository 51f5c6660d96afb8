"""What the propagation of uncertainty returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """Distribution of one number.

    Attributes:
        kind: "lesions" or "vessels".
        name: Name of the lesion or vessel.
        quantity: Key of the number, as in ``result.json``.
        nominal: Its value with the case's own inputs in the calibrated model.
        mean: Mean of the samples.
        sd: Standard deviation.
        median: Median.
        low: Lower end of the interval.
        high: Upper end of the interval.
        threshold: Cut-off of the probability; None where none is asked.
        probability: Part of the samples at or below the cut-off for FFR, at or above it for IMR.
    """

    kind: str
    name: str
    quantity: str
    nominal: float
    mean: float
    sd: float
    median: float
    low: float
    high: float
    threshold: float | None = None
    probability: float | None = None


@dataclass(frozen=True)
class Sensitivity:
    """Parts of the variance of one number that inputs explain.

    Attributes:
        kind, name, quantity: The number.
        first_order: Part that each input explains alone [-].
        total: Part that is lost without it [-].
        confidence: Half-width of the 95 % interval of the first-order index.
    """

    kind: str
    name: str
    quantity: str
    first_order: Mapping[str, float]
    total: Mapping[str, float]
    confidence: Mapping[str, float]


@dataclass(frozen=True)
class Uncertainty:
    """Intervals, probabilities and sensitivities of a case.

    Attributes:
        level: Part of the samples inside the intervals.
        n_samples: Samples that were used.
        n_impossible: Samples left out because their inputs contradict each other: no converged
            flow, or no pressure left before a bed.
        spreads: One entry per number.
        sensitivities: One entry per number that was asked for.
        inputs: Distributions in words.
        notes: One sentence each.
        samples: The samples (n_samples,) by (kind, name, quantity).
    """

    level: float
    n_samples: int
    n_impossible: int
    spreads: tuple[Spread, ...]
    sensitivities: tuple[Sensitivity, ...]
    inputs: Mapping[str, str]
    notes: tuple[str, ...]
    samples: Mapping[tuple[str, str, str], FloatArray]

    def spread(self, kind: str, name: str, quantity: str) -> Spread:
        """The entry of one number.

        Raises:
            KeyError: If there is none.
        """
        for entry in self.spreads:
            if (entry.kind, entry.name, entry.quantity) == (kind, name, quantity):
                return entry
        raise KeyError(f"There is no {quantity} of {name!r} among the {kind}.")

    def document(self) -> dict[str, Any]:
        """Content of ``uncertainty`` in ``result.json``."""
        return {
            "level": self.level,
            "samples": self.n_samples,
            "impossible_samples": self.n_impossible,
            "lesions": self._entries("lesions"),
            "vessels": self._entries("vessels"),
            "sobol": [asdict(entry) for entry in self.sensitivities],
            "inputs": dict(self.inputs),
            "notes": list(self.notes),
        }

    def _entries(self, kind: str) -> list[dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = {}
        for entry in self.spreads:
            if entry.kind == kind:
                values = asdict(entry)
                for key in ("kind", "name", "quantity"):
                    values.pop(key)
                rows.setdefault(entry.name, {"name": entry.name})[entry.quantity] = values
        return list(rows.values())

    def summary(self) -> str:
        """One line per FFR and IMR."""
        lines = [f"{100 * self.level:.0f} % intervals from {self.n_samples} samples"]
        for entry in self.spreads:
            if entry.probability is None:
                continue
            sign = "<=" if entry.quantity.startswith("ffr") else ">="
            lines.append(
                f"  {entry.name:<12} {entry.quantity:<14} {entry.nominal:.3g}"
                f"  [{entry.low:.3g}, {entry.high:.3g}]"
                f"  P({sign} {entry.threshold:g}) = {entry.probability:.2f}"
            )
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])
