"""Flow of one patient from interchangeable sources, and the boundaries that follow from it."""

from corohemo.flow.boundaries import FlowStates, boundaries_from_flow
from corohemo.flow.deformation import DeformationFlow
from corohemo.flow.estimate import FlowEstimate, FlowSource
from corohemo.flow.hyperemia import (
    RESPONSE_TABLES,
    ConstantIndex,
    DemographicResponse,
    HyperemiaModel,
    PerfusionResponse,
)
from corohemo.flow.sources import AllometricFlow, GivenFlow, PerfusionFlow

__all__ = [
    "RESPONSE_TABLES",
    "AllometricFlow",
    "ConstantIndex",
    "DeformationFlow",
    "DemographicResponse",
    "FlowEstimate",
    "FlowSource",
    "FlowStates",
    "GivenFlow",
    "HyperemiaModel",
    "PerfusionFlow",
    "PerfusionResponse",
    "boundaries_from_flow",
]
