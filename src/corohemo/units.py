"""Units of people, in SI: the only conversion factors of the package.

Multiply by a factor to enter SI, divide by it to leave: ``pressure = 93.0 * MMHG``.
"""

from typing import Final

from corohemo.errors import UnitError

MM: Final = 1e-3
CM: Final = 1e-2
MMHG: Final = 133.322387415
DYN_PER_CM2: Final = 0.1
ML: Final = 1e-6
ML_PER_MIN: Final = 1e-6 / 60.0
ML_PER_100ML_MIN: Final = 1.0 / 6000.0
"""One mL per 100 mL of tissue and minute [1/s]."""
GRAM: Final = 1e-3
CENTIPOISE: Final = 1e-3
WOOD_UNIT: Final = MMHG * 60.0 / 1e-3
"""One mmHg min/L [Pa s/m3]."""
MMHG_S: Final = MMHG
"""One unit (U) of IMR, mmHg s [Pa s]."""

MYOCARDIUM: Final = 1.05 * GRAM / ML
"""Density of myocardium, which takes a flow per mass to a flow per volume [kg/m3]."""

LENGTH_UNITS: Final = {"m": 1.0, "cm": CM, "mm": MM, "um": 1e-6}
PERFUSION_UNITS: Final = {
    "mL/100 mL/min": ML_PER_100ML_MIN,
    "mL/mL/min": ML_PER_MIN / ML,
    "mL/100 g/min": ML_PER_MIN * MYOCARDIUM / (100.0 * GRAM),
    "mL/g/min": ML_PER_MIN * MYOCARDIUM / GRAM,
}
"""Units of myocardial blood flow, per volume of tissue [1/s]."""


def length_factor(unit: str) -> float:
    """Metres in one ``unit``.

    Raises:
        UnitError: If the unit is not one of ``LENGTH_UNITS``.
    """
    try:
        return LENGTH_UNITS[unit]
    except KeyError:
        known = ", ".join(LENGTH_UNITS)
        raise UnitError(f"length_unit {unit[:40]!r} is not known; use one of {known}.") from None
