"""What is unusual about a set of conditions, in sentences; what is impossible raises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from corohemo.boundary import SAME_PERIOD, Boundaries, ClosedLoopHeart, FlowInlet, PressureInlet
from corohemo.checks import said_of
from corohemo.errors import ConfigError
from corohemo.outlet import CoronaryBed, FlowOutlet
from corohemo.units import ML_PER_MIN, MMHG


def boundary_remarks(boundaries: Boundaries, outlet_names: Sequence[str]) -> tuple[str, ...]:
    """Diagnose the conditions of a lumen before a solve.

    Args:
        boundaries: The conditions.
        outlet_names: Outlets of the lumen.

    Returns:
        What a solver can satisfy but a person may not have meant: models that are mixed, no inflow,
        outflows above the inflow, pressures that drive the flow backwards.

    Raises:
        ConfigError: If the conditions cannot be satisfied or leave the pressure undetermined, an
            outlet is unknown or has none, or two periods differ.
    """
    boundaries.check(outlet_names)
    for name in outlet_names:
        model = boundaries.outlet(name)
        if not isinstance(model, FlowOutlet):
            with said_of(f"Outlet {name!r}"):
                model.circuit()
    remarks = [_summary(boundaries, outlet_names)]
    remarks += _inflow(boundaries)
    remarks += _outflow(boundaries, outlet_names)
    remarks += _backward(boundaries, outlet_names)
    remarks += _in_loop(boundaries, outlet_names)
    return tuple(remarks)


def cycle_length(boundaries: Boundaries, asked: float | None) -> float:
    """Length of the cycle [s]: that of the waveforms, or the one ``asked`` for.

    Raises:
        ConfigError: If there is none, or two that differ.
    """
    known = boundaries.period_s
    if known is None and asked is None:
        raise ConfigError(
            "Nothing in the boundaries varies in time, so the length of a cycle is unknown: give "
            "a waveform or period_s, or solve the steady flow.",
            field="period_s",
        )
    if known is not None and asked is not None and abs(known - asked) > SAME_PERIOD * known:
        raise ConfigError(
            f"period_s is {asked:g} s but the waveforms repeat after {known:g} s; leave it out or "
            "give the same.",
            field="period_s",
        )
    return float(known if known is not None else asked)  # type: ignore[arg-type]


def _summary(boundaries: Boundaries, names: Sequence[str]) -> str:
    kinds = Counter(type(boundaries.outlet(name)).__name__ for name in names)
    mixed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    period = boundaries.period_s
    course = "nothing varies in time" if period is None else f"a cycle of {period:g} s"
    return f"{type(boundaries.inlet).__name__} at the inlet, outlets: {mixed}; {course}"


def _inflow(boundaries: Boundaries) -> list[str]:
    """A prescribed inflow that is none."""
    inlet = boundaries.inlet
    if not isinstance(inlet, FlowInlet) or inlet.flow_rate > 0.0:
        return []
    if inlet.flow_rate == 0.0:
        return ["no blood enters at the inlet: its mean flow is 0"]
    return [
        f"the mean flow at the inlet, {inlet.flow_rate / ML_PER_MIN:.1f} mL/min, leaves the lumen "
        "there: flow is positive into it. Files that count it negative, as SimVascular's, take a "
        "negative factor"
    ]


def _outflow(boundaries: Boundaries, names: Sequence[str]) -> list[str]:
    """Prescribed outflows that leave the others less than nothing."""
    models = [boundaries.outlet(name) for name in names]
    outflows = [model.flow_rate for model in models if isinstance(model, FlowOutlet)]
    taken, inlet = sum(outflows), boundaries.inlet
    if not outflows or not isinstance(inlet, FlowInlet) or taken <= inlet.flow_rate:
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
