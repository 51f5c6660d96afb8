"""Virtual thermodilution: what a wire would measure in a computed flow, and what is true.

A bolus of saline at the ostium gives the mean transit time to the wire, P_d T_mn is the bolus IMR.
A continuous infusion gives the flow at the infusion's place from the mixture's temperature,
Q = constant * (T_i / T) Q_i with temperatures as differences to the blood's, and P_d / Q the
microvascular resistance. The truth is (P_d - P_v) / Q with the flow at the wire.

The flow is steady. In 1-D the stream mixes at each bifurcation, so daughters carry their parent's
concentration; in 3-D saline is carried by the computed field (``solvers.scalar_form``), in which
daughters inherit streamlines. Then T_mn is the mean age at the wire, from one steady equation: the
first moment of a curve that is never cut off. The wall takes no heat, and the injection does not
change the flow.
"""

from __future__ import annotations

from corohemo.errors import InputError
from corohemo.indices.ffr import compute_ffr
from corohemo.indices.microvascular import (
    coronary_flow_reserve,
    microcirculatory_index,
    microvascular_resistance,
)
from corohemo.indices.reduced import reduced_pullbacks
from corohemo.indices.wire import StateReading
from corohemo.lumen import Lumen
from corohemo.solvers.reduced_solution import ReducedSolution
from corohemo.solvers.solution import FlowSolution
from corohemo.thermodilution.chain import Chain
from corohemo.thermodilution.field import Field
from corohemo.thermodilution.options import ThermodilutionOptions
from corohemo.thermodilution.results import Thermodilution
from corohemo.units import ML_PER_MIN

type State = StateReading | ReducedSolution | FlowSolution


def measure_thermodilution(
    hyperemic: State,
    vessel: str,
    *,
    resting: State | None = None,
    lumen: Lumen | None = None,
    options: ThermodilutionOptions | None = None,
) -> Thermodilution:
    """Bolus and continuous thermodilution in one vessel of a computed flow.

    Args:
        hyperemic: Hyperemic flow: a reduced solution, or a 3-D one or its reading with ``lumen``.
        vessel: Name of the outlet.
        resting: Resting flow of the same lumen.
        lumen: Lumen of a 3-D flow.
        options: The measurement.

    Raises:
        InputError: If the flow is not forward on the way to the wire, the infusion exceeds it, the
            hyperemic flow is below the resting one, a 3-D flow comes without its lumen, or
            ``options.dimensions`` is 3 and the flow is not.
        GeometryError: If there is no such outlet, or a sensor or a tip lies outside the mesh.
        MissingDependencyError: If ``options.dimensions`` is 3 and DOLFINx is not installed.
    """
    options = options or ThermodilutionOptions()
    if lumen is None:
        if not isinstance(hyperemic, ReducedSolution):
            raise InputError("A 3-D flow needs the lumen that was meshed.", field="lumen")
        lumen = hyperemic.lumen
    lumen.outlet_plane(vessel)
    main, probe = _probe(hyperemic, lumen, vessel, options)
    rest, rest_probe = None, None
    if resting is not None:
        rest, rest_probe = _probe(resting, lumen, vessel, options)
    if rest is not None and rest.flows[-1] > main.flows[-1]:
        raise InputError(
            f"The hyperemic flow at the wire of {vessel} ({main.flows[-1] / ML_PER_MIN:.1f} "
            f"mL/min) is below the resting flow ({rest.flows[-1] / ML_PER_MIN:.1f} mL/min): check "
            "which flow is which.",
            field="resting",
        )
    bolus, infusion = probe.bolus(), probe.infusion(options.infusion_ml_min * ML_PER_MIN)
    rest_bolus = rest_infusion = None
    if rest_probe is not None:
        rest_bolus = rest_probe.bolus()
        rest_infusion = rest_probe.infusion(
            options.resting_infusion_ml_min * ML_PER_MIN, setting="resting_infusion_ml_min"
        )
    return Thermodilution(
        vessel=vessel,
        wire=main.wire,
        volume=float(main.volumes.sum()),
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


def _probe(
    state: State, lumen: Lumen, vessel: str, options: ThermodilutionOptions
) -> tuple[Chain, Chain | Field]:
    """The way to the wire, and what carries saline along it."""
    reading = _reading(state, lumen)
    chain = Chain.of(lumen, reading, vessel, options)
    if options.dimensions == 1:
        return chain, chain
    if not isinstance(reading.solution, FlowSolution):
        raise InputError(
            "ThermodilutionOptions.dimensions = 3 needs a 3-D flow; solve one with solve_flow, or "
            "measure in 1-D.",
            field="dimensions",
        )
    return chain, Field(chain, reading.solution, lumen, vessel)


def _reading(state: State, lumen: Lumen) -> StateReading:
    if isinstance(state, StateReading):
        return state
    if isinstance(state, FlowSolution):
        return StateReading.of(state, lumen, compute_ffr(state, lumen))
    return StateReading(state, reduced_pullbacks(state), state.flows)
