"""Input distributions, their propagation through the calibrated reduced model, Sobol indices."""

from corohemo.uncertainty.calibration import CalibratedModel
from corohemo.uncertainty.distributions import Distribution, Fixed, LogNormal, Normal, Uniform
from corohemo.uncertainty.inputs import CERTAIN, InputUncertainty
from corohemo.uncertainty.propagate import UncertaintyOptions, propagate_uncertainty
from corohemo.uncertainty.results import Sensitivity, Spread, Uncertainty
from corohemo.uncertainty.settings import UncertaintySettings

__all__ = [
    "CERTAIN",
    "CalibratedModel",
    "Distribution",
    "Fixed",
    "InputUncertainty",
    "LogNormal",
    "Normal",
    "Sensitivity",
    "Spread",
    "Uncertainty",
    "UncertaintyOptions",
    "UncertaintySettings",
    "Uniform",
    "propagate_uncertainty",
]
