"""From a flow estimate to boundary conditions of one or both states."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corohemo.boundary import Blood, Boundaries, FlowOutlet, PressureInlet, Resistance
from corohemo.errors import ConfigError, InputError
from corohemo.flow.estimate import FlowEstimate
from corohemo.flow.hyperemia import HyperemiaModel, Response
from corohemo.lumen import Lumen
from corohemo.solvers.reduced import ReducedOptions, solve_reduced
from corohemo.units import ML_PER_MIN, MMHG, WOOD_UNIT

FloatArray = NDArray[np.float64]

KEPT_BEDS = (
    "The outlets have the resistances that give this flow in the lumen that it was measured in, so "
    "that the flow answers an edit of the lumen."
)


@dataclass(frozen=True)
class FlowStates:
    """Boundaries of the states that an estimate fixes.

    Attributes:
        resting: At rest; None if only a hyperemic flow is known.
        hyperemic: At hyperemia; None if only a resting flow is known.
        resistances: Microvascular resistance of each outlet by state (n_outlets,) [Pa s/m3], from
            the reduced model's pressure in front of the beds.
        hyperemic_beds: The hyperemic state with these resistances even where the flow is known and
            prescribed: for an edited lumen, whose flow answers the edit.
    """

    resting: Boundaries | None
    hyperemic: Boundaries | None
    resistances: dict[str, FloatArray]
    hyperemic_beds: Boundaries | None = None


def boundaries_from_flow(
    lumen: Lumen,
    flow: FlowEstimate,
    *,
    mean_aortic_pressure_mmhg: float,
    hyperemic_mean_aortic_pressure_mmhg: float | None = None,
    venous_pressure_mmhg: float = 0.0,
    hyperemia: HyperemiaModel | None = None,
    blood: Blood | None = None,
    options: ReducedOptions | None = None,
) -> FlowStates:
    """Boundaries under which each outlet carries its flow.

    The pressure in front of each bed comes from the reduced model under the given flows, so the
    resistance R_i = (p_i - p_v) / Q_i does not contain the epicardial losses. A hyperemic flow, a
    stress map's above all, contains the effect of the stenoses already: it is prescribed at the
    outlets and never scaled by a hyperemic response.

    Args:
        lumen: The lumen.
        flow: Flow of every outlet, from any source.
        mean_aortic_pressure_mmhg: Mean aortic pressure in the state of the flow.
        hyperemic_mean_aortic_pressure_mmhg: That at hyperemia, for a resting flow; equal if None.
        venous_pressure_mmhg: Pressure behind the beds.
        hyperemia: Response that takes a resting flow to hyperemia; None for the resting state only.
        blood: Density and viscosity; the default blood if None.
        options: Closure of the reduced model.

    Returns:
        Boundaries of the states and the resistances.

    Raises:
        ConfigError: If a hyperemic flow comes with a response, or a hyperemic pressure without.
        InputError: If the flow is that of another lumen, a flow leaves no pressure in front of a
            bed, or the hyperemic flow falls below the resting one.
    """
    if flow.outlets != lumen.outlet_names:
        raise InputError(
            f"The flow is that of the outlets {', '.join(flow.outlets)}, the lumen has "
            f"{', '.join(lumen.outlet_names)}: estimate it for this lumen.",
            field="flow",
        )
    blood = blood or Blood()
    model = _Closure(lumen, venous_pressure_mmhg, blood, options)
    if flow.state == "hyperemic":
        if hyperemia is not None:
            raise ConfigError(
                "The flow is hyperemic already, so it is not scaled by a hyperemic response; leave "
                "hyperemia out.",
                field="hyperemia",
            )
        if hyperemic_mean_aortic_pressure_mmhg is not None:
            raise ConfigError(
                "The flow is hyperemic, so mean_aortic_pressure_mmhg is that of hyperemia; leave "
                "hyperemic_mean_aortic_pressure_mmhg out.",
                field="hyperemic_mean_aortic_pressure_mmhg",
            )
        base = model.base(flow, mean_aortic_pressure_mmhg, "hyperemic", flow.notes)
        base = replace(base, hyperemia_source="measured" if flow.informative else "unspecified")
        boundaries, resistances = model.imposed(base, flow.flows)
        beds = model.beds(replace(base, notes=(*base.notes, KEPT_BEDS)), resistances)
        return FlowStates(None, boundaries, {"hyperemic": resistances}, beds)
    base = model.base(flow, mean_aortic_pressure_mmhg, "resting", flow.notes)
    _, resting = model.imposed(base, flow.flows)
    states = FlowStates(model.beds(base, resting), None, {"resting": resting})
    if hyperemia is None and hyperemic_mean_aortic_pressure_mmhg is not None:
        raise ConfigError(
            "hyperemic_mean_aortic_pressure_mmhg has no effect without a hyperemic response; give "
            "hyperemia, or leave the pressure out.",
            field="hyperemic_mean_aortic_pressure_mmhg",
        )
    if hyperemia is None:
        return states
    pressure = hyperemic_mean_aortic_pressure_mmhg
    if pressure is None:
        pressure = mean_aortic_pressure_mmhg
    response = hyperemia.response(lumen)
    base = model.base(flow, pressure, "hyperemic", (*flow.notes, response.note))
    base = replace(base, hyperemia_source=response.source)
    hyperemic = model.answered(base, flow.flows, resting, response)
    beds = model.beds(base, hyperemic)
    return FlowStates(states.resting, beds, {"resting": resting, "hyperemic": hyperemic}, beds)


@dataclass(frozen=True)
class _Closure:
    """What all states share."""

    lumen: Lumen
    venous_pressure_mmhg: float
    blood: Blood
    options: ReducedOptions | None

    def base(
        self, flow: FlowEstimate, pressure_mmhg: float, state: str, notes: tuple[str, ...]
    ) -> Boundaries:
        """Boundaries without outlets yet."""
        return Boundaries(
            inlet=PressureInlet(pressure_mmhg),
            outlets={},
            blood=self.blood,
            flow_source=flow.source,
            state=state,
            notes=notes,
            flow_is_independent=flow.informative,
            venous_pressure_mmhg=self.venous_pressure_mmhg,
            flow_relative_sd=flow.relative_sd,
        )

    def imposed(self, base: Boundaries, flows: FloatArray) -> tuple[Boundaries, FloatArray]:
        """Boundaries with prescribed outflows, and the resistances that would give them."""
        names = self.lumen.outlet_names
        outlets = {
            name: FlowOutlet(float(flow / ML_PER_MIN))
            for name, flow in zip(names, flows, strict=True)
        }
        boundaries = replace(base, outlets=outlets)
        solution = solve_reduced(self.lumen, boundaries, self.options)
        venous = self.venous_pressure_mmhg * MMHG
        distal = np.array([solution.pressures[index][-1] for index in self.lumen.outlets])
        for name, flow, pressure in zip(names, flows, distal, strict=True):
            if not pressure > venous:
                raise InputError(
                    f"A flow of {flow / ML_PER_MIN:.1f} mL/min through outlet {name!r} would leave "
                    f"{pressure / MMHG:.1f} mmHg in front of its bed, not above the venous "
                    f"{self.venous_pressure_mmhg:g} mmHg: the lumen is narrower or the flow less "
                    "than given.",
                    field="flow",
                )
        return boundaries, (distal - venous) / flows

    def beds(self, base: Boundaries, resistances: FloatArray) -> Boundaries:
        """Boundaries with one resistance per outlet."""
        outlets = {
            name: Resistance(float(value / WOOD_UNIT), self.venous_pressure_mmhg)
            for name, value in zip(self.lumen.outlet_names, resistances, strict=True)
        }
        return replace(base, outlets=outlets)

    def answered(
        self, base: Boundaries, flows: FloatArray, resting: FloatArray, response: Response
    ) -> FloatArray:
        """Hyperemic resistances (n_outlets,) [Pa s/m3]."""
        if response.flow_ratio is not None:
            return self.imposed(base, flows * response.flow_ratio)[1]
        ratio = response.resistance_ratio
        if ratio is None or np.any(ratio > 1):
            raise InputError(
                "A hyperemic response must lower every resistance; a ratio above 1 would put the "
                "hyperemic flow below the resting flow.",
                field="hyperemia",
            )
        hyperemic = np.asarray(resting * ratio, dtype=np.float64)
        found = solve_reduced(self.lumen, self.beds(base, hyperemic), self.options)
        total, before = float(found.flows[0]), float(flows.sum())
        if total < before:
            raise InputError(
                f"The hyperemic flow of {total / ML_PER_MIN:.1f} mL/min would be below the resting "
                f"flow of {before / ML_PER_MIN:.1f} mL/min: check the hyperemic response and both "
                "aortic pressures.",
                field="hyperemia",
            )
        return hyperemic
