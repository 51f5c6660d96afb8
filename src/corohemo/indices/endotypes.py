"""Endotypes of coronary microvascular dysfunction, with cut-offs that can be changed.

No index of this file says more than the flow behind it: see ``microvascular.is_informative``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from corohemo.checks import require_numbers
from corohemo.errors import InputError


class Endotype(StrEnum):
    """What flow reserve and minimal resistance say together.

    Reference:
        Boerhout et al. (ILIAS), EuroIntervention 2022 (EIJ-D-22-00043), in vessels with FFR above
        0.80; the isolated rise of resistance after Deng et al., EuroIntervention 2026.
    """

    NORMAL = "normal"
    FUNCTIONAL = "functional"
    """Reserve low, minimal resistance normal: the resting flow is high."""
    STRUCTURAL = "structural"
    """Reserve low and minimal resistance high."""
    ISOLATED_HIGH_RESISTANCE = "isolated_high_resistance"
    """Reserve normal, minimal resistance high."""
    EPICARDIAL_OR_MIXED = "epicardial_or_mixed"
    """FFR low: the epicardial vessel limits the flow, whatever the microcirculation does."""


@dataclass(frozen=True, kw_only=True)
class MicrovascularThresholds:
    """Cut-offs; the defaults are the diagnostic ones, ``screening`` those that miss least.

    Attributes:
        ffr: FFR at or below which the epicardial vessel is the cause; 0.80 (ILIAS 2022).
        imr_u: IMR from which the minimal resistance is high [U]; 25 (Fearon; Deng 2026).
        cfr: Flow reserve below which it is low; 2.0 (ILIAS 2022), 2.5 in Doppler and INOCA work.
        mrr: Resistance reserve below which it is low; 2.1 confirms dysfunction, above 2.7 rules it
            out (de Vos et al., JACC Cardiovasc Interv 2023), 3.0 is the prognostic optimum (ILIAS,
            Eur Heart J 2023).
    """

    ffr: float = 0.80
    imr_u: float = 25.0
    cfr: float = 2.0
    mrr: float = 2.1

    def __post_init__(self) -> None:
        require_numbers(self, positive=("ffr", "imr_u", "cfr", "mrr"))

    @classmethod
    def screening(cls) -> MicrovascularThresholds:
        """Published cut-offs on the sensitive side: CFR 2.5, MRR 2.7; IMR has none below 25."""
        return cls(cfr=2.5, mrr=2.7)


def endotype(
    ffr: float, cfr: float, imr_u: float, *, thresholds: MicrovascularThresholds | None = None
) -> Endotype:
    """Endotype of a vessel.

    Args:
        ffr: FFR of the vessel [-].
        cfr: Flow reserve [-].
        imr_u: Index of microcirculatory resistance [U].
        thresholds: Cut-offs; the diagnostic ones if None.

    Raises:
        InputError: If a value is not a positive finite number.
    """
    limits = thresholds or MicrovascularThresholds()
    for name, value in (("ffr", ffr), ("cfr", cfr), ("imr_u", imr_u)):
        if not (np.isfinite(value) and value > 0):
            raise InputError(
                f"An endotype needs a positive finite {name}, got {value!r}.", field=name
            )
    if ffr <= limits.ffr:
        return Endotype.EPICARDIAL_OR_MIXED
    low_reserve, high_resistance = cfr < limits.cfr, imr_u >= limits.imr_u
    if low_reserve:
        return Endotype.STRUCTURAL if high_resistance else Endotype.FUNCTIONAL
    return Endotype.ISOLATED_HIGH_RESISTANCE if high_resistance else Endotype.NORMAL


def sensitive_threshold(
    values: ArrayLike, diseased: ArrayLike, *, sensitivity: float, abnormal: str
) -> float:
    """The strictest cut-off that finds a given part of the diseased.

    Args:
        values: The index in each vessel (n,).
        diseased: Whether the reference calls the vessel diseased (n,).
        sensitivity: Part of the diseased that must be found, in (0, 1].
        abnormal: "high" if values at or above the cut-off are abnormal, "low" if at or below.

    Returns:
        The cut-off, one of the values.

    Raises:
        InputError: If the arrays do not match, hold no diseased vessel, or a value is not finite.
    """
    scores = np.asarray(values, dtype=np.float64)
    wanted = np.asarray(diseased)
    if scores.ndim != 1 or scores.shape != wanted.shape or wanted.dtype != np.bool_:
        raise InputError(
            "The values and the boolean labels must be one-dimensional and of one length, got "
            f"{scores.shape} and {wanted.shape} ({wanted.dtype})."
        )
    if abnormal not in ("high", "low"):
        raise InputError(f"abnormal must be 'high' or 'low', got {abnormal!r}.", field="abnormal")
    if not 0 < sensitivity <= 1:
        raise InputError(
            f"The sensitivity must lie in (0, 1], got {sensitivity!r}.", field="sensitivity"
        )
    if not np.isfinite(scores).all() or not wanted.any():
        raise InputError("A threshold needs finite values and at least one diseased vessel.")
    sign = 1.0 if abnormal == "high" else -1.0
    ranked = np.sort(sign * scores[wanted])[::-1]
    found = int(np.ceil(sensitivity * ranked.size - 1e-9))
    return float(sign * ranked[found - 1])
