"""Synthetic patients whose microcirculation and lumen are known, and what a catheter would measure.

Every number here is invented by a generator with stated distributions; nothing comes from a person.
It serves to ask how much each source of error contributes to a disagreement, and to try the cohort
and comparison commands. File names and columns say "synthetic".
"""

from corohemo.virtual.cohort import VirtualCohort, virtual_cohort
from corohemo.virtual.measurements import MeasurementNoise
from corohemo.virtual.patients import Population, VirtualPatient, draw_patient

__all__ = [
    "MeasurementNoise",
    "Population",
    "VirtualCohort",
    "VirtualPatient",
    "draw_patient",
    "virtual_cohort",
]
