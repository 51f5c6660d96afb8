"""Virtual thermodilution by bolus and by continuous infusion."""

from corohemo.thermodilution.measure import measure_thermodilution
from corohemo.thermodilution.options import ThermodilutionOptions
from corohemo.thermodilution.results import BolusPassage, Infusion, Thermodilution

__all__ = [
    "BolusPassage",
    "Infusion",
    "Thermodilution",
    "ThermodilutionOptions",
    "measure_thermodilution",
]
