"""What is unusual about a set of conditions, in sentences; what is impossible raises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from corohemo.boundary import Boundaries, ClosedLoopHeart, FlowInlet, PressureInlet
from corohemo.outlet import CoronaryBed, FlowOutlet
from corohemo.units import ML_PER_MIN, MMHG


def boundary_remarks(boundaries: Boundaries, outlet_names: Sequence[str]) -> tuple[str, ...]:
    """Diagnose the conditions of a lumen before a solve.

    Args:
        boundaries: The conditions.
        outlet_names: Outlets of the lumen.

    Returns:
        What a solver can satisfy but a person may not have meant: models that are mixed, outflows
        above the inflow, pressures that drive the flow backwards.

    Raises:
        ConfigError: If the conditions cannot be satisfied or leave the pressure undetermined, an
            outlet is unknown or has none, or two periods differ.
    """
    boundaries.check(outlet_names)
    remarks = [_summary(boundaries, outlet_names)]
    remarks += _outflow(boundaries, outlet_names)
    remarks += _backward(boundaries, outlet_names)
    remarks += _in_loop(boundaries, outlet_names)
    return tuple(remarks)


def _summary(boundaries: Boundaries, names: Sequence[str]) -> str:
    kinds = Counter(type(boundaries.outlet(name)).__name__ for name in names)
    mixed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    period = boundaries.period_s
    course = "nothing varies in time" if period is None else f"a cycle of {period:g} s"
    return f"{type(boundaries.inlet).__name__} at the inlet, outlets: {mixed}; {course}"


def _outflow(boundaries: Boundaries, names: Sequence[str]) -> list[str]:
    """Prescribed outflows that leave the others less than nothing."""
    models = [boundaries.outlet(name) for name in names]
    taken = sum(model.flow_rate for model in models if isinstance(model, FlowOutlet))
    inlet = boundaries.inlet
    if not isinstance(inlet, FlowInlet) or taken <= inlet.flow_rate:
        return []
    return [
        f"the prescribed outflows take {taken / ML_PER_MIN:.1f} mL/min, more than the "
        f"{inlet.flow_rate / ML_PER_MIN:.1f} mL/min that enter: blood comes back through the "
        "other outlets"
    ]


def _backward(boundaries: Boundaries, names: Sequence[str]) -> list[str]:
    """Outlets whose own pressure is not below the inlet's."""
    inlet = boundaries.inlet
    if not isinstance(inlet, PressureInlet):
        return []
    return [
        f"the pressure behind outlet {name}, {model.steady_offset / MMHG:.1f} mmHg, is not below "
        f"the inlet's {inlet.pressure / MMHG:.1f} mmHg: blood comes back there or stands still"
        for name in names
        if not isinstance(model := boundaries.outlet(name), FlowOutlet)
        and model.steady_offset >= inlet.pressure
    ]


def _in_loop(boundaries: Boundaries, names: Sequence[str]) -> list[str]:
    """A heart whose contraction no bed feels."""
    models = [boundaries.outlet(name) for name in names]
    felt = any(isinstance(m, CoronaryBed) and m.ventricular_share > 0.0 for m in models)
    if felt or not isinstance(boundaries.inlet, ClosedLoopHeart):
        return []
    return ["no bed feels the ventricle's contraction: every ventricular_share is 0"]
