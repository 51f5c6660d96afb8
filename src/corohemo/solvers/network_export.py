"""A lumen and its conditions as a network that svZeroDSolver can run."""

from __future__ import annotations

from corohemo.boundary import (
    Boundaries,
    ClosedLoopHeart,
    FlowInlet,
    FlowOutlet,
    Outlet,
    PlainInlet,
)
from corohemo.errors import ConfigError
from corohemo.lumen import Lumen
from corohemo.network import FlowNetwork, NetworkTiming, NetworkVessel, Terminal
from corohemo.outlet import RCR, CoronaryBed, PressureOutlet
from corohemo.solvers.reduced import ReducedModel
from corohemo.solvers.reduced_cycle import ReducedCycleOptions, tree_network
from corohemo.units import DYN_PER_CM2, ML, ML_PER_MIN, MMHG, WOOD_UNIT
from corohemo.waveform import Waveform, scaled_level

PERIOD_WITHOUT_PULSE = 1.0


def build_network(
    lumen: Lumen, boundaries: Boundaries, options: ReducedCycleOptions | None = None
) -> FlowNetwork:
    """The reduced model of a lumen as a network in cgs units (dyn/cm2, cm3/s).

    Each branch is a vessel with its resistance and inertia. All other losses of the branch and its
    entry become one stenosis coefficient, taken at the steady flow of the means: there network and
    reduced model agree, elsewhere the network's losses are quadratic. A coefficient is negative
    where a branch recovers pressure.

    Args:
        lumen: The lumen.
        boundaries: Its conditions.
        options: Time steps and closure; defaults if None.

    Raises:
        ConfigError: If the boundaries do not fit the lumen, hold a heart, or periods differ.
        GeometryError: If a section is closed.
        NotConvergedError: If the steady reduced model does not converge.
    """
    options = options or ReducedCycleOptions()
    if isinstance(boundaries.inlet, ClosedLoopHeart):
        raise ConfigError(
            "svZeroDSolver's closed loop is another heart (ClosedLoopHeartPulmonary: atria of "
            "exponential stiffness, inert valves, lungs), so a ClosedLoopHeart cannot be written. "
            "Write the conditions that its cycle leads to: "
            "solve_reduced_cycle(lumen, boundaries).heart.opened(boundaries, lumen.outlet_names).",
            field="inlet",
        )
    model = ReducedModel.from_lumen(lumen, boundaries.blood, options=options.closure)
    solution = model.solve(boundaries)
    tree = tree_network(model, boundaries, options.inertia_factor)
    vessels = []
    for index, branch in enumerate(lumen.branches):
        flow, resistance = float(solution.flows[index]), float(model.law.linear[index])
        above = solution.inlet_pressure
        if branch.parent >= 0:
            above = float(solution.pressures[branch.parent][-1])
        loss = above - float(solution.pressures[index][-1]) - resistance * flow
        vessels.append(
            NetworkVessel(
                name=f"branch{index}_seg0",
                start=branch.parent + 1,
                end=index + 1,
                resistance=resistance,
                stenosis=loss / (flow * abs(flow)) if flow else 0.0,
                inductance=float(tree.inertances[index]),
            )
        )
    outlets = {
        index + 1: _outlet(name, boundaries.outlet(name))
        for index, name in zip(lumen.outlets, lumen.outlet_names, strict=True)
    }
    timing = NetworkTiming(
        period=boundaries.period_s or PERIOD_WITHOUT_PULSE,
        points_per_cycle=options.steps_per_cycle + 1,
        spectral_radius=options.spectral_radius,
    )
    name = "INLET"
    while name in lumen.outlet_names:
        name += "_"
    inlet = _inlet(name, boundaries.plain_inlet)
    network = FlowNetwork(tuple(vessels), {0: inlet}, outlets, timing)
    return network.scaled(1.0 / DYN_PER_CM2, 1.0 / ML)


def _inlet(name: str, inlet: PlainInlet) -> Terminal:
    if isinstance(inlet, FlowInlet):
        return Terminal(name, "FLOW", {"Q": scaled_level(inlet.flow_ml_min, ML_PER_MIN)})
    return Terminal(name, "PRESSURE", {"P": scaled_level(inlet.pressure_mmhg, MMHG)})


def _outlet(name: str, outlet: Outlet) -> Terminal:
    values: dict[str, Waveform | float]
    match outlet:
        case FlowOutlet():
            kind, values = "FLOW", {"Q": scaled_level(outlet.flow_ml_min, ML_PER_MIN)}
        case PressureOutlet():
            kind, values = "PRESSURE", {"P": scaled_level(outlet.pressure_mmhg, MMHG)}
        case RCR():
            kind, values = "RCR", {
                "Rp": outlet.proximal_resistance,
                "C": outlet.compliance,
                "Rd": outlet.distal_resistance,
                "Pd": outlet.steady_offset,
            }  # fmt: skip
        case CoronaryBed():
            kind, values = "CORONARY", _bed(outlet)
        case _:
            kind = "RESISTANCE"
            values = {"R": outlet.steady_resistance, "Pd": outlet.steady_offset}
    return Terminal(name, kind, values)


def _bed(bed: CoronaryBed) -> dict[str, Waveform | float]:
    return {
        "Ra1": bed.arterial_resistance_wu * WOOD_UNIT,
        "Ra2": bed.microvascular_resistance_wu * WOOD_UNIT,
        "Rv1": bed.venous_resistance_wu * WOOD_UNIT,
        "Ca": bed.arterial_compliance_ml_mmhg * ML / MMHG,
        "Cc": bed.intramyocardial_compliance_ml_mmhg * ML / MMHG,
        "Pim": scaled_level(bed.intramyocardial_pressure_mmhg, MMHG),
        "P_v": bed.steady_offset,
    }
