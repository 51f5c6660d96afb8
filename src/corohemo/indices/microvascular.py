"""Microcirculation: transit time, IMR_CT, resistance, flow reserve, resistance reserve.

Pure functions of SI values; pressures are gauge. Where the flow was prescribed through population
laws these numbers return the assumption: see ``is_informative``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries
from corohemo.errors import InputError
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

    Raises:
        InputError: If the flow is not forward in every segment.
    """
    if not np.all(flow > 0):
        raise InputError(
            f"A transit time needs forward flow in every segment; the least is {np.min(flow)!r} "
            "m3/s.",
            field="flow",
        )
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


def corrected_microcirculatory_index(
    aortic_pressure: float,
    distal_pressure: float,
    transit_time: float,
    *,
    slope: float,
    offset: float,
) -> float:
    """IMR corrected for collaterals without a wedge pressure, P_a T_mn (slope FFR - offset) [U].

    Behind a stenosis P_d T_mn takes the flow through collaterals for a low microvascular flow. The
    coefficients have no default: those of Yong et al. are 1.35 and 0.32 by memory, unverified.

    Args:
        aortic_pressure: Hyperemic mean aortic pressure [Pa].
        distal_pressure: Hyperemic pressure at the sensor [Pa].
        transit_time: Hyperemic mean transit time from the ostium to the sensor [s].
        slope: Factor of FFR [-].
        offset: What is taken off [-].

    Raises:
        InputError: If FFR is so low that the correction leaves nothing.

    Reference:
        Yong et al., JACC Cardiovasc Interv 2013 (PMID 23347861).
    """
    factor = slope * distal_pressure / aortic_pressure - offset
    if not factor > 0:
        raise InputError(
            f"The corrected IMR is not defined at FFR {distal_pressure / aortic_pressure:.2f}: "
            f"{slope:g} FFR - {offset:g} is not positive.",
            field="distal_pressure",
        )
    return aortic_pressure * transit_time * factor / MMHG_S


def collateral_corrected_index(
    aortic_pressure: float, distal_pressure: float, wedge_pressure: float, transit_time: float
) -> float:
    """IMR with the measured wedge pressure, P_a T_mn (P_d - P_w) / (P_a - P_w) [U].

    Pressures in Pa, the transit time in seconds.

    Raises:
        InputError: Unless the wedge pressure lies below the distal and that not above the aortic
            pressure.

    Reference:
        Aarnoudse et al., Circulation 2004 (from memory, unverified).
    """
    if not 0 <= wedge_pressure < distal_pressure <= aortic_pressure:
        raise InputError(
            "The wedge pressure must lie below the distal pressure and that not above the aortic "
            f"one, got {wedge_pressure!r}, {distal_pressure!r}, {aortic_pressure!r} Pa.",
            field="wedge_pressure",
        )
    share = (distal_pressure - wedge_pressure) / (aortic_pressure - wedge_pressure)
    return aortic_pressure * transit_time * share / MMHG_S


def microvascular_resistance(
    distal_pressure: float, flow: float, *, venous_pressure: float = 0.0
) -> float:
    """R_mu = (P_d - P_v) / Q at hyperemia [Pa s/m3]."""
    return (distal_pressure - venous_pressure) / flow


def coronary_flow_reserve[T: (float, FloatArray)](hyperemic_flow: T, resting_flow: T) -> T:
    """CFR = Q_hyp / Q_rest [-]."""
    return hyperemic_flow / resting_flow


def microvascular_resistance_reserve[T: (float, FloatArray)](
    flow_reserve: T,
    ffr: T,
    *,
    resting_aortic_pressure: T,
    hyperemic_aortic_pressure: T,
) -> T:
    """MRR = (CFR / FFR) (P_a,rest / P_a,hyp) = (P_a,rest / Q_rest) / (P_d,hyp / Q_hyp) [-].

    Reference:
        De Bruyne et al., J Am Coll Cardiol 2021;78:1541.
    """
    return flow_reserve / ffr * resting_aortic_pressure / hyperemic_aortic_pressure


def is_informative(boundaries: Boundaries, *, prescribed_flow_is_measured: bool = False) -> bool:
    """Whether the flow behind these boundaries says anything about this microcirculation.

    Flow from perfusion or vessel deformation does. An allometric flow is a population's, and a
    prescribed one is a number that a person typed: it counts only if that person says that it was
    measured in this patient. ``Boundaries.flow_is_independent`` overrules the source.
    """
    if boundaries.flow_is_independent is not None:
        return boundaries.flow_is_independent
    if boundaries.flow_source in INDEPENDENT_SOURCES:
        return True
    return boundaries.flow_source == "prescribed" and prescribed_flow_is_measured
