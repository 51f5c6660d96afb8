r"""Resting and hyperemic coronary physiology from population laws.

Three principles (Taylor, Fonte, Min, J Am Coll Cardiol 2013;61:2233): the resting flow follows the
myocardial mass, the microvascular resistance follows the size of the feeding vessel, and the
microcirculation answers adenosine predictably:

    Q_rest = share * q_ref M_ref (M / M_ref)^alpha
    R_i    = (p_ao - p_v) / (Q_rest f_i),   f_i = D_i^n / sum_j D_j^n      (healthy diameters D)
    R_i    <- TCRI * R_i                                                   (hyperemia)

These numbers describe a population, not the patient: with a fixed TCRI the modelled resistance
ratio is 1 / TCRI for everybody. Every default carries its unit, source and evidence
(``describe_defaults``), so that nothing is assumed silently.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Blood, Boundaries, PressureInlet, Resistance
from corohemo.errors import GeometryError
from corohemo.lumen import Lumen
from corohemo.states import Hyperemia, Rest, SettingRow, describe_defaults
from corohemo.units import ML_PER_MIN, WOOD_UNIT

__all__ = [
    "Hyperemia",
    "Rest",
    "SettingRow",
    "describe_defaults",
    "flow_fractions",
    "outlet_fractions",
    "prescribe_boundaries",
]

FloatArray = NDArray[np.float64]


def flow_fractions(diameters: FloatArray, exponent: float) -> FloatArray:
    """Part of the flow each vessel takes, D_i^n / sum_j D_j^n (n,) [-]."""
    weights = (diameters / diameters.max()) ** exponent
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def outlet_fractions(lumen: Lumen, state: Rest) -> FloatArray:
    """Part of the inlet flow each outlet takes at rest, in the lumen's order (n_outlets,) [-].

    Healthy (reference) diameters are used, since outlets behind a stenosis are collapsed and
    under-resolved.
    """
    if state.split == "outlets":
        diameters = np.array([2.0 * lumen.branches[i].reference_radii[-1] for i in lumen.outlets])
        return flow_fractions(diameters, state.diameter_exponent)
    fractions = np.ones(len(lumen.branches))
    for index in range(len(lumen.branches)):
        daughters = lumen.children(index)
        if daughters:
            diameters = np.array(
                [2.0 * np.median(lumen.branches[i].reference_radii) for i in daughters]
            )
            parts = flow_fractions(diameters, state.diameter_exponent)
            fractions[list(daughters)] = fractions[index] * parts
    return fractions[list(lumen.outlets)]


def prescribe_boundaries(lumen: Lumen, state: Rest, *, blood: Blood | None = None) -> Boundaries:
    """Aortic pressure at the ostium and one microvascular resistance per outlet.

    Args:
        lumen: Lumen whose reference radii split the flow.
        state: ``Hyperemia`` or ``Rest``.
        blood: Density and viscosity; the default blood if None.

    Returns:
        Boundaries with ``flow_source="allometric"`` and one note per assumption.

    Raises:
        GeometryError: If an outlet has no positive reference radius.

    Reference:
        Taylor, Fonte, Min, J Am Coll Cardiol 2013;61:2233-41.
    """
    for index in lumen.outlets:
        radius = lumen.branches[index].reference_radii[-1]
        if not np.isfinite(radius) or radius <= 0:
            raise GeometryError(
                f"the reference radius at the outlet is {radius!r} m, so its share of the flow is "
                "undefined; check the radii of the centerline.",
                branch=lumen.branches[index].name,
            )
    resistances = state.total_resistance / outlet_fractions(lumen, state) / WOOD_UNIT
    outlets = {
        name: Resistance(float(value), state.venous_pressure_mmhg)
        for name, value in zip(lumen.outlet_names, resistances, strict=True)
    }
    return Boundaries(
        inlet=PressureInlet(state.mean_aortic_pressure_mmhg),
        outlets=outlets,
        blood=blood or Blood(),
        flow_source="allometric",
        state=state.name,
        notes=_assumptions(state),
        hyperemia_source="population" if state.name == "hyperemic" else "unspecified",
    )


def _assumptions(state: Rest) -> tuple[str, ...]:
    """One sentence per assumption behind the boundaries of ``state``."""
    whole = state.whole_heart_resting_flow / ML_PER_MIN
    sentences = [
        f"Resting flow of {state.resting_flow / ML_PER_MIN:.1f} mL/min: {100 * state.share:.0f} % "
        f"of the heart's {whole:.1f} mL/min, which follows from the myocardial mass and not from a "
        "measurement.",
        "The epicardial resistance comes on top of the microvascular one, so the computed flow is "
        "below the allometric flow.",
    ]
    sentences += [row.sentence() for row in describe_defaults(state) if row.is_default]
    return tuple(sentences)
