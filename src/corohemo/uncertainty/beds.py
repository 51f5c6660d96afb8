"""Beds of every sample: from population laws, or the case's own beds with a factor on the flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Boundaries, FlowInlet, FlowOutlet
from corohemo.errors import ConfigError
from corohemo.lumen import Lumen
from corohemo.states import Hyperemia
from corohemo.uncertainty.inputs import TERRITORIES
from corohemo.units import MM, MMHG

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Beds:
    """What acts on the tree in every sample: k samples, n branches.

    Attributes:
        is_outlet: Whether a branch ends in a resistance (n,).
        resistance: Its resistance (k, n) [Pa s/m3].
        pressure: Pressure behind it (k, n) [Pa].
        drain: Prescribed outflow (k, n) [m3/s].
        aortic: Pressure at the ostium (k,) [Pa].
        venous: Venous pressure (k,) [Pa].
    """

    is_outlet: NDArray[np.bool_]
    resistance: FloatArray
    pressure: FloatArray
    drain: FloatArray
    aortic: FloatArray
    venous: FloatArray


def population_beds(
    lumen: Lumen, person: Hyperemia, draws: Mapping[str, FloatArray], *, resting: bool = False
) -> Beds:
    """Beds by the allometric laws of ``person`` with the drawn inputs (k,) each."""
    rest = person.at_rest()
    ratio = person.mean_aortic_pressure_mmhg / rest.mean_aortic_pressure_mmhg
    hyperemic = person.mean_aortic_pressure_mmhg + draws["aortic_pressure_mmhg"]
    resting_pressure = hyperemic / ratio
    venous = draws["venous_pressure_mmhg"] * MMHG
    fractions = _fractions(lumen, person.split, draws)
    flow = rest.resting_flow * draws["flow_factor"]
    flows = flow[:, None] * fractions * draws[TERRITORIES]
    resistance = (resting_pressure * MMHG - venous)[:, None] / flows
    if not resting:
        resistance *= draws["hyperemic_index"][:, None]
    aortic = (resting_pressure if resting else hyperemic) * MMHG
    return _placed(lumen, resistance, venous, aortic)


def scaled_beds(lumen: Lumen, boundaries: Boundaries, draws: Mapping[str, FloatArray]) -> Beds:
    """The case's own beds, the flow through them multiplied by the drawn factor.

    A resistance is divided by the factor and keeps the pressure that drives it; a prescribed
    outflow is multiplied by it.

    Raises:
        ConfigError: If the inlet has a flow instead of a pressure.
    """
    inlet = boundaries.plain_inlet
    if isinstance(inlet, FlowInlet):
        raise ConfigError(
            "Uncertainty needs a pressure at the inlet; this case prescribes the flow there.",
            field="inlet",
        )
    factor = draws["flow_factor"][:, None] * draws[TERRITORIES]
    aortic = inlet.pressure + draws["aortic_pressure_mmhg"] * MMHG
    venous = draws["venous_pressure_mmhg"] * MMHG
    n_outlets = len(lumen.outlets)
    resistance, drain = np.ones_like(factor), np.zeros_like(factor)
    is_drain = np.zeros(n_outlets, dtype=bool)
    for column, name in enumerate(lumen.outlet_names):
        model = boundaries.outlet(name)
        if isinstance(model, FlowOutlet):
            is_drain[column] = True
            drain[:, column] = model.flow_rate * factor[:, column]
        else:
            driving = (aortic - venous) / (inlet.pressure - model.steady_offset)
            resistance[:, column] = model.steady_resistance * driving / factor[:, column]
    beds = _placed(lumen, resistance, venous, aortic)
    where = np.array(lumen.outlets)
    beds.is_outlet[where[is_drain]] = False
    beds.drain[:, where] = drain
    return beds


def _fractions(lumen: Lumen, split: str, draws: Mapping[str, FloatArray]) -> FloatArray:
    """Part of the flow of each outlet (k, n_outlets); the bias widens healthy diameters too."""
    exponent = draws["diameter_exponent"][:, None]
    bias = draws["diameter_bias_mm"][:, None] * MM

    def parts(diameters: FloatArray) -> FloatArray:
        wide = diameters * np.exp(bias / diameters)
        weights = (wide / wide.max(axis=1, keepdims=True)) ** exponent
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    if split == "outlets":
        return parts(np.array([2.0 * lumen.branches[i].reference_radii[-1] for i in lumen.outlets]))
    shares = np.ones((exponent.size, len(lumen.branches)))
    for index in range(len(lumen.branches)):
        daughters = list(lumen.children(index))
        if daughters:
            widths = [2.0 * np.median(lumen.branches[i].reference_radii) for i in daughters]
            shares[:, daughters] = shares[:, [index]] * parts(np.array(widths))
    return shares[:, list(lumen.outlets)]


def _placed(lumen: Lumen, resistance: FloatArray, venous: FloatArray, aortic: FloatArray) -> Beds:
    """Columns of the outlets at their branches."""
    shape = len(aortic), len(lumen.branches)
    where = list(lumen.outlets)
    placed, pressure = np.zeros(shape), np.zeros(shape)
    placed[:, where] = resistance
    pressure[:, where] = venous[:, None]
    is_outlet = np.zeros(shape[1], dtype=bool)
    is_outlet[where] = True
    return Beds(is_outlet, placed, pressure, np.zeros(shape), aortic, venous)
