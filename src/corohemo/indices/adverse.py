"""Adverse hemodynamic characteristics of a lesion, each with the averaging that it stands for.

EMERALD (Lee et al., JACC Cardiovasc Imaging 2019;12:1032) found four numbers higher in lesions
that ruptured later: FFR_CT <= 0.80, delta FFR_CT >= 0.06, WSS >= 154.7 dyn/cm2 and APS >= 1606.6
dyn/cm2. The cut-offs were read in secondary notes; how WSS and APS were averaged was not found. The
APS cut-off is a seventh of the segment means of Choi et al. 2015, so it cannot be one of those; the
signed mean over the lesion is the likeliest reading and the default here. The WSS cut-off belongs
to hyperemia and to another reconstruction; 4.71 Pa of FAME II (Kumar 2018) is another one again.
"""

from __future__ import annotations

from dataclasses import dataclass

from corohemo.checks import require_choice, require_numbers
from corohemo.indices.results import LesionIndices
from corohemo.units import DYN_PER_CM2

AVERAGES = {
    "net": ("aps_net_pa", "signed mean over the lesion's wall"),
    "magnitude": ("aps_mean_magnitude_pa", "mean magnitude over the lesion's wall"),
    "upstream": ("aps_upstream_pa", "signed mean from the start to the throat"),
}
"""Averages of plaque stress that the cut-off can be put on."""


@dataclass(frozen=True, kw_only=True)
class AdverseThresholds:
    """Cut-offs of adverse characteristics; the defaults are EMERALD's.

    Attributes:
        ffr_ct: FFR_CT at or below which it is adverse.
        delta_ffr: FFR drop over the lesion from which it is adverse; 0.10 was the specific cut-off
            of EMERALD II.
        wss_pa: Wall shear stress from which it is adverse, area mean over the lesion at hyperemia.
        aps_pa: Plaque stress from which it is adverse.
        aps_average: Which average of plaque stress: "net", "magnitude" or "upstream".
    """

    ffr_ct: float = 0.80
    delta_ffr: float = 0.06
    wss_pa: float = 154.7 * DYN_PER_CM2
    aps_pa: float = 1606.6 * DYN_PER_CM2
    aps_average: str = "net"

    def __post_init__(self) -> None:
        require_numbers(self, positive=("ffr_ct", "delta_ffr", "wss_pa", "aps_pa"))
        require_choice(self, "aps_average", tuple(AVERAGES))


@dataclass(frozen=True)
class AdverseCharacteristic:
    """One number against its cut-off.

    Attributes:
        name: ffr_ct, delta_ffr, wss or aps.
        value: The number; None if it was not computed.
        threshold: The cut-off, in the same unit.
        is_adverse: Whether it lies beyond; None if it was not computed.
        averaging: What the number is a mean of.
    """

    name: str
    value: float | None
    threshold: float
    is_adverse: bool | None
    averaging: str


def adverse_characteristics(
    lesion: LesionIndices, *, thresholds: AdverseThresholds | None = None
) -> tuple[AdverseCharacteristic, ...]:
    """The four characteristics of a lesion; none of them predicts by itself.

    Args:
        lesion: Indices of the lesion, at hyperemia.
        thresholds: Cut-offs; EMERALD's if None.
    """
    limits = thresholds or AdverseThresholds()
    key, averaging = AVERAGES[limits.aps_average]
    ffr = lesion.ffr_ct
    low = AdverseCharacteristic(
        "ffr_ct",
        ffr,
        limits.ffr_ct,
        None if ffr is None else ffr <= limits.ffr_ct,
        lesion.notes.get("ffr_ct", "section mean 10-20 mm behind the lesion"),
    )
    rows = (
        ("delta_ffr", lesion.delta_ffr, limits.delta_ffr, "section means at the lesion's borders"),
        ("wss", lesion.wss_mean_pa, limits.wss_pa, "area mean over the lesion's wall"),
        ("aps", getattr(lesion, key), limits.aps_pa, averaging),
    )
    return (
        low,
        *(
            AdverseCharacteristic(
                name, value, limit, None if value is None else value >= limit, mean
            )
            for name, value, limit, mean in rows
        ),
    )
