"""Virtual thermodilution: what a wire would measure in a computed flow, and what is true.

A bolus of saline at the ostium gives the mean transit time to the wire, P_d T_mn is the bolus IMR.
A continuous infusion gives the flow at the infusion's place from the mixture's temperature,
Q = constant * (T_i / T) Q_i with temperatures as differences to the blood's, and P_d / Q the
microvascular resistance. The truth is (P_d - P_v) / Q with the flow at the wire.

The flow is steady and one-dimensional; at each bifurcation the stream mixes, so daughters carry
their parent's concentration. The wall takes no heat, and the injection does not change the flow.
"""

from __future__ import annotations

from corohemo.errors import InputError
from corohemo.indices.microvascular import (
    coronary_flow_reserve,
    microcirculatory_index,
    microvascular_resistance,
)
from corohemo.indices.reduced import reduced_pullbacks
from corohemo.indices.wire import StateReading
from corohemo.lumen import Lumen
from corohemo.solvers.reduced_solution import ReducedSolution
from corohemo.thermodilution.chain import Chain
from corohemo.thermodilution.options import ThermodilutionOptions
from corohemo.thermodilution.results import Thermodilution
from corohemo.units import ML_PER_MIN


def measure_thermodilution(
    hyperemic: StateReading | ReducedSolution,
    vessel: str,
    *,
    resting: StateReading | ReducedSolution | None = None,
    lumen: Lumen | None = None,
    options: ThermodilutionOptions | None = None,
) -> Thermodilution:
    """Bolus and continuous thermodilution in one vessel of a computed flow.

    Args:
        hyperemic: Hyperemic flow: a reduced solution, or the reading of a 3-D one with ``lumen``.
        vessel: Name of the outlet.
        resting: Resting flow of the same lumen.
        lumen: Lumen of a 3-D flow.
        options: The measurement.

    Raises:
        InputError: If the flow is not forward on the way to the wire, the infusion exceeds it, the
            hyperemic flow is below the resting one, or a 3-D flow comes without its lumen.
        GeometryError: If there is no such outlet.
    """
    options = options or ThermodilutionOptions()
    if lumen is None:
        if not isinstance(hyperemic, ReducedSolution):
            raise InputError("A 3-D flow needs the lumen that was meshed.", field="lumen")
        lumen = hyperemic.lumen
    lumen.outlet_plane(vessel)
    main = Chain.of(lumen, _reading(hyperemic), vessel, options)
    bolus, infusion = main.bolus(), main.infusion(options.infusion_ml_min * ML_PER_MIN)
    rest = None if resting is None else Chain.of(lumen, _reading(resting), vessel, options)
    if rest is not None and rest.flows[-1] > main.flows[-1]:
        raise InputError(
            f"The hyperemic flow at the wire of {vessel} ({main.flows[-1] / ML_PER_MIN:.1f} "
            f"mL/min) is below the resting flow ({rest.flows[-1] / ML_PER_MIN:.1f} mL/min): check "
            "which flow is which.",
            field="resting",
        )
    rest_bolus = None if rest is None else rest.bolus()
    rest_infusion = (
        None if rest is None else rest.infusion(options.resting_infusion_ml_min * ML_PER_MIN)
    )
    return Thermodilution(
        vessel=vessel,
        wire=main.wire,
        distal_pressure=main.distal,
        bolus=bolus,
        resting_bolus=rest_bolus,
        infusion=infusion,
        resting_infusion=rest_infusion,
        imr_u=microcirculatory_index(main.distal, bolus.transit_time),
        true_flow=float(main.flows[-1]),
        true_resistance=microvascular_resistance(
            main.distal, float(main.flows[-1]), venous_pressure=main.venous
        ),
        bolus_cfr=None if rest_bolus is None else rest_bolus.transit_time / bolus.transit_time,
        infusion_cfr=(
            None
            if rest_infusion is None
            else coronary_flow_reserve(infusion.flow, rest_infusion.flow)
        ),
        true_cfr=(
            None
            if rest is None
            else coronary_flow_reserve(float(main.flows[-1]), float(rest.flows[-1]))
        ),
    )


def _reading(state: StateReading | ReducedSolution) -> StateReading:
    if isinstance(state, StateReading):
        return state
    return StateReading(state, reduced_pullbacks(state), state.flows)
