"""Microcirculation: transit time, IMR_CT, resistance, flow reserve, resistance reserve.

Pure functions of SI values; pressures are gauge. Where the flow was prescribed through population
laws these numbers return the assumption: see ``is_informative``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.units import MMHG_S

FloatArray = NDArray[np.float64]

INDEPENDENT_SOURCES = ("perfusion", "deformation")
"""Flow sources that carry information about this patient's microcirculation."""


def segment_volumes(abscissa: FloatArray, radius: FloatArray) -> FloatArray:
    """Volumes of the truncated cones between circular sections (n - 1,) [m3]."""
    near, far = radius[:-1], radius[1:]
    volumes: FloatArray = np.pi / 3 * np.diff(abscissa) * (near**2 + near * far + far**2)
    return volumes


def mean_transit_time(abscissa: FloatArray, radius: FloatArray, flow: FloatArray) -> float:
    r"""Mean transit time T_mn = \int A(s) / Q(s) ds along a path [s].

    Args:
        abscissa: Path length from the ostium (n,) [m].
        radius: Section radius (n,) [m].
        flow: Flow in each segment between two sections (n - 1,) [m3/s].
    """
    return float(np.sum(segment_volumes(abscissa, radius) / flow))


def microcirculatory_index(distal_pressure: float, transit_time: float) -> float:
    """IMR = P_d T_mn at hyperemia [U = mmHg s].

    Args:
        distal_pressure: Hyperemic pressure at the sensor [Pa].
        transit_time: Hyperemic mean transit time from the ostium to the sensor [s].

    Reference:
        Fearon et al., Circulation 2003;107:3129.
    """
    return distal_pressure * transit_time / MMHG_S


def microvascular_resistance(
    distal_pressure: float, flow: float, *, venous_pressure: float = 0.0
) -> float:
    """R_mu = (P_d - P_v) / Q at hyperemia [Pa s/m3]."""
    return (distal_pressure - venous_pressure) / flow


def coronary_flow_reserve(hyperemic_flow: float, resting_flow: float) -> float:
    """CFR = Q_hyp / Q_rest [-]."""
    return hyperemic_flow / resting_flow


def microvascular_resistance_reserve(
    flow_reserve: float,
    ffr: float,
    *,
    resting_aortic_pressure: float,
    hyperemic_aortic_pressure: float,
) -> float:
    """MRR = (CFR / FFR) (P_a,rest / P_a,hyp) = (P_a,rest / Q_rest) / (P_d,hyp / Q_hyp) [-].

    Reference:
        De Bruyne et al., J Am Coll Cardiol 2021;78:1541.
    """
    return flow_reserve / ffr * resting_aortic_pressure / hyperemic_aortic_pressure


def is_informative(boundaries: Boundaries, *, prescribed_flow_is_measured: bool = False) -> bool:
    """Whether the flow behind these boundaries says anything about this microcirculation.

    Flow from perfusion or vessel deformation does. An allometric flow is a population's, and a
    prescribed one is a number that a person typed: it counts only if that person says that it was
    measured in this patient.
    """
    if boundaries.flow_source in INDEPENDENT_SOURCES:
        return True
    return boundaries.flow_source == "prescribed" and prescribed_flow_is_measured
